//! What the built page, or the package, weighs: as it is and, where there is a node to ask, as gzip and Brotli send it over the wire.

use crate::failure::{Failure, Outcome};
use crate::programs::Programs;
use std::fs;
use std::path::Path;

/// Prints for each file named by its arguments the two compressed sizes.
const COMPRESS: &str = "
const zlib = require('zlib'), fs = require('fs');
for (const file of process.argv.slice(1)) {
  const raw = fs.readFileSync(file);
  console.log(zlib.gzipSync(raw, { level: 9 }).length, zlib.brotliCompressSync(raw).length);
}";

pub fn print(programs: &Programs, dist: &Path) -> Outcome {
    let files = files(dist).map_err(|error| Failure::failed(format!("cannot read {}: {error}", dist.display())))?;
    let paths: Vec<_> = files.iter().map(|(name, _)| dist.join(name)).collect();
    let packed = programs.answer(
        "node",
        [Path::new("-e"), Path::new(COMPRESS), Path::new("--")].into_iter().chain(paths.iter().map(AsRef::as_ref)),
    );
    let packed: Vec<Vec<u64>> = packed
        .unwrap_or_default()
        .lines()
        .map(|line| line.split(' ').filter_map(|size| size.parse().ok()).collect())
        .collect();

    let name = dist.file_name().unwrap_or_default().to_string_lossy();
    println!("{:<36} {:>9} {:>9} {:>9}", format!("{name}/"), "bytes", "gzip", "brotli");
    let mut sums = vec![0; if packed.is_empty() { 1 } else { 3 }];
    for (i, (name, raw)) in files.iter().enumerate() {
        let sizes: Vec<u64> = std::iter::once(*raw).chain(packed.get(i).into_iter().flatten().copied()).collect();
        sums.iter_mut().zip(&sizes).for_each(|(sum, size)| *sum += size);
        row(name, &sizes);
    }
    row("all", &sums);
    Ok(())
}

fn row(name: &str, sizes: &[u64]) {
    let sizes: String = sizes.iter().map(|size| format!(" {size:>9}")).collect();
    println!("{name:<36}{sizes}");
}

/// Names and sizes, the largest first.
fn files(dist: &Path) -> std::io::Result<Vec<(String, u64)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dist)? {
        let entry = entry?;
        let about = entry.metadata()?;
        if about.is_file() {
            files.push((entry.file_name().to_string_lossy().into_owned(), about.len()));
        }
    }
    files.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(files)
}

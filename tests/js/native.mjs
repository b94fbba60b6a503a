// The native command line, which the package is held against, and a folder in which somebody uses the package.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const PROGRAM = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, "target"), "debug/zero-to-millions");

/// Runs the command line: `{ status, stdout, stderr }`.
export function native(...words) {
  const ran = spawnSync(PROGRAM, words, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (ran.error) throw new Error(`${PROGRAM}: build it with \`cargo build --profile test\` (${ran.error.message})`);
  return ran;
}

/// What `run --json` prints, without what the wall clock says.
export function nativeReport(...words) {
  const { status, stdout, stderr } = native("run", ...words, "--json");
  if (status !== 0) throw new Error(stderr);
  const { wall_seconds, requests_per_wall_second, ...report } = JSON.parse(stdout);
  return report;
}

/// The one line in which the command line refuses, without its own words before it.
export function nativeRefusal(...words) {
  const { status, stderr } = native(...words);
  if (status !== 2) throw new Error(`${words}: exit ${status}`);
  return stderr.trim().replace(/^error: /, "");
}

/// Calls `act` with a folder in which the package is installed as npm would, and these files are.
export function withPackage(files, act) {
  const folder = mkdtempSync(path.join(tmpdir(), "zero-to-millions-js-"));
  try {
    mkdirSync(path.join(folder, "node_modules"));
    symlinkSync(path.join(ROOT, "pkg"), path.join(folder, "node_modules/zero-to-millions"), "junction");
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

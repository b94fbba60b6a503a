//! A report as Markdown: to be read by people, in a document of theirs.

use std::fmt::Write;

use super::{Latency, Report, TierReport};

/// The report, with the address at which the run can be seen, if there is one.
pub fn markdown(report: &Report, address: Option<&str>) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    line(&format!("# {}\n", plain(&report.scenario)));
    line(&format!(
        "{} s of simulated time, seed {}, model {}, digest `{}`.",
        report.simulated_seconds, report.seed, report.model, report.digest
    ));
    if let Some(address) = address {
        line(&format!("\n[See this run]({address})"));
    }
    let requests = &report.requests;
    line("\n## Requests\n\n| what | requests |\n|---|---:|");
    for (what, count) in
        [("sent", requests.issued), ("answered", requests.answered), ("in flight at the end", requests.in_flight)]
    {
        line(&row(&[what.to_owned(), count.to_string()]));
    }
    for (cause, count) in requests.failed.iter().filter(|(_, count)| **count > 0) {
        line(&row(&[format!("failed: {}", cause.replace('_', " ")), count.to_string()]));
    }
    line("\n## Latency, as clients saw it\n");
    line("| requests | answered | failed | mean (ms) | p50 (ms) | p95 (ms) | p99 (ms) | max (ms) |");
    line("|---|---:|---:|---:|---:|---:|---:|---:|");
    let failed = requests.failed.values().sum();
    line(&latency("all", requests.answered, failed, &report.latency_ms));
    for (id, class) in report.by_class.iter().chain(&report.by_clients) {
        line(&latency(id, class.answered, class.failed, &class.latency_ms));
    }
    line("\n## Tiers\n\n| tier | kind | servers | busy | waiting on average | served | hit ratio |");
    line("|---|---|---:|---:|---:|---:|---:|");
    report.tiers.iter().for_each(|(id, own)| line(&tier(id, own)));
    line(&format!("\nCost: ${:.0} a month.", report.cost_per_month_usd));
    text
}

fn latency(name: &str, answered: u64, failed: u64, own: &Latency) -> String {
    let figures = [own.mean, own.p50, own.p95, own.p99, own.max].map(|ms| format!("{ms:.1}"));
    let figures = figures.into_iter().map(|own| if answered > 0 { own } else { "–".to_owned() });
    let cells: Vec<_> = [plain(name), answered.to_string(), failed.to_string()].into_iter().chain(figures).collect();
    row(&cells)
}

fn tier(id: &str, own: &TierReport) -> String {
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}%", share * 100.0));
    let hits = own.cache.as_ref().map_or_else(|| own.cdn.as_ref().and_then(|cdn| cdn.hit_ratio), |own| own.hit_ratio);
    let kind = serde_json::to_value(own.kind).ok().and_then(|kind| kind.as_str().map(|kind| kind.replace('_', " ")));
    row(&[
        plain(id),
        kind.unwrap_or_default(),
        own.instances.to_string(),
        share(own.utilisation),
        format!("{:.2}", own.queue_mean),
        own.served.to_string(),
        share(hits),
    ])
}

fn row(cells: &[String]) -> String {
    cells.iter().fold(String::from("|"), |mut row, cell| {
        write!(row, " {cell} |").expect("a string takes all");
        row
    })
}

/// What people have written, without anything that Markdown would take for its own.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '(' | ')' | '#' | '+' | '!' | '|' | '~' => {
                plain.extend(['\\', letter]);
            }
            '&' => plain.push_str("&amp;"),
            letter if letter.is_control() => plain.push(' '),
            letter => plain.push(letter),
        }
    }
    plain
}

//! A report as Markdown is a document whatever people have called their parts.

#![cfg(not(target_arch = "wasm32"))]

use zero_to_millions::course::stages;
use zero_to_millions::time::SimTime;
use zero_to_millions::world::World;
use zero_to_millions::world::report::markdown::markdown;

#[test]
fn tables_have_as_many_cells_as_their_heads_and_names_stay_names() {
    let mut scenario = stages::find("cache").expect("a stage").scenario();
    scenario.name = "a | b <img src=x> [c](d) & `e`\nf".to_owned();
    let mut world = World::new(&scenario, 1);
    while !world.advance(SimTime::from_ms(3000.0), 100_000).reached {}
    let report = world.report();
    let text = markdown(&report, Some("https://example.org/#2.x"));
    assert!(text.starts_with(r"# a \| b \<img src=x\> \[c\]\(d\) &amp; \`e\` f"), "{text}");
    assert!(text.contains("[See this run](https://example.org/#2.x)"));
    assert!(text.contains(&format!("| answered | {} |", report.requests.answered)), "{text}");
    assert!(text.contains(&report.digest));
    let mut width = None;
    for line in text.lines() {
        let cells = line.strip_prefix('|').map(|_| line.replace(r"\|", "").matches('|').count());
        assert!(cells.is_none() || width.is_none() || cells == width, "{line}");
        width = cells;
    }
    assert_eq!(
        report.tiers.len(),
        text.lines()
            .filter(|line| line.matches('|').count() == 8 && !line.contains("---") && !line.contains("tier | kind"))
            .count()
    );
}

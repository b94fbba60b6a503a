//! Chapter 5: what is lost when the primary dies, and when it only seems to.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Phase, Question, Results, Run};
use crate::scenario::Scenario;

use super::designs::{count, cut, kill, mend, phase, replicated, replication, restore, run, set, within};
use super::replication_replicas::KILLED;

/// When writes begin, end, and the primary dies: within one interval at which it ships.
const WRITES_BEGIN: f64 = 20.0;
const WRITES_END: f64 = 20.8;
const DIES: f64 = 20.85;
const SHIPPED_EVERY_MS: f64 = 1_000.0;

fn lost_runs() -> Vec<Run> {
    const PHASES: [Phase; 3] =
        [phase("until the death", 0.0, 20.84), phase("promoted", 30.0, 59.0), phase("recovered", 60.0, 90.0)];
    let own = json!({ "ship_every_ms": SHIPPED_EVERY_MS });
    let patch = json!({ "machines": { "data": { "cores": 8 } }, "tiers": { "database": { "replication": own } } });
    let rate = "workload.requests_per_user_per_second";
    vec![
        run("a death", replicated(2, 0.0, 1.0, patch), &PHASES)
            .at(WRITES_BEGIN, set(rate, 0.2))
            .at(WRITES_END, set(rate, 0.0))
            .at(DIES, kill("database.1"))
            .at(30.0, set(rate, 0.2))
            .at(60.0, restore("database.1"))
            .at(80.0, set(rate, 0.0)),
    ]
}

fn lost_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("a death");
    let [dies, promoted, recovered] =
        ["until the death", "promoted", "recovered"].map(|phase| replication(outcome.phase(phase)));
    let unshipped = dies.members[0].position - dies.members[1].position;
    vec![
        count(
            "lost",
            "acknowledged writes that the promoted replica lacks",
            promoted.lost_writes,
            Expected::Exactly(unshipped as f64),
            "definition: those that the primary had acknowledged and not yet shipped; it held 200 a second back for up to \
             a second",
        ).of("writes"),
        count(
            "unshipped",
            "writes that were acknowledged and not shipped when the primary died",
            unshipped,
            Expected::AtLeast(10.0),
            "theory: 200 writes a second for 0.8 s are 160, four standard deviations less are 109",
        ).of("writes"),
        count(
            "accounted",
            "of these, writes that the script replayed or that it listed as conflicts when the old primary was back",
            recovered.recovered_writes + recovered.conflicts,
            Expected::Exactly(unshipped as f64),
            "the old primary has them all in its log",
        ).of("writes"),
        count(
            "conflicts",
            "conflicts: writes whose key has been written to since, which people have to look at",
            recovered.conflicts,
            Expected::AtLeast(1.0),
            "theory: 6,000 writes on 10,000 keys hit 45 % of them",
        ).of("writes"),
        count(
            "still_lost",
            "writes that are still lost then",
            recovered.lost_writes,
            Expected::Exactly(recovered.conflicts as f64),
            "definition: the conflicts, no others",
        ).of("writes"),
    ]
}

/// What the promoted replica lacks.
pub static LOST: Experiment = Experiment {
    id: "repl.lost",
    title: "Written, and lost",
    claim: "The promoted replica may lack the newest writes though clients were told that they are written; scripts bring \
            them back from the old primary's log, but for those whose keys have been written to since.",
    watch: "The mark at the old primary, and the log.",
    question: Question {
        text: "A primary ships every second and dies. Which acknowledged writes are lost?",
        options: &["None: they were acknowledged", "Those since the last shipment", "All that are under way"],
        right: 1,
    },
    explanation: "Acknowledged means that the primary has it. What it has not shipped is on its disk alone, and nobody knows \
                  until that comes back. Then it can be replayed, unless somebody has meanwhile written something else there.",
    runs: lost_runs,
    judge: lost_findings,
    mutations: &[
        Mutation {
            name: "commits wait for the replica",
            breaks: |runs| {
                runs[0].set("tiers.database.replication.mode", json!("synchronous"));
                runs[0].set("tiers.database.replication.ship_every_ms", json!(0.0));
            },
        },
        Mutation {
            name: "nobody replays the old log",
            breaks: |runs| runs[0].set("tiers.database.replication.recovery", json!(false)),
        },
    ],
};

/// A site in two places, of which the one with the primary and a web server is cut off for a minute.
fn parted(fencing: &str) -> Scenario {
    let patch = json!({
        "workload": { "entry": "balancer" },
        "machines": {
            "edge": { "place": "montreal", "cores": 16 },
            "app": { "place": null, "places": ["new-york", "virginia"] },
            "data": { "place": null, "places": ["new-york", "virginia", "virginia"], "cores": 4 }
        },
        "tiers": {
            "balancer": { "kind": "load_balancer", "machine": "edge", "backends": "web" },
            "web": { "instances": 2 },
            "database": { "replication": { "fencing": fencing } }
        }
    });
    replicated(3, 100.0, 0.5, patch)
}

const FENCES: [&str; 3] = ["none", "power", "majority"];

fn fence_name(fencing: &str) -> &str {
    if fencing == "none" { "no fencing" } else { fencing }
}

fn fence_runs() -> Vec<Run> {
    let (here, there) = ("places.new-york", "places.virginia");
    let of = |fencing: &str| {
        run(fence_name(fencing), parted(fencing), &[phase("parted", 70.0, 119.0), phase("mended", 150.0, 180.0)])
            .at(KILLED, cut(here, there))
            .at(120.0, mend(here, there))
    };
    FENCES.into_iter().map(of).collect()
}

fn fence_findings(results: &Results) -> Vec<Finding> {
    let [wild, power, majority] = FENCES.map(|fencing| results.run(fence_name(fencing)));
    let diverged = |outcome: &Outcome| replication(outcome.phase("mended")).diverged_writes as f64;
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let primaries = replication(wild.phase("parted")).members.iter().filter(|own| own.writes > 0).count();
    let own = replication(wild.phase("mended"));
    vec![
        finding(
            "primaries",
            "servers that take writes while the link is cut, without fencing",
            "",
            primaries as f64,
            Expected::Exactly(2.0),
            "the old primary does not know that another was promoted",
        ),
        finding(
            "diverged",
            "writes that the old primary took meanwhile, without fencing",
            "requests",
            diverged(wild),
            within(1362.0, 180.0),
            "arithmetic: a quarter of 100 requests a second write through its own web server for the minute, less the \
             5.5 s until the other is promoted; four standard deviations are 148",
        ),
        finding(
            "conflicts",
            "of these, writes in conflict with the new primary's",
            "requests",
            own.conflicts as f64,
            Expected::AtLeast(1.0),
            "theory: both sides write to the same 10,000 keys",
        ),
        finding(
            "fenced",
            "writes that the old primary takes, its power being cut first",
            "requests",
            diverged(power),
            Expected::Exactly(0.0),
            "it is off",
        ),
        finding(
            "majority",
            "writes that it takes, where a primary needs a majority",
            "requests",
            diverged(majority),
            Expected::Exactly(0.0),
            "alone of three it steps down before another is promoted",
        ),
    ]
}

/// Two primaries.
pub static FENCE: Experiment = Experiment {
    id: "repl.fence",
    title: "Dead, or only out of sight",
    claim: "A primary that is only cut off goes on taking writes while another is promoted, unless it is fenced: by its \
            power, or because it needs a majority.",
    watch: "How many primaries there are while the link is cut, and what they write.",
    question: Question {
        text: "The link between two places is cut. The replicas see their primary no more. Is it dead?",
        options: &["Yes", "No", "They cannot know"],
        right: 2,
    },
    explanation: "Silence is all that a dead server and a cut line have in common, and all that can be seen. Either somebody \
                  makes sure that it is dead, or it must stop by itself when it sees too few of the others.",
    runs: fence_runs,
    judge: fence_findings,
    mutations: &[
        Mutation {
            name: "nobody cuts the power",
            breaks: |runs| runs[1].set("tiers.database.replication.fencing", json!("none")),
        },
        Mutation {
            name: "no majority is needed",
            breaks: |runs| runs[2].set("tiers.database.replication.fencing", json!("none")),
        },
    ],
};

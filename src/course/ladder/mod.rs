//! The ladder: how many users each stage of the journey serves, what ends first there, and what a month costs.
//!
//! A rung is the newest revision of a stage, grown by one rule ([`growth`]): what is more than 60% busy gets more of what the
//! stage has several of, or a bigger machine; what can get neither is the first to break. All rungs are under the same
//! conditions ([`level`]). A stage that is published is a rung by itself.
//!
//! - [`axes`] say what a step is for that adds no users.
//! - [`mod@search`] finds the most users with whom the objective is kept; [`verdict`] says whether it is; [`loads`] say how busy
//!   each machine is, and so what breaks first.
//! - `ladder.json` has what `zero-to-millions ladder` found last: the page draws it, and the experiment `all.ladder` simulates
//!   both ends of each bracket again.

pub mod axes;
pub mod growth;
pub mod loads;
pub mod search;
pub mod verdict;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::scenario::{self, Class, Id, Scenario, edit};

use super::capacity::Objective;
use super::stages::{self, Stage};

use axes::Better;
use growth::Growth;
use loads::{Resource, Weakest};
use search::{Search, Tried};
use verdict::{Verdict, is_dynamic};

/// What each rung promises: dynamic requests within half a second, and at most one request in a thousand failed.
pub const OBJECTIVE: Objective = Objective { p99_ms: 500.0, failed: 0.001 };

/// A rung of the ladder, as it was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// The stage.
    pub stage: Id,
    /// Its revision.
    pub revision: u32,
    /// The most users with whom the objective was kept.
    pub users: u32,
    /// The tier that breaks first: read off the run with more users.
    pub first_to_break: Id,
    /// What there is not enough of there.
    pub lacks: Resource,
    /// What a month costs with that many users, in US dollars, traffic included.
    pub cost_per_month_usd: f64,
    /// What of that is for machines.
    pub machines_per_month_usd: f64,
    /// With that many users.
    pub kept: Verdict,
    /// The fewest users with whom the objective was broken, if so many were tried, and what it came to.
    pub broken: Option<Broken>,
    /// Simulated time that was measured at that load, in seconds.
    pub measured_seconds: f64,
    /// What the stage has more of than it says.
    pub growth: Growth,
    /// What the step to this rung improves, where it adds no users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<Better>,
}

/// A load with which the objective was broken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    /// The users.
    pub users: u32,
    /// What it came to.
    pub verdict: Verdict,
}

/// The stages that are rungs, from the bottom.
pub fn stages() -> impl Iterator<Item = &'static Stage> {
    stages::newest()
}

/// What the last stage is to serve.
pub const LAST_USERS: u32 = 10_000_000;

/// What is wrong with a ladder, by rung: users never fall, a step that adds none improves something, and the last rung
/// serves ten million.
pub fn faults(rungs: &[Rung]) -> Vec<String> {
    let mut faults: Vec<String> = rungs.windows(2).filter_map(|pair| pair[1].fault(&pair[0])).collect();
    if let Some(last) = rungs.last().filter(|last| last.users < LAST_USERS) {
        faults.push(format!("{}, the last stage, serves {} users, fewer than {LAST_USERS}", last.stage, last.users));
    }
    faults
}

/// What was recorded last.
pub fn recorded() -> &'static [Rung] {
    static RECORDED: LazyLock<Vec<Rung>> =
        LazyLock::new(|| serde_json::from_str(include_str!("../ladder.json")).expect("checked by a test"));
    &RECORDED
}

/// The search for the users of a stage, after a rung with `before` users.
pub fn search(stage: &Stage, seed: u64, before: u32) -> Search {
    Search::new(&level(stage), OBJECTIVE, grows_bigger(stage), seed, before)
}

/// Whether machines of all sizes are to be had: from the stage on that introduces the catalogue.
fn grows_bigger(stage: &Stage) -> bool {
    stages::find(CATALOGUE).is_ok_and(|first| stage.chapter >= first.chapter)
}

/// The stage that introduces the catalogue, the one that is the first to pay for traffic, and the one that says what users do.
const CATALOGUE: &str = "vertical-scaling";
const TRAFFIC: &str = "cdn";
const USERS: &str = "single-server";

/// A stage under the conditions that all rungs share: everybody asks for the same, half of it files, two fifths reads, a
/// tenth writes, whatever sorts of these a stage has; the load does not follow the day, so there is nothing to scale
/// meanwhile; and what machines send has its price from the first rung on.
pub fn level(stage: &Stage) -> Scenario {
    let scenario = stage.scenario();
    let first = stages::find(USERS).expect("the first stage").scenario();
    let shares = |scenario: &Scenario, role: Role| -> f64 {
        let classes = scenario.workload.classes.values().filter(|class| role_of(class) == role);
        classes.map(|class| class.share).sum()
    };
    let price = stages::find(TRAFFIC).expect("a stage").scenario().network.price_out_per_gb_usd;
    let mut value = edit::encode(&scenario);
    let mut put = |patch: Value| edit::merge(&mut value, &patch);
    put(json!({ "workload": { "day": null }, "network": { "price_out_per_gb_usd": price } }));
    for (id, class) in &scenario.workload.classes {
        let role = role_of(class);
        let share = class.share * shares(&first, role) / shares(&scenario, role);
        put(json!({ "workload": { "classes": { id: { "share": share } } } }));
    }
    for (id, _) in scenario.tiers.iter().filter(|(_, tier)| tier.autoscaler().is_some()) {
        put(json!({ "tiers": { id: { "autoscaler": null } } }));
    }
    scenario::from_value(value).expect("a stage under these conditions is a valid scenario")
}

/// What a class of requests is among those of the first stage.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    File,
    Read,
    Write,
}

fn role_of(class: &Class) -> Role {
    match (class.write, is_dynamic(class)) {
        (true, _) => Role::Write,
        (false, true) => Role::Read,
        (false, false) => Role::File,
    }
}

impl Rung {
    /// What a search has found for a stage.
    pub fn new(stage: &Stage, search: &Search) -> Option<Self> {
        let (kept, broken) = search.found();
        let kept = kept?;
        let weakest = broken.unwrap_or(kept).weakest.clone();
        let Weakest { tier, of, .. } = weakest.unwrap_or(Weakest { tier: Id::new(), of: Resource::Cores, load: 0.0 });
        let costs = kept.report.costs_per_month;
        Some(Self {
            stage: stage.id.to_owned(),
            revision: stage.revision,
            users: kept.users,
            first_to_break: tier,
            lacks: of,
            cost_per_month_usd: kept.report.cost_per_month_usd.round(),
            machines_per_month_usd: costs.map_or(kept.report.cost_per_month_usd, |costs| costs.machines_usd).round(),
            kept: kept.verdict,
            broken: broken.map(|Tried { users, verdict, .. }| Broken { users: *users, verdict: *verdict }),
            measured_seconds: kept.report.simulated_seconds,
            growth: kept.growth.clone(),
            better: None,
        })
    }

    /// Whether it serves noticeably more users than the rung before.
    pub fn adds_users(&self, before: &Self) -> bool {
        f64::from(self.users) > f64::from(before.users) * (1.0 + search::PRECISION)
    }

    /// What is wrong with it as a step after the rung `before`, if anything.
    pub fn fault(&self, before: &Self) -> Option<String> {
        let (own, users) = (&self.stage, self.users);
        if users < before.users {
            return Some(format!("{own} serves {users} users, fewer than the {} of {}", before.users, before.stage));
        }
        let better = self.better.as_ref().is_some_and(Better::is_better);
        (!self.adds_users(before) && !better).then(|| format!("{own} adds no users and improves nothing"))
    }

    /// The system of this rung, with other users than it was found with but not grown to them.
    pub fn scenario(&self, users: u32) -> Scenario {
        let stage = stages::revision(&self.stage, self.revision).expect("checked by a test");
        let mut scenario = self.growth.of(&level(stage));
        scenario.workload.users = users;
        scenario
    }
}

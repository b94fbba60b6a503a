//! The stages of the journey: scenarios to start from, each with a permanent id.
//!
//! A published revision is never changed, since links name it: what is to be different becomes the next revision, and
//! the old one stays.

use serde::Serialize;

use crate::scenario::{self, Problem, Scenario};

/// A published revision of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Stage {
    /// Its permanent id.
    pub id: &'static str,
    /// Its revision, from 1.
    pub revision: u32,
    /// The chapter that it belongs to, from 1.
    pub chapter: u8,
    #[serde(skip)]
    json: &'static str,
}

/// Every revision ever published, by chapter, the newest revision of each stage last.
const STAGES: [Stage; 17] = [
    Stage { id: "single-server", revision: 1, chapter: 1, json: include_str!("stages/single-server.1.json") },
    Stage { id: "single-server", revision: 2, chapter: 1, json: include_str!("stages/single-server.2.json") },
    Stage { id: "separate-database", revision: 1, chapter: 2, json: include_str!("stages/separate-database.1.json") },
    Stage { id: "separate-database", revision: 2, chapter: 2, json: include_str!("stages/separate-database.2.json") },
    Stage { id: "vertical-scaling", revision: 1, chapter: 3, json: include_str!("stages/vertical-scaling.1.json") },
    Stage { id: "load-balancer", revision: 1, chapter: 4, json: include_str!("stages/load-balancer.1.json") },
    Stage { id: "load-balancer", revision: 2, chapter: 4, json: include_str!("stages/load-balancer.2.json") },
    Stage {
        id: "database-replication",
        revision: 1,
        chapter: 5,
        json: include_str!("stages/database-replication.1.json"),
    },
    Stage { id: "cache", revision: 1, chapter: 6, json: include_str!("stages/cache.1.json") },
    Stage { id: "cdn", revision: 1, chapter: 7, json: include_str!("stages/cdn.1.json") },
    Stage { id: "stateless-web-tier", revision: 1, chapter: 8, json: include_str!("stages/stateless-web-tier.1.json") },
    Stage { id: "data-centers", revision: 1, chapter: 9, json: include_str!("stages/data-centers.1.json") },
    Stage { id: "data-centers", revision: 2, chapter: 9, json: include_str!("stages/data-centers.2.json") },
    Stage { id: "message-queue", revision: 1, chapter: 10, json: include_str!("stages/message-queue.1.json") },
    Stage { id: "operations", revision: 1, chapter: 11, json: include_str!("stages/operations.1.json") },
    Stage { id: "sharding", revision: 1, chapter: 12, json: include_str!("stages/sharding.1.json") },
    Stage { id: "millions", revision: 1, chapter: 13, json: include_str!("stages/millions.1.json") },
];

/// Every revision ever published, by chapter, the newest revision of each stage last.
pub fn all() -> &'static [Stage] {
    &STAGES
}

/// The newest revision of each stage, by chapter.
pub fn newest() -> impl Iterator<Item = &'static Stage> {
    STAGES.iter().filter(|stage| find(stage.id).is_ok_and(|newest| newest.revision == stage.revision))
}

/// The newest revision of the stage with this id.
///
/// # Errors
/// There is no such stage; the nearest id is named.
pub fn find(id: &str) -> Result<&'static Stage, Problem> {
    let unknown = || Problem::unknown("stage", "stage", id, STAGES.iter().map(|stage| stage.id));
    STAGES.iter().rev().find(|stage| stage.id == id).ok_or_else(unknown)
}

/// One revision of a stage.
///
/// # Errors
/// There is no such stage, or not in this revision.
pub fn revision(id: &str, revision: u32) -> Result<&'static Stage, Problem> {
    let newest = find(id)?;
    let found = STAGES.iter().find(|stage| stage.id == id && stage.revision == revision);
    found.ok_or_else(|| {
        let message = format!("\"{id}\" has the revisions 1 to {}, not {revision}", newest.revision);
        Problem::at("stage", message)
    })
}

impl Stage {
    /// The scenario.
    pub fn scenario(&self) -> Scenario {
        scenario::read(self.json).expect("published stages are checked by a test")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_is_a_valid_scenario() {
        for stage in &STAGES {
            if let Err(problem) = scenario::read(stage.json) {
                panic!("{} revision {}: {problem}", stage.id, stage.revision);
            }
        }
        assert_eq!(newest().count(), 13);
    }

    #[test]
    fn an_unknown_stage_names_the_nearest() {
        let problem = find("load-balancr").expect_err("there is no such stage");
        assert!(problem.message.contains("\"load-balancer\""), "{problem}");
    }
}

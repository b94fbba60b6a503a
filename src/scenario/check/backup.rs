//! What backups must satisfy, and the changes that need them.

use crate::nodes::database::settings::ReplicationKind;
use crate::scenario::{DatabaseTier, Problem, Scenario, Tier};
use crate::time::SimTime;

use super::{Checked, DELAY_MAX_MS, check_range, find_tier};

pub(super) fn check_backup(id: &str, database: &DatabaseTier) -> Checked {
    let Some(own) = &database.backup else { return Ok(()) };
    let at = |field: &str| format!("tiers.{id}.backup.{field}");
    let Some(replication) = &database.replication else {
        let message = "backups are of what databases with a log have; add replication, which one server alone may have as \
                       well, with reads from the primary";
        return Err(Problem::at(format!("tiers.{id}.backup"), message));
    };
    if replication.kind != ReplicationKind::Transactional {
        let message = "a moment can be gone back to where there is one line of history; leave it out, or make \
                       replication.kind transactional";
        return Err(Problem::at(format!("tiers.{id}.backup"), message));
    }
    for (field, ms) in [("every_ms", own.every_ms), ("retention_ms", own.retention_ms)] {
        check_range(&at(field), ms.unwrap_or(1.0), 1.0, DELAY_MAX_MS)?;
    }
    check_range(&at("archive_every_ms"), own.archive_every_ms.unwrap_or(1.0), 1.0, DELAY_MAX_MS)?;
    check_range(&at("store_mb_per_second"), own.store_mb_per_second, 0.001, 1e6)?;
    check_range(&at("replay_per_second"), own.replay_per_second, 1.0, 1e9)?;
    check_range(&at("restore_after_ms"), own.restore_after_ms.unwrap_or(0.0), 0.0, DELAY_MAX_MS)?;
    let Some(every) = own.every_ms else {
        let useless =
            [("retention_ms", own.retention_ms.is_some()), ("archive_every_ms", own.archive_every_ms.is_some())];
        let useless = useless.into_iter().find(|(_, is_set)| *is_set);
        return useless.map_or(Ok(()), |(field, _)| {
            Err(Problem::at(at(field), "there are no automated backups; set every_ms as well, or leave it out"))
        });
    };
    match own.retention_ms {
        Some(retention) if retention <= every => {
            let message = format!("is {retention}: each backup would be gone when the next begins, every {every}");
            Err(Problem::at(at("retention_ms"), message))
        }
        Some(_) | None => Ok(()),
    }
}

/// A snapshot, or a restore, of a database with backups.
pub(super) fn check_with_backup(scenario: &Scenario, target: &str) -> Checked {
    match find_tier(scenario, "target", target)? {
        Tier::Database(database) if database.backup.is_some() => Ok(()),
        _ => Err(Problem::at("target", format!("\"{target}\" is not a database with backup"))),
    }
}

pub(super) fn check_restore(scenario: &Scenario, target: &str, to_ms: Option<f64>) -> Checked {
    check_with_backup(scenario, target)?;
    check_range("restore_backup.to_ms", to_ms.unwrap_or(0.0), 0.0, SimTime(u64::MAX / 2).as_ms())
}

/// Rows are deleted where a log says so.
pub(super) fn check_delete(scenario: &Scenario, target: &str, share: f64) -> Checked {
    check_range("bad_delete.share", share, f64::MIN_POSITIVE, 1.0)?;
    match find_tier(scenario, "target", target)? {
        Tier::Database(DatabaseTier { sharding: Some(_), .. }) => {
            let message = format!("\"{target}\" is sharded, and what is deleted of one history is not modelled there");
            Err(Problem::at("target", message))
        }
        Tier::Database(DatabaseTier { replication: Some(own), .. }) if own.kind == ReplicationKind::Transactional => {
            Ok(())
        }
        _ => Err(Problem::at("target", format!("\"{target}\" is not a database whose log is shipped to replicas"))),
    }
}

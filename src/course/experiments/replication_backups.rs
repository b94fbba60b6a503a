//! Chapter 5: what is left when everything burns, and when everything is copied that should not be.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Phase, Question, Results, Run};
use crate::scenario::{Change, Scenario};

use super::designs::{count, kill, phase, replicated, replication, restore_backup, run, within};

/// When the place burns at which the primary stands, and when somebody orders the restore.
const BURNS: f64 = 110.5;
const ORDERED: f64 = 130.5;
/// Backups begin with the first heartbeat and then every minute: the last one before the fire. The last shipment of the log.
const BACKED_UP: f64 = 61.0;
const SHIPPED: f64 = 101.0;
/// From the order on: a machine boots, a gigabyte is copied at 100 MB/s, the first 8 MB having come from the store before.
const BOOT_AND_COPY: f64 = 5.0 + 10.0 + 0.04;
/// Replaying is slow here, so that it can be told from the rest.
const REPLAYED_PER_SECOND: f64 = 100.0;

const FIRE: [Phase; 4] = [
    phase("backed up", 0.0, BACKED_UP),
    phase("shipped", BACKED_UP, SHIPPED),
    phase("burnt", SHIPPED, ORDERED),
    phase("after", 160.0, 200.0),
];

/// 20 requests a second, half of them writes; the primary stands alone in Montréal, anything else in New York.
fn burning(instances: u32, replication: Value, backup: Value) -> Scenario {
    let mut own = json!({ "data_gb": 1.0 });
    own.as_object_mut().expect("an object").extend(replication.as_object().expect("another").clone());
    replicated(
        instances,
        20.0,
        0.5,
        json!({
            "machines": { "data": { "place": null, "places": ["montreal", "new-york"], "cores": 4 },
                          "app": { "place": "virginia" } },
            "tiers": { "database": { "replication": own, "backup": backup } }
        }),
    )
}

fn backups(archive: bool) -> Value {
    let mut own = json!({ "every_ms": 60_000.0, "replay_per_second": REPLAYED_PER_SECOND });
    if archive {
        own["archive_every_ms"] = json!(10_000.0);
    }
    own
}

fn fire() -> Change {
    Change::Kill { target: "places.montreal".to_owned(), silent: false, destroy: true }
}

fn backup_runs() -> Vec<Run> {
    let alone = || json!({ "reads": "primary" });
    let standby = json!({ "reads": "primary", "standbys": 1, "mode": "synchronous" });
    let replica = json!({ "ship_every_ms": 1000.0 });
    let kept = json!({ "every_ms": 60_000.0, "retention_ms": 120_000.0 });
    let burnt = |name, scenario| run(name, scenario, &FIRE).at(BURNS, fire());
    vec![
        burnt("nothing", burning(1, alone(), Value::Null)).at(ORDERED, super::designs::restore("database")),
        burnt("backup", burning(1, alone(), backups(false))).at(ORDERED, restore_backup("database", None)),
        burnt("backup and log", burning(1, alone(), backups(true))).at(ORDERED, restore_backup("database", None)),
        burnt("standby", burning(2, standby, Value::Null)),
        burnt("replica", burning(2, replica, Value::Null)),
        run("retention", burning(1, alone(), kept), &[phase("all", 0.0, 399.5)])
            .at(30.0, Change::Snapshot { target: "database".to_owned() }),
    ]
}

fn backup_findings(results: &Results) -> Vec<Finding> {
    let after = |name| results.run(name).phase("after");
    let own = |name| replication(after(name));
    let seconds = |ms: Option<f64>| ms.unwrap_or(f64::INFINITY) / 1e3;
    let (point, time) = (|name| seconds(own(name).recovery_point_ms), |name| seconds(own(name).recovery_time_ms));
    let position = |name, phase| replication(results.run(name).phase(phase)).members[0].position;
    let since = |name, phase| own_acknowledged(results, name) - position(name, phase);
    let replayed = position("backup and log", "shipped") - position("backup and log", "backed up");
    let reads = |name| replication(results.run(name).phase("shipped")).members[1].reads;
    let kept = replication(results.run("retention").phase("all")).backups.clone().unwrap_or_default();
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let promoted = "arithmetic: the third heartbeat is missed 2.5 s later, 1 s to elect it, 2 s to make it ready, and the way \
                    between the places";
    vec![
        count(
            "nothing",
            "requests answered by a new machine, where nothing was kept",
            after("nothing").requests.answered,
            Expected::Exactly(0.0),
            "definition: it has no data",
        ),
        finding(
            "point_backup",
            "how far back a daily backup (here every minute) leads: what was written since is lost",
            "s",
            point("backup"),
            within(BURNS - BACKED_UP, 1.0),
            "arithmetic: the time since the last backup began; ten writes a second, so that the first lost one is within a \
             second of it",
        ),
        count(
            "lost_backup",
            "acknowledged writes lost, with the backup alone",
            own("backup").lost_writes,
            Expected::Exactly(since("backup", "backed up") as f64),
            "definition: all acknowledged ones but those that the database had when the backup began",
        )
        .of("writes"),
        finding(
            "time_backup",
            "until writes go on, from a backup",
            "s",
            time("backup"),
            within(ORDERED - BURNS + BOOT_AND_COPY, 0.1),
            "arithmetic: 20 s until somebody orders it, 5 s to boot, 10 s to copy a gigabyte at 100 MB/s",
        ),
        finding(
            "point_log",
            "how far back that and the log lead, which is shipped every ten seconds",
            "s",
            point("backup and log"),
            within(BURNS - SHIPPED, 1.0),
            "arithmetic: the time since the last shipment, at most the interval",
        ),
        count(
            "lost_log",
            "acknowledged writes lost, with backup and log",
            own("backup and log").lost_writes,
            Expected::Exactly(since("backup and log", "shipped") as f64),
            "definition: all acknowledged ones but those that the database had at the last shipment",
        )
        .of("writes"),
        finding(
            "time_log",
            "until writes go on, from backup and log",
            "s",
            time("backup and log"),
            within(ORDERED - BURNS + BOOT_AND_COPY + replayed as f64 / REPLAYED_PER_SECOND, 0.1),
            "arithmetic: as before, and the writes between backup and shipment, replayed 100 a second",
        ),
        count(
            "lost_standby",
            "acknowledged writes lost, with a standby in another place that commits wait for",
            own("standby").lost_writes,
            Expected::Exactly(0.0),
            "theory: what was acknowledged is on both",
        )
        .of("writes"),
        finding("time_standby", "until the standby takes writes", "s", time("standby"), within(5.5, 0.1), promoted),
        count(
            "reads_standby",
            "reads that the standby answers before the fire",
            reads("standby"),
            Expected::Exactly(0.0),
            "definition: a standby takes none",
        )
        .of("reads"),
        finding(
            "point_replica",
            "how far back a replica leads to which the log is shipped every second",
            "s",
            point("replica"),
            Expected::AtMost(1.0 + 0.1),
            "definition: it lacks what was not shipped; a tenth of a second for the way and what is being written",
        ),
        finding("time_replica", "until the replica takes writes", "s", time("replica"), within(5.5, 0.1), promoted),
        count(
            "reads_replica",
            "reads that the replica answers before the fire",
            reads("replica"),
            within(400.0, 80.0),
            "theory: all reads of 40 s, ten a second; four standard deviations",
        )
        .of("reads"),
        finding(
            "kept",
            "backups kept after 400 s, of one a minute for two minutes, and the snapshot of the first minute",
            "",
            kept.kept as f64,
            Expected::Exactly(3.0),
            "arithmetic: two automated ones are not two minutes old; nobody has deleted the snapshot",
        ),
        finding(
            "expired",
            "automated backups deleted by then",
            "",
            kept.expired as f64,
            Expected::Exactly(5.0),
            "arithmetic: of the seven that began every minute from the first second on",
        ),
    ]
}

fn own_acknowledged(results: &Results, name: &str) -> u64 {
    replication(results.run(name).phase("burnt")).acknowledged_writes
}

/// What is left.
pub static BACKUP: Experiment = Experiment {
    id: "repl.backup",
    title: "When everything burns",
    claim: "What comes back after a total loss, and when, is a matter of what was kept elsewhere: nothing, a backup, the log \
            as well, a standby that answers no reads, or a replica. Automated backups are deleted when their time is over.",
    watch: "How old the data is that comes back, and how long nobody can write.",
    question: Question {
        text: "A backup is taken every minute, and the log is shipped every ten seconds. All burns. How much is lost?",
        options: &["Nothing", "Up to ten seconds", "Up to a minute"],
        right: 1,
    },
    explanation: "A backup leads back to its beginning, the log on to its last shipment: that is the recovery point. The \
                  recovery time is to notice it, to find a machine, to copy all and to replay the rest, so it grows with the \
                  data. A standby has it all and takes over in seconds, but nobody reads from it: it is paid for to wait.",
    runs: backup_runs,
    judge: backup_findings,
    mutations: &[
        Mutation { name: "backups are rare", breaks: |runs| runs[1].set("tiers.database.backup.every_ms", json!(1e6)) },
        Mutation {
            name: "the log stays where it is",
            breaks: |runs| runs[2].set("tiers.database.backup.archive_every_ms", json!(1e6)),
        },
        Mutation {
            name: "there is twice the data",
            breaks: |runs| runs[1].set("tiers.database.replication.data_gb", json!(2.0)),
        },
        Mutation {
            name: "the log is replayed at once",
            breaks: |runs| runs[2].set("tiers.database.backup.replay_per_second", json!(1e9)),
        },
        Mutation {
            name: "nobody waits for the standby",
            breaks: |runs| {
                runs[3].set("tiers.database.replication.mode", json!("asynchronous"));
                runs[3].set("tiers.database.replication.ship_every_ms", json!(5000.0));
            },
        },
        Mutation {
            name: "the standby answers reads",
            breaks: |runs| {
                runs[3].set("tiers.database.replication.standbys", json!(0));
                runs[3].set("tiers.database.replication.reads", json!("replicas"));
            },
        },
        Mutation {
            name: "backups are kept for longer",
            breaks: |runs| runs[5].set("tiers.database.backup.retention_ms", json!(300_000.0)),
        },
    ],
};

/// When rows are deleted by mistake, the moment before, and when somebody orders to go back to that.
const DELETED: f64 = 130.0;
const BEFORE: f64 = 129.9;
const NOTICED: f64 = 160.0;
/// The last backup before.
const BASE: f64 = 121.0;
/// The share of the rows.
const SHARE: f64 = 0.2;

const MISTAKE: [Phase; 6] = [
    phase("backed up", 0.0, BASE),
    phase("before", BASE, BEFORE),
    phase("deleted", 130.1, 131.0),
    phase("missing", 131.0, NOTICED),
    phase("closed", NOTICED, 165.0),
    phase("later", 185.0, 215.0),
];

/// 200 requests a second, a tenth of them writes, to 10,000 rows with a primary and two replicas.
fn mistaken() -> Scenario {
    let backup = json!({ "every_ms": 60_000.0, "archive_every_ms": 5000.0, "replay_per_second": REPLAYED_PER_SECOND });
    let own = json!({ "replication": { "data_gb": 1.0 }, "backup": backup });
    replicated(3, 200.0, 0.1, json!({ "machines": { "data": { "cores": 4 } }, "tiers": { "database": own } }))
}

fn mistake_runs() -> Vec<Run> {
    let delete = || Change::BadDelete { target: "database".to_owned(), share: SHARE };
    let of = |name| run(name, mistaken(), &MISTAKE).at(DELETED, delete());
    vec![
        of("nobody restores"),
        of("a replica takes over").at(140.0, kill("database.1")),
        of("restored").at(NOTICED, restore_backup("database", Some(BEFORE))),
    ]
}

fn mistake_findings(results: &Results) -> Vec<Finding> {
    let of = |name, phase| replication(results.run(name).phase(phase));
    let missing = |name, phase, m: usize| {
        let member = &of(name, phase).members[m];
        member.missing_reads as f64 / member.reads.max(1) as f64
    };
    let later = |name| {
        let own = of(name, "later");
        let reads: u64 = own.members.iter().map(|member| member.reads).sum();
        own.missing_reads as f64 / reads.max(1) as f64
    };
    let position = |phase| of("restored", phase).members[0].position;
    let replayed = (position("before") - position("backed up")) as f64 / REPLAYED_PER_SECOND;
    let restored = of("restored", "later");
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let share = |value, tolerance| within(100.0 * value, 100.0 * tolerance);
    let theory = "theory: a fifth of the rows, less the 3 % that have been written anew by then on average; 2,600 reads, four \
                  standard deviations are 3.1 %";
    vec![
        finding(
            "lag",
            "the longest time until a replica has what the primary has, the statement among it",
            "ms",
            of("restored", "deleted").lag_max_ms.max(of("restored", "missing").lag_max_ms),
            Expected::AtMost(200.0),
            "arithmetic: 1 ms to flush, 3 ms to delete 2,000 rows, and to wait behind other writes and reads of 10 ms on \
             average",
        ),
        finding(
            "first",
            "reads that find no row at one replica",
            "%",
            100.0 * missing("restored", "missing", 1),
            share(0.194, 0.031),
            theory,
        ),
        finding("second", "at the other", "%", 100.0 * missing("restored", "missing", 2), share(0.194, 0.031), theory),
        finding(
            "promoted",
            "reads that find none when a replica has become the primary",
            "%",
            100.0 * later("a replica takes over"),
            share(0.174, 0.026),
            "theory: a fifth, less the 13 % that have been written anew by then; 5,400 reads, with five standard deviations",
        ),
        finding(
            "later",
            "reads that find none a minute later, where nobody restores",
            "%",
            100.0 * later("nobody restores"),
            share(0.174, 0.026),
            "theory: the same: it does not heal by itself",
        ),
        count(
            "restored",
            "reads that find none once the state of the moment before is restored",
            restored.missing_reads,
            Expected::Exactly(0.0),
            "definition: the statement is not among what is replayed",
        )
        .of("reads"),
        finding(
            "time",
            "without writes meanwhile",
            "s",
            restored.recovery_time_ms.unwrap_or(f64::INFINITY) / 1e3,
            within(BOOT_AND_COPY + replayed, 0.1),
            "arithmetic: 5 s to boot, 10 s to copy a gigabyte at 100 MB/s, and the writes since the backup, 100 a second",
        ),
        count(
            "lost",
            "acknowledged writes lost by going back",
            restored.lost_writes,
            Expected::Exactly((of("restored", "closed").acknowledged_writes - position("before")) as f64),
            "definition: all acknowledged ones but those that the database had at that moment",
        )
        .of("writes"),
    ]
}

/// The row that is gone everywhere.
pub static NOT_BACKUP: Experiment = Experiment {
    id: "repl.not-backup",
    title: "Deleted everywhere",
    claim: "A replica is no backup: what is deleted by mistake is deleted there as well, within the lag. Only a backup, and the \
            log up to the moment before, bring it back, at the price of what was written since.",
    watch: "The reads that find no row, at each server.",
    question: Question {
        text: "Somebody deletes a fifth of the rows by mistake. Two replicas have them. For how long?",
        options: &["For some milliseconds", "Until somebody copies them", "For ever"],
        right: 0,
    },
    explanation: "A replica does what its primary does, and a mistake is a statement like any other. A backup is of a moment, \
                  and stays that. To go back to it means for all to go back: what others have written since is lost with the \
                  mistake.",
    runs: mistake_runs,
    judge: mistake_findings,
    mutations: &[
        Mutation {
            name: "nothing is deleted",
            breaks: |runs| {
                for run in runs {
                    run.scenario.timeline.retain(|moment| !matches!(moment.change, Change::BadDelete { .. }));
                }
            },
        },
        Mutation {
            name: "back to the moment after",
            breaks: |runs| {
                if let Some(moment) = runs[2].scenario.timeline.last_mut() {
                    moment.change = restore_backup("database", Some(DELETED + 1.0));
                }
            },
        },
        Mutation {
            name: "the log stays where it is",
            breaks: |runs| runs[2].set("tiers.database.backup.archive_every_ms", json!(1e6)),
        },
        Mutation {
            name: "replicas apply it late",
            breaks: |runs| runs[2].set("tiers.database.replication.ship_every_ms", json!(60_000.0)),
        },
    ],
};

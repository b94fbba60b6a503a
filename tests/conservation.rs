//! Whatever happens to whatever system: no request is lost or counted twice, and nothing is held for ever.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::clusters::eventful_cluster;
use common::invariants::{check_balance, check_empty};
use common::random::{LENGTH, config, eventful_scenario};
use common::random_messages::eventful_broker;
use common::random_shards::eventful_shards;
use common::{run_for, run_to, seconds, set};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use zero_to_millions::nodes::Cause;
use zero_to_millions::scenario::{Change, Scenario, Tier};
use zero_to_millions::world::World;

fn requests_left(world: &World) -> usize {
    let jobs = &world.context().jobs;
    jobs.keys().filter(|&job| jobs[job].errand.is_clients()).count()
}

/// Runs it with a look at the balance every 100 ms and the start of measuring half way; then nobody sends any more.
fn run_and_drain(scenario: &Scenario, seed: u64) -> World {
    let mut world = World::new(scenario, seed);
    for tenth in 1..=(LENGTH * 10.0) as u32 {
        run_to(&mut world, seconds(f64::from(tenth) / 10.0));
        check_balance(&world);
        if tenth == 15 {
            world.begin_measuring();
        }
    }
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    for place in scenario.outages.keys() {
        set(&mut world, &format!("outages.{place}.mtbf_ms"), 3e12);
    }
    // Members that hear each other only in part must not fence and replace each other for ever.
    let promotions = |world: &World| world.context().clusters.iter().map(|own| own.counts.promotions).sum::<u64>();
    run_for(&mut world, 5.0);
    let settled = promotions(&world);
    run_for(&mut world, 20.0);
    assert!(promotions(&world) <= settled + 1, "{settled} promotions, and then {}", promotions(&world));
    // Whoever is cut off would not hear of what was written.
    for moment in scenario.timeline.clone() {
        if let Change::Cut { from, to } | Change::Delay { from, to, .. } = moment.change {
            // An end may have been taken out since: then nobody hears it anyway.
            let _ = world.apply(Change::Mend { from, to });
        }
    }
    // At most 3,000 requests a second of at most 100 ms each, on one core of a quarter of the speed: an hour at worst.
    for _ in 0..100 {
        if requests_left(&world) == 0 {
            break;
        }
        run_for(&mut world, 60.0);
        check_balance(&world);
    }
    // Probes would go on for ever; the last ones are over within a second.
    for (id, tier) in scenario.tiers.clone() {
        let watches =
            matches!(tier, Tier::LoadBalancer(_)) || matches!(tier, Tier::Dns(dns) if dns.health_check.is_some());
        if watches {
            set(&mut world, &format!("tiers.{id}.health_check.interval_ms"), 1e9);
        }
    }
    // A cache whose database is dead would try to write for ever.
    if matches!(scenario.tiers.get("cache"), Some(Tier::Cache(cache)) if cache.database.is_some()) {
        set(&mut world, "tiers.cache.flush_interval_ms", 1e9);
    }
    // And backups would be taken for ever.
    if matches!(scenario.tiers.get("database"), Some(Tier::Database(database)) if database.backup.is_some()) {
        set(&mut world, "tiers.database.backup", json!({}));
    }
    run_for(&mut world, 10.0);
    check_balance(&world);
    world
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn every_request_is_accounted_for_and_nothing_leaks(scenario in eventful_scenario(), seed in 0..1000u64) {
        let world = run_and_drain(&scenario, seed);
        check_empty(&world);
        // The report says the same.
        let requests = world.report().requests;
        prop_assert_eq!(requests.issued, requests.answered + requests.failed.values().sum::<u64>());
        prop_assert_eq!(requests.in_flight, 0);
    }
}

proptest! {
    #![proptest_config(config(1000))]

    /// The same where databases fail over: and what clients were told is written is on the primary or known to be lost.
    #[test]
    fn a_cluster_accounts_for_every_request_and_every_write(scenario in eventful_cluster(), seed in 0..1000u64) {
        check_empty(&run_and_drain(&scenario, seed));
    }
}

proptest! {
    #![proptest_config(config(1000))]

    /// The same where rows are on shards, and move to others meanwhile: each is on exactly one, and no write is left behind.
    #[test]
    fn shards_account_for_every_request_and_every_row(scenario in eventful_shards(), seed in 0..1000u64) {
        check_empty(&run_and_drain(&scenario, seed));
    }
}

/// The properties above say something only if the scenarios do what they are there for.
#[test]
fn random_scenarios_reach_every_outcome_and_every_kind_of_change() {
    let mut runner = TestRunner::deterministic();
    let (mut failed, mut answered, mut late) = ([0; Cause::COUNT], 0, 0);
    let (mut scattered, mut extra, mut moved, mut caught_up, mut sent_on) = (0, 0, 0, 0, 0);
    let (mut published, mut purged) = (0, 0);
    let (mut unknown, mut launched) = ([0; 3], 0);
    let (mut kills, mut restores, mut settings, mut spikes, mut links) = (0, 0, 0, 0, 0);
    let (mut deployments, mut rolled, mut outages) = (0, 0, 0);
    let (mut commits, mut passages) = (0, [0; 4]);
    let (mut backups, mut stored, mut restored, mut rows_missing) = (0, 0, 0, 0);
    let (mut promotions, mut lost, mut recovered, mut conflicts, mut diverged) = (0, 0, 0, 0, 0);
    for seed in 0..1600 {
        let scenario = match seed % 4 {
            3 => eventful_broker().new_tree(&mut runner).expect("no filter").current(),
            2 => eventful_shards().new_tree(&mut runner).expect("no filter").current(),
            0 => eventful_scenario().new_tree(&mut runner).expect("no filter").current(),
            _ => eventful_cluster().new_tree(&mut runner).expect("no filter").current(),
        };
        for moment in &scenario.timeline {
            match moment.change {
                Change::Kill { .. } => kills += 1,
                Change::Restore { .. } => restores += 1,
                Change::Publish { .. } => published += 1,
                Change::Purge { .. } => purged += 1,
                Change::Set { .. } | Change::Slow { .. } | Change::SwitchOver { .. } => settings += 1,
                Change::Cut { .. } | Change::Mend { .. } | Change::Delay { .. } => links += 1,
                Change::Snapshot { .. } | Change::RestoreBackup { .. } | Change::BadDelete { .. } => backups += 1,
                Change::Spike { .. } => spikes += 1,
                Change::Deploy { .. } => deployments += 1,
                Change::Commit { .. } => commits += 1,
            }
        }
        let world = run_and_drain(&scenario, seed);
        for cluster in &world.context().clusters {
            stored += cluster.store.counts.automated + cluster.store.counts.manual;
            restored += cluster.counts.restores;
        }
        rolled += world.deployments().filter(|own| own.replaced > 0).count();
        outages += world.outages().count();
        if let Some(pipeline) = world.context().operations().and_then(|own| own.pipeline.as_ref()) {
            (0..4).for_each(|outcome| passages[outcome] += pipeline.outcomes[outcome]);
        }
        rows_missing += world.context().ledger.run.missing;
        for own in world.context().clusters.iter().map(|cluster| cluster.counts) {
            promotions += own.promotions;
            lost += own.lost;
            recovered += own.recovered;
            conflicts += own.conflicts;
            diverged += own.diverged;
        }
        for shards in world.context().tiers.iter().filter_map(|tier| tier.shards.as_ref()) {
            scattered += shards.counts.scattered;
            extra += shards.counts.extra_writes;
            moved += shards.counts.moved_rows;
            caught_up += shards.counts.caught_up;
            sent_on += shards.counts.sent_on;
        }
        let ledger = &world.context().ledger;
        answered += ledger.run.answered;
        late += ledger.late_answers;
        failed.iter_mut().zip(ledger.run.failed).for_each(|(sum, count)| *sum += count);
        // No request ends with 401, but attempts do, for each reason.
        let counts = world.context().sessions.as_ref().map(|sessions| sessions.counts).unwrap_or_default();
        failed[Cause::Unauthorized as usize] += counts.unknown.iter().sum::<u64>();
        unknown.iter_mut().zip(counts.unknown).for_each(|(sum, count)| *sum += count);
        launched += world.context().tiers.iter().map(|tier| tier.launched).sum::<u64>();
    }
    assert!(answered > 5000 && late > 500, "{answered} answered, {late} too late");
    // A build that cannot read what another one wrote is met in `tests/centers.rs`; here, hardly ever.
    for cause in Cause::ALL.into_iter().filter(|&cause| cause != Cause::Unreadable) {
        assert!(failed[cause as usize] > 15, "{}: {failed:?}", cause.name());
    }
    assert!(unknown.iter().all(|&count| count > 5) && launched > 50, "{unknown:?}, {launched} launched");
    assert!(commits > 20 && passages.iter().all(|&count| count > 0), "{commits} {passages:?}");
    assert!(deployments > 100 && rolled > 30 && outages > 100, "{deployments} {rolled} {outages}");
    assert!(published > 10 && purged > 3, "{published} {purged}");
    assert!(kills > 50 && restores > 50 && settings > 50, "{kills} {restores} {settings}");
    assert!(spikes > 10 && links > 50, "{spikes} {links}");
    assert!(backups > 50 && stored > 50, "{backups} {stored}");
    assert!(restored > 20 && rows_missing > 50, "{restored} {rows_missing}");
    assert!(promotions > 20 && lost > 20, "{promotions} {lost}");
    assert!(scattered > 500 && extra > 100 && moved > 500, "{scattered} {extra} {moved}");
    assert!(caught_up > 50 && sent_on > 5, "{caught_up} {sent_on}");
    assert!(recovered + conflicts > 2 && diverged > 5, "{recovered} {conflicts} {diverged}");
}

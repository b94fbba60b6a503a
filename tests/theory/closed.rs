//! Closed loops against mean value analysis (Reiser and Lavenberg, 1980), which is exact for networks of this kind: users
//! who think, a web server that shares its core among its requests, whatever their distribution, and a database that
//! serves them one after the other, exponentially (Baskett, Chandy, Muntz and Palacios, 1975).

use serde_json::json;
use zero_to_millions::scenario;
use zero_to_millions::time::SimTime;
use zero_to_millions::world::World;
use zero_to_millions::world::report::Report;

use crate::common::statistics::{Estimate, Sample};

const THINK_MS: f64 = 200.0;
const WEB_MS: f64 = 5.0;
const DATABASE_MS: f64 = 16.0;
/// Every other request needs the database.
const PROBABILITY: f64 = 0.5;

/// Answers per second, mean latency, and requests at web server and database.
struct Theory {
    throughput: f64,
    latency_ms: f64,
    at_web: f64,
    at_database: f64,
}

/// An arriving user sees what would be there without that user: so from one user to the next.
fn mean_value_analysis(users: u32) -> Theory {
    let demands = [WEB_MS, PROBABILITY * DATABASE_MS];
    let (mut at, mut latency, mut rate) = ([0.0; 2], 0.0, 0.0);
    for population in 1..=users {
        let stays = [0, 1].map(|station| demands[station] * (1.0 + at[station]));
        latency = stays.iter().sum();
        rate = f64::from(population) / (THINK_MS + latency);
        at = stays.map(|stay| rate * stay);
    }
    Theory { throughput: rate * 1e3, latency_ms: latency, at_web: at[0], at_database: at[1] }
}

fn closed(users: u32) -> serde_json::Value {
    json!({
        "version": 1, "name": "Closed",
        "workload": {
            "users": users, "requests_per_user_per_second": 1e3 / THINK_MS, "arrivals": "closed", "entry": "web",
            "clients": { "all": { "share": 1.0, "place": "montreal", "timeout_ms": 86_400_000.0 } },
            "classes": { "read": {
                "share": 1.0,
                "web": { "mean_ms": WEB_MS, "distribution": "hyperexponential", "cv": 2.0 },
                "database": { "mean_ms": DATABASE_MS, "distribution": "exponential" },
                "database_probability": PROBABILITY
            } }
        },
        "network": { "enabled": false },
        "machines": {
            "app": { "place": "montreal", "cores": 1, "discipline": "processor_sharing" },
            "data": { "place": "montreal", "cores": 1, "discipline": "fifo" }
        },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 10_000, "backlog": 0, "database": "database" },
            "database": { "kind": "database", "machine": "data", "slots": 10_000, "backlog": 0 }
        }
    })
}

#[test]
fn a_closed_loop_agrees_with_mean_value_analysis() {
    for users in [1, 8, 25, 60] {
        let scenario = scenario::from_value(closed(users)).unwrap_or_else(|problem| panic!("{problem}"));
        let theory = mean_value_analysis(users);
        let measured = 100_000.0 / theory.throughput;
        let reports = Sample { runs: 16, warm_up: 60.0, measured }.take(&scenario);
        let check = |what: &str, figure: &dyn Fn(&Report) -> f64, value: f64, error: f64| {
            Estimate::of(&reports, figure).must_agree(&format!("{what} of {users} users"), value, 0.0, error);
        };
        let rate = |report: &Report| report.requests.answered as f64 / report.simulated_seconds;
        check("throughput", &rate, theory.throughput, 0.01);
        check("latency", &|report| report.latency_ms.mean, theory.latency_ms, 0.02);
        // The database is never busier than one user makes it, so its line is measured least well there.
        let busy =
            |tier: &'static str| move |report: &Report| report.tiers[tier].utilisation.expect("it has a machine");
        check("load of the web server", &busy("web"), theory.throughput * WEB_MS / 1e3, 0.02);
        let share = theory.throughput * PROBABILITY * DATABASE_MS / 1e3;
        check("load of the database", &busy("database"), share, 0.02);
        // Little's law over all of the system: who is not at a server thinks.
        let thinking = theory.throughput * THINK_MS / 1e3;
        assert!((thinking + theory.at_web + theory.at_database - f64::from(users)).abs() < 1e-9);
    }
}

/// At most one request of each user is under way, whatever happens to the number of users on the way; and with fewer users
/// each of the rest goes on.
#[test]
fn each_user_of_a_closed_loop_has_one_request_at_a_time() {
    let set = |seconds: f64, users: u32| json!({ "at_ms": seconds * 1e3, "change": { "set": { "path": "workload.users", "value": users } } });
    let mut json = closed(40);
    json["timeline"] = json!([set(5.0, 10), set(5.01, 60), set(9.0, 3), set(12.0, 3), set(15.0, 200)]);
    let scenario = scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"));
    let mut world = World::new(&scenario, 1);
    let mut most = 0;
    for ms in 0..20_000 {
        while !world.advance(SimTime::from_ms(f64::from(ms)), 10_000).reached {}
        let mut users: Vec<u32> = world.context().jobs.keys().map(|job| world.context().jobs[job].user).collect();
        let (count, limit) = (users.len(), if ms < 15_000 { 60 } else { 200 });
        users.sort_unstable();
        users.dedup();
        assert_eq!(users.len(), count, "two requests of one user at {ms} ms");
        assert!(count <= limit);
        most = most.max(count);
        if (10_500..15_000).contains(&ms) {
            assert!(users.iter().all(|&user| user < 3), "somebody else still asks at {ms} ms");
        }
    }
    assert!(most > 60, "the newcomers of the last change ask too, {most} at most");
}

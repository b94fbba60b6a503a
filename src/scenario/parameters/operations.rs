//! The parameters of those who run the system: of the parts that there are, since these cannot change while it runs.

use serde_json::json;

use crate::nodes::operations::alerts::Metric;
use crate::scenario::Scenario;
use crate::scenario::check::INSTANCES_MAX;
use crate::scenario::operations::{Alert, Operations, Pipeline};

use super::{List, Parameter, Range, YEAR_MS};

/// All of them.
pub fn of_operations(scenario: &Scenario) -> Vec<Parameter> {
    let Some(own) = &scenario.operations else { return Vec::new() };
    let mut list = List::new("operations", "Monitor");
    if own.monitor.is_some() {
        let help = "Time between two scrapes: nothing is known sooner.";
        list.add("monitor.scrape_interval_ms", "Scrapes every", "ms", Range::Number(100.0, YEAR_MS), help);
        let help = "From a scrape until it is judged; less than the time between two.";
        list.add("monitor.delay_ms", "A scrape takes", "ms", Range::Number(0.0, YEAR_MS), help);
    }
    own.alerts.iter().for_each(|(id, alert)| add_alert(&mut list, id, alert));
    add_logs(&mut list, own);
    add_people(&mut list, own);
    if own.business.is_some() {
        list.group("Business");
        let help = "What an order brings.";
        list.add("business.revenue_per_order_usd", "An order brings", "$", Range::Number(0.0, 1e9), help);
        let help = "A visit is over when its user has asked for nothing for so long.";
        list.add("business.visit_idle_seconds", "A visit ends after", "s", Range::Whole(1, 365 * 86_400), help);
    }
    own.pipeline.iter().for_each(|pipeline| add_pipeline(&mut list, pipeline));
    list.parameters
}

/// What people call a value that rules go by, and its unit.
pub fn metric(metric: Metric) -> (&'static str, &'static str) {
    match metric {
        Metric::Up => ("servers that answer", ""),
        Metric::CpuUtilisation => ("cores busy", ""),
        Metric::MemoryUtilisation => ("memory taken", ""),
        Metric::DiskUtilisation => ("disks busy", ""),
        Metric::NetworkMbps => ("network", "Mbit/s"),
        Metric::Waiting => ("requests waiting", ""),
        Metric::RequestsPerSecond => ("replies", "/s"),
        Metric::ErrorShare => ("share of errors", ""),
        Metric::LatencyP99Ms => ("99th percentile", "ms"),
        Metric::OrdersPerSecond => ("orders", "/s"),
    }
}

fn add_alert(list: &mut List, id: &str, alert: &Alert) {
    list.group("Alerts");
    let (name, unit) = metric(alert.metric);
    let of = alert.tier.as_ref().map_or_else(String::new, |tier| format!(" of {tier}"));
    // At the very ends of what there is, an alert would never fire.
    let most = alert.metric.most().unwrap_or(1e12);
    let at = |field: &str| format!("alerts.{id}.{field}");
    if alert.above.is_some() {
        let help = "The condition holds above this: shares are from 0 to 1.";
        list.add(&at("above"), format!("“{id}”: {name}{of} above"), unit, Range::Number(0.0, 0.999 * most), help);
    }
    if alert.below.is_some() {
        let help = "The condition holds below this: shares are from 0 to 1.";
        list.add(&at("below"), format!("“{id}”: {name}{of} below"), unit, Range::Number(0.001, most), help);
    }
    let help = "How long the condition must hold, at every scrape, until the alert fires; 0 for the first one.";
    list.add(&at("for_ms"), format!("“{id}” fires after"), "ms", Range::Number(0.0, YEAR_MS), help);
    let help = "How long it must not hold until all is calm again.";
    list.add(&at("calm_ms"), format!("“{id}” is calm after"), "ms", Range::Number(0.0, YEAR_MS), help);
}

fn add_logs(list: &mut List, own: &Operations) {
    let Some(logs) = &own.logs else { return };
    list.group("Logs");
    let help = "Lines that each server keeps, the newest ones.";
    list.add("logs.lines_per_node", "Lines of a server", "", Range::Whole(1, 10_000), help);
    let help = "The share of good and fast requests that are written down; all others are.";
    list.add("logs.sample_percent", "Sample", "%", Range::Number(0.0, 100.0), help);
    let help = "From how long on a request or a call is slow, and written down.";
    list.add("logs.slow_ms", "Slow from", "ms", Range::Number(0.001, YEAR_MS), help);
    if logs.gather.is_some() {
        let help = "How often servers send on what is new. What a dead one had not sent is not there.";
        list.add("logs.gather.every_ms", "Gathered every", "ms", Range::Number(100.0, YEAR_MS), help);
        let help = "Lines that are kept in one place, the newest ones.";
        list.add("logs.gather.lines", "Gathered lines", "", Range::Whole(1, 100_000), help);
    }
}

fn add_people(list: &mut List, own: &Operations) {
    let time = || Range::Number(0.0, YEAR_MS);
    if own.complaints.is_some() {
        list.group("Complaints");
        let help = "The share of failed requests after which somebody complains.";
        list.add("complaints.share_percent", "Who complain", "%", Range::Number(0.0, 100.0), help);
        let help = "How long it takes on average until a complaint gets through.";
        list.add("complaints.after.mean_ms", "A complaint takes", "ms", time(), help);
        let help = "So many have to come until somebody is called.";
        list.add("complaints.needed", "Complaints needed", "", Range::Whole(1, 1_000), help);
        let help = "Within this time.";
        list.add("complaints.within_ms", "Within", "ms", Range::Number(1.0, YEAR_MS), help);
    }
    if own.on_call.is_some() {
        list.group("On call");
        let help = "From the call until somebody begins, on average.";
        list.add("on_call.reaction.mean_ms", "Reaction", "ms", time(), help);
        let help = "How long he looks at each server.";
        list.add("on_call.look_ms", "A look takes", "ms", Range::Number(1.0, YEAR_MS), help);
        let help = "The share of a server's answers that may be errors of its own build. Above that he brings the build before \
                    back.";
        list.add("on_call.tolerated_error_rate", "Tolerated errors", "", Range::Number(0.0, 1.0), help);
        let help = "After how long an alert that still fires calls again.";
        list.add("on_call.reminded_after_ms", "Called again after", "ms", Range::Number(1.0, YEAR_MS), help);
        let help = "Servers that he adds to a tier if an alert says that it is busy and nothing is broken there.";
        list.optional("0", "on_call.adds_servers", "Adds servers", "", Range::Whole(0, u64::from(INSTANCES_MAX)), help);
    }
}

fn add_pipeline(list: &mut List, own: &Pipeline) {
    list.group("Pipeline");
    let time = || Range::Number(0.0, YEAR_MS);
    let help = "How long building takes on average.";
    list.add("pipeline.build_time.mean_ms", "Building takes", "ms", time(), help);
    let help = "Whether what is built is tested. Else everything passes.";
    if list.part(own.tests.is_some(), "pipeline.tests", "Tests", json!({}), help) {
        let help = "How long all tests take on average.";
        list.add("pipeline.tests.time.mean_ms", "Testing takes", "ms", time(), help);
        let help = "How many tests there are. Each asks the build once, and one that fails stops it.";
        list.add("pipeline.tests.cases", "Tests", "", Range::Whole(1, 100_000), help);
    }
    let help = "Servers that are out of service for a new build at the same time.";
    list.add("pipeline.strategy.batch", "At once", "servers", Range::Whole(1, u64::from(INSTANCES_MAX)), help);
    let help = "The share of the servers that get it first and are watched; 0 for none.";
    list.add("pipeline.strategy.canary_share", "Canaries", "", Range::Number(0.0, 1.0), help);
    let help = "How long these are watched, and in the end all.";
    list.add("pipeline.strategy.observe_ms", "Watched for", "ms", time(), help);
    let help = "The share of failed requests above which all go back to the build before.";
    list.optional("never", "pipeline.strategy.max_error_rate", "Goes back above", "", Range::Number(0.0, 1.0), help);
    let help = "How long a server may take to finish what it has.";
    list.add("pipeline.strategy.drain_ms", "Draining takes at most", "ms", time(), help);
}

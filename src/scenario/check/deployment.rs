//! What builds, their deployments and random outages must satisfy.

use crate::scenario::deployment::Strategy;
use crate::scenario::{Problem, Scenario, Tier};

use super::targets::check_target;
use super::{Checked, DELAY_MAX_MS, INSTANCES_MAX, PARTS_MAX, check_count, check_length, check_range};

pub(super) fn check_builds(scenario: &Scenario) -> Checked {
    check_length("builds", scenario.builds.len(), 0, PARTS_MAX)?;
    for (id, build) in &scenario.builds {
        let at = |field: &str| format!("builds.{id}.{field}");
        check_range(&at("error_rate"), build.error_rate, 0.0, 1.0)?;
        check_range(&at("error_rate_in_tests"), build.error_rate_in_tests.unwrap_or(0.0), 0.0, 1.0)?;
        check_range(&at("work_factor"), build.work_factor, 0.01, 100.0)?;
        check_count(&at("writes_format"), build.writes_format, 0, 100)?;
        check_count(&at("reads_format"), build.reads_format.unwrap_or(0), 0, 100)?;
        if build.writes_format > 0 && scenario.workload.keys.is_none() {
            let message = "nothing is kept in any format without keys; set workload.keys or leave it out";
            return Err(Problem::at(at("writes_format"), message));
        }
    }
    for (id, tier) in &scenario.tiers {
        if let Tier::WebServer(web) = tier
            && let Some(build) = &web.build
        {
            known(scenario, &format!("tiers.{id}.build"), build)?;
        }
    }
    Ok(())
}

pub(super) fn known(scenario: &Scenario, place: &str, build: &str) -> Checked {
    if scenario.builds.contains_key(build) {
        return Ok(());
    }
    Err(Problem::unknown(place, "build", build, scenario.builds.keys().map(String::as_str)))
}

pub(super) fn check_deploy(scenario: &Scenario, target: &str, build: &str, strategy: &Strategy) -> Checked {
    check_target(scenario, target)?;
    known(scenario, "deploy.build", build)?;
    let runs_builds = |tier: &Tier| matches!(tier, Tier::WebServer(web) if web.build.is_some());
    let named = scenario.tiers.get(target.rsplit_once('.').map_or(target, |(tier, _)| tier));
    let fits = named.map_or_else(|| scenario.tiers.values().any(runs_builds), runs_builds);
    if !fits {
        let message = format!("\"{target}\" runs no build of the application; set build of a web_server there");
        return Err(Problem::at("deploy.target", message));
    }
    check_strategy("deploy.strategy", strategy, false)
}

/// How a build is brought to servers, by somebody who also judges canaries by alerts, or not.
pub(super) fn check_strategy(place: &str, strategy: &Strategy, has_alerts: bool) -> Checked {
    let at = |field: &str| format!("{place}.{field}");
    check_count(&at("batch"), strategy.batch, 1, INSTANCES_MAX)?;
    check_range(&at("canary_share"), strategy.canary_share, 0.0, 1.0)?;
    check_range(&at("observe_ms"), strategy.observe_ms, 0.0, DELAY_MAX_MS)?;
    check_range(&at("max_error_rate"), strategy.max_error_rate.unwrap_or(0.0), 0.0, 1.0)?;
    check_range(&at("drain_ms"), strategy.drain_ms, 0.0, DELAY_MAX_MS)?;
    if strategy.canary_share > 0.0 && strategy.max_error_rate.is_none() && !has_alerts {
        let message = "canaries are there to be judged; set max_error_rate, or leave canary_share out";
        return Err(Problem::at(at("max_error_rate"), message));
    }
    Ok(())
}

pub(super) fn check_outages(scenario: &Scenario) -> Checked {
    check_length("outages", scenario.outages.len(), 0, PARTS_MAX)?;
    for (place, own) in &scenario.outages {
        let at = |field: &str| format!("outages.{place}.{field}");
        let machines = || scenario.machines.values().flat_map(crate::scenario::Machine::places);
        if !machines().any(|known| known == place) {
            return Err(Problem::unknown(format!("outages.{place}"), "place with machines", place, machines()));
        }
        check_range(&at("mtbf_ms"), own.mtbf_ms, 1.0, 100.0 * DELAY_MAX_MS)?;
        check_range(&at("mttr_ms"), own.mttr_ms, 1.0, DELAY_MAX_MS)?;
    }
    Ok(())
}

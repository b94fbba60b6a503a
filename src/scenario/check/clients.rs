//! What clients and sessions must satisfy.

use super::{Checked, DELAY_MAX_MS, check_count, check_place, check_range, check_service, find_tier, wrong_kind};
use crate::nodes::population::Arrivals;
use crate::scenario::clients::{ClientGroup, Retry, Sessions};
use crate::scenario::{Problem, Scenario, Tier, Workload};

pub(super) fn check_sessions(scenario: &Scenario) -> Checked {
    let workload = &scenario.workload;
    check_range("workload.user_activity_exponent", workload.user_activity_exponent, 0.0, 3.0)?;
    if let Some(sessions) = &workload.sessions {
        let place = "workload.sessions.idle_timeout_seconds";
        check_count(place, sessions.idle_timeout_seconds, 1, 365 * 86_400)?;
        check_signing_in(scenario, sessions)?;
    }
    for (id, class) in workload.classes.iter().filter(|(_, class)| class.session) {
        let at = format!("workload.classes.{id}.session");
        if workload.sessions.as_ref().is_none_or(|sessions| sessions.sign_in.is_none()) {
            let message = "nobody can sign in; set workload.sessions.sign_in or turn it off";
            return Err(Problem::at(at, message));
        }
        if class.files.is_some() {
            return Err(Problem::at(at, "files are for everybody; leave the files out or turn it off"));
        }
    }
    Ok(())
}

/// The most users with whose sessions a run can begin: each takes 20 bytes.
const STEADY_USERS_MAX: u32 = 20_000_000;
/// The longest that a session is remembered where users sign in: a server counts its sessions by the second.
const IDLE_MAX_SECONDS: u32 = 30 * 86_400;

fn check_signing_in(scenario: &Scenario, sessions: &Sessions) -> Checked {
    let at = |field: &str| format!("workload.sessions.{field}");
    check_range(&at("session_kb"), sessions.session_kb, 0.001, 1e5)?;
    let Some(sign_in) = &sessions.sign_in else {
        return match &sessions.store {
            Some(_) => Err(Problem::at(at("store"), "nobody signs in, so there is nothing to keep; set sign_in")),
            None => Ok(()),
        };
    };
    check_service(&at("sign_in"), sign_in)?;
    check_count(&at("idle_timeout_seconds"), sessions.idle_timeout_seconds, 1, IDLE_MAX_SECONDS)?;
    if sessions.steady_start && scenario.workload.users > STEADY_USERS_MAX {
        let message = format!("a run can begin with the sessions of {STEADY_USERS_MAX} users; turn it off");
        return Err(Problem::at(at("steady_start"), message));
    }
    let Some(store) = &sessions.store else { return Ok(()) };
    match find_tier(scenario, &at("store"), store)? {
        Tier::Database(_) => Ok(()),
        Tier::Cache(cache) if cache.capacity_entries.is_some() && cache.database.is_none() => Ok(()),
        Tier::Cache(_) => {
            let message = format!("\"{store}\" must hold entries, and ask no database itself, to keep sessions");
            Err(Problem::at(at("store"), message))
        }
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => Err(wrong_kind(&at("store"), store, "a cache or a database")),
    }
}

/// The most users of a closed loop: each of them is an event of their own.
const CLOSED_LOOP_MAX: u32 = 1_000_000;

pub(super) fn check_closed_loop(workload: &Workload) -> Checked {
    if workload.arrivals != Arrivals::Closed {
        return Ok(());
    }
    check_count("workload.users", workload.users, 1, CLOSED_LOOP_MAX)?;
    if workload.user_activity_exponent > 0.0 {
        let message = "users of a closed loop think alike; use rate_factor of their group, or other arrivals";
        return Err(Problem::at("workload.user_activity_exponent", message));
    }
    Ok(())
}

pub(super) fn check_client(scenario: &Scenario, id: &str, client: &ClientGroup) -> Checked {
    let at = |field: &str| format!("workload.clients.{id}.{field}");
    check_place(&at("place"), &client.place)?;
    client.resolver_place.as_ref().map_or(Ok(()), |place| check_place(&at("resolver_place"), place))?;
    check_range(&at("access_latency_ms"), client.access_latency_ms, 0.0, 60_000.0)?;
    check_range(&at("timeout_ms"), client.timeout_ms, 1.0, DELAY_MAX_MS)?;
    if let Some(download) = client.download_mbps {
        check_range(&at("download_mbps"), download, 0.001, 1e6)?;
    }
    if let Some(target) = &client.direct_to
        && !matches!(find_tier(scenario, &at("direct_to"), target)?, Tier::WebServer(_) | Tier::LoadBalancer(_))
    {
        return Err(wrong_kind(&at("direct_to"), target, "a web_server or a load_balancer"));
    }
    if let Some(connection) = &client.connection {
        let round_trips = |field: &str, number: u8| check_count(&at(field), u32::from(number), 0, 10);
        round_trips("connection.tcp_round_trips", connection.tcp_round_trips)?;
        round_trips("connection.tls_round_trips", connection.tls_round_trips)?;
        check_count(&at("connection.keep_alive_seconds"), connection.keep_alive_seconds, 0, 86_400)?;
        if let Some(segments) = connection.initial_window_segments {
            check_count(&at("connection.initial_window_segments"), segments, 1, 1_000)?;
        }
    }
    super::cdn::check_client(scenario, id, client)?;
    client.retry.as_ref().map_or(Ok(()), |retry| check_retry(&at("retry"), retry))
}

fn check_retry(place: &str, retry: &Retry) -> Checked {
    check_count(&format!("{place}.attempts"), retry.attempts, 1, 10)?;
    check_range(&format!("{place}.backoff_ms"), retry.backoff_ms, 0.0, 3_600_000.0)?;
    if let Some(percent) = retry.budget_percent {
        check_range(&format!("{place}.budget_percent"), percent, 0.0, 1000.0)?;
        if retry.attempts == 1 {
            let message = "a budget for retries needs attempts of at least 2; raise attempts or leave the budget out";
            return Err(Problem::at(format!("{place}.budget_percent"), message));
        }
    }
    Ok(())
}

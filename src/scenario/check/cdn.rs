//! What content delivery networks, their origins and their clients must satisfy.

use std::collections::BTreeSet;

use crate::nodes::balancer::Layer;
use crate::nodes::files::FILES_MAX;
use crate::scenario::cdn::{CdnTier, Files, ObjectStoreTier};
use crate::scenario::{Class, ClientGroup, Problem, Scenario, Tier};

use super::{
    Checked, DELAY_MAX_MS, PARTS_MAX, check_count, check_length, check_place, check_range, check_service, find_tier,
    wrong_kind,
};

/// The most requests that follow one answer.
const FOLLOWERS_MAX: u32 = 100;

pub(super) fn check_cdn(scenario: &Scenario, id: &str, cdn: &CdnTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    check_length(&at("places"), cdn.places.len(), 1, PARTS_MAX)?;
    let mut seen = BTreeSet::new();
    for place in &cdn.places {
        check_place(&at("places"), place)?;
        if !seen.insert(place) {
            let message = format!("\"{place}\" is there twice; an edge stands at each place once");
            return Err(Problem::at(at("places"), message));
        }
    }
    check_origin(scenario, &at("origin"), &cdn.origin)?;
    if let Some(second) = &cdn.second_origin {
        check_origin(scenario, &at("second_origin"), second)?;
        if *second == cdn.origin {
            let message = format!("\"{second}\" is the origin itself; name another tier, or leave it out");
            return Err(Problem::at(at("second_origin"), message));
        }
    }
    for (class, origin) in &cdn.routes {
        let place = at(&format!("routes.{class}"));
        if !scenario.workload.classes.contains_key(class) {
            let known = scenario.workload.classes.keys().map(String::as_str);
            return Err(Problem::unknown(place, "class", class, known));
        }
        check_origin(scenario, &place, origin)?;
    }
    check_range(&at("lookup_ms"), cdn.lookup_ms, 0.0, 60_000.0)?;
    check_count(&at("capacity_entries"), cdn.capacity_entries, 1, 1_000_000_000)?;
    check_range(&at("capacity_mb"), cdn.capacity_mb, 0.001, 1e12)?;
    check_range(&at("fill_mbps"), cdn.fill_mbps, 0.001, 1e6)?;
    check_range(&at("reroute_ms"), cdn.reroute_ms, 0.0, DELAY_MAX_MS)?;
    check_range(&at("purge_ms"), cdn.purge_ms, 0.0, DELAY_MAX_MS)?;
    if let Some(limit) = &cdn.rate_limit {
        check_range(&at("rate_limit.requests_per_second"), limit.requests_per_second, 0.001, 1e9)?;
        check_count(&at("rate_limit.burst"), limit.burst, 1, 1_000_000)?;
    }
    check_prices(&[
        (at("price_out_per_gb_usd"), cdn.price_out_per_gb_usd),
        (at("price_fill_per_gb_usd"), cdn.price_fill_per_gb_usd),
        (at("price_per_10000_requests_usd"), cdn.price_per_10000_requests_usd),
    ])
}

fn check_origin(scenario: &Scenario, place: &str, id: &str) -> Checked {
    if id.is_empty() {
        return Err(Problem::at(place, "a CDN keeps copies of what an origin has; name its tier"));
    }
    match find_tier(scenario, place, id)? {
        Tier::LoadBalancer(balancer) if balancer.layer != Layer::Application => {
            let message = format!(
                "edges keep a few connections for all users, and \"{id}\" balances connections; \
                 set tiers.{id}.layer to \"application\""
            );
            Err(Problem::at(place, message))
        }
        Tier::ObjectStore(_) | Tier::WebServer(_) | Tier::LoadBalancer(_) => Ok(()),
        Tier::Dns(_) | Tier::Cache(_) | Tier::Database(_) | Tier::Cdn(_) | Tier::MessageBroker(_) | Tier::Worker(_) => {
            Err(wrong_kind(place, id, "an object_store, a web_server or a load_balancer"))
        }
    }
}

/// Whether edges ask this tier.
pub(super) fn is_origin(scenario: &Scenario, id: &str) -> bool {
    scenario.tiers.values().any(|tier| match tier {
        Tier::Cdn(cdn) => cdn.origins().any(|origin| origin == id),
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => false,
    })
}

fn check_prices(prices: &[(String, f64)]) -> Checked {
    prices.iter().try_for_each(|(place, price)| check_range(place, *price, 0.0, 1e6))
}

pub(super) fn check_object_store(scenario: &Scenario, id: &str, store: &ObjectStoreTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    check_place(&at("place"), &store.place)?;
    check_service(&at("first_byte"), &store.first_byte)?;
    check_range(&at("stored_gb"), store.stored_gb, 0.0, 1e9)?;
    for (class_id, class) in &scenario.workload.classes {
        let entry = class.entry.as_ref().unwrap_or(&scenario.workload.entry);
        let asked = match &scenario.tiers.get(entry) {
            Some(Tier::Cdn(cdn)) => cdn.origin_of(class_id) == id,
            Some(
                Tier::ObjectStore(_)
                | Tier::Dns(_)
                | Tier::LoadBalancer(_)
                | Tier::WebServer(_)
                | Tier::Cache(_)
                | Tier::Database(_)
                | Tier::MessageBroker(_)
                | Tier::Worker(_),
            )
            | None => entry == id,
        };
        if asked && class.files.is_none() {
            let message = format!(
                "has no files, but its requests come to tiers.{id}, which has nothing else; \
                 say what files there are, or lead it elsewhere"
            );
            return Err(Problem::at(format!("workload.classes.{class_id}.files"), message));
        }
    }
    check_prices(&[
        (at("price_out_per_gb_usd"), store.price_out_per_gb_usd),
        (at("price_per_gb_month_usd"), store.price_per_gb_month_usd),
        (at("price_per_1000_requests_usd"), store.price_per_1000_requests_usd),
    ])
}

/// The entry of a class, its files, and what follows it.
pub(super) fn check_class(scenario: &Scenario, id: &str, class: &Class) -> Checked {
    let at = |field: &str| format!("workload.classes.{id}.{field}");
    if let Some(entry) = &class.entry {
        match find_tier(scenario, &at("entry"), entry)? {
            Tier::Cdn(_) | Tier::ObjectStore(_) | Tier::WebServer(_) | Tier::LoadBalancer(_) => {}
            Tier::Dns(_) | Tier::Cache(_) | Tier::Database(_) | Tier::MessageBroker(_) | Tier::Worker(_) => {
                return Err(wrong_kind(&at("entry"), entry, "a cdn, an object_store, a web_server or a load_balancer"));
            }
        }
    }
    if let Some(files) = &class.files {
        check_files(&at("files"), files)?;
        check_range(&at("response_kb"), class.response_kb, 0.001, 4e6)?;
        if class.response_json_kb.is_some() {
            let message = "a file has one size, whoever asks for it; leave response_json_kb or the files out";
            return Err(Problem::at(at("response_json_kb"), message));
        }
        let asks = class.write || class.cached || class.query.is_some() || class.database.mean_ms > 0.0;
        if asks || class.database_probability.is_some() {
            let message = "a file lies at the web server or in a store; leave out write, cached, query and database, \
                           or the files";
            return Err(Problem::at(at("files"), message));
        }
    }
    for (next, count) in &class.followed_by {
        let place = at(&format!("followed_by.{next}"));
        let Some(follower) = scenario.workload.classes.get(next) else {
            let known = scenario.workload.classes.keys().map(String::as_str);
            return Err(Problem::unknown(place, "class", next, known));
        };
        check_count(&place, *count, 1, FOLLOWERS_MAX)?;
        if !follower.followed_by.is_empty() {
            let message = format!("\"{next}\" is followed by others itself; only one class may follow another");
            return Err(Problem::at(place, message));
        }
    }
    Ok(())
}

fn check_files(place: &str, files: &Files) -> Checked {
    check_count(&format!("{place}.count"), files.count, 1, FILES_MAX)?;
    check_range(&format!("{place}.exponent"), files.exponent, 0.0, 3.0)?;
    if files.max_age_ms == 0.0 {
        let message = "is 0, so nobody may keep a file and every request would be a fill; \
                       give it an age, or leave the files out so that requests pass through";
        return Err(Problem::at(format!("{place}.max_age_ms"), message));
    }
    check_range(&format!("{place}.max_age_ms"), files.max_age_ms, 0.001, DELAY_MAX_MS)
}

/// What a client group does with files, and its source addresses.
pub(super) fn check_client(scenario: &Scenario, id: &str, client: &ClientGroup) -> Checked {
    let at = |field: &str| format!("workload.clients.{id}.{field}");
    check_range(&at("rate_factor"), client.rate_factor, 0.001, 1e6)?;
    if let Some(addresses) = client.source_addresses {
        check_count(&at("source_addresses"), addresses, 1, u32::MAX)?;
    }
    if let Some(other) = &client.behind {
        let Some(group) = scenario.workload.clients.get(other) else {
            let known = scenario.workload.clients.keys().map(String::as_str);
            return Err(Problem::unknown(at("behind"), "client group", other, known));
        };
        if client.source_addresses.is_some() || group.source_addresses.is_none() || other == id {
            let message = "the other group must have source_addresses, and this one none of its own";
            return Err(Problem::at(at("behind"), message));
        }
    }
    let Some(fallback) = &client.cdn_fallback else { return Ok(()) };
    check_range(&at("cdn_fallback.timeout_ms"), fallback.timeout_ms, 1.0, DELAY_MAX_MS)?;
    check_count(&at("cdn_fallback.remember_seconds"), fallback.remember_seconds, 0, 86_400)?;
    let mut found = false;
    for (class_id, class) in &scenario.workload.classes {
        let entry = class.entry.as_ref().unwrap_or(&scenario.workload.entry);
        let Some(Tier::Cdn(cdn)) = scenario.tiers.get(entry) else { continue };
        found = true;
        let origin = cdn.origin_of(class_id);
        if class.files.is_some() && !is_public(scenario, origin) {
            let message = format!(
                "leads to tiers.{origin}, which has no public address; make it public or take an object_store as origin"
            );
            return Err(Problem::at(at("cdn_fallback"), message));
        }
    }
    if !found {
        let message = "there is no CDN to turn away from: no class has one as its entry";
        return Err(Problem::at(at("cdn_fallback"), message));
    }
    Ok(())
}

/// Whether clients can reach a tier from outside.
fn is_public(scenario: &Scenario, id: &str) -> bool {
    let workload = &scenario.workload;
    let is_entry = workload.entry == id || workload.classes.values().any(|class| class.entry.as_deref() == Some(id));
    match scenario.tiers.get(id) {
        Some(Tier::ObjectStore(_) | Tier::Cdn(_)) => true,
        Some(Tier::WebServer(web)) => web.public.unwrap_or(is_entry),
        Some(
            Tier::LoadBalancer(_)
            | Tier::Dns(_)
            | Tier::Cache(_)
            | Tier::Database(_)
            | Tier::MessageBroker(_)
            | Tier::Worker(_),
        )
        | None => is_entry,
    }
}

/// What can be published and purged.
pub(super) fn check_class_with_files(scenario: &Scenario, place: &str, class: &str) -> Checked {
    let classes = &scenario.workload.classes;
    match classes.get(class) {
        Some(known) if known.files.is_some() => Ok(()),
        Some(_) => Err(Problem::at(place, format!("the class \"{class}\" has no files"))),
        None => Err(Problem::unknown(place, "class", class, classes.keys().map(String::as_str))),
    }
}

pub(super) fn check_purge(scenario: &Scenario, target: &str, class: &str) -> Checked {
    let Tier::Cdn(_) = find_tier(scenario, "purge.target", target)? else {
        return Err(wrong_kind("purge.target", target, "a cdn: there is nothing to purge"));
    };
    check_class_with_files(scenario, "purge.class", class)
}

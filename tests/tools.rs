//! What people use for each part in life: every kind of part has products, every parameter a name in one or a reason why not.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::collections::BTreeSet;

use common::schema::{fields_by_part, schema};
use zero_to_millions::course::tools::{all, of, part};

/// Parameters that no product has, by part (`*` for any) and what they begin with, and why.
const WITHOUT: &[(&str, &str, &str)] = &[
    ("*", "machine", "where it runs is chosen when it is put there"),
    ("*", "boot_ms", "it is what the product needs, not what is set"),
    ("*", "warm_start", "how a run begins"),
    ("*", "lookup", "it is what the product needs, not what is set"),
    ("*", "work", "it is what the product needs, not what is set"),
    ("dns", "steady_start", "how a run begins"),
    ("dns", "lookup_ms", "it is what the product needs, not what is set"),
    ("dns", "report_every_ms", "the provider's own affair"),
    ("dns", "resolvers", "a matter of network operators"),
    ("dns", "health_check.hold_ms", "providers have no such setting"),
    ("load_balancer", "forward", "it is what the product needs, not what is set"),
    ("load_balancer", "instances", "how many are started"),
    ("load_balancer", "failover.missed", "three by the protocol, RFC 5798"),
    ("load_balancer", "health_check.hold_ms", "the one that damps is outlier ejection"),
    ("web_server", "cache", "an address in the application's configuration"),
    ("web_server", "broker", "an address in the application's configuration"),
    ("web_server", "database", "an address in the application's configuration"),
    ("web_server", "public", "a matter of the network's configuration"),
    ("cache", "instances", "how many are started"),
    ("cache", "database", "an address in the application's configuration"),
    ("cache", "ring_points", "a constant of the product: 160 for each server in libketama"),
    ("cache", "hit_probability", "for theory and benchmarks"),
    ("cache", "on_write", "what the application does"),
    ("cache", "ttl_jitter", "what the application adds to the time to live"),
    ("cache", "versioned_fill", "what the application asks for: a compare-and-set"),
    ("database", "engine", "it is another product"),
    ("database", "replication.apply_work", "it is what the product needs, not what is set"),
    ("database", "replication.flush_ms", "it is what the disk needs"),
    ("database", "replication.election_ms", "it is what the members need"),
    ("database", "replication.promotion_ms", "it is what the product needs, not what is set"),
    ("database", "replication.data_gb", "it is how much there is"),
    ("database", "replication.copy_mb_per_second", "it is what the machines and the network do"),
    ("database", "replication.recovery", "a script of one's own"),
    ("database", "replication.replace_after_ms", "a script of one's own, or the provider"),
    ("database", "backup.replay_per_second", "it is what the product needs, not what is set"),
    ("database", "backup.restore_after_ms", "how long people take to decide"),
    ("database", "backup.store_mb_per_second", "it is what the store does"),
    ("database", "reserved_cores", "a container's limit"),
    ("database", "row", "it is what there is"),
    ("database", "instances", "how many are started"),
    ("database", "sharding.capacity_rows", "it is what the disk has room for"),
    ("database", "sharding.copied_by", "what the application does: a second table"),
    ("database", "sharding.copy_mb_per_second", "it is what the machines and the network do"),
    ("database", "sharding.dedicated", "what the directory says"),
    ("cdn", "fill_mbps", "it is what the network does"),
    ("cdn", "lookup_ms", "it is what the product needs, not what is set"),
    ("cdn", "price", "on the bill"),
    ("cdn", "reroute_ms", "it is what the Internet's routers need"),
    ("cdn", "eviction", "the provider's own affair"),
    ("cdn", "capacity_entries", "the provider's own affair"),
    ("object_store", "first_byte", "it is what the product needs, not what is set"),
    ("object_store", "price", "on the bill"),
    ("object_store", "stored_gb", "it is what there is"),
    ("clients", "access_latency_ms", "it is what the network does"),
    ("clients", "behind", "a matter of the carrier's network"),
    ("clients", "cdn_fallback", "a script in the page"),
    ("clients", "connection.tcp_round_trips", "one by the protocol, RFC 9293"),
    ("clients", "direct_to", "what attackers do"),
    ("clients", "download_mbps", "it is what the network does"),
    ("clients", "place", "where people are"),
    ("clients", "resolver_place", "whose resolver people have"),
    ("clients", "rate_factor", "how people are"),
    ("clients", "share", "how many people there are"),
    ("clients", "source_addresses", "a matter of the carrier's network"),
    ("worker", "broker", "an address in the application's configuration"),
    ("worker", "people", "what the application does"),
    ("worker", "poison_share", "how messages are"),
    ("worker", "remembers", "what the application does"),
];

fn is_without(part: &str, field: &str) -> bool {
    WITHOUT.iter().any(|(own, begins, _)| (*own == "*" || *own == part) && field.starts_with(begins))
}

#[test]
fn every_kind_of_node_has_products() {
    for part in fields_by_part(&schema()).keys().filter(|part| *part != "machine") {
        assert!(of(part).count() >= 2, "{part}");
    }
    for stage in zero_to_millions::course::stages::newest() {
        for tier in stage.scenario().tiers.values() {
            assert!(of(part(tier.kind())).count() >= 2, "{:?}", tier.kind());
        }
    }
    let names: BTreeSet<(&str, &str)> = all().map(|tool| (tool.part, tool.name)).collect();
    assert_eq!(names.len(), all().count(), "a product is there twice for a part");
}

#[test]
fn every_parameter_has_a_name_in_some_product_or_a_reason_why_not() {
    for (part, fields) in fields_by_part(&schema()) {
        if ["machine", "operations"].contains(&part.as_str()) {
            // One is chosen from the provider's catalogue; the other is what people do, more than what is set.
            continue;
        }
        for field in fields {
            let is_named = of(&part).any(|tool| tool.setting(&field).is_some());
            assert!(is_named != is_without(&part, &field), "{part}.{field}: named {is_named}, and without a name");
        }
    }
}

#[test]
fn every_setting_is_of_a_parameter_that_there_is() {
    let fields = fields_by_part(&schema());
    for tool in all() {
        for setting in tool.settings {
            let Some(own) = fields.get(tool.part) else {
                assert_eq!(tool.part, "operations", "there is no such part");
                continue;
            };
            assert!(own.iter().any(|field| setting.is_of(field)), "{}: {}", tool.name, setting.parameter);
            assert!(!setting.name.is_empty() && setting.default.is_none_or(|value| value >= 0.0), "{}", tool.name);
        }
    }
}

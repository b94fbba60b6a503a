//! The command line as people use it: the real program, good and bad input.

#![cfg(not(target_arch = "wasm32"))]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zero-to-millions")).args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it prints UTF-8")
}

/// Writes a scenario to a file of its own.
fn file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    std::fs::write(&path, content).expect("the folder for temporary files can be written");
    path
}

/// The stage `load-balancer` with the value at a JSON pointer replaced.
fn with(pointer: &str, value: Value) -> String {
    let stage = text(&program(&["open", &link_to("load-balancer")]).stdout);
    let mut scenario: Value = serde_json::from_str(&stage).expect("open prints JSON");
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    let parent = scenario.pointer_mut(parent).expect("the parent is there");
    parent.as_object_mut().expect("the parent is an object").insert(key.to_owned(), value);
    scenario.to_string()
}

fn link_to(what: &str) -> String {
    text(&program(&["link", what]).stdout).trim().to_owned()
}

/// Bad input is one line that says what and where, on standard error, with exit 2; nothing goes to standard output.
fn refused(arguments: &[&str], expected: &[&str]) {
    let output = program(arguments);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(error.lines().count(), 1, "{arguments:?}: {error}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    for part in expected {
        assert!(error.contains(part), "{arguments:?}: \"{part}\" is not in: {error}");
    }
}

/// The stage `load-balancer` with edges in Tokyo and Montréal before its static files, and a patch.
fn with_cdn(patch: &Value) -> String {
    let mut scenario: Value = serde_json::from_str(&with("/name", json!("Edges"))).expect("JSON");
    let merge = zero_to_millions::scenario::edit::merge;
    let cdn = json!({ "kind": "cdn", "places": ["montreal", "tokyo"], "origin": "balancer" });
    let files = json!({ "entry": "cdn", "files": { "count": 100, "max_age_ms": 60_000.0 } });
    merge(&mut scenario, &json!({ "tiers": { "cdn": cdn }, "workload": { "classes": { "static": files } } }));
    merge(&mut scenario, patch);
    scenario.to_string()
}

#[test]
fn bad_edges_are_refused_with_their_place() {
    let fallback = json!({ "workload": { "clients": { "web": { "cdn_fallback": {} } },
                                          "classes": { "static": { "entry": null, "files": null } } } });
    let happens = |change: Value| json!({ "timeline": [{ "at_ms": 5, "change": change }] });
    let tier = |patch: Value| json!({ "tiers": { "cdn": patch } });
    let class = |patch: Value| json!({ "workload": { "classes": { "static": patch } } });
    let cases: [(&str, Value, &[&str]); 15] = [
        ("sizes", class(json!({ "response_json_kb": 1.0 })), &["classes.static.response_json_kb: a file has one size"]),
        ("twice", tier(json!({ "places": ["tokyo", "tokyo"] })), &["tiers.cdn.places: \"tokyo\" is there twice"]),
        ("nowhere", tier(json!({ "places": [] })), &["tiers.cdn.places: must have 1 to 64 entries"]),
        ("originless", tier(json!({ "origin": null })), &["tiers.cdn", "missing field `origin`"]),
        ("origin", tier(json!({ "origin": "database" })), &["tiers.cdn.origin: \"database\" is not an object_store"]),
        ("itself", tier(json!({ "origin": "cdn" })), &["tiers.cdn.origin: \"cdn\" is not"]),
        (
            "same",
            tier(json!({ "origin": "web", "second_origin": "web" })),
            &["tiers.cdn.second_origin: \"web\" is the origin itself"],
        ),
        (
            "second",
            tier(json!({ "second_origin": "database" })),
            &["tiers.cdn.second_origin: \"database\" is not an object_store"],
        ),
        ("ageless", class(json!({ "files": { "max_age_ms": 0.0 } })), &["files.max_age_ms: is 0, so nobody may keep"]),
        ("written", class(json!({ "write": true })), &["classes.static.files: a file lies at the web server"]),
        ("fallback", fallback, &["clients.web.cdn_fallback: there is no CDN to turn away from"]),
        (
            "purge-nothing",
            happens(json!({ "purge": { "target": "web", "class": "static" } })),
            &["timeline.0.purge.target: \"web\" is not a cdn: there is nothing to purge"],
        ),
        (
            "purge-pages",
            happens(json!({ "purge": { "target": "cdn", "class": "read" } })),
            &["timeline.0.purge.class: the class \"read\" has no files"],
        ),
        (
            "publish-none",
            happens(json!({ "publish": { "class": "static", "share": 0.0 } })),
            &["timeline.0.publish.share: must be above 0"],
        ),
        (
            "circle",
            json!({ "workload": { "classes": { "read": { "followed_by": { "static": 2 } },
                                               "static": { "followed_by": { "read": 1 } } } } }),
            &["followed_by.static", "is followed by others itself"],
        ),
    ];
    for (name, patch, expected) in cases {
        let path = file(&format!("edges-{name}"), &with_cdn(&patch));
        refused(&["run", &path.to_string_lossy(), "--duration", "1s"], expected);
    }
    let path = file("edges", &with_cdn(&json!({})));
    let output = program(&["run", &path.to_string_lossy(), "--duration", "20s", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let found = &report["tiers"]["cdn"]["by_edge"]["montreal"];
    assert!(found["hits"].as_u64() > Some(0) && found["fills"] == found["misses"], "{found}");
}

#[test]
fn the_report_has_the_promised_shape_and_balances() {
    let run = || program(&["run", "load-balancer", "--seed", "7", "--duration", "1min", "--warmup", "10s", "--json"]);
    let (first, second) = (run(), run());
    assert!(first.status.success());
    let mut report: Value = serde_json::from_slice(&first.stdout).expect("it prints one JSON object");
    let mut again: Value = serde_json::from_slice(&second.stdout).expect("it prints one JSON object");
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer}"));
    let failed: f64 =
        report["requests"]["failed"].as_object().expect("by cause").values().filter_map(Value::as_f64).sum();
    let ended = number("/requests/answered") + failed + number("/requests/in_flight");
    assert_eq!(number("/requests/issued"), ended);
    assert_eq!(number("/simulated_seconds"), 60.0);
    for pointer in
        ["/latency_ms/p999", "/by_class/read/latency_ms/p99", "/tiers/web/utilisation", "/tiers/web/queue_mean"]
    {
        number(pointer);
    }
    for pointer in ["/cost_per_month_usd", "/events", "/wall_seconds", "/requests_per_wall_second", "/model", "/seed"] {
        assert!(number(pointer) > 0.0, "{pointer}");
    }
    assert_eq!(report["tiers"]["web"]["per_instance"].as_array().map(Vec::len), Some(2));
    assert!(report["tiers"]["dns"].get("utilisation").is_none(), "fields that make no sense are absent");
    assert_eq!(report["digest"].as_str().map(str::len), Some(16));
    for timed in ["wall_seconds", "requests_per_wall_second"] {
        report[timed].take();
        again[timed].take();
    }
    assert_eq!(report, again, "the same run twice");
}

#[test]
fn a_report_for_a_document_has_the_same_figures() {
    let json: Value =
        serde_json::from_slice(&program(&["run", "cache", "--duration", "2s", "--json"]).stdout).expect("JSON");
    let markdown = text(&program(&["run", "cache", "--duration", "2s", "--markdown"]).stdout);
    assert!(markdown.starts_with("# Cache\n"), "{markdown}");
    for part in [
        format!("| sent | {} |", json["requests"]["issued"]),
        format!("| answered | {} |", json["requests"]["answered"]),
        format!("`{}`", json["digest"].as_str().expect("a digest")),
    ] {
        assert!(markdown.contains(&part), "{part} is not in: {markdown}");
    }
    refused(&["run", "cache", "--json", "--markdown"], &["cannot be used with"]);
    let newer = file("newer", r#"{"version": 9, "warp": true}"#);
    refused(&["run", newer.to_str().expect("UTF-8")], &["newer.json: version", "says 9", "get a newer program"]);
    refused(&["open", "#9.dAAAA"], &["version 9"]);
}

#[test]
fn links_go_both_ways() {
    let path = file("round-trip", &with("/workload/users", json!(12_345)));
    let link = link_to(&path.to_string_lossy());
    let fragment = link.strip_prefix("./#").expect("a link relative to the page");
    let based = program(&["link", &path.to_string_lossy(), "--base", "https://example.org/play/"]);
    assert_eq!(text(&based.stdout).trim(), format!("https://example.org/play/#{fragment}"));
    let before: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("written above")).expect("JSON");
    for written in [&link, fragment, &format!("#{fragment}"), text(&based.stdout).trim()] {
        let opened = program(&["open", written]);
        assert!(opened.status.success(), "{}", text(&opened.stderr));
        let after: Value = serde_json::from_slice(&opened.stdout).expect("open prints JSON");
        assert_eq!(before, after);
    }
    let run = |what: &str| text(&program(&["run", what, "--duration", "5s", "--json"]).stdout);
    let digest = |report: &str| serde_json::from_str::<Value>(report).expect("JSON")["digest"].clone();
    assert_eq!(digest(&run(&link)), digest(&run(&path.to_string_lossy())));
}

#[test]
fn addresses_of_chapters_and_claims_open_too() {
    for (address, name) in [("#chapter/4", "Load balancer"), ("https://example.org/#claim/lb.even/2", "Pool")] {
        let opened = program(&["open", address]);
        let scenario: Value = serde_json::from_slice(&opened.stdout).expect("open prints JSON");
        assert_eq!(scenario["name"], name, "{}", text(&opened.stderr));
    }
    refused(&["open", "#chapter/99"], &["there are: 1 ", "4 Many servers"]);
    refused(&["open", "#claim/lb.evn"], &["\"lb.even\""]);
    refused(&["link", "load-balancer", "--base", "a#b"], &["base", "without #"]);
}

#[test]
fn bad_scenarios_are_refused_with_their_place() {
    let mut second = serde_json::from_str::<Value>(&with("/name", json!("x"))).expect("JSON");
    second["tiers"]["second"] = second["tiers"]["balancer"].clone();
    second["tiers"]["second"]["backends"] = json!("balancer");
    second["tiers"]["second"].as_object_mut().expect("a tier is an object").remove("failover");
    second["tiers"]["balancer"]["backends"] = json!("second");
    let mut closed = serde_json::from_str::<Value>(&with("/workload/arrivals", json!("closed"))).expect("JSON");
    closed["workload"]["user_activity_exponent"] = json!(1.0);
    let cases: [(&str, String, &[&str]); 13] = [
        ("unequal", closed.to_string(), &["workload.user_activity_exponent", "rate_factor"]),
        ("unknown", with("/tiers/web/slotz", json!(3)), &["tiers.web", "`slotz`", "did you mean `slots`?"]),
        ("unit", with("/tiers/web/boot_s", json!(3)), &["tiers.web", "`boot_s`", "did you mean `boot_ms`?"]),
        ("string", with("/tiers/dns/lookup_ms", json!("20ms")), &["tiers.dns.lookup_ms", "expected a number"]),
        ("zero", with("/tiers/web/slots", json!(0)), &["tiers.web.slots: must be at least 1, is 0"]),
        ("many", with("/tiers/web/instances", json!(1_000_000_000)), &["tiers.web.instances", "at most 20000"]),
        ("nowhere", with("/tiers/web/database", json!("databse")), &["tiers.web.database", "\"database\"?"]),
        ("cycle", second.to_string(), &["backends", "circle: balancer → second → balancer"]),
        ("version", with("/version", json!(9)), &["version", "9", "get a newer program"]),
        ("place", with("/machines/app/place", json!("montrael")), &["machines.app.place", "\"montreal\"?"]),
        ("copies", with("/tiers/database/instances", json!(2)), &["tiers.database.instances", "replication"]),
        (
            "target",
            with("/timeline", json!([{"at_ms": 5, "change": {"kill": {"target": "web.9"}}}])),
            &["timeline.0.target", "web has the numbers 1 to 2"],
        ),
        ("syntax", "{\"version\": 1,\n \"name\": }".to_owned(), &["line 2, column 10"]),
    ];
    for (name, content, expected) in cases {
        let path = file(name, &content);
        refused(&["run", &path.to_string_lossy()], expected);
    }
}

#[test]
fn bad_usage_is_refused_in_one_line() {
    refused(&[], &["name a command"]);
    refused(&["rnu"], &["rnu"]);
    refused(&["run"], &["required"]);
    refused(&["run", "no-such-file.json"], &["no-such-file.json", "cannot be read"]);
    refused(&["run", "load-balncer"], &["did you mean \"load-balancer\"?"]);
    refused(&["run", "load-balancer", "--duration", "ten"], &["--duration"]);
    refused(&["run", "load-balancer", "--duration", "900years"], &["146 years"]);
    refused(&["open", "hello"], &["not a link"]);
    refused(&["open", "1.dAAAA"], &["damaged"]);
    refused(&["open", "7.jAAAA"], &["version 7", "newer"]);
}

#[test]
fn claims_are_printed_with_what_was_expected_and_measured() {
    let output = program(&["claims", "lb.even", "lb.redundant", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows: Value = serde_json::from_slice(&output.stdout).expect("it prints one JSON array");
    let ids: Vec<&str> = rows.as_array().expect("rows").iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, ["lb.even", "lb.redundant"]);
    for row in rows.as_array().expect("rows") {
        assert_eq!(row["holds"], true, "{row}");
        assert!(row["expected"].is_number() && row["measured"].is_number() && row["findings"].is_array(), "{row}");
    }
    let table = text(&program(&["claims", "lb.even"]).stdout);
    assert!(table.contains("lb.even") && table.contains("1 of 1 hold"), "{table}");
    refused(&["claims", "lb.evn"], &["claim: there is no claim \"lb.evn\"", "did you mean \"lb.even\"?"]);
    refused(&["claims", "--seeds", "0"], &["0"]);
}

/// Settings that contradict each other are one clear line with the place.
#[test]
fn contradictory_settings_are_refused_with_their_place() {
    let balancer = |field: &str, value: Value| with(&format!("/tiers/balancer/{field}"), value);
    let scaler = |value: Value| with("/tiers/web/autoscaler", value);
    let signs_in = |patch: Value| {
        let mut own = json!({ "idle_timeout_seconds": 60, "sign_in": { "mean_ms": 50.0 } });
        zero_to_millions::scenario::edit::merge(&mut own, &patch);
        with("/workload/sessions", own)
    };
    let alert = |value: Value| with("/operations", json!({ "monitor": {}, "alerts": { "rule": value } }));
    let cases = [
        ("sticky", balancer("sticky", json!(true)), ["tiers.balancer.sticky", "no sessions"]),
        ("pair-of-one", balancer("instances", json!(1)), ["tiers.balancer.instances", "2 instances, this has 1"]),
        ("layer-3", balancer("layer", json!("network")), ["tiers.balancer.policy", "\"source_ip_hash\""]),
        ("weights", balancer("weights", json!({ "1": 2.0 })), ["tiers.balancer.weights", "\"weighted\""]),
        ("routes", balancer("routes", json!({ "raed": "web" })), ["tiers.balancer.routes.raed", "\"read\""]),
        ("no-web-cookie", with("/tiers/web/sticky", json!(true)), ["tiers.web", "unknown field `sticky`"]),
        (
            "limits",
            scaler(json!({ "minimum": 5, "maximum": 2 })),
            ["autoscaler.minimum: is 5, but the maximum is 2", "lower"],
        ),
        ("outside", scaler(json!({ "minimum": 3, "maximum": 4 })), ["tiers.web.instances: is 2", "between 3 and 4"]),
        (
            "hours",
            scaler(json!({ "minimum": 1, "maximum": 4, "metric": "schedule", "schedule": { "25": 2 } })),
            ["tiers.web.autoscaler.schedule.25", "from 0 to 24"],
        ),
        (
            "hourless",
            scaler(json!({ "minimum": 1, "maximum": 4, "metric": "schedule" })),
            ["tiers.web.autoscaler.schedule", "needs hours and servers"],
        ),
        ("storeless", signs_in(json!({ "store": "sesions" })), ["workload.sessions.store", "\"sesions\""]),
        ("wrong-store", signs_in(json!({ "store": "web" })), ["workload.sessions.store", "not a cache or a database"]),
        (
            "nothing-kept",
            with("/workload/sessions", json!({ "idle_timeout_seconds": 60, "store": "database" })),
            ["workload.sessions.store", "nobody signs in"],
        ),
        (
            "stranger",
            with("/workload/classes/read/session", json!(true)),
            ["workload.classes.read.session", "nobody can sign in"],
        ),
        ("flatter", with("/workload/day", json!({ "peak_to_trough": 0.5 })), ["workload.day.peak_to_trough", "1"]),
        (
            "no-such-metric",
            alert(json!({ "metric": "cpu", "tier": "web", "above": 0.9 })),
            ["operations.alerts.rule.metric: unknown variant `cpu`", "cpu_utilisation"],
        ),
        (
            "no-such-tier",
            alert(json!({ "metric": "up", "tier": "wbe", "below": 1.0 })),
            ["operations.alerts.rule.tier", "did you mean \"web\""],
        ),
        (
            "no-disk",
            alert(json!({ "metric": "disk_utilisation", "tier": "web", "above": 0.9 })),
            ["operations.alerts.rule.metric", "web has no disk"],
        ),
        (
            "never",
            alert(json!({ "metric": "error_share", "tier": "web", "above": 1.0 })),
            ["operations.alerts.rule.above: is 1", "never fire"],
        ),
        (
            "too-soon",
            alert(json!({ "metric": "error_share", "tier": "web", "above": 0.1, "for_ms": 5000.0 })),
            ["operations.alerts.rule.for_ms: is 5000", "15000"],
        ),
        (
            "unmeasured",
            with("/operations", json!({ "alerts": { "a": { "metric": "up", "tier": "web", "below": 1.0 } } })),
            ["operations.alerts.a", "operations.monitor"],
        ),
        (
            "uncalled",
            with("/operations", json!({ "monitor": {}, "on_call": {} })),
            ["operations.on_call", "nothing ever calls anybody"],
        ),
        (
            "no-pipeline",
            with("/timeline", json!([{ "at_ms": 0, "change": { "commit": { "build": "v1" } } }])),
            ["commit", "v1"],
        ),
        (
            "unbuilt",
            with("/operations", json!({ "pipeline": { "tier": "web" } })),
            ["operations.pipeline.tier", "runs no build"],
        ),
        (
            "never-on-call",
            with("/operations", json!({ "pipeline": { "tier": "database" } })),
            ["operations.pipeline.tier", "is not a web_server"],
        ),
        (
            "no-orders",
            with("/operations", json!({ "business": { "order_class": "raed" } })),
            ["operations.business.order_class", "\"read\""],
        ),
        (
            "probe",
            balancer("health_check", json!({ "interval_ms": 100, "timeout_ms": 200, "probe": "request" })),
            ["tiers.balancer.health_check.timeout_ms", "over by then"],
        ),
    ];
    for (name, scenario, expected) in cases {
        let path = file(&format!("contradiction-{name}"), &scenario);
        refused(&["run", path.to_str().expect("a plain path")], &expected);
    }
}

/// So are those of databases that replicate.
#[test]
fn contradictory_settings_of_replication_are_refused_with_their_place() {
    let with_replicas = |instances: u32, replication: Value| {
        let mut scenario =
            serde_json::from_str::<Value>(&with("/workload/keys", json!({ "count": 1000 }))).expect("JSON");
        scenario["tiers"]["database"]["instances"] = json!(instances);
        scenario["tiers"]["database"]["replication"] = replication;
        scenario
    };
    let mut partitioned = with_replicas(2, json!({}));
    partitioned["tiers"]["database"]["engine"] = json!("key_value");
    let mut keyless = with_replicas(2, json!({}));
    keyless["workload"].as_object_mut().expect("an object").remove("keys");
    let mut pool = with_replicas(2, json!({}));
    pool["tiers"]["web"].as_object_mut().expect("an object").remove("database");
    pool["tiers"]["web"]["pool"] = json!(3);
    let with_backup = |backup: Value, change: Value| {
        let mut scenario = with_replicas(2, json!({}));
        scenario["tiers"]["database"]["backup"] = backup;
        scenario["timeline"] = json!([{ "at_ms": 5, "change": change }]);
        scenario
    };
    let target = "database";
    let restore = json!({ "restore_backup": { "target": target } });
    let mut bare = with_backup(json!({}), restore.clone());
    bare["tiers"]["database"].as_object_mut().expect("an object").remove("replication");
    bare["tiers"]["database"]["instances"] = json!(1);
    let none = with_backup(Value::Null, restore.clone());
    let short = with_backup(json!({ "every_ms": 1000, "retention_ms": 1000 }), restore.clone());
    let log = with_backup(json!({ "archive_every_ms": 1000 }), restore);
    let share = with_backup(json!({}), json!({ "bad_delete": { "target": target, "share": 0 } }));
    let snapshot = with_backup(json!({}), json!({ "snapshot": { "target": "web" } }));
    let mut switch = with_replicas(2, json!({}));
    switch["timeline"] = json!([{ "at_ms": 5, "change": { "switch_over": { "target": "database" } } }]);
    let mut link = with_replicas(2, json!({}));
    link["timeline"] = json!([{ "at_ms": 5, "change": { "cut": { "from": "web.1", "to": "web.1" } } }]);
    let mut several = with_replicas(2, json!({ "kind": "multi_primary" }));
    several["tiers"]["database"]["backup"] = json!({});
    let cases: [(&str, Value, [&str; 2]); 25] = [
        ("several", several, ["tiers.database.backup", "one line of history"]),
        ("bare", bare, ["tiers.database.backup", "add replication"]),
        ("unkept", none, ["timeline.0.target", "not a database with backup"]),
        ("short", short, ["tiers.database.backup.retention_ms", "gone when the next begins"]),
        ("log", log, ["tiers.database.backup.archive_every_ms", "set every_ms"]),
        ("share", share, ["timeline.0.bad_delete.share", "above 0"]),
        ("snapshot", snapshot, ["timeline.0.target", "not a database with backup"]),
        ("no-replica", with_replicas(1, json!({})), ["tiers.database.replication.reads", "there is none"]),
        ("nobody", with_replicas(1, json!({ "mode": "synchronous" })), ["replication.mode", "there is none"]),
        ("ack", with_replicas(2, json!({ "acknowledge": "apply" })), ["replication.acknowledge", "change mode"]),
        ("count", with_replicas(2, json!({ "acknowledgements": 1 })), ["replication.acknowledgements", "change mode"]),
        (
            "many",
            with_replicas(2, json!({ "mode": "semi_synchronous", "acknowledgements": 2 })),
            ["replication.acknowledgements", "at most 1, is 2"],
        ),
        (
            "own-writes",
            with_replicas(2, json!({ "reads": "primary", "read_your_writes_ms": 5 })),
            ["replication.read_your_writes_ms", "leave it out"],
        ),
        (
            "period",
            with_replicas(2, json!({ "snapshot_every_ms": 5 })),
            ["replication.snapshot_every_ms", "change kind"],
        ),
        ("merge", with_replicas(2, json!({ "merge_every_ms": 5 })), ["replication.merge_every_ms", "change kind"]),
        ("ring", with_replicas(2, json!({ "topology": "circular" })), ["replication.topology", "multi_primary"]),
        (
            "rule",
            with_replicas(2, json!({ "conflict_rule": "site_priority" })),
            ["replication.conflict_rule", "one primary"],
        ),
        (
            "merged commits",
            with_replicas(2, json!({ "kind": "merge", "mode": "synchronous" })),
            ["replication.mode", "change kind"],
        ),
        (
            "nearest",
            with_replicas(2, json!({ "kind": "multi_primary", "reads": "primary" })),
            ["replication.reads", "the nearest"],
        ),
        (
            "alone",
            with_replicas(1, json!({ "kind": "multi_primary" })),
            ["tiers.database.instances", "at least 2, is 1"],
        ),
        ("partitioned", partitioned, ["tiers.database.replication", "splits its keys"]),
        ("keyless", keyless, ["workload.keys", "replicates writes by key"]),
        ("pool", pool, ["tiers.web.pool", "no database"]),
        ("switch", switch, ["timeline.0.target", "one server"]),
        ("link", link, ["timeline.0.to", "two ends"]),
    ];
    for (name, scenario, expected) in cases {
        let path = file(&format!("replication-{name}"), &scenario.to_string());
        refused(&["run", path.to_str().expect("a plain path")], &expected);
    }
}

/// An editor that checks a file against the schema accepts what the program accepts, and knows what it refuses.
#[test]
fn the_schema_accepts_every_stage_and_refuses_what_is_unknown() {
    let schema: Value = serde_json::from_slice(&program(&["schema"]).stdout).expect("it prints JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for stage in zero_to_millions::course::stages::all() {
        let scenario = serde_json::to_value(stage.scenario()).expect("plain data");
        if let Err(error) = validator.validate(&scenario) {
            panic!("{} revision {}: {error} at {}", stage.id, stage.revision, error.instance_path());
        }
    }
    let breaks: [(&str, Value); 4] = [
        ("/tiers/web/slotz", json!(1)),
        ("/tiers/web/slots", json!("many")),
        ("/tiers/balancer/policy", json!("fair")),
        ("/workload/clients/web/connection", json!({ "round_trips": 1 })),
    ];
    for (pointer, value) in breaks {
        let scenario: Value = serde_json::from_str(&with(pointer, value)).expect("JSON");
        assert!(!validator.is_valid(&scenario), "{pointer} passes");
    }
}

#[test]
fn a_rung_of_the_ladder_is_measured_and_an_unknown_one_refused() {
    refused(&["ladder", "--stage", "cach"], &["stage", "\"cache\""]);
    refused(&["ladder", "--rung", "cache"], &["--rung"]);
    let output = program(&["ladder", "--stage", "single-server", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rungs: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let rung = &rungs.as_array().expect("an array")[0];
    assert_eq!((rung["stage"].as_str(), rung["first_to_break"].as_str()), (Some("single-server"), Some("web")));
    // 4.8 ms of work on two cores are 4,167 users at most.
    let users = rung["users"].as_u64().expect("a number");
    assert!((3_700..4_167).contains(&users), "{users}");
    assert!(rung["cost_per_month_usd"].as_f64() > rung["machines_per_month_usd"].as_f64(), "traffic has a price");
    assert!(rung["broken"]["users"].as_u64().is_some_and(|broken| broken > users && broken <= users * 106 / 100));
    let table = text(&program(&["ladder", "--stage", "single-server"]).stdout);
    assert!(table.lines().count() == 2 && table.contains(&users.to_string()), "{table}");
}

//! What keeps values and rows.

use super::{Tool, default, named};

pub(super) static TOOLS: &[Tool] = &[
    Tool {
        part: "cache",
        name: "Memcached",
        settings: &[
            default("capacity_mb", "-m", 64.0),
            default("slots", "-c", 1_024.0),
            default("backlog", "-b", 1_024.0),
            named("ttl_ms", "exptime"),
            named("storage", "-o ext_path"),
        ],
    },
    Tool {
        part: "cache",
        name: "Redis",
        settings: &[
            named("capacity_mb", "maxmemory"),
            named("eviction", "maxmemory-policy"),
            default("slots", "maxclients", 10_000.0),
            default("backlog", "tcp-backlog", 511.0),
            named("ttl_ms", "EXPIRE, SET … PX"),
        ],
    },
    Tool {
        part: "cache",
        name: "twemproxy",
        settings: &[
            named("placement", "distribution: ketama, modula"),
            default("detection.failures", "server_failure_limit", 2.0),
            default("detection.retry_after_ms", "server_retry_timeout", 30_000.0),
            named("detection.rehash_on_failure", "auto_eject_hosts"),
        ],
    },
    Tool { part: "cache", name: "mcrouter", settings: &[named("replicas", "AllFastestRoute, AllSyncRoute")] },
    Tool {
        part: "cache",
        name: "Caffeine",
        settings: &[
            named("capacity_entries", "maximumSize"),
            named("ttl_ms", "expireAfterWrite"),
            named("refresh_in_last", "refreshAfterWrite"),
            named("coalesce", "LoadingCache"),
        ],
    },
    Tool {
        part: "cache",
        name: "Hazelcast",
        settings: &[
            named("replicas", "backup-count"),
            named("strategy", "map-store"),
            default("flush_interval_ms", "write-delay-seconds", 0.0),
        ],
    },
    Tool {
        part: "database",
        name: "PostgreSQL",
        settings: &[
            default("slots", "max_connections", 100.0),
            default("buffer_pool_mb", "shared_buffers", 128.0),
            named("replication.mode", "synchronous_standby_names"),
            named("replication.acknowledge", "synchronous_commit: remote_write, on, remote_apply"),
            named("replication.acknowledgements", "ANY n (…)"),
            named("replication.log_entries", "wal_keep_size"),
            named("replication.standbys", "hot_standby"),
            default("backup.archive_every_ms", "archive_timeout", 0.0),
        ],
    },
    Tool {
        part: "database",
        name: "Patroni, Pacemaker",
        settings: &[
            default("replication.heartbeat_ms", "loop_wait", 10_000.0),
            named("replication.missed", "ttl / loop_wait"),
            named("replication.fencing", "stonith-enabled, watchdog"),
            named("replication.failover", "pause"),
        ],
    },
    Tool {
        part: "database",
        name: "pgBackRest, Percona XtraBackup",
        settings: &[
            named("backup.every_ms", "a schedule of cron"),
            named("backup.retention_ms", "repo-retention-full"),
        ],
    },
    Tool {
        part: "database",
        name: "MySQL",
        settings: &[
            default("slots", "max_connections", 151.0),
            named("backlog", "back_log"),
            default("buffer_pool_mb", "innodb_buffer_pool_size", 128.0),
            named("replication.mode", "rpl_semi_sync_source_enabled"),
            default("replication.drop_after_ms", "rpl_semi_sync_source_timeout", 10_000.0),
            default("replication.acknowledgements", "rpl_semi_sync_source_wait_for_replica_count", 1.0),
            named("replication.heartbeat_ms", "SOURCE_HEARTBEAT_PERIOD"),
        ],
    },
    Tool {
        part: "database",
        name: "ProxySQL, MaxScale",
        settings: &[
            named("replication.reads", "mysql_query_rules, readwritesplit"),
            named("replication.read_your_writes_ms", "causal_reads"),
        ],
    },
    Tool {
        part: "database",
        name: "SQL Server",
        settings: &[
            named("replication.topology", "peer-to-peer replication"),
            named("replication.conflict_rule", "@article_resolver"),
            named("replication.snapshot_every_ms", "schedule of the Snapshot Agent"),
            default("replication.merge_every_ms", "-PollingInterval of the Merge Agent", 60_000.0),
            named("replication.ship_every_ms", "-PollingInterval of the Distribution Agent"),
        ],
    },
    Tool {
        part: "database",
        name: "MongoDB",
        settings: &[
            named("replication.reads", "readPreference"),
            named("replication.acknowledgements", "w"),
            default("replication.heartbeat_ms", "settings.heartbeatIntervalMillis", 2_000.0),
            named("replication.log_entries", "oplogSizeMB"),
            named("sharding.key", "shard key"),
            named("sharding.by", "hashed, ranged"),
            named("sharding.ranges", "zones"),
        ],
    },
    Tool {
        part: "database",
        name: "Cassandra",
        settings: &[
            default("sharding.ring_points", "num_tokens", 16.0),
            named("replication.acknowledgements", "consistency level"),
        ],
    },
    Tool {
        part: "database",
        name: "Citus, Vitess",
        settings: &[
            default("sharding.shards", "citus.shard_count", 32.0),
            named("sharding.key", "distribution column, primary vindex"),
            named("sharding.directory", "lookup vindex"),
        ],
    },
];

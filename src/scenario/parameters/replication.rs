//! The parameters of databases that replicate.

use super::{INSTANCES_MAX, List, Range, YEAR_MS};

/// Adds them.
pub fn add(list: &mut List) {
    let help = "A primary and its replicas. A new one starts empty and is given a copy first.";
    list.add("instances", "Instances", "", Range::Whole(1, u64::from(INSTANCES_MAX.min(64))), help);
    list.group("Kind");
    kinds(list);
    list.group("Commits");
    commits(list);
    list.group("Stream");
    stream(list);
    list.group("Reads");
    let help = "Replicas take turns; the primary answers where none is well.";
    let readers = vec![
        ("replicas", "replicas"),
        ("primary", "the primary"),
        ("nearest", "the nearest"),
        ("nearest_replica", "the nearest replica"),
    ];
    list.optional("replicas", "replication.reads", "Reads go to", "", Range::Choice(readers), help);
    let help = "The last so many instances are standbys: they take no reads.";
    list.optional("0", "replication.standbys", "Standbys", "", Range::Whole(0, 63), help);
    let help = "How long a user's reads go to the primary after a write of his own.";
    let range = Range::Number(0.001, YEAR_MS);
    list.optional("never", "replication.read_your_writes_ms", "Read your writes", "ms", range, help);
    list.group("Failover");
    failover(list);
    list.group("Copies");
    copies(list);
}

fn kinds(list: &mut List) {
    let help = "Snapshot replication: how often each replica is copied anew.";
    let range = Range::Number(1.0, YEAR_MS);
    list.optional("60000", "replication.snapshot_every_ms", "Snapshot every", "ms", range, help);
    let help = "Merge replication: how often members exchange what has changed.";
    list.optional("60000", "replication.merge_every_ms", "Merge every", "ms", Range::Number(1.0, YEAR_MS), help);
    let rules = vec![
        ("last_writer_wins", "the last writer"),
        ("first_writer_wins", "the first writer"),
        ("site_priority", "the lower number"),
    ];
    let help = "Where all members take writes: which of two changes of a key stays that did not know of each other.";
    let rule = Range::Choice(rules);
    list.optional("last_writer_wins", "replication.conflict_rule", "A conflict is won by", "", rule, help);
}

fn commits(list: &mut List) {
    let modes = vec![
        ("asynchronous", "for nobody"),
        ("semi_synchronous", "for some replicas"),
        ("synchronous", "for all replicas"),
    ];
    let help = "Asynchronous, semi-synchronous or synchronous: whom the answer to a write waits for.";
    list.optional("asynchronous", "replication.mode", "A commit waits", "", Range::Choice(modes), help);
    let help = "For semi-synchronous commits: how many replicas.";
    list.optional("1", "replication.acknowledgements", "Acknowledgements", "", Range::Whole(1, 63), help);
    let moments = vec![("receipt", "receipt"), ("flush", "flush"), ("apply", "apply")];
    let help = "When a replica says that it has a write: in memory, on its disk, or once reads see it.";
    list.optional("flush", "replication.acknowledge", "Acknowledged after", "", Range::Choice(moments), help);
    let help = "How long a commit waits for a replica that does not answer, before it is waited for no more.";
    list.add("replication.drop_after_ms", "Drop after", "ms", Range::Number(1.0, YEAR_MS), help);
}

fn stream(list: &mut List) {
    let help = "Work to apply a write on a replica, as a part of what it took the primary.";
    list.add("replication.apply_work", "Work to apply", "", Range::Number(0.0, 10.0), help);
    let help = "What it takes a replica to bring writes to its disk.";
    list.add("replication.flush_ms", "Flush", "ms", Range::Number(0.0, 10_000.0), help);
    let help = "How often the primary ships what it has committed; 0 is at once.";
    list.optional("0", "replication.ship_every_ms", "Ship every", "ms", Range::Number(0.0, YEAR_MS), help);
    let help = "The most writes that the log keeps. A replica that lacks more needs a new copy.";
    list.add("replication.log_entries", "Log", "writes", Range::Whole(1, 10_000_000), help);
}

fn failover(list: &mut List) {
    let help = "How often members tell each other that they are there.";
    list.add("replication.heartbeat_ms", "Heartbeat every", "ms", Range::Number(1.0, YEAR_MS), help);
    let help = "Heartbeats that must be missing before a member counts as dead.";
    list.add("replication.missed", "Dead after", "missed", Range::Whole(1, 1000), help);
    let help = "Whether a replica is promoted when the primary is dead.";
    list.optional("true", "replication.failover", "Failover", "", Range::Flag, help);
    let help = "What it takes to elect one.";
    list.add("replication.election_ms", "Election", "ms", Range::Number(0.0, YEAR_MS), help);
    let help = "What it takes at least to make it the primary.";
    list.add("replication.promotion_ms", "Promotion", "ms", Range::Number(0.0, YEAR_MS), help);
    let ways = vec![("power", "power"), ("majority", "majority"), ("none", "nothing")];
    let help = "What keeps an old primary that is cut off from taking writes.";
    list.optional("power", "replication.fencing", "Fencing by", "", Range::Choice(ways), help);
    let help = "Whether what only an old primary has is replayed when it is back.";
    list.optional("true", "replication.recovery", "Recovery", "", Range::Flag, help);
}

fn copies(list: &mut List) {
    let help = "How long after its death was noticed a new machine takes the place of a dead one.";
    list.optional("never", "replication.replace_after_ms", "Replace after", "ms", Range::Number(0.0, YEAR_MS), help);
    let help = "The data to copy to a new member.";
    list.add("replication.data_gb", "Data", "GB", Range::Number(0.001, 1e6), help);
    let help = "What a core copies; it is busy meanwhile.";
    list.add("replication.copy_mb_per_second", "Copy", "MB/s", Range::Number(0.001, 1e6), help);
}

//! The terms of the course: one name for one thing, with what it means and what it was called before.

/// A term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its present name, in lower case.
    pub term: &'static str,
    /// Other words for it, old ones and those of other products.
    pub also: &'static [&'static str],
    /// What it means.
    pub meaning: &'static str,
}

const fn entry(term: &'static str, also: &'static [&'static str], meaning: &'static str) -> Entry {
    Entry { term, also, meaning }
}

/// All terms, in the order of the alphabet.
pub const ENTRIES: [Entry; 35] = [
    entry(
        "acknowledgement",
        &["ack"],
        "What tells a broker that a message is done, so that it need not deliver it again.",
    ),
    entry(
        "autoscaler",
        &["auto-scaling", "auto scaling group"],
        "Who adds and removes servers by what is measured of them.",
    ),
    entry("availability", &[], "The share of the time in which requests are answered."),
    entry("back-pressure", &["pushing back"], "Who has no room says so, and whoever sends has to wait or to be told."),
    entry("backup", &["snapshot"], "A copy of the data that is kept and does not follow its changes."),
    entry(
        "broker",
        &["message queue", "message broker"],
        "What takes messages from publishers and keeps them until consumers have done them.",
    ),
    entry("capacity", &[], "What a part answers per second while one and a half times as much is asked of it."),
    entry("consumer", &["subscriber", "worker"], "Who gets messages from a queue and does what they say."),
    entry("dead letter", &["poison message"], "A message that its queue has given up, kept for people to look at."),
    entry("exchange", &["topic"], "Where messages are published: it routes them to queues by their keys."),
    entry("failover", &[], "Another part takes over from one that is dead, once the death has been noticed."),
    entry(
        "fencing",
        &["stonith"],
        "What makes sure that an old primary takes no more writes: its power is cut, or it needs a majority.",
    ),
    entry("health check", &["probe"], "What is asked of a server now and then to know whether it lives."),
    entry("horizontal scaling", &["scale out"], "More machines of the same kind."),
    entry("idempotent", &["deduplication"], "What does no more when it is done twice."),
    entry("lag", &["replication lag"], "How long after its commit a write can be read at a replica."),
    entry("latency", &["response time"], "What a client sees, from sending a request to the last byte of its answer."),
    entry(
        "load balancer",
        &["reverse proxy"],
        "Who takes requests at one address and hands each to one of many servers.",
    ),
    entry("prefetch", &["in flight limit"], "How many messages a consumer may have that it has not acknowledged."),
    entry("primary", &["master", "source", "leader"], "The database server that takes writes."),
    entry("promotion", &[], "A replica becomes the primary."),
    entry("publisher", &["producer"], "Who sends messages to an exchange."),
    entry("read-your-writes", &["session consistency"], "Whoever has written reads at least what he wrote."),
    entry("replica", &["slave", "secondary", "follower"], "A database server that copies what the primary writes."),
    entry("replication", &["mirroring"], "Copies of the data are kept the same by sending what is written."),
    entry("session", &[], "What is remembered of a user between requests: above all that he has signed in."),
    entry("single point of failure", &["spof"], "A part whose death stops everything."),
    entry(
        "split brain",
        &["two primaries"],
        "Two servers that both believe to be the primary and take different writes.",
    ),
    entry("stale", &["outdated"], "Older than the newest write that was acknowledged before the read was sent."),
    entry(
        "stateless",
        &[],
        "Of a server that keeps nothing of its users between two requests, so that any of them will do.",
    ),
    entry(
        "sticky session",
        &["session persistence", "session affinity"],
        "A user whom the balancer brings back to the same server, by a cookie.",
    ),
    entry("throughput", &["goodput"], "Answers per second."),
    entry("time to live", &["ttl", "expiry"], "How long something may be kept before it has to be asked for again."),
    entry("utilisation", &["load"], "The share of what a part could do that it does."),
    entry("vertical scaling", &["scale up"], "A larger machine."),
];

/// The term that goes by these words, whatever their case and number.
pub fn find(words: &str) -> Option<&'static Entry> {
    let wanted = words.trim().to_lowercase();
    let is = |name: &str| name == wanted || wanted.strip_suffix('s') == Some(name);
    ENTRIES.iter().find(|entry| is(entry.term) || entry.also.iter().any(|also| is(also)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_words_lead_to_the_present_ones() {
        for (words, term) in [("Master", "primary"), ("slaves", "replica"), ("SPOF", "single point of failure")] {
            assert_eq!(find(words).map(|entry| entry.term), Some(term), "{words}");
        }
        assert_eq!(find("unicorn"), None);
    }

    #[test]
    fn no_word_leads_to_two_terms() {
        let mut words: Vec<&str> =
            ENTRIES.iter().flat_map(|entry| entry.also.iter().copied().chain([entry.term])).collect();
        words.sort_unstable();
        let all = words.len();
        words.dedup();
        assert_eq!(words.len(), all);
        assert!(ENTRIES.is_sorted_by_key(|entry| entry.term));
    }
}

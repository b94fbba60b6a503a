//! Chapter 6.

use super::{Chapter, Role, Section};

/// A cache between the web servers and the database.
pub static CHAPTER: Chapter = Chapter {
    number: 6,
    id: "cache",
    title: "Remember what was asked",
    stage: "cache",
    tries: &[
        "Kill Cache 2. Its keys are learnt anew by the other server: watch the hit ratio fall and come back.",
        "Kill both cache servers. Can the database do all of it alone?",
        "Select the cache and let entries live for a second. What does that cost the database?",
        "Set its entries at most to 1,000, and choose another rule for what goes first.",
        "Choose “nothing” for what a write does to the cache, and watch stale answers.",
    ],
    claims: &[
        "cache.read-through",
        "cache.offload",
        "cache.faster",
        "cache.medium",
        "cache.popular",
        "cache.when",
        "cache.volatile",
        "cache.ttl",
        "cache.consistency",
        "cache.spof",
        "cache.scale",
        "cache.evict",
        "cache.api",
        "cache.stampede",
        "cache.ring",
    ],
    sections: &[
        Section {
            role: Role::Story,
            text: "Web servers can be added, and the balancer finds them. Behind them a primary writes, and its replicas answer \
                   the same questions again and again.",
        },
        Section {
            role: Role::Problem,
            text: "Every read costs the database work, and sometimes a disk: a page from a solid state disk takes \
                   {cache.medium:ssd}, from a spinning one {cache.medium:spinning} more than from its own memory. Yet most \
                   questions are about few things.",
        },
        Section {
            role: Role::Idea,
            text: "Keep answers in memory, by key, and look there first. A look-up takes {cache.medium:memory}. Memory is dear, \
                   but popularity is unequal: with room for a tenth of the values, {cache.popular:tenth} of the requests are \
                   answered from there.",
        },
        Section {
            role: Role::Step,
            text: "Two cache servers come between web servers and database. On a miss the application asks the database and puts \
                   the answer into the cache; a write removes the entry. The cache has a small language: set a value for so \
                   long, get it by its key.",
        },
        Section {
            role: Role::Bought,
            text: "The database is spared what the cache answers, to the last query: {cache.offload:queries} of the reads still \
                   come, and it is {cache.offload:utilisation} as busy as before, since writes stay. The median falls to \
                   {cache.faster:median} of what it was, but the slowest hundredth only to {cache.faster:slowest}: those are \
                   the misses.\n\n\
                   The tier grows by itself: with twice the servers each is {cache.scale:utilisation} as busy, and the hit \
                   ratio rises by {cache.scale:rise}. With consistent hashing a server that leaves takes {cache.ring:ring} of \
                   the keys with it, where the hash modulo their number moves {cache.ring:modulo}.",
        },
        Section {
            role: Role::LookOut,
            text: "Where every second request writes, only {cache.when:half} of the reads can hit, however large the cache.\n\n\
                   An entry that lives for half a second answers {cache.ttl:short_hits} of the reads; for fifty seconds, \
                   {cache.ttl:long_hits}, but {cache.ttl:long_stale} of these hits are stale where writes do not tell the \
                   cache.\n\n\
                   And where they do, database and cache still change in two steps. A reader's late fill leaves an old value \
                   behind: {cache.consistency:race} were stale long after the last write. With versions, or with reads and \
                   writes through the cache, {cache.consistency:versioned}.\n\n\
                   When all that is popular expires at once, the database gets {cache.stampede:peak} times the queries that it \
                   needs. One query for all who miss the same brings the peak to {cache.stampede:coalesced}, lives of \
                   different length to {cache.stampede:jitter}, reading anew in time to {cache.stampede:ahead}.\n\n\
                   What has to go is a bet: LRU is {cache.evict:lru_ahead} ahead of first in, first out for people, and finds \
                   {cache.evict:scan_lru} in a scan a little longer than the cache.\n\n\
                   A restart forgets everything: {cache.volatile:cold} of the first reads hit. A cache that writes later has \
                   lost {cache.volatile:lost} for good that it had answered. And a site that lives by its cache dies with the \
                   only one: {cache.spof:failed} of the requests fail. With copies at two places, the loss of one sends \
                   {cache.spof:place_missed} of the requests to the database.",
        },
        Section {
            role: Role::InLife,
            text: "Redis, Valkey and Memcached in memory, by cache-aside; twemproxy and mcrouter before them, which find dead \
                   servers and share out keys. Caches that stand before the database: Hazelcast, Coherence, DynamoDB \
                   Accelerator. On solid state disks: CacheLib. In the database itself: the buffer pool of MySQL, the shared \
                   buffers of PostgreSQL.",
        },
        Section {
            role: Role::Loose,
            text: "The notes call it read-through when the application looks in the cache, asks the database and fills the \
                   cache. In truth that is cache-aside; read-through is where the cache itself asks the database.\n\n\
                   They say that a database is slow because it reads from disk. In truth it keeps pages in memory too, and what \
                   a cache saves it then is work: with a pool for all pages, {cache.medium:pool} had to read the disk.\n\n\
                   They warn of a single point of failure and leave it there. In truth a dead cache is dangerous only where the \
                   database could not do without it; that is a matter of size, and can be tried.",
        },
    ],
};

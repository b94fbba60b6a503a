//! Chapter 12.

use super::{Chapter, Role, Section};

/// A database in several pieces.
pub static CHAPTER: Chapter = Chapter {
    number: 12,
    id: "sharding",
    title: "A database in pieces",
    stage: "sharding",
    tries: &[
        "Select a database and type the number of a user: which shard has that one?",
        "Add a shard. Rows move while all goes on; watch the ways between the shards, and how long it takes.",
        "Place rows by modulo instead of on a ring, and add a shard again. How many move now?",
        "Take the primary of one shard away. Whose requests fail meanwhile, and which reports?",
        "Sharded by country: select the database and change the key. How even are the shards?",
    ],
    claims: &[
        "shard.vertical",
        "shard.hash",
        "shard.throughput",
        "shard.key",
        "shard.range",
        "shard.reshard",
        "shard.ring",
        "shard.celebrity",
        "shard.join",
        "shard.vertical-split",
        "shard.locality",
    ],
    sections: &[
        Section {
            role: Role::Story,
            text: "Replicas share the reads, caches keep most of them away, edges send the files. What is left comes to one \
                   primary: all writes, and all rows on one disk.",
        },
        Section {
            role: Role::Problem,
            text: "A bigger machine helps for a while. The best of the catalogue does {shard.vertical:ceiling}, at \
                   {shard.vertical:big_price} a month for a thousand a second where a small one costs \
                   {shard.vertical:small_price}; and when it dies, {shard.vertical:big_dies} of the requests fail. Replicas do \
                   not help: each of them has to carry out every write.",
        },
        Section {
            role: Role::Idea,
            text: "Cut the table into pieces with the same columns and different rows. A function of a row's key says which piece \
                   has it, so whoever asks knows whom to ask.",
        },
        Section {
            role: Role::Step,
            text: "Four shards, each a primary with a replica, on a ring of hashes of the user's number. Reads and writes of a user \
                   go to one shard. Reports by date do not say whose rows they want: they go to all. New orders fill the disks.",
        },
        Section {
            role: Role::Bought,
            text: "Six small machines at the price of the big one do {shard.vertical:shards}. Two shards carry \
                   {shard.throughput:two} times what one does, eight {shard.throughput:eight} times: writes too. A look-up gets \
                   faster by {shard.throughput:faster}, for of a quarter of the rows {shard.throughput:all_hits} of the pages \
                   are in memory instead of {shard.throughput:hits}. And when one of six dies, {shard.vertical:one_dies} of the \
                   requests fail.\n\n\
                   It costs the queries that need several shards. A join over eight waits for the slowest and takes longer by \
                   {shard.join:slowest}, works on {shard.join:queries} of them, and fails when any of them does. De-normalised, \
                   with the rows kept once more by what the join names, it is as quick as any other, and each write writes \
                   {shard.join:extra} more.\n\n\
                   One can also cut by feature, profiles here and transactions there: each is scaled on its own, and what needs \
                   both pays {shard.vertical-split:two_trips} for a second trip. Or by columns: with the seldom ones gone, half of \
                   the memory finds {shard.locality:narrow} of the pages where all of it found {shard.locality:wide}.",
        },
        Section {
            role: Role::LookOut,
            text: "The key decides. By country the fullest of four shards has {shard.key:country} of the rows, and \
                   {shard.key:moved} of those who move house move their rows as well. By time of insertion {shard.key:hot} of \
                   what is new goes to one shard. By user and order together all is even, but {shard.key:pair_all} of the \
                   requests have to ask everywhere.\n\n\
                   A to P looks like a good half of the alphabet and is {shard.range:rows} of the people.\n\n\
                   A shard that is full refuses what belongs there, {shard.reshard:refused} of all new rows, while the other one \
                   has room. To split it moved {shard.reshard:moved} in {shard.reshard:took}, with {shard.reshard:cores} busy. \
                   By modulo a fifth shard makes {shard.ring:modulo} of all rows move; on a ring, {shard.ring:ring}.\n\n\
                   And no hash helps against fame. A celebrity's shard is busy {shard.celebrity:hot} of the time; with a shard of \
                   his own {shard.celebrity:own_failed} fail. Of one who is too much for any shard {shard.celebrity:too_much} \
                   fail until there are two copies.",
        },
        Section {
            role: Role::InLife,
            text: "Vitess (MySQL), Citus (PostgreSQL), MongoDB, Cassandra and DynamoDB shard by themselves; many others are sharded \
                   by the application. Cassandra and DynamoDB place by a ring of hashes, MongoDB by ranges of the key or of its \
                   hash, Vitess and Citus by ranges of hashes with a directory.",
        },
        Section {
            role: Role::Loose,
            text: "The notes call splitting by columns and by feature one thing, vertical sharding. In truth they are two: columns \
                   of one table, for the sake of memory; and tables of different features, for the sake of scaling and of teams.\n\n\
                   They say that consistent hashing solves uneven shards. In truth it makes growth cheap; its shares are more \
                   uneven than those by modulo unless each shard has many points, and a hot key it leaves where it is.\n\n\
                   They say to give each celebrity a shard. In truth that protects the others; it does not help the celebrity once \
                   one server is not enough.\n\n\
                   They say that fewer rows make look-ups faster. In truth a level less of the index is hardly to be measured; what \
                   counts is the memory of several servers.",
        },
    ],
};

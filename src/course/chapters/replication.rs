//! Chapter 5.

use super::{Chapter, Role, Section};

/// One database writes, others copy it and answer.
pub static CHAPTER: Chapter = Chapter {
    number: 5,
    id: "database-replication",
    title: "Copies of the database",
    stage: "database-replication",
    tries: &[
        "Watch a write go to the primary, and from there to both replicas. Reads go the other way.",
        "Kill Database 1, the primary. Count the seconds until writes go on, and look where.",
        "Restore it. What is it now?",
        "Kill a replica. Who answers its reads until a new machine has its copy?",
        "Make the commits synchronous and look at how long a write takes; then move the replicas across an ocean.",
    ],
    claims: &[
        "repl.split",
        "repl.terms",
        "repl.reads",
        "repl.ratio",
        "repl.only-replica",
        "repl.one-of-many",
        "repl.promote",
        "repl.failback",
        "repl.lost",
        "repl.fence",
        "repl.sync",
        "repl.distance",
        "repl.preserved",
    ],
    sections: &[
        Section {
            role: Role::Story,
            text: "Web servers come and go behind their balancer, and nobody notices. All of them ask one database.",
        },
        Section {
            role: Role::Problem,
            text: "That database is the busiest part and the only one of its kind. At twice its load {repl.ratio:read_alone} of \
                   the requests fail, and if its machine burns, what was written is gone with it: of the reads sent after that, \
                   {repl.preserved:alone} are answered.",
        },
        Section {
            role: Role::Idea,
            text: "Keep copies. Most requests only read, and any copy can answer a read. Only who writes has to agree on one \
                   order, and that is easy as long as one server takes all writes.",
        },
        Section {
            role: Role::Step,
            text: "One server is the primary. It takes every insert, update and delete and streams its log to two replicas, \
                   which do the same work again in the same order. Reads go to the replicas in turn: the primary answers \
                   {repl.split:primary_reads}. (Older texts have other words for the two; the glossary knows them.)",
        },
        Section {
            role: Role::Bought,
            text: "Reads in proportion: four replicas answer {repl.reads:four} times what one does. Writes stay what one server \
                   can write, {repl.reads:writes} times as before; so replicas help who reads much. With nine reads to a write, \
                   twice the load of one server passes with {repl.ratio:read_replicas} of failures; with nine writes to a read, \
                   {repl.ratio:write_replicas} still fail.\n\n\
                   And it goes on when a server dies. A dead replica costs {repl.one-of-many:window} of the reads until that \
                   is noticed, and then {repl.one-of-many:errors} more. A dead primary costs {repl.promote:outage} without \
                   writes: its silence must be noticed, a replica chosen, and that one made ready. Reads do not fail \
                   meanwhile: {repl.promote:reads_failed}.",
        },
        Section {
            role: Role::LookOut,
            text: "A replica is always a little behind. How far is a matter of load and of distance: {repl.distance:lag_near} \
                   in London, {repl.distance:lag_far} in Sydney, from Montréal. So a read can be older than what its sender \
                   has just written, unless he is sent to the primary for a while.\n\n\
                   What was acknowledged and not yet shipped is lost when the primary dies: {repl.lost:lost} here, of a \
                   primary that ships once a second. Its log still has them, and when it is back they can be replayed, but \
                   for {repl.lost:conflicts} whose keys had been written to since.\n\n\
                   Who waits for the replica loses nothing and pays for it with {repl.sync:longer} for each write, across an \
                   ocean with {repl.distance:write_near}. And if the replica for which all wait dies, writes stall until it \
                   is dropped, {repl.sync:dropped} later.\n\n\
                   A primary that is only cut off does not know that it is dead. Unless somebody cuts its power, or it needs \
                   a majority, two take writes: {repl.fence:diverged} in a minute, {repl.fence:conflicts} of them against \
                   the other's.\n\n\
                   A new replica begins empty. To copy two gigabytes takes {repl.only-replica:copy}, and more data longer in \
                   proportion; while there is but one other server, that one answers everything and is read from besides.",
        },
        Section {
            role: Role::InLife,
            text: "MySQL, PostgreSQL, MariaDB and SQL Server replicate by their log; MongoDB and Redis do the same under other \
                   names. Orchestrator, Patroni and MHA notice deaths and promote; ProxySQL, PgBouncer and HAProxy send reads \
                   and writes where they belong. As a service: Amazon RDS with read replicas and a standby in another zone, \
                   Aurora, Cloud SQL, Azure Database.",
        },
        Section {
            role: Role::Loose,
            text: "The notes say that a replica is promoted when the primary goes offline, and that the promoted one might not \
                   be up to date. In truth the outage is what it takes to be sure of the death, and what it takes depends on \
                   who fences whom.",
        },
    ],
};

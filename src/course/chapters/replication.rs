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
        "Delete rows by mistake, and watch the reads that find nothing, at the primary and at the replicas.",
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
        "repl.types",
        "repl.multi",
        "repl.backup",
        "repl.not-backup",
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
                   {repl.split:primary_reads}. (Older texts have other words for the two; the glossary knows them.)\n\n\
                   To ship the log is called transactional replication, and a replica is {repl.types:transactional} behind. There \
                   are two other kinds. Snapshot replication copies everything now and then: what the replica shows is \
                   {repl.types:snapshot_mean} old on average and {repl.types:snapshot_max} at most, with a copy of four seconds \
                   every twenty. Merge replication lets both sides write and exchanges what has changed now and then.",
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
                   Several primaries need no election: when one of three dies, {repl.multi:gone_failed} writes fail while it is \
                   gone. But two of them may change the same key before they have heard of each other. A rule keeps one, the \
                   last writer's, the first's, or that of a site that has priority; the other was acknowledged and is \
                   overwritten: {repl.multi:losers} here, of two hundred a second to a thousand keys for a hundred seconds, by primaries a \
                   fifth of a second apart. In a ring each ships to the next one only: from Montréal by New York and London \
                   to Paris takes {repl.multi:three_hops}, and when London dies Paris hears nothing more and is \
                   {repl.multi:behind_broken} behind after forty seconds, though everybody goes on writing.\n\n\
                   A new replica begins empty. To copy two gigabytes takes {repl.only-replica:copy}, and more data longer in \
                   proportion; while there is but one other server, that one answers everything and is read from besides.\n\n\
                   Copies that follow are no backup. Delete rows by mistake, and within {repl.not-backup:lag} every replica \
                   has done the same: {repl.not-backup:first} of the reads find nothing there, and a minute later, whichever \
                   of them is the primary, {repl.not-backup:promoted}. What is of a moment and stays that can be gone back to: \
                   a backup, and the log up to the moment before. That takes {repl.not-backup:time} here, and costs what was \
                   written since, {repl.not-backup:lost}.\n\n\
                   And when everything burns, what matters is how old that is which lies elsewhere. With a backup alone, \
                   {repl.backup:point_backup} of work are gone; with the log shipped to the same store, \
                   {repl.backup:point_log}; either way it takes {repl.backup:time_backup} or more to fetch it all, most of which \
                   is noticing and copying. A standby in another place has it all after {repl.backup:time_standby}, and \
                   answers {repl.backup:reads_standby} until then: that is what it is paid for.",
        },
        Section {
            role: Role::InLife,
            text: "MySQL, PostgreSQL, MariaDB and SQL Server replicate by their log; MongoDB and Redis do the same under other \
                   names. Orchestrator, Patroni and MHA notice deaths and promote; ProxySQL, PgBouncer and HAProxy send reads \
                   and writes where they belong. As a service: Amazon RDS with read replicas and a standby in another zone, \
                   Aurora, Cloud SQL, Azure Database. They back up once a day and ship the log every few minutes; pgBackRest, \
                   WAL-G and XtraBackup do so for those who run their own.",
        },
        Section {
            role: Role::Loose,
            text: "The notes say that a replica is promoted when the primary goes offline, and that the promoted one might not \
                   be up to date, and that multi-primary or circular replication could help. It does, against the outage: but what \
                   one primary may lose once, when it dies, several overwrite every day, where they change the same keys. They \
                   also name snapshot, transactional and merge replication as kinds to choose from; only the second is what \
                   the rest of this chapter is about, a snapshot's reader is never promoted, and merging is several primaries \
                   again. Here a change in conflict is a whole key; databases that merge by column, or whose values merge by \
                   themselves, have fewer. In truth the outage is what it takes to be sure of the death, and what it takes depends on \
                   who fences whom.\n\n\
                   They say that automated backups are kept for a retention time, as if there were no others. Snapshots that \
                   somebody asks for exist there as well, and stay until somebody deletes them: of the {repl.backup:kept} \
                   backups kept at the end one is of that kind. And they do not say that a replica is no backup, though many \
                   have taken it for one.",
        },
    ],
};

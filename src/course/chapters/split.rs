//! Chapter 2.

use super::{Chapter, Role, Section};

/// Web tier and data tier apart.
pub static CHAPTER: Chapter = Chapter {
    number: 2,
    id: "separate-database",
    title: "The database moves out",
    stage: "separate-database",
    tries: &[
        "Turn users up slowly. Which of the two turns red first, and at how many users?",
        "Kill the database: what needs no data is still answered, the rest fails.",
        "Give the machine of the busier one more cores. What is next to break now?",
        "Allow the database a single connection and watch its queue.",
    ],
    claims: &["split.independent", "split.cost", "split.nosql"],
    sections: &[
        Section {
            role: Role::Story,
            text: "One machine does it all, and it is getting busy. Web server and database slow each other down, and nobody \
                   can tell which of the two needs more.",
        },
        Section {
            role: Role::Problem,
            text: "What runs together must be bought together. Two services that each keep half of a machine for themselves, \
                   of which one is busy, cost {split.cost:together} a month. On machines of their own the same requests cost \
                   {split.cost:apart}.",
        },
        Section {
            role: Role::Idea,
            text: "Give each part a machine of its own. Then each is sized by what it does, restarted alone, and replaced \
                   alone.",
        },
        Section {
            role: Role::Step,
            text: "The database moves to its own machine. Every query now travels over the network, there and back.",
        },
        Section {
            role: Role::Bought,
            text: "The busy part can grow by itself. With the web server overloaded, a database of twice the size changes \
                   nothing: {split.independent:idle_upgraded} times the answers. A web server of twice the size ends the \
                   errors. The price is a trip over the network for every query, and a second machine to look after.",
        },
        Section {
            role: Role::LookOut,
            text: "It is the reservation that makes sharing expensive, not the sharing. Where both services may take whatever \
                   cores are free, two large machines carry the same load for {split.cost:shared}, and the saving is gone.\n\n\
                   Which database? A key-value store looks a row up in {split.nosql:row} of the time that a relational one takes, \
                   since nothing has to be parsed or planned. But to follow relations it has to be asked again for what it has just found: {split.nosql:trips_key_value} calls instead of \
                   {split.nosql:trips_relational}. A document store reads at once what was put together before; a store that \
                   spreads its keys over machines has more memory than one machine has.",
        },
        Section {
            role: Role::InLife,
            text: "Relational: PostgreSQL, MySQL, Oracle. Key-value: Redis, DynamoDB. Document: MongoDB, CouchDB. Wide-column: \
                   Cassandra, HBase. Graph: Neo4j, Neptune. Providers run most of them for you, at a price.",
        },
        Section {
            role: Role::Loose,
            text: "One of the notes multiplies the wrong price where it adds up the machines apart; the total that it then \
                   gives is the right one. And it takes for granted that both services reserve their halves: without that \
                   there is nothing to save.",
        },
    ],
};

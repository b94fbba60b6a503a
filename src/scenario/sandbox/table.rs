//! The one description of which part may refer to which, as a table. A reference has a place in the scenario
//! (`tiers.web.cache`), leads to parts of certain kinds, and may be left out or not.

use crate::nodes::Kind;

/// A kind of reference.
#[derive(Debug)]
pub struct Row {
    /// Its place: `*` is any key, `{class}` any class, `#` any number of a list.
    pub pattern: &'static str,
    /// The kind of the tier that has it, if one has.
    pub of: Option<Kind>,
    /// What it may lead to.
    pub wants: Wants,
    /// What becomes of it where it leads nowhere.
    pub without: Without,
    /// What people call it.
    name: &'static str,
    /// What it does.
    pub help: &'static str,
}

/// What a reference may lead to.
#[derive(Clone, Copy, Debug)]
pub enum Wants {
    /// Tiers of these kinds.
    Tiers(&'static [Kind]),
    /// A queue of the broker of the workers that have it.
    Queue,
}

/// What becomes of a reference that leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// That cannot be.
    Refused,
    /// It is left out.
    LeftOut,
    /// What has it goes as well.
    HolderGoes,
}

use Kind::{Cache, Cdn, Database, Dns, LoadBalancer, MessageBroker, ObjectStore, WebServer, Worker};
use Without::{HolderGoes, LeftOut, Refused};

const SERVERS: &[Kind] = &[WebServer, LoadBalancer];
const ORIGINS: &[Kind] = &[ObjectStore, WebServer, LoadBalancer];
const DOORS: &[Kind] = &[LoadBalancer, WebServer, Cdn];

const fn row(
    pattern: &'static str,
    of: Option<Kind>,
    wants: &'static [Kind],
    without: Without,
    name: &'static str,
    help: &'static str,
) -> Row {
    Row { pattern, of, wants: Wants::Tiers(wants), without, name, help }
}

/// All of them.
pub static ROWS: [Row; 19] = [
    row("workload.entry", None, DOORS, Refused, "Clients send to", "The part whose address clients get."),
    row("workload.dns", None, &[Dns], LeftOut, "Names are resolved by", "Without it, clients know the address."),
    row(
        "workload.sessions.store",
        None,
        &[Cache, Database],
        LeftOut,
        "Sessions are kept in",
        "Without it, each web server keeps those that it made in its own memory.",
    ),
    row(
        "workload.clients.*.direct_to",
        None,
        SERVERS,
        LeftOut,
        "Send past the door to",
        "These clients use the address of this part as it is, without asking the DNS.",
    ),
    row(
        "workload.classes.*.entry",
        None,
        &[Cdn, ObjectStore, WebServer, LoadBalancer],
        LeftOut,
        "Requests go to",
        "The part whose address clients use for this class. Without it, as for all. A class that asks for no data has files \
         from then on, if that is a CDN or a store.",
    ),
    row(
        "workload.classes.*.databases.#",
        None,
        &[Database],
        LeftOut,
        "Asks the database",
        "Without any, that of the web server.",
    ),
    row("tiers.*.backends", Some(LoadBalancer), SERVERS, Refused, "Forwards to", "Where requests go on to."),
    row(
        "tiers.*.routes.{class}",
        Some(LoadBalancer),
        SERVERS,
        LeftOut,
        "Forwards it to",
        "Another part for requests of this class, at the application layer.",
    ),
    row(
        "tiers.*.cache",
        Some(WebServer),
        &[Cache],
        LeftOut,
        "Asks the cache",
        "Asked first. If no class looks in a cache yet, those that read do from then on.",
    ),
    row("tiers.*.database", Some(WebServer), &[Database], LeftOut, "Asks the database", "Asked for data."),
    row(
        "tiers.*.broker",
        Some(WebServer),
        &[MessageBroker],
        LeftOut,
        "Publishes at",
        "If no class publishes messages yet, those that write do from then on.",
    ),
    row(
        "tiers.*.database",
        Some(Cache),
        &[Database],
        LeftOut,
        "Reads through to",
        "The database that the cache itself asks (read-through). Without it, the application does (cache-aside).",
    ),
    row("tiers.*.origin", Some(Cdn), ORIGINS, Refused, "Origin", "Asked for what edges do not have."),
    row(
        "tiers.*.second_origin",
        Some(Cdn),
        ORIGINS,
        LeftOut,
        "Second origin",
        "Asked for files that the origin fails to give.",
    ),
    row(
        "tiers.*.routes.{class}",
        Some(Cdn),
        ORIGINS,
        LeftOut,
        "Origin of it",
        "Another origin for requests of this class.",
    ),
    row("tiers.*.broker", Some(Worker), &[MessageBroker], Refused, "Consumes at", "The broker that sends messages."),
    Row {
        pattern: "tiers.*.queue",
        of: Some(Worker),
        wants: Wants::Queue,
        without: Refused,
        name: "Queue",
        help: "The queue that they consume.",
    },
    row(
        "operations.alerts.*.tier",
        None,
        &super::KINDS,
        HolderGoes,
        "Watches",
        "The part whose values the alert goes by.",
    ),
    row(
        "operations.pipeline.tier",
        None,
        &[WebServer],
        HolderGoes,
        "Brings builds to",
        "The web servers it deploys to.",
    ),
];

impl Row {
    /// What people call the reference at a path: with the class or group that it is of.
    pub fn name_at(&self, path: &str) -> String {
        let keys = self.pattern.split('.').zip(path.split('.'));
        let of = keys.filter(|(own, _)| matches!(*own, "*" | "{class}")).map(|(_, key)| key).last();
        match of.filter(|_| !self.pattern.starts_with("tiers.") || self.pattern.contains("{class}")) {
            Some(key) => format!("“{key}”: {}", lower(self.name)),
            None => self.name.to_owned(),
        }
    }

    pub fn fits(&self, path: &str) -> bool {
        let (mut own, mut keys) = (self.pattern.split('.'), path.split('.'));
        let alike = |own: &str, key: &str| match own {
            "*" | "{class}" => true,
            "#" => key.parse::<usize>().is_ok(),
            own => own == key,
        };
        loop {
            match (own.next(), keys.next()) {
                (None, None) => return true,
                (Some(own), Some(key)) if alike(own, key) => {}
                _ => return false,
            }
        }
    }
}

fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Whether a reference to a tier stands at a path, in whatever scenario.
pub fn is_reference(path: &str) -> bool {
    ROWS.iter().any(|row| matches!(row.wants, Wants::Tiers(_)) && row.fits(path))
}

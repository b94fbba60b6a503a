//! Lines as people look for them: those of one server or the gathered ones, by words and by what they tell.

use serde::{Deserialize, Serialize};

use crate::nodes::NodeId;
use crate::nodes::operations::logs::{Line, Logs};
use crate::time::SimTime;

use super::World;

/// Which lines are looked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogQuery {
    /// Words with blanks between, all of which a line has, wherever and in whatever letters. `node:web.2`, `peer:database`,
    /// `level:error`, `cause:timeout`, `class:read` and `request:12` go by what the line tells, and match it as a whole; of a
    /// tier, `node:web` is any server.
    pub text: String,
    /// The server whose own lines they are; without one, those that are gathered.
    pub target: Option<String>,
    /// The server that they are about: that wrote them, or that they name.
    pub about: Option<String>,
    /// What they tell.
    pub level: Option<Level>,
    /// The id of their requests' class.
    pub class: Option<String>,
    /// Lines that were written later are only counted, in milliseconds of simulated time.
    pub until_ms: Option<f64>,
}

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Something failed.
    Error,
    /// It was slow.
    Slow,
    /// All went well: one of the sample.
    Good,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Error, Self::Slow, Self::Good];

    /// Its name, as after `level:`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Slow => "slow",
            Self::Good => "good",
        }
    }

    fn of(logs: &Logs, line: &Line) -> Self {
        match (line.cause, logs.is_bad(line)) {
            (Some(_), _) => Self::Error,
            (None, true) => Self::Slow,
            (None, false) => Self::Good,
        }
    }
}

/// A line that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// When it was written.
    pub at: SimTime,
    /// What it tells.
    pub level: Level,
    /// The line, without the time.
    pub text: String,
}

/// One thing that a line has to be.
enum Term {
    /// Written by one of these nodes.
    Node(Vec<bool>),
    /// About a call to one of these.
    Peer(Vec<bool>),
    /// Either.
    About(Vec<bool>),
    Level(String),
    Cause(String),
    Class(String),
    Request(String),
    /// It has this in it; small letters.
    Text(String),
}

impl World {
    /// A line as people read it, but for its time: `web.2 request=4711 class=read peer=database.3 took=5000.0 ms gateway_timeout`.
    pub fn log_text(&self, line: &Line) -> String {
        let peer = if line.peer == NodeId::NONE { String::new() } else { format!(" peer={}", self.target(line.peer)) };
        format!(
            "{} request={} class={}{peer} took={:.1} ms {}",
            self.target(line.node),
            line.request,
            self.plan.classes[usize::from(line.class)].id,
            line.took.as_ms(),
            line.cause.map_or("ok", |cause| cause.name()),
        )
    }

    /// The lines that are looked for, newest first. A server's own lines can be read while it lives.
    pub fn search_log(&self, query: &LogQuery) -> impl Iterator<Item = Found> {
        let logs = self.ctx.operations().and_then(|own| own.logs.as_ref());
        let node = query.target.as_ref().map(|target| self.node(target).filter(|node| self.is_readable(*node)));
        let own = logs.zip(node.flatten()).into_iter().flat_map(|(logs, node)| logs.of(node).rev());
        let gathered = logs.filter(|_| node.is_none()).into_iter().flat_map(|logs| logs.gathered().rev());
        let terms = self.terms(query);
        own.chain(gathered).filter_map(move |line| {
            let level = Level::of(logs?, line);
            let is = |term: &Term| self.is(term, line, level);
            // What costs nothing to look at comes first: a text is made only of what is left.
            if !terms.iter().filter(|term| !matches!(term, Term::Text(_))).all(is) {
                return None;
            }
            let text = self.log_text(line);
            let has = |term: &Term| if let Term::Text(word) = term { text.to_lowercase().contains(word) } else { true };
            terms.iter().all(has).then(|| Found { at: line.time, level, text: text.clone() })
        })
    }

    /// Whether the lines that a server keeps can be read.
    pub fn is_readable(&self, node: NodeId) -> bool {
        self.ctx.nodes[node.index()].life.works()
    }

    fn terms(&self, query: &LogQuery) -> Vec<Term> {
        let typed = query.text.split_whitespace().map(|word| self.term(word));
        let about = query.about.as_deref().map(|own| Term::About(self.named(own)));
        let level = query.level.map(|level| Term::Level(level.name().to_owned()));
        let class = query.class.clone().map(Term::Class);
        typed.chain(about).chain(level).chain(class).collect()
    }

    fn term(&self, word: &str) -> Term {
        match word.split_once(':') {
            Some(("node", name)) => Term::Node(self.named(name)),
            Some(("peer", name)) => Term::Peer(self.named(name)),
            Some(("level", name)) => Term::Level(name.to_lowercase()),
            Some(("cause", name)) => Term::Cause(name.to_lowercase()),
            Some(("class", name)) => Term::Class(name.to_owned()),
            Some(("request", number)) => Term::Request(number.to_owned()),
            Some(_) | None => Term::Text(word.to_lowercase()),
        }
    }

    /// By node, whether it is meant: `web.2`, also as `web-2`, or any of `web`.
    fn named(&self, name: &str) -> Vec<bool> {
        let is = |node: usize| {
            let target = self.target(NodeId(node as u16));
            let tier = target.rsplit_once('.').map_or("", |(tier, _)| tier);
            !name.is_empty() && (target == name || target.replace('.', "-") == name || tier == name)
        };
        (0..self.nodes.len()).map(is).collect()
    }

    fn is(&self, term: &Term, line: &Line, level: Level) -> bool {
        let peer = |own: &[bool]| line.peer != NodeId::NONE && own[line.peer.index()];
        match term {
            Term::Node(own) => own[line.node.index()],
            Term::Peer(own) => peer(own),
            Term::About(own) => own[line.node.index()] || peer(own),
            Term::Level(name) => level.name() == name,
            Term::Cause(name) => line.cause.is_some_and(|cause| cause.name() == name),
            Term::Class(id) => self.plan.classes[usize::from(line.class)].id == *id,
            Term::Request(number) => number.parse() == Ok(line.request),
            Term::Text(_) => true,
        }
    }
}

//! What the page knows. Everything that changes it is an [`Action`].

use std::rc::Rc;

use serde_json::Value;
use yew::Reducible;

use crate::course::journey::Journey;
use crate::course::{experiments, stages};
use crate::frame::{Charts, LogLines, Metrics, Scene, Status};
use crate::link::seen::{Followed, Seen, Stretch};
use crate::nodes::Kind;
use crate::player::{Notice, Reply, RunOf};
use crate::scenario::Scenario;

use super::message::Body;
use super::same::Same;
use super::sandbox::shelf::Shelf;
use super::simulator::News;
use super::telemetry::Panel;
use super::theme::Theme;
use super::trials::Trials;

/// What the page knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// What there is to draw, with the scenario.
    pub scene: Option<Same<Scene>>,
    /// The scenario as JSON, to look values up by their paths.
    pub values: Same<Value>,
    /// The same as the chapter opens with it.
    pub opening: Same<Value>,
    /// How things stand.
    pub status: Option<Same<Status>>,
    /// The same for all that is beside the diagram: it follows a picture later, so that none has to wait for the whole page.
    pub beside: Option<Same<Status>>,
    /// The course of the run.
    pub charts: Same<Charts>,
    /// That of the twin's run, if there is one.
    pub twin_charts: Option<Same<Charts>>,
    /// What was found in the logs.
    pub log_lines: Same<LogLines>,
    /// What was scraped, as it was told last.
    pub metrics: Option<Same<Metrics>>,
    /// What is looked at of logs and metrics, if anything is.
    pub panel: Option<Panel>,
    /// The stretch that the charts show, if that is not the whole run.
    pub stretch: Option<Stretch>,
    /// The request that was followed last.
    pub traced: Option<Same<Journey>>,
    /// The number of the chapter that this belongs to.
    pub chapter: Option<u8>,
    /// The experiment's run that this is, if it is one.
    pub run: Option<RunOf>,
    /// Experiments that were tried.
    pub trials: Trials,
    /// What the inspector shows.
    pub selection: Option<Selection>,
    /// What is to be shown by the inspector once the scene is there.
    pub wanted: Option<Wanted>,
    /// What is kept in the browser.
    pub shelf: Same<Shelf>,
    /// The fragment of the last link that was asked for, until it is put away.
    pub link: Option<String>,
    /// What the address holds is being opened: a large system takes some seconds.
    pub is_opening: bool,
    /// What the page was opened with is there: before that, what the player begins with by itself is not to be seen.
    pub has_arrived: bool,
    /// Something that the visitor should know, the newest last.
    pub banners: Vec<Banner>,
    /// The path of the parameter that the visitor set last, and has not seen accepted yet.
    pub attempt: Option<String>,
    /// What was wrong with it.
    pub refused: Option<Refusal>,
    /// Why the simulation runs on the page's own thread, if it does.
    pub inline: Option<String>,
    /// The simulation has died.
    pub dead: bool,
    /// Light or dark.
    pub theme: Theme,
    /// Reduced motion is wanted.
    pub calm: bool,
}

/// A part of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// A node, by its index.
    Node(usize),
    /// A whole tier, by its index: one that is drawn as a single card.
    Tier(usize),
}

/// What is to be selected when a scene comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What a change calls so, if there is such a part.
    Target(Option<String>),
    /// The clients that are selected: those that there are stay the same.
    SameClients,
}

impl Selection {
    /// The tier that it is of or belongs to.
    pub fn tier(self, scene: &Scene) -> usize {
        match self {
            Self::Node(node) => usize::from(scene.nodes[node].tier),
            Self::Tier(tier) => tier,
        }
    }

    /// What a change calls it; nothing for clients.
    pub fn target(self, scene: &Scene) -> Option<String> {
        let target = match self {
            Self::Node(node) => scene.nodes[node].target.clone(),
            Self::Tier(tier) if scene.tiers[tier].kind == Kind::Client => String::new(),
            Self::Tier(tier) => scene.tiers[tier].id.clone(),
        };
        (!target.is_empty()).then_some(target)
    }

    fn find(scene: &Scene, target: &str) -> Option<Self> {
        let node = scene.nodes.iter().position(|node| node.target == target).map(Self::Node);
        node.or_else(|| {
            // A group of clients may be called alike.
            let tier = scene.tiers.iter().position(|tier| tier.id == target && tier.kind != Kind::Client)?;
            let own = |node: &usize| usize::from(scene.nodes[*node].tier) == tier && !scene.nodes[*node].drained;
            let mut members = (0..scene.nodes.len()).filter(own);
            let only = members.next().filter(|_| members.next().is_none());
            Some(only.map_or(Self::Tier(tier), Self::Node))
        })
    }

    fn exists(self, scene: &Scene) -> bool {
        match self {
            Self::Node(node) => scene.nodes.get(node).is_some_and(|node| !node.drained),
            Self::Tier(tier) => tier < scene.tiers.len(),
        }
    }
}

/// A value that was refused; the parameter still has the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The parameter's path.
    pub path: String,
    /// What is wrong, where, and what to do.
    pub message: String,
}

/// Something that the visitor should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// Whether something is wrong.
    pub warning: bool,
    /// In words.
    pub text: String,
}

/// What changes what the page knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// News of the simulation.
    Hear(News),
    /// The visitor answers an experiment's question, or goes without an answer.
    Predict(&'static str, Option<usize>),
    /// The visitor sets the parameter with this path.
    Attempt(String),
    /// The visitor turns to a part.
    Select(Option<Selection>),
    /// The visitor looks at logs and metrics, or at none of them.
    Panel(Option<Panel>),
    /// The visitor looks at a stretch in the charts, or at the whole run.
    Stretch(Option<Stretch>),
    /// What is kept in the browser has changed, or could not be changed.
    Shelved(Result<Shelf, String>),
    /// The visitor has read the banner with this index.
    Dismiss(usize),
    /// What is beside the diagram shows how things stand.
    Settle,
    /// What the address holds is being opened.
    Opening,
    /// Something is wrong with what the address asks for.
    Warn(String),
    /// The visitor puts the link away.
    PutLinkAway,
    /// The visitor has seen enough of the request that was followed.
    PutTraceAway,
    /// The visitor chose a theme.
    Theme(Theme),
    /// The system's wish for reduced motion.
    Calm(bool),
}

/// The most banners at once.
const BANNERS_MAX: usize = 3;

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            Action::Hear(News::Said(Body::Reply(reply))) => next.take(reply),
            Action::Hear(News::Said(Body::Status(status))) => {
                if status.twin.is_none() {
                    next.twin_charts = None;
                }
                next.status = Some(Same::from(status));
                // Where time stands, nothing has to wait for a picture.
                let stands = next.status.as_ref().is_some_and(|status| !status.playing);
                next.beside = next.beside.filter(|_| !stands).or_else(|| next.status.clone());
            }
            Action::Hear(News::Said(Body::Charts(charts))) => next.charts = Same::new(charts),
            Action::Hear(News::Said(Body::TwinCharts(charts))) => next.twin_charts = Some(Same::new(charts)),
            // Frames go to the diagram, past this.
            Action::Hear(News::Said(Body::Frame(_))) => return self,
            Action::Hear(News::Arrived) => (next.is_opening, next.has_arrived) = (false, true),
            Action::Hear(News::Inline(reason)) => next.inline = Some(reason),
            Action::Hear(News::Died(reason)) => {
                next.dead = true;
                (next.is_opening, next.has_arrived) = (false, true);
                next.tell(true, format!("The simulation has stopped: {reason}. Reload the page to start again."));
            }
            Action::Predict(claim, answer) => next.trials.predict(claim, answer),
            Action::Attempt(path) => {
                next.attempt = Some(path);
                next.refused = None;
            }
            Action::Select(selection) => {
                next.selection = selection;
                next.refused = None;
            }
            Action::Panel(panel) => next.panel = panel,
            Action::Stretch(stretch) => next.stretch = stretch,
            Action::Shelved(Ok(shelf)) => next.shelf = Same::new(shelf),
            Action::Shelved(Err(why)) => next.tell(true, why),
            Action::Dismiss(index) => {
                if index < next.banners.len() {
                    next.banners.remove(index);
                }
            }
            Action::Settle => next.beside = next.status.clone(),
            Action::Opening => next.is_opening = true,
            Action::Warn(text) => next.tell(true, text),
            Action::PutLinkAway => next.link = None,
            Action::PutTraceAway => next.traced = None,
            Action::Theme(theme) => next.theme = theme,
            Action::Calm(calm) => next.calm = calm,
        }
        Rc::new(next)
    }
}

impl State {
    /// What a link is to carry of what is seen.
    pub fn seen(&self) -> Seen {
        let selected = self.selection.zip(self.scene.as_deref()).and_then(|(part, scene)| part.target(scene));
        let followed = self.traced.as_ref();
        Seen {
            selected,
            followed: followed.map(|own| Followed { request: own.request, sent_ms: own.sent_ms }),
            panel: self.panel.clone(),
            stretch: self.stretch,
        }
    }

    fn take(&mut self, reply: Reply) {
        match reply {
            Reply::Scene(scene) => {
                self.selection = match self.wanted.take() {
                    Some(Wanted::Target(target)) => target.and_then(|target| Selection::find(&scene, &target)),
                    Some(Wanted::SameClients) | None => self.selection.filter(|selection| selection.exists(&scene)),
                };
                // Scenarios are plain data with text for keys.
                self.values = Same::new(serde_json::to_value(&scene.scenario).unwrap_or_default());
                // Statuses and charts count nodes and tiers as their own scene does; until they come there are none.
                let shape = |scene: &Scene| (scene.nodes.len(), scene.tiers.len());
                if self.scene.as_deref().map(shape) != Some(shape(&scene)) {
                    self.status = None;
                    self.beside = None;
                    self.charts = Same::default();
                }
                self.scene = Some(Same::from(scene));
                self.attempt = None;
                self.refused = None;
            }
            Reply::Opened { stage, chapter, run, seen, anew } => {
                let Seen { selected, followed: _, panel, stretch } = *seen;
                if !anew {
                    // Who looks at logs goes on with those of what is opened.
                    self.panel = panel.or_else(|| self.panel.take());
                    self.stretch = stretch;
                }
                let scenario = opening(&stage, run.as_ref());
                self.opening = Same::new(scenario.and_then(|own| serde_json::to_value(own).ok()).unwrap_or_default());
                self.chapter = Some(chapter);
                self.log_lines = Same::default();
                self.metrics = None;
                self.traced = None;
                self.run = run;
                self.wanted = Some(if anew { self.still_wanted(selected) } else { Wanted::Target(selected) });
                self.link = None;
                self.banners.retain(|banner| banner.warning && self.dead);
            }
            Reply::Trying { claim, share } => self.trials.progress(&claim, share),
            Reply::Tried(account) => self.trials.finish(*account),
            // They go to the browser's storage, past this.
            Reply::Saved { .. } | Reply::Unsaved { .. } | Reply::Exported { .. } => {}
            Reply::Notice(Notice { warning, text }) => self.tell(warning, text),
            Reply::Traced(journey) => self.traced = Some(Same::from(journey)),
            Reply::Untraced => self.traced = None,
            Reply::LogLines(found) => self.log_lines = Same::new(found),
            Reply::Metrics(found) => self.metrics = found.map(Same::from),
            Reply::Link { fragment } => self.link = Some(fragment),
            // It is told beside the field that was set, or else on a banner.
            Reply::Problem { message } => match self.attempt.take() {
                Some(path) => self.refused = Some(Refusal { path, message }),
                None => self.tell(true, message),
            },
            // The next status says so.
            Reply::TwinArrived => {}
        }
    }

    /// After an edit: what it is of; a server of that stays selected, and what is selected if it is of nothing.
    fn still_wanted(&self, selected: Option<String>) -> Wanted {
        let Some((scene, selection)) = self.scene.as_deref().zip(self.selection) else {
            return Wanted::Target(selected);
        };
        let tier = &scene.tiers[selection.tier(scene)];
        match selected {
            Some(id) if id != tier.id || tier.kind == Kind::Client => Wanted::Target(Some(id)),
            None if tier.kind == Kind::Client => Wanted::SameClients,
            Some(_) | None => Wanted::Target(selection.target(scene)),
        }
    }

    fn tell(&mut self, warning: bool, text: String) {
        self.banners.retain(|banner| banner.text != text);
        if self.banners.len() == BANNERS_MAX {
            self.banners.remove(0);
        }
        self.banners.push(Banner { warning, text });
    }
}

/// The scenario that parameters can be set back to: the stage's, or that of an experiment's run.
fn opening(stage: &str, run: Option<&RunOf>) -> Option<Scenario> {
    match run {
        Some(RunOf { claim, index }) => {
            let runs = (experiments::find(claim).ok()?.runs)();
            runs.into_iter().nth(*index).map(|run| run.scenario)
        }
        None => stages::find(stage).ok().map(|stage| stage.scenario()),
    }
}

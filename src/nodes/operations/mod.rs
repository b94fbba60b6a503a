//! Those who run the system: what they measure, what servers write down, when somebody is called, and what he does.
//!
//! - [`alerts`]: values as they are scraped, and rules that fire on them.
//! - [`logs`]: the lines that servers write, on their own disks and gathered in one place.
//! - [`business`]: what the numbers of users and orders say.
//! - [`course`]: what was scraped over the run, for charts.
//! - [`on_call`]: complaints, and whoever is called by them or by an alert.
//! - [`pipeline`]: what is committed on its way to servers.
//!
//! All this knows what servers can know: a dead one answers no scrape and writes no line, a client that went away is seen
//! when its answer is ready. Only alerts, complaints, people and the pipeline act on the run; looking at any of it from outside does not.

pub mod alerts;
pub mod business;
pub mod course;
pub mod logs;
pub mod on_call;
pub mod pipeline;
mod waiting;

pub use waiting::ticks;

use crate::metrics::CompactHistogram;
use crate::rng::Stream;
use crate::time::{SimTime, Span};

use super::job::{Cause, Errand};
use super::{Context, NodeId};
use alerts::{Episode, Host, Rule, RuleState, Scraped, TierSample};
use business::Business;
use course::Course;
use logs::{Line, Logs};
use on_call::{Complaints, OnCall};
use pipeline::Pipeline;

/// How a system is run; a part of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How values are scraped, if they are.
    pub monitor: Option<Monitor>,
    /// The rules, in the order of their ids.
    pub rules: Vec<Rule>,
    /// Their ids.
    pub rule_ids: Vec<String>,
    /// What servers write down, if they do.
    pub logs: Option<logs::Settings>,
    /// Which users complain, if there is somebody to complain to.
    pub complaints: Option<on_call::Complaining>,
    /// Who is called, if anybody is.
    pub on_call: Option<on_call::Settings>,
    /// What counts for the business, if that is measured.
    pub business: Option<business::Settings>,
    /// How builds come to servers by themselves, if they do.
    pub pipeline: Option<pipeline::Settings>,
}

/// How values are scraped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Monitor {
    /// Time between two scrapes.
    pub interval: Span,
    /// How long it takes until a scrape is there to be judged.
    pub delay: Span,
}

/// What is due for those who run the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// All servers are asked for their values.
    Scrape,
    /// The values are there.
    Judge,
    /// Servers send on what they have written.
    Ship,
    /// A complaint gets through.
    Complaint,
    /// Whoever is on call begins.
    React,
    /// He has looked at a server.
    Looked,
    /// What still fires calls again.
    Remind,
    /// The pipeline has built something.
    Built,
    /// Tests are over.
    Tested,
    /// A deployment is over.
    Deployed,
}

/// The names of the streams of randomness that belong to no request.
const REACTION_STREAM: u64 = 0x0000_ca11;
const PIPELINE_STREAM: u64 = 0x00b0_11d5;

/// What those who run the system know and do.
#[derive(Clone, Debug)]
pub struct Operations {
    /// How.
    pub settings: Settings,
    /// What each server counts, by node.
    pub counters: Vec<Counters>,
    /// How long answers of a tier took since the last scrape, as its callers saw it; at the entry, from arrival to reply.
    pub latencies: Vec<CompactHistogram>,
    /// How each server was at the last scrape, by node.
    pub hosts: Vec<Host>,
    /// How each tier was.
    pub tiers: Vec<TierSample>,
    /// The scrape that is not judged yet.
    pub scraped: Option<Scraped>,
    /// How many scrapes there were.
    pub scrapes: u64,
    /// When the last one was.
    pub scraped_at: Option<SimTime>,
    /// What was scraped over the run.
    pub course: Course,
    /// Rules, as they stand, in the order of the settings.
    pub rules: Vec<RuleState>,
    /// The ids of all rules that there are or were, by the number that each keeps for the whole run, whatever rules come and
    /// go: what has happened names rules by it.
    pub rule_names: Vec<String>,
    /// When rules fired and were calm again; the oldest are forgotten.
    pub episodes: Vec<Episode>,
    /// Lines, if servers write some.
    pub logs: Option<Logs>,
    /// Users and orders, if they are counted.
    pub business: Option<Business>,
    /// Complaints so far.
    pub complaints: Complaints,
    /// Whoever is on call.
    pub on_call: OnCall,
    /// What is committed, if there is a pipeline.
    pub pipeline: Option<Pipeline>,
}

/// What a server counts from its start to its death, and goes on with when it is back.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// Requests that it replied to.
    pub replies: u64,
    /// Those of them that it replied to with an error.
    pub errors: u64,
    /// Those of them that are the fault of its build.
    pub faults: u64,
}

impl Operations {
    /// Nothing known, nobody called.
    pub fn new(settings: Settings, tiers: usize, seed: u64) -> Self {
        Self {
            counters: Vec::new(),
            latencies: vec![CompactHistogram::default(); tiers],
            hosts: Vec::new(),
            tiers: Vec::new(),
            scraped: None,
            scrapes: 0,
            scraped_at: None,
            course: Course::default(),
            rules: (0..).zip(&settings.rules).map(|(number, _)| RuleState { number, ..RuleState::default() }).collect(),
            rule_names: settings.rule_ids.clone(),
            episodes: Vec::new(),
            logs: settings.logs.map(Logs::new),
            business: settings.business.map(Business::new),
            complaints: Complaints::default(),
            on_call: OnCall::new(Stream::new(seed, REACTION_STREAM)),
            pipeline: settings.pipeline.as_ref().map(|_| Pipeline::new(Stream::new(seed, PIPELINE_STREAM))),
            settings,
        }
    }

    /// Other settings of the same shape from now on; rules may be others. Returns the numbers of those that fired and are no
    /// more, or go by something else now.
    pub fn set(&mut self, settings: Settings) -> Vec<u16> {
        if let (Some(logs), Some(wanted)) = (&mut self.logs, settings.logs) {
            logs.settings = wanted;
        }
        if let (Some(business), Some(wanted)) = (&mut self.business, settings.business) {
            business.settings = wanted;
        }
        let gone = self.set_rules(&settings);
        self.settings = settings;
        gone
    }

    /// A rule that goes by the same value as before goes on; any other begins anew.
    fn set_rules(&mut self, settings: &Settings) -> Vec<u16> {
        let before: Vec<(Rule, RuleState)> = self.settings.rules.iter().copied().zip(self.rules.drain(..)).collect();
        let mut values = Vec::new();
        for (id, rule) in settings.rule_ids.iter().zip(&settings.rules) {
            let number = self.number_of(id);
            let same = before.iter().position(|(own, state)| state.number == number && own.is_about_the_same_as(rule));
            self.rules.push(same.map_or(RuleState { number, ..RuleState::default() }, |same| before[same].1));
            values.push(same.and_then(|same| self.scraped.as_ref()?.values[same]));
        }
        if let Some(scraped) = &mut self.scraped {
            scraped.values = values;
        }
        let goes_on = |number: u16| self.rules.iter().any(|own| own.number == number && own.firing);
        before
            .iter()
            .map(|(_, own)| own)
            .filter(|own| own.firing && !goes_on(own.number))
            .map(|own| own.number)
            .collect()
    }

    /// The number of the rule with this id; a new one gets the next.
    fn number_of(&mut self, id: &str) -> u16 {
        let known = self.rule_names.iter().position(|own| own == id);
        let number = known.unwrap_or_else(|| {
            self.rule_names.push(id.to_owned());
            self.rule_names.len() - 1
        });
        // A timeline has a thousand entries at most, each with at most 64 rules.
        u16::try_from(number).expect("rules are bounded by the timeline")
    }

    /// The rule with this number and how it stands, if it is still there.
    pub fn rule(&self, number: u16) -> Option<(&Rule, &RuleState)> {
        self.settings.rules.iter().zip(&self.rules).find(|(_, own)| own.number == number)
    }

    /// Roughly how many bytes this takes.
    pub fn bytes(&self) -> usize {
        self.logs.as_ref().map_or(0, Logs::bytes)
            + self.business.as_ref().map_or(0, Business::bytes)
            + self.course.bytes()
            + self.counters.len() * (size_of::<Counters>() + size_of::<Host>())
    }

    fn counters_of(&mut self, node: NodeId) -> &mut Counters {
        if self.counters.len() <= node.index() {
            self.counters.resize(node.index() + 1, Counters::default());
        }
        &mut self.counters[node.index()]
    }
}

impl Context {
    /// The node where `job` is replies: to a client or to another server.
    #[inline]
    pub fn note_reply(&mut self, job: u32) {
        if self.operations.is_some() {
            self.write_reply(job);
        }
    }

    fn write_reply(&mut self, job: u32) {
        let entry = &self.jobs[job];
        let node = entry.node();
        if entry.errand != Errand::Request || !self.nodes[node.index()].life.works() {
            return;
        }
        let Some(operations) = &mut self.operations else { return };
        let at_entry = entry.path().len() == 2;
        // The connection is closed when the answer is ready: that is how a server learns of a client that went away.
        let cause = entry.failed.or((at_entry && entry.abandoned).then_some(Cause::Timeout));
        let counters = operations.counters_of(node);
        counters.replies += 1;
        counters.errors += u64::from(cause.is_some());
        counters.faults +=
            u64::from(matches!(cause, Some(Cause::ApplicationError | Cause::Unreadable)) && entry.failed_at == node);
        let took = if at_entry { entry.waited(self.now) } else { Span::ZERO };
        if at_entry {
            operations.latencies[self.nodes[node.index()].tier.index()].record(took);
            if let (Some(business), None) = (&mut operations.business, cause) {
                business.answered(self.now, entry.user, entry.class);
            }
        }
        let own_fault = entry.failed.is_some() && entry.failed_at == node;
        if let (Some(logs), true) = (&mut operations.logs, at_entry || own_fault) {
            logs.write(Line {
                time: self.now,
                request: entry.id,
                node,
                peer: NodeId::NONE,
                class: entry.class,
                cause,
                took,
            });
        }
    }

    /// A call that the node where `job` is had made has come back from `peer`.
    #[inline]
    pub fn note_return(&mut self, job: u32, peer: NodeId) {
        if self.operations.is_some() {
            self.write_return(job, peer);
        }
    }

    fn write_return(&mut self, job: u32, peer: NodeId) {
        let entry = &self.jobs[job];
        let node = entry.node();
        if entry.errand != Errand::Request || entry.path().len() < 2 || !self.nodes[node.index()].life.works() {
            return;
        }
        let Some(operations) = &mut self.operations else { return };
        let took = entry.waited_for_call(self.now);
        operations.latencies[self.nodes[peer.index()].tier.index()].record(took);
        if let Some(logs) = &mut operations.logs {
            let (request, class, cause) = (entry.id, entry.class, entry.failed);
            logs.write(Line { time: self.now, request, node, peer, class, cause, took });
        }
    }

    /// The request of `job` has failed for its user, who may complain.
    pub fn note_disappointment(&mut self, job: u32) {
        let Some(operations) = &mut self.operations else { return };
        let Some(complaining) = &operations.settings.complaints else { return };
        let entry = &self.jobs[job];
        if let Some(after) = complaining.draw(entry.key, entry.attempt)
            && operations.complaints.wait_in_line()
        {
            self.queue.push(self.now + after, super::Event::Operations(Due::Complaint));
        }
    }

    /// When something is due for those who run the system.
    pub fn plan_for_operations(&mut self, after: Span, due: Due) {
        self.queue.push(self.now + after, super::Event::Operations(due));
    }

    /// What a server had on its disk is gone, with the lines that it had written.
    pub fn lose_lines(&mut self, node: NodeId) {
        if let Some(logs) = self.operations.as_mut().and_then(|own| own.logs.as_mut()) {
            logs.lose(node);
        }
    }

    /// What those who run the system know, where anybody does.
    pub fn operations(&self) -> Option<&Operations> {
        self.operations.as_deref()
    }
}

/// The first instant of a rhythm that is not before `now`: rhythms begin with the run.
pub fn next_beat(now: SimTime, interval: Span) -> SimTime {
    SimTime(now.0.div_ceil(interval.0.max(1)) * interval.0.max(1))
}

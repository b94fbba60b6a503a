//! What classes of requests ask of the servers.

use crate::engine::Queue;
use crate::nodes::Event;
use crate::nodes::context::{Program, Work};
use crate::rng::Sampler;
use crate::scenario::plan::{ClassPlan, Plan};
use crate::time::Span;

/// What the answer to a probe that is a request takes: a page that does nothing but say that all is well.
const PROBE_WORK: Span = Span(100_000);

/// What the classes ask for, and last the probes that are requests.
pub(super) fn programs(plan: &Plan, queue: &mut Queue<Event>) -> Vec<Program> {
    let mut programs: Vec<Program> = plan.classes.iter().map(|class| program(class, queue)).collect();
    let nothing = Work::new(Sampler::Constant(Span::ZERO), queue);
    let probe = Work::new(Sampler::Constant(PROBE_WORK), queue);
    programs.push(Program {
        web_before: probe,
        web_after: nothing,
        cached: false,
        database_probability: 0.0,
        database: nothing,
        database_trips: 0,
        write: false,
        entry: plan.entry,
        origin: None,
        files: None,
        bytes: 0,
        followed_by: Vec::new(),
    });
    programs
}

fn program(class: &ClassPlan, queue: &mut Queue<Event>) -> Program {
    Program {
        web_before: Work::new(class.web_before, queue),
        web_after: Work::new(class.web_after, queue),
        cached: class.cached,
        database_probability: class.database_probability,
        database: Work::new(class.database, queue),
        database_trips: class.database_trips,
        write: class.write,
        entry: class.entry,
        origin: class.origin,
        files: class.files,
        bytes: class.bytes,
        followed_by: class.followed_by.clone(),
    }
}

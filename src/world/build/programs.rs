//! What classes of requests ask of the servers.

use crate::engine::Queue;
use crate::nodes::Event;
use crate::nodes::context::{JobProgram, Program, Work};
use crate::rng::Sampler;
use crate::scenario::plan::{ClassPlan, Plan};
use crate::time::Span;

/// What the answer to a probe that is a request takes: a page that does nothing but say that all is well. To read a cookie and
/// look for it takes as long.
const PROBE_WORK: Span = Span(100_000);

/// What the classes ask for; then look-ups of sessions in their store, what is told to it, and last the probes that are
/// requests.
pub(super) fn programs(plan: &Plan, queue: &mut Queue<Event>) -> Vec<Program> {
    let mut programs: Vec<Program> =
        plan.classes.iter().map(|class| program(class, plan.signing_in.is_some(), queue)).collect();
    let nothing = Work::new(Sampler::Constant(Span::ZERO), queue);
    let probe = Program {
        web_before: Work::new(Sampler::Constant(PROBE_WORK), queue),
        web_after: nothing,
        cached: false,
        database_probability: 0.0,
        database: nothing,
        database_trips: 0,
        write: false,
        inserts: false,
        changes: None,
        finds_by: None,
        databases: Vec::new(),
        entry: plan.entry,
        origin: None,
        files: None,
        session: false,
        bytes: 0,
        followed_by: Vec::new(),
        job: None,
    };
    let at_store = |sampler: Option<Sampler>| sampler.unwrap_or(Sampler::Constant(Span::ZERO));
    let signing_in = plan.signing_in.as_ref();
    let look_up = Work::new(at_store(signing_in.map(|own| own.look_up)), queue);
    let write = Work::new(at_store(signing_in.map(|own| own.write)), queue);
    programs.push(Program { database: look_up, ..probe.clone() });
    programs.push(Program { database: write, write: true, ..probe.clone() });
    programs.push(probe);
    programs
}

fn program(class: &ClassPlan, signs_in: bool, queue: &mut Queue<Event>) -> Program {
    Program {
        web_before: Work::new(class.web_before, queue),
        web_after: Work::new(class.web_after, queue),
        cached: class.cached,
        database_probability: class.database_probability,
        database: Work::new(class.database, queue),
        database_trips: class.database_trips,
        write: class.write,
        inserts: class.rows.inserts,
        changes: class.rows.changes,
        finds_by: class.rows.finds_by,
        databases: class.databases.clone(),
        entry: class.entry,
        origin: class.origin,
        files: class.files,
        session: class.session && signs_in,
        bytes: class.bytes,
        followed_by: class.followed_by.clone(),
        job: class.job.as_ref().map(|job| JobProgram {
            work: Work::new(job.work, queue),
            person: job.person,
            publish: job.publish.clone(),
        }),
    }
}

//! What can go wrong: the death of a node, and what becomes of the requests that passed through it.
//!
//! A death is looked up against every request in flight, which costs O(in flight) and happens when somebody kills
//! something. The rules, in order; the first that fits decides ([`verdict`]):
//!
//! 1. The node is not on the request's path, or the request was already cut off there: nothing happens.
//! 2. The request is on its way to the node: it goes on and will find nobody there.
//! 3. Its answer has already left the node: it goes on.
//! 4. It is on the node: it is lost, and the caller's connection is reset.
//! 5. It is at a node further on, which the dead one called: there the work goes on, to nobody; the caller's connection
//!    is reset.
//!
//! A silent death (no power, no network) differs in one thing: nobody is told. Who waits for the node gives up after a
//! while ([`Context::fall_silent`]), and who sends to it from now on waits as well.

use crate::nodes::context::Life;
use crate::nodes::database::recovery;
use crate::nodes::job::{Delivery, Whereabouts};
use crate::nodes::observer::Fact;
use crate::nodes::sharding::resharding;
use crate::nodes::{Cause, Context, Event, Job, Node, NodeId};

/// What the death of a node means for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Spared,
    /// It was on the node, which is at this index of its path.
    Lost {
        /// Index in the path.
        at: usize,
    },
    /// It was further on; the node, at this index of its path, waited for it.
    CutOff {
        /// Index in the path.
        at: usize,
    },
}

/// What the death of `node` means for `job`.
pub fn verdict(job: &Job, node: NodeId) -> Verdict {
    let Some(at) = job.path().iter().position(|&passed| passed == node) else {
        return Verdict::Spared;
    };
    if job.ghost || at < usize::from(job.floor) {
        return Verdict::Spared;
    }
    if at + 1 < job.path().len() {
        return Verdict::CutOff { at };
    }
    match job.whereabouts {
        Whereabouts::Outbound | Whereabouts::Inbound => Verdict::Spared,
        Whereabouts::Held | Whereabouts::Running | Whereabouts::Reading | Whereabouts::Resuming => Verdict::Lost { at },
    }
}

/// Kills `node`, and what is on its disks if it goes `with_disk`. Returns the requests that failed by it, whose callers have
/// to be told: in a silent death, none.
pub fn kill(nodes: &mut [Node], ctx: &mut Context, node: NodeId, silent: bool, with_disk: bool) -> Vec<u32> {
    let (orphans, lost) = stop(nodes, ctx, node, silent, with_disk);
    ctx.tell(Fact::Killed { node, lost });
    orphans
}

/// The same without a word in the log, as when a server is stopped on purpose. Returns how many clients lost their request,
/// too.
pub fn stop(nodes: &mut [Node], ctx: &mut Context, node: NodeId, silent: bool, with_disk: bool) -> (Vec<u32>, u32) {
    let now = ctx.now;
    let mut orphans = Vec::new();
    let doomed: Vec<(u32, Verdict)> = ctx
        .jobs
        .keys()
        .map(|job| (job, verdict(&ctx.jobs[job], node)))
        .filter(|&(_, verdict)| verdict != Verdict::Spared)
        .collect();
    if let Some(machine) = ctx.nodes[node.index()].machine {
        let running = |&&(job, verdict): &&(u32, Verdict)| {
            matches!(verdict, Verdict::Lost { .. }) && ctx.jobs[job].whereabouts == Whereabouts::Running
        };
        let on_the_machine = doomed.iter().filter(running).count() as u32;
        let machine = &mut ctx.machines[usize::from(machine)];
        let jobs = &ctx.jobs;
        machine.remove(now, on_the_machine, |job| jobs[job].node() == node);
    }
    if let Some(disk) = ctx.nodes[node.index()].disk {
        let jobs = &ctx.jobs;
        ctx.disks[usize::from(disk)].remove(|job| jobs[job].node() == node);
    }
    for (job, verdict) in doomed {
        match verdict {
            Verdict::Spared => {}
            // What a server does for itself is nobody's loss: nor is a part of a request that waits here as well.
            Verdict::Lost { at } if at == 0 && !ctx.jobs[job].errand.is_clients() => match ctx.jobs[job].whereabouts {
                Whereabouts::Running | Whereabouts::Reading | Whereabouts::Resuming => {
                    ctx.jobs[job].ghost = true;
                }
                Whereabouts::Held | Whereabouts::Outbound | Whereabouts::Inbound => ctx.forget(job),
            },
            Verdict::Lost { .. } if ctx.jobs[job].whereabouts == Whereabouts::Held => orphans.push(job),
            Verdict::Lost { at } => {
                // The ghost does no more work, so it contests nothing by itself.
                let heir = split(ctx, job, at);
                if ctx.jobs[job].contested {
                    ctx.contest(job, heir);
                }
                ctx.jobs[job].ghost = true;
                ctx.jobs[job].carries = 0;
                ctx.jobs[job].delivery = Delivery::default();
                orphans.push(heir);
            }
            Verdict::CutOff { at: 0 } => {
                // A probe whose sender is gone.
                ctx.jobs[job].floor = 1;
                ctx.jobs[job].abandoned = true;
            }
            Verdict::CutOff { at } => {
                let heir = split(ctx, job, at);
                ctx.contest(job, heir);
                ctx.jobs[job].floor = at as u8 + 1;
                ctx.jobs[job].abandoned = true;
                orphans.push(heir);
            }
        }
    }
    nodes[node.index()].clear(ctx, node);
    let state = &mut ctx.nodes[node.index()];
    state.life = Life::Down;
    state.silent = silent;
    state.waiting.set(now, 0);
    recovery::died(ctx, node, with_disk);
    if with_disk {
        ctx.lose_lines(node);
    }
    resharding::died(ctx, node, with_disk);
    if let Node::Broker(broker) = &mut nodes[node.index()]
        && with_disk
    {
        broker.lose_disk(ctx, node);
    }
    let mut lost = 0;
    for &job in &orphans {
        lost += u32::from(!ctx.jobs[job].abandoned);
        if silent {
            ctx.fall_silent(job);
            continue;
        }
        ctx.jobs[job].failed = Some(Cause::Killed);
        ctx.jobs[job].failed_at = node;
        if !ctx.jobs[job].abandoned {
            ctx.note_failure(job, node, Cause::Killed);
        }
    }
    leave_cores(ctx, node);
    (if silent { Vec::new() } else { orphans }, lost)
}

/// Another request that stands for `job` from the node at index `at` of its path back to the client.
fn split(ctx: &mut Context, job: u32, at: usize) -> u32 {
    let mut heir = ctx.jobs[job].clone();
    heir.cut_after(at);
    heir.whereabouts = Whereabouts::Held;
    heir.deadline = crate::engine::Link::default();
    let list = usize::from(heir.list);
    let heir = ctx.jobs.insert(heir);
    if let Some(deadlines) = ctx.deadlines.get_mut(list) {
        deadlines.replace(&mut ctx.jobs, job, heir, |job| &mut job.deadline);
    }
    heir
}

/// Other processes on the machine of `node` get the cores that its death freed: those who wait for one start, those who
/// share them go on at a new pace.
fn leave_cores(ctx: &mut Context, node: NodeId) {
    let Some(machine) = ctx.nodes[node.index()].machine else { return };
    while let Some(next) = ctx.machines[usize::from(machine)].start_waiting(ctx.now) {
        ctx.run_next(Some(next));
    }
    if let Some(time) = ctx.machines[usize::from(machine)].next_look() {
        ctx.queue.push(time, Event::Look { machine });
    }
}

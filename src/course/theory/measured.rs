//! What the simulation shows, from the same gauges and counts as charts and figures, beside what is expected.

use crate::metrics::{Histogram, Interval};
use crate::nodes::NodeId;
use crate::nodes::context::Life;
use crate::nodes::fact::Fact;
use crate::nodes::ledger::{Books, TierWindow, Window};
use crate::nodes::population::Arrivals;
use crate::time::SimTime;
use crate::world::World;

use super::caches::Hits;
use super::expected::{Expected, OfTier, Utilisation};
use super::lines::Queue;
use super::{Law, Reason, Statement, TheoryStatus};

/// The stretch is cut into at most so many pieces, of which at least some have to be there.
const PIECES_MAX: usize = 30;
const PIECES_MIN: usize = 10;
/// Before so many requests there is nothing to say.
const REQUESTS_MIN: u64 = 100;
/// A share of failed requests that is too small to matter.
const FAILING_MIN: f64 = 1e-4;

/// What was done in a piece of the stretch.
#[derive(Clone, Debug, Default)]
struct Piece {
    ns: f64,
    books: Books,
    tiers: Vec<TierWindow>,
}

/// The stretch that is looked at.
struct Stretch {
    pieces: Vec<Piece>,
    from: SimTime,
    to: SimTime,
    /// When something last happened to the system.
    since: SimTime,
    /// Why there is no steady state in it.
    reasons: Vec<Reason>,
}

pub(super) fn status(world: &World, expected: &Expected) -> TheoryStatus {
    let stretch = Stretch::of(world);
    let clients = world.plan().clients.len();
    let measured = world.measured();
    let of = |(tier, own): (usize, &OfTier)| {
        let mut statements: Vec<Statement> = own.utilisation.iter().map(|own| stretch.utilisation(tier, own)).collect();
        statements.extend(own.queue.iter().map(|own| stretch.queue(world, tier, own)));
        statements.extend(own.hits.iter().map(|own| stretch.hits(world, tier, own)));
        statements.extend(own.little.as_ref().and_then(|why| waiting(world, tier, &measured[tier], why)));
        statements
    };
    let mut system: Vec<Statement> = under_way(world).into_iter().collect();
    system.extend(expected.closed.as_ref().map(|closed| interactive(world, &stretch, closed)));
    debug_assert!(expected.tiers[..clients].iter().all(|own| *own == OfTier::default()), "clients are no servers");
    TheoryStatus {
        from_ms: stretch.from.as_ms(),
        to_ms: stretch.to.as_ms(),
        system,
        tiers: expected.tiers.iter().enumerate().map(of).collect(),
    }
}

impl Stretch {
    fn of(world: &World) -> Self {
        let now = world.now();
        let (facts, _) = world.context().observer.facts();
        let last = facts.iter().rev().find(|(_, fact)| !only_watches(fact));
        let since = last.map_or(world.context().ledger.measured_from, |(time, _)| *time);
        let start = SimTime(since.0 + (now.0 - since.0) / 4);
        let history = world.history();
        let within = |window: &&Window| window.start >= start;
        let mut windows: Vec<&Window> = history.closed().iter().map(AsRef::as_ref).filter(within).collect();
        if windows.len() < PIECES_MIN {
            windows = history.recent().iter().map(AsRef::as_ref).filter(within).collect();
        }
        let each = windows.len().div_ceil(PIECES_MAX).max(1);
        let pieces: Vec<Piece> = windows.chunks(each).map(Piece::of).collect();
        let (from, to) =
            (windows.first().map_or(now, |first| first.start), windows.last().map_or(now, |last| last.end));
        let mut own = Self { pieces, from, to, since, reasons: Vec::new() };
        own.reasons = own.unsteady(world);
        own
    }

    /// Why there is no steady state.
    fn unsteady(&self, world: &World) -> Vec<Reason> {
        let ctx = world.context();
        let (facts, _) = ctx.observer.facts();
        let spike = |fact: &Fact| match fact {
            Fact::SpikeBegan { .. } => Some(true),
            fact => matches!(fact, Fact::SpikeEnded).then_some(false),
        };
        let spikes = world.spike_factor() != 1.0 || facts.iter().rev().find_map(|(_, fact)| spike(fact)) == Some(true);
        let failed: u64 = self.pieces.iter().map(|piece| piece.books.failed_total()).sum();
        let ended = failed + self.pieces.iter().map(|piece| piece.books.answered).sum::<u64>();
        let share = failed as f64 / ended.max(1) as f64;
        let slow = ctx.machines.iter().any(|machine| machine.slowness != 1.0) || !ctx.links.are_well();
        let mut reasons = Vec::new();
        reasons.extend(spikes.then_some(Reason::Spike));
        reasons.extend(slow.then_some(Reason::Slowed));
        reasons.extend((share > FAILING_MIN).then_some(Reason::Failing { share }));
        reasons
    }

    /// A statement on means over the pieces: what was done, and what a law says of each. It is not said what a law says where it
    /// does not hold.
    fn statement(&self, law: Law, requests: u64, reasons: Vec<Reason>, shown: &[f64], said: &[f64]) -> Statement {
        let is_enough = shown.len() >= PIECES_MIN && requests >= REQUESTS_MIN;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let differences: Vec<f64> = shown.iter().zip(said).map(|(shown, said)| shown - said).collect();
        let holds = reasons.is_empty() && !said.is_empty();
        Statement {
            law,
            simulated: is_enough.then(|| mean(shown)),
            theory: holds.then(|| mean(said)),
            half_width: Interval::of(&differences).filter(|_| holds && is_enough).map(|interval| interval.half_width),
            requests,
            reasons,
        }
    }

    fn reasons(&self, own: &[Reason]) -> Vec<Reason> {
        let mut reasons = own.to_vec();
        reasons.extend(self.reasons.iter().filter(|reason| !own.contains(reason)).cloned());
        reasons
    }

    fn count(&self, tier: usize, of: impl Fn(&TierWindow) -> u64) -> u64 {
        self.pieces.iter().filter_map(|piece| piece.tiers.get(tier)).map(of).sum()
    }

    /// One value of each piece, which has this tier.
    fn each(&self, tier: usize, of: impl Fn(&Piece, &TierWindow) -> f64) -> Vec<f64> {
        self.pieces.iter().filter_map(|piece| Some(of(piece, piece.tiers.get(tier)?))).collect()
    }

    fn utilisation(&self, tier: usize, own: &Utilisation) -> Statement {
        let shown = self.each(tier, |piece, done| done.busy as f64 / (piece.ns * own.cores));
        let busy_ms = |piece: &Piece| -> f64 {
            own.work.iter().map(|(other, ms)| piece.tiers.get(*other).map_or(0, |done| done.served) as f64 * ms).sum()
        };
        let said = self.each(tier, |piece, _| busy_ms(piece) * 1e6 / (piece.ns * own.cores));
        let answers = self.count(tier, |done| done.served);
        self.statement(Law::Utilisation, answers, self.reasons(&own.reasons), &shown, &said)
    }

    fn queue(&self, world: &World, tier: usize, own: &Queue) -> Statement {
        let waits = match own.law {
            Law::ErlangC { .. } | Law::PollaczekKhinchine { .. } => true,
            Law::ProcessorSharing { .. }
            | Law::Utilisation
            | Law::HitRatio
            | Law::LittleWaiting
            | Law::LittleUnderWay
            | Law::Interactive => false,
        };
        let shown =
            self.each(tier, |piece, done| (if waits { done.waiting } else { done.slots_busy }) as f64 / piece.ns);
        let said = vec![own.requests; shown.len().max(1)];
        let answers = self.count(tier, |done| done.served);
        let mut reasons = self.reasons(&own.reasons);
        reasons.extend((!all_serve(world, tier)).then_some(Reason::NotAllServe));
        self.statement(own.law, answers, reasons, &shown, &said)
    }

    fn hits(&self, world: &World, tier: usize, own: &Hits) -> Statement {
        let mut reasons = self.reasons(&own.reasons);
        let members = &world.context().tiers[tier].members;
        reasons.extend((!all_serve(world, tier)).then_some(Reason::NotAllServe));
        let held: u64 = members.iter().filter_map(|node| entries(world, *node)).sum();
        let has_settled =
            self.from.since(self.since).as_ms() >= own.settles_ms || (own.is_warm && self.since == SimTime::ZERO);
        // Deletions leave holes that the next misses fill.
        let is_filling = !has_settled || (own.settles_ms == 0.0 && (held as f64) < 0.99 * own.entries);
        reasons.extend((reasons.is_empty() && is_filling).then_some(Reason::Filling));
        let share = |_: &Piece, done: &TierWindow| done.hit_ratio().unwrap_or(own.ratio);
        let shown = self.each(tier, share);
        let asked = self.count(tier, |done| done.hits + done.misses);
        let found = self.count(tier, |done| done.hits);
        let said = vec![own.ratio; shown.len().max(1)];
        let statement = self.statement(Law::HitRatio, asked, reasons, &shown, &said);
        // Of all look-ups, not of the pieces.
        Statement { simulated: statement.simulated.map(|_| found as f64 / asked as f64), ..statement }
    }
}

impl Piece {
    fn of(windows: &[&Window]) -> Self {
        let mut piece = Self::default();
        for window in windows {
            piece.ns += window.end.since(window.start).0 as f64;
            piece.books.answered += window.books.answered;
            piece.books.failed.iter_mut().zip(window.books.failed).for_each(|(sum, own)| *sum += own);
            piece.tiers.resize(window.tiers.len().max(piece.tiers.len()), TierWindow::default());
            piece.tiers.iter_mut().zip(&window.tiers).for_each(|(sum, own)| sum.add(own));
        }
        piece
    }
}

/// Whether a fact is about those who look, and changes nothing in how requests are served.
fn only_watches(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::AlertFired { .. }
            | Fact::AlertCleared { .. }
            | Fact::Called { .. }
            | Fact::FoundNothing
            | Fact::Committed { .. }
            | Fact::Built { .. }
            | Fact::Tested { .. }
            | Fact::BackedUp { .. }
            | Fact::BackupsExpired { .. }
    )
}

/// Whether all servers of a tier are there that are meant to be.
fn all_serve(world: &World, tier: usize) -> bool {
    let (ctx, own) = (world.context(), &world.context().tiers[tier]);
    own.members[..own.instances].iter().all(|node| ctx.nodes[node.index()].life == Life::Up)
}

/// How many entries a cache holds.
fn entries(world: &World, node: NodeId) -> Option<u64> {
    world.nodes()[node.index()].cache_counts().map(|counts| counts.entries)
}

/// Little's law for those who wait at a tier, since measuring began; nothing where nobody has.
fn waiting(world: &World, tier: usize, measured: &TierWindow, why: &[Reason]) -> Option<Statement> {
    let ctx = world.context();
    let span_ms = world.now().since(ctx.ledger.measured_from).as_ms();
    let times = &ctx.ledger.waits[tier];
    let number = measured.waiting as f64 / (span_ms * 1e6);
    if measured.waiting == 0 || times.count() < REQUESTS_MIN {
        return None;
    }
    Some(Statement {
        law: Law::LittleWaiting,
        simulated: Some(number),
        theory: why.is_empty().then(|| times.count() as f64 / span_ms * times.mean_ms()),
        half_width: None,
        requests: times.count(),
        reasons: why.to_vec(),
    })
}

/// Little's law for the whole system, since measuring began: the number under way is looked at whenever a window ends. Nothing
/// where requests come evenly spaced: looks that are evenly spaced too would always meet the same phase of them.
fn under_way(world: &World) -> Option<Statement> {
    let ledger = &world.context().ledger;
    if world.plan().habits.arrivals == Arrivals::Constant {
        return None;
    }
    let mut under_way = 0i64;
    let (mut looks, mut answered, mut length) = (Vec::new(), 0, 0.0);
    for window in world.history().closed() {
        let before = under_way;
        let books = &window.books;
        under_way += books.issued as i64 - books.answered as i64 - books.failed_total() as i64;
        if window.start >= ledger.measured_from {
            // Between two looks, as much as on average of both.
            let span = window.end.since(window.start).as_ms();
            looks.push((before + under_way) as f64 / 2.0);
            length += span;
            answered += books.answered;
        }
    }
    let times = latency(world);
    if looks.len() < PIECES_MIN || times.count() < REQUESTS_MIN || ledger.measured_from != SimTime::ZERO {
        return None;
    }
    let failed = ledger.measured.failed_total();
    let law = answered as f64 / length * times.mean_ms();
    let interval = Interval::of(&looks);
    Some(Statement {
        law: Law::LittleUnderWay,
        simulated: Some(looks.iter().sum::<f64>() / looks.len() as f64),
        theory: (failed == 0).then_some(law),
        half_width: interval.filter(|_| failed == 0).map(|interval| interval.half_width),
        requests: answered,
        reasons: (failed > 0).then_some(Reason::Failed { requests: failed }).into_iter().collect(),
    })
}

/// How long all answered requests took, since measuring began.
fn latency(world: &World) -> Histogram {
    let mut all = Histogram::default();
    world.context().ledger.classes.iter().for_each(|class| all.merge(&class.latency));
    all
}

/// Users who think for so long, wait for their answer and think again: answers per second = users / (thought + latency).
fn interactive(world: &World, stretch: &Stretch, closed: &(f64, f64, Vec<Reason>)) -> Statement {
    let (users, thought_ms, own) = closed;
    let mut reasons = stretch.reasons(own);
    let failed = world.context().ledger.measured.failed_total();
    reasons.extend((failed > 0).then_some(Reason::Failed { requests: failed }));
    reasons.extend((stretch.since != world.context().ledger.measured_from).then_some(Reason::Changed));
    let shown: Vec<f64> = stretch.pieces.iter().map(|piece| piece.books.answered as f64 / piece.ns * 1e9).collect();
    let said = users / (thought_ms + latency(world).mean_ms()) * 1e3;
    let said = vec![said; shown.len().max(1)];
    let answered = stretch.pieces.iter().map(|piece| piece.books.answered).sum();
    stretch.statement(Law::Interactive, answered, reasons, &shown, &said)
}

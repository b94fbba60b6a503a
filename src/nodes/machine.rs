//! A machine: cores that the processes on it share.
//!
//! With [`Discipline::Fifo`] a job runs on one core to its end and others wait in order of arrival. With
//! [`Discipline::ProcessorSharing`] all jobs run at once, each at the speed `min(1, cores / jobs)`, as under an
//! operating system's fair scheduler in the limit of small time slices. There the machine keeps a virtual clock that
//! runs at that speed: a job is done when the clock has advanced by its demand, so an arrival changes no other job's
//! entry, only the pace of the clock (O(log n) a job).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::metrics::Gauge;
use crate::time::{SimTime, Span};

/// How a machine divides its cores among jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Discipline {
    /// First come, first served: one job a core.
    Fifo,
    /// All at once, equally fast.
    #[default]
    ProcessorSharing,
}

/// What became of a job that asked for a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It runs and is done after this time.
    Runs(Span),
    /// It shares the cores: [`Machine::next_look`] says when to look.
    Shares,
    /// It waits for a core.
    Waits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Share {
    /// Virtual time of its end, as the bits of a positive `f64`, whose order is that of the numbers.
    end_bits: u64,
    sequence: u64,
    job: u32,
}

/// Cores and who runs on them.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Number of cores.
    pub cores: u32,
    /// How they are divided.
    pub discipline: Discipline,
    /// How fast a core works: 1 is as the demands are meant, 0.5 takes twice as long.
    pub speed: f64,
    /// What slows it down at present, as a factor of the speed; 1 is nothing.
    pub slowness: f64,
    /// Busy cores, over time.
    pub busy: Gauge,
    /// Under processor sharing, what so many busy cores do together, in undisturbed cores: [`effective_cores`].
    effective: Vec<f64>,
    waiting: VecDeque<(u32, Span)>,
    shares: BinaryHeap<Reverse<Share>>,
    next_sequence: u64,
    /// The virtual clock, in nanoseconds of work done per job, and when it was read.
    virtual_now: f64,
    read_at: SimTime,
    /// When the earliest pending look is due.
    scheduled: SimTime,
}

impl Machine {
    /// An idle machine.
    pub fn new(cores: u32, discipline: Discipline) -> Self {
        Self {
            cores,
            discipline,
            speed: 1.0,
            slowness: 1.0,
            busy: Gauge::default(),
            effective: effective_cores(cores, 0.0, 0.0),
            waiting: VecDeque::new(),
            shares: BinaryHeap::new(),
            next_sequence: 0,
            virtual_now: 0.0,
            read_at: SimTime::ZERO,
            scheduled: SimTime::NEVER,
        }
    }

    /// Cores disturb each other so much: σ and κ of [`effective_cores`].
    pub fn set_scalability(&mut self, now: SimTime, contention: f64, coherency: f64) {
        self.run_clock(now);
        self.effective = effective_cores(self.cores, contention, coherency);
    }

    /// Gives `job` its share of the cores for `demand`.
    #[inline]
    pub fn begin(&mut self, now: SimTime, job: u32, demand: Span) -> Begun {
        match self.discipline {
            Discipline::Fifo if self.busy.value() < self.cores => {
                self.busy.increment(now);
                Begun::Runs(self.scaled(demand))
            }
            Discipline::Fifo => {
                self.waiting.push_back((job, demand));
                Begun::Waits
            }
            Discipline::ProcessorSharing => {
                self.run_clock(now);
                let end = self.virtual_now + demand.0 as f64;
                self.shares.push(Reverse(Share { end_bits: end.to_bits(), sequence: self.next_sequence, job }));
                self.next_sequence += 1;
                self.set_busy(now);
                Begun::Shares
            }
        }
    }

    /// A job that ran by itself is done. Returns the next one, which runs from now on for the time given.
    #[inline]
    pub fn finish(&mut self, now: SimTime) -> Option<(u32, Span)> {
        // With fewer cores than before, a freed core may be one that is gone.
        if self.busy.value() <= self.cores
            && let Some((job, demand)) = self.waiting.pop_front()
        {
            return Some((job, self.scaled(demand)));
        }
        self.busy.decrement(now);
        None
    }

    /// Starts a waiting job if a core is free: after cores were added or jobs removed.
    pub fn start_waiting(&mut self, now: SimTime) -> Option<(u32, Span)> {
        if self.busy.value() >= self.cores {
            return None;
        }
        let (job, demand) = self.waiting.pop_front()?;
        self.busy.increment(now);
        Some((job, self.scaled(demand)))
    }

    /// When to call [`Machine::look`], if that is earlier than what was asked for before: to be called after each
    /// change to the sharing jobs.
    #[inline]
    pub fn next_look(&mut self) -> Option<SimTime> {
        let due = self.due();
        (due < self.scheduled).then(|| {
            self.scheduled = due;
            due
        })
    }

    /// A look that was asked for is due: returns the job that is done, if one is. Ask [`Machine::next_look`] again.
    pub fn look(&mut self, now: SimTime) -> Option<u32> {
        if now != self.scheduled {
            return None;
        }
        self.scheduled = SimTime::NEVER;
        self.run_clock(now);
        // The event is at the first whole nanosecond after the end; half of one absorbs the rounding of the clock.
        if f64::from_bits(self.shares.peek()?.0.end_bits) > self.virtual_now + 0.5 {
            return None;
        }
        let done = self.shares.pop()?.0.job;
        if self.shares.is_empty() {
            // Keeps the clock small and so exact, however long the run.
            self.virtual_now = 0.0;
        }
        self.set_busy(now);
        Some(done)
    }

    /// Takes out the jobs that `gone` names, `running` of which run by themselves.
    pub fn remove(&mut self, now: SimTime, running: u32, gone: impl Fn(u32) -> bool) {
        self.waiting.retain(|&(job, _)| !gone(job));
        if self.discipline == Discipline::Fifo {
            self.busy.set(now, self.busy.value() - running);
            return;
        }
        self.run_clock(now);
        self.shares.retain(|share| !gone(share.0.job));
        self.set_busy(now);
    }

    /// Other cores from now on. Jobs that run by themselves are not hurried; those that share go on at the new pace.
    pub fn resize(&mut self, now: SimTime, cores: u32, speed: f64, contention: f64, coherency: f64) {
        self.run_clock(now);
        self.cores = cores;
        self.effective = effective_cores(cores, contention, coherency);
        self.speed = speed;
        if self.discipline == Discipline::ProcessorSharing {
            self.set_busy(now);
        }
    }

    /// From now on it works at this factor of its speed. Jobs that run by themselves end as they would have.
    pub fn slow_down(&mut self, now: SimTime, factor: f64) {
        self.run_clock(now);
        self.slowness = factor;
    }

    #[inline]
    fn scaled(&self, demand: Span) -> Span {
        let speed = self.speed * self.slowness;
        if speed == 1.0 { demand } else { Span((demand.0 as f64 / speed + 0.5) as u64) }
    }

    fn set_busy(&mut self, now: SimTime) {
        let busy = (self.shares.len() as u32).min(self.cores);
        if busy != self.busy.value() {
            self.busy.set(now, busy);
        }
    }

    /// Work done per job and nanosecond.
    fn pace(&self) -> f64 {
        let jobs = self.shares.len();
        self.speed * self.slowness * (self.effective[jobs.min(self.cores as usize)] / jobs as f64)
    }

    fn run_clock(&mut self, now: SimTime) {
        if !self.shares.is_empty() {
            self.virtual_now += (now - self.read_at).0 as f64 * self.pace();
        }
        self.read_at = now;
    }

    fn due(&self) -> SimTime {
        self.shares.peek().map_or(SimTime::NEVER, |first| {
            let left = (f64::from_bits(first.0.end_bits) - self.virtual_now).max(0.0);
            self.read_at + Span::at_least_ns(left / self.pace())
        })
    }
}

/// What 0, 1, … `cores` busy cores do together, in cores that nobody disturbs, by the Universal Scalability Law (Gunther,
/// Guerrilla Capacity Planning, 2007): k / (1 + σ (k − 1) + κ k (k − 1)). Exactly k without contention and coherency.
pub fn effective_cores(cores: u32, contention: f64, coherency: f64) -> Vec<f64> {
    let of = |k: f64| k / (1.0 + contention * (k - 1.0) + coherency * k * (k - 1.0));
    std::iter::once(0.0).chain((1..=cores).map(|k| of(f64::from(k)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_cores_disturb_each_other() {
        // Two cores with σ = 0.5 do 2 / 1.5 cores' work: 100 ns of work each take 150.
        let mut machine = Machine::new(2, Discipline::ProcessorSharing);
        machine.set_scalability(SimTime(0), 0.5, 0.0);
        machine.begin(SimTime(0), 1, Span(100));
        machine.begin(SimTime(0), 2, Span(100));
        assert_eq!(machine.look(SimTime(150)), None, "nobody asked for a look yet");
        assert_eq!(machine.next_look(), Some(SimTime(150)));
        assert_eq!(machine.look(SimTime(150)), Some(1));
    }

    #[test]
    fn two_jobs_on_one_core_take_turns() {
        let mut machine = Machine::new(1, Discipline::ProcessorSharing);
        assert_eq!(machine.begin(SimTime(0), 1, Span(100)), Begun::Shares);
        assert_eq!(machine.next_look(), Some(SimTime(100)));
        assert_eq!(machine.begin(SimTime(50), 2, Span(100)), Begun::Shares);
        // Both at half speed: the first has 50 left and needs 100; the look at 100 finds nothing.
        assert_eq!(machine.next_look(), None);
        assert_eq!(machine.look(SimTime(100)), None);
        assert_eq!(machine.next_look(), Some(SimTime(150)));
        assert_eq!(machine.look(SimTime(150)), Some(1));
        assert_eq!(machine.next_look(), Some(SimTime(200)));
        assert_eq!(machine.look(SimTime(200)), Some(2));
        assert_eq!(machine.busy.integral(SimTime(300)), 200);
    }

    #[test]
    fn first_in_first_out_keeps_one_job_a_core() {
        let mut machine = Machine::new(2, Discipline::Fifo);
        assert_eq!(machine.begin(SimTime(0), 1, Span(10)), Begun::Runs(Span(10)));
        assert_eq!(machine.begin(SimTime(0), 2, Span(10)), Begun::Runs(Span(10)));
        assert_eq!(machine.begin(SimTime(0), 3, Span(5)), Begun::Waits);
        assert_eq!(machine.finish(SimTime(10)), Some((3, Span(5))));
        assert_eq!(machine.finish(SimTime(10)), None);
        assert_eq!(machine.finish(SimTime(15)), None);
        assert_eq!(machine.busy.integral(SimTime(20)), 25);
    }
}

//! What became of writes. A write is carried out when the database has done its work; whether its client ever learns of
//! it is another matter. An attempt whose answer is lost leaves the outcome unknown, and a further attempt may carry the
//! same write out twice.
//!
//! A request with one attempt carries all of that itself. Only those of which several attempts may be under way are
//! listed here, as long as one of them is.

use std::collections::BTreeMap;

use crate::engine::Slab;

use super::Job;

/// Counts of writes since the start of the run, and the contested ones.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    /// Carried out by a database, repetitions included.
    pub applied: u64,
    /// Carried out again though they had been before.
    pub doubled: u64,
    /// Carried out though their client was told that they failed, or gave up.
    pub applied_but_failed: u64,
    contested: BTreeMap<u64, Contested>,
}

#[derive(Clone, Copy, Debug)]
struct Contested {
    applied: bool,
    /// The client was told that it failed.
    failed: bool,
    /// Jobs that stand for it.
    jobs: u32,
}

impl Writes {
    /// A database has carried out the write of `job`.
    pub fn apply(&mut self, job: &mut Job) {
        self.applied += 1;
        let before = if job.contested {
            let entry = self.contested.get_mut(&job.id).expect("a contested write is listed");
            let before = entry.applied;
            entry.applied = true;
            self.applied_but_failed += u64::from(entry.failed && !before);
            before
        } else {
            // Whoever is abandoned without a rival has failed for the client.
            self.applied_but_failed += u64::from(job.abandoned && !job.applied);
            job.applied
        };
        job.applied = true;
        self.doubled += u64::from(before);
    }

    /// `rival` was made from `job`: both stand for the same write from now on.
    pub fn contest(&mut self, jobs: &mut Slab<Job>, job: u32, rival: u32) {
        let (id, applied) = (jobs[job].id, jobs[job].applied);
        let blank = Contested { applied, failed: false, jobs: 0 };
        let entry = self.contested.entry(id).or_insert(blank);
        for key in [job, rival] {
            // A copy of a contested job says that it is contested, but is not counted yet.
            entry.jobs += u32::from(key == rival || !jobs[key].contested);
            jobs[key].contested = true;
        }
    }

    /// The client of `job` gives it up as failed.
    pub fn fail(&mut self, job: &Job) {
        if !job.contested {
            self.applied_but_failed += u64::from(job.applied);
            return;
        }
        let entry = self.contested.get_mut(&job.id).expect("a contested write is listed");
        entry.failed = true;
        self.applied_but_failed += u64::from(entry.applied);
    }

    /// `job` is over.
    pub fn forget(&mut self, job: &Job) {
        if !job.contested {
            return;
        }
        let entry = self.contested.get_mut(&job.id).expect("a contested write is listed");
        entry.jobs -= 1;
        if entry.jobs == 0 {
            self.contested.remove(&job.id);
        }
    }

    /// Writes of which several attempts may be under way.
    pub fn contested(&self) -> usize {
        self.contested.len()
    }
}

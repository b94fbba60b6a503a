//! Runs an experiment beside what is played, in slices.

use crate::course::experiment::SEED;
use crate::course::experiments;
use crate::course::trial::Trial;
use crate::scenario::Problem;

use super::Reply;

/// Progress is told when so much more is done.
const TELL_EVERY: f64 = 0.02;

/// Runs one experiment at a time.
#[derive(Debug, Default)]
pub struct Laboratory {
    under_way: Option<UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    claim: &'static str,
    trial: Box<Trial>,
    told: f64,
}

impl Laboratory {
    /// Begins an experiment; what was under way is given up.
    ///
    /// # Errors
    /// There is no such claim; the nearest is named.
    pub fn begin(&mut self, claim: &str) -> Result<Reply, Problem> {
        let experiment = experiments::find(claim)?;
        let trial = Box::new(Trial::new(experiment, SEED));
        self.under_way = Some(UnderWay { claim: experiment.id, trial, told: 0.0 });
        Ok(Reply::Trying { claim: experiment.id.to_owned(), share: 0.0 })
    }

    /// A slice of work, of at most so many events. Says whether there is more to do.
    pub fn work(&mut self, budget: u64, replies: &mut Vec<Reply>) -> bool {
        let Some(under_way) = &mut self.under_way else { return false };
        if under_way.trial.advance(budget) {
            replies.push(Reply::Tried(Box::new(under_way.trial.account())));
            self.under_way = None;
            return false;
        }
        let share = under_way.trial.share_done();
        if share >= under_way.told + TELL_EVERY {
            under_way.told = share;
            replies.push(Reply::Trying { claim: under_way.claim.to_owned(), share });
        }
        true
    }
}

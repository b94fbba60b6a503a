//! Several requests at one place want the same from a database at the same time: one of them asks, the others wait for
//! what it is told.

use std::collections::BTreeMap;

use super::Context;

/// Who waits for whom, by key that the database is asked for.
#[derive(Clone, Debug, Default)]
pub struct Flights(BTreeMap<u32, Vec<u32>>);

impl Flights {
    /// Whether `job` waits for another one that asks for the same key; if there is none, it leads.
    pub fn joins(&mut self, ctx: &mut Context, job: u32) -> bool {
        let entry = &mut ctx.jobs[job];
        if let Some(others) = self.0.get_mut(&entry.item) {
            others.push(job);
            return true;
        }
        entry.leads = true;
        self.0.insert(entry.item, Vec::new());
        false
    }

    /// Those who wait for what `job` was told go on with it, also where that is a failure.
    pub fn tell_others(&mut self, ctx: &mut Context, job: u32) {
        let entry = &mut ctx.jobs[job];
        if !std::mem::take(&mut entry.leads) {
            return;
        }
        let (version, missing) = (entry.version, entry.missing);
        let (failed, failed_at) = (entry.failed, entry.failed_at);
        for other in self.0.remove(&entry.item).unwrap_or_default() {
            let entry = &mut ctx.jobs[other];
            (entry.version, entry.missing) = (version, missing);
            (entry.failed, entry.failed_at) = (failed, failed_at);
            ctx.resume(other);
        }
    }

    /// Nobody waits any more.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

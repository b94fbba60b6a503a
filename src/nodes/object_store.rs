//! A store of files, run by a provider: it takes a while to begin an answer, and has room for all requests at once.

use crate::rng::Step;

use super::context::Work;
use super::{Context, Next};

/// An object store.
#[derive(Clone, Debug)]
pub struct ObjectStore {
    /// How long it takes to begin an answer.
    pub first_byte: Work,
}

impl ObjectStore {
    /// A request arrives.
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.pass_time(job, self.first_byte, Step::FirstByte);
        Next::Parked
    }

    /// It begins its answer, with the newest version.
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.read_file(job);
        Next::Reply
    }
}

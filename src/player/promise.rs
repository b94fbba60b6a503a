//! What a link promises of its moment, and whether the replay keeps it.

use crate::scenario::MODEL;
use crate::time::SimTime;

use super::Notice;

/// What a link promises of its moment.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// The moment.
    pub moment: SimTime,
    /// The digest at that moment.
    pub digest: u64,
    /// The model that it was recorded with.
    pub model: u32,
}

impl Promise {
    /// Whether the replay is what was recorded.
    pub fn verify(self, digest: u64) -> Notice {
        if self.model != MODEL {
            let text = format!("Recorded with model {}, replayed with model {MODEL}: figures may differ.", self.model);
            return Notice { warning: true, text };
        }
        if self.digest == digest {
            return Notice { warning: false, text: "Verified: this is exactly what was shared.".to_owned() };
        }
        let text = format!(
            "This does not reproduce: the link says {:016x}, the replay gives {digest:016x}. The link was changed.",
            self.digest
        );
        Notice { warning: true, text }
    }
}

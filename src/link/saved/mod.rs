//! What links save, as types of their own: frozen once published, with short names since they travel.
//!
//! ```text
//! v1   the run, the moment, what is selected
//! v2   that, and all else that was seen: speed, experiment, followed request, panel, stretch of the charts, twin
//! ```
//!
//! A link is read as the version that it was written in, and goes up the chain one step at a time; only the newest version
//! is written, and only that is opened.

mod v1;
mod v2;

use serde::de::DeserializeOwned;

use crate::scenario::Problem;

use super::{Shared, codec, problem};
use v1::SavedV1;
use v2::SavedV2;

/// The version that is written.
pub const VERSION: u32 = 2;

/// What is saved, as JSON.
pub fn save(shared: &Shared) -> String {
    serde_json::to_string(&SavedV2::new(shared)).expect("what is saved has string keys and finite numbers")
}

/// What was saved in this version, checked.
///
/// # Errors
/// It is of a version that is not known here, is not what that version saves, or says something impossible.
pub fn open(version: u32, packed: &str) -> Result<Shared, Problem> {
    let newest = match version {
        1 => SavedV2::from(read::<SavedV1>(packed, version)?),
        2 => read(packed, version)?,
        other => {
            let text =
                format!("it is of version {other}, and this page reads versions 1 to {VERSION}; get a newer one");
            return Err(problem(text));
        }
    };
    newest.open()
}

fn read<Saved: DeserializeOwned>(packed: &str, version: u32) -> Result<Saved, Problem> {
    let json = codec::unpack(packed).map_err(problem)?;
    serde_json::from_slice(&json)
        .map_err(|_| problem(format!("it is damaged: what it carries is not what a link of version {version} carries")))
}

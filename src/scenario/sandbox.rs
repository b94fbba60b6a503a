//! Edits of a system as a whole: parts that come, go, are connected otherwise or called otherwise. A running system cannot
//! take them on, so what comes out is another scenario, whose run begins anew.
//!
//! - [`apply`] is a pure function; what it gives has passed the check, and what it refuses says why, with the place.
//! - `table.rs` has the one description of which part may refer to which; what is offered, left out, renamed and refused
//!   follows from that. [`offers`] are exactly the edits that `apply` carries out.
//! - A setting that holds only beside what an edit took away gives way to it (`repair.rs`), and is named.
//! - Entries of the timeline that no longer fit are dropped.

mod names;
mod parts;
mod repair;
mod settings;
mod slots;
mod table;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::nodes::Kind;

use super::{Id, Problem, Scenario, edit};

pub use parts::KINDS;
pub use slots::{Holder, Slot, connections};

/// An edit of a system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// A part is added, under a free id, on a machine of its own. What it cannot be without, it is connected to.
    Add {
        /// What it is.
        kind: Kind,
    },
    /// A reference leads to a part.
    Connect {
        /// The place of the reference: `tiers.web.cache`.
        slot: String,
        /// The part's id; for the queue of workers, that of the queue.
        to: Id,
    },
    /// A reference that may be left out leads nowhere any more.
    Disconnect {
        /// The place of the reference.
        slot: String,
    },
    /// A part is taken out, with the references to it. One that others cannot be without stays.
    Remove {
        /// Its id.
        tier: Id,
    },
    /// A part gets another id, wherever that is named.
    Rename {
        /// Its id.
        tier: Id,
        /// The new one.
        id: Id,
    },
    /// A part is added that is like another one, on a machine of its own. Nothing is connected to it.
    Duplicate {
        /// The id of the other one.
        tier: Id,
    },
    /// A value is set that cannot change while a system runs.
    Set {
        /// Its place.
        path: String,
        /// The value; null takes it away.
        value: Value,
    },
}

/// What an edit made of a system.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// The system.
    pub scenario: Scenario,
    /// The part that was added, or the one that the edit was of.
    pub tier: Option<Id>,
    /// The places of what was left out, since it no longer fitted.
    pub left_out: Vec<String>,
    /// How many entries of the timeline no longer fitted.
    pub dropped: usize,
}

/// Carries an edit out. The scenario must have been checked.
///
/// # Errors
/// What cannot be done, with its place and what is in its way.
pub fn apply(scenario: &Scenario, edit: &Edit) -> Result<Edited, Problem> {
    let mut bare = scenario.clone();
    let timeline = std::mem::take(&mut bare.timeline);
    let mut value = edit::encode(&bare);
    let tier = match edit {
        Edit::Add { kind } => Some(parts::add(&bare, &mut value, *kind)?),
        Edit::Connect { slot, to } => {
            slots::connect(&bare, &mut value, slot, to)?;
            slots::holder(slot)
        }
        Edit::Disconnect { slot } => {
            slots::disconnect(&bare, &mut value, slot)?;
            slots::holder(slot)
        }
        Edit::Remove { tier } => {
            parts::remove(&bare, &mut value, tier)?;
            None
        }
        Edit::Rename { tier, id } => {
            names::rename(&bare, &mut value, tier, id)?;
            Some(id.clone())
        }
        Edit::Duplicate { tier } => Some(parts::duplicate(&bare, &mut value, tier)?),
        Edit::Set { path, value: new } => {
            settings::set(&bare, &mut value, path, new)?;
            slots::holder(path)
        }
    };
    // What is connected is put to use, where that goes without saying and fits.
    let used = match edit {
        Edit::Connect { slot, .. } => parts::put_to_use(&value, slot),
        Edit::Add { .. }
        | Edit::Disconnect { .. }
        | Edit::Remove { .. }
        | Edit::Rename { .. }
        | Edit::Duplicate { .. }
        | Edit::Set { .. } => None,
    };
    let used = used.and_then(|used| repair::checked(used).ok());
    let (mut scenario, left_out) = used.map_or_else(|| repair::checked(value), Ok)?;
    let timeline = match edit {
        Edit::Rename { tier, id } => names::rename_timeline(&timeline, tier, id),
        Edit::Add { .. }
        | Edit::Connect { .. }
        | Edit::Disconnect { .. }
        | Edit::Remove { .. }
        | Edit::Duplicate { .. }
        | Edit::Set { .. } => timeline,
    };
    let before = timeline.len();
    scenario.timeline = repair::what_fits(&scenario, timeline);
    let dropped = before - scenario.timeline.len();
    Ok(Edited { scenario, tier, left_out, dropped })
}

/// All edits that can be carried out, but for those to which a name or a value belongs.
pub fn offers(scenario: &Scenario) -> Vec<Edit> {
    let mut offers = Vec::new();
    let mut offer = |edit: Edit| {
        if apply(scenario, &edit).is_ok() {
            offers.push(edit);
        }
    };
    KINDS.into_iter().for_each(|kind| offer(Edit::Add { kind }));
    for tier in scenario.tiers.keys() {
        offer(Edit::Remove { tier: tier.clone() });
        offer(Edit::Duplicate { tier: tier.clone() });
    }
    for slot in slots::all(scenario) {
        offer(Edit::Disconnect { slot: slot.path.clone() });
        slots::candidates(scenario, &slot)
            .into_iter()
            .for_each(|to| offer(Edit::Connect { slot: slot.path.clone(), to }));
    }
    offers
}

//! The users' sessions at the start, and when their settings change.

use crate::nodes::Node;
use crate::nodes::cache::Holds;
use crate::nodes::cache::entries::Entry;
use crate::nodes::context::Work;
use crate::nodes::sessions::{FIRST_KEY, Sessions, SigningIn};
use crate::time::{SimTime, Span};
use crate::world::World;

/// Users have the sessions that they have in the long run, if the run begins so.
pub(super) fn begin(world: &mut World) {
    let plan = world.plan.clone();
    let Some(seconds) = plan.session_seconds else { return };
    let mut sessions = Sessions::new(seconds, signing_in(world));
    if let Some(homes) = plan.signing_in.as_ref().and_then(|own| own.steady) {
        let servers = homes.map_or_else(Vec::new, |tier| world.ctx.tiers[tier.index()].members.clone());
        let (users, rate) = (plan.habits.users, plan.habits.rate_per_user);
        let present = sessions.begin_steady(users, rate, world.ctx.seed, &servers);
        store(world, &present);
    }
    world.ctx.sessions = Some(sessions);
}

/// Sessions have other settings from now on.
pub(super) fn change(world: &mut World) {
    let own = signing_in(world);
    if let (Some(sessions), Some(seconds)) = (&mut world.ctx.sessions, world.plan.session_seconds) {
        sessions.idle_timeout_seconds = seconds;
        sessions.signing_in = own;
    }
}

fn signing_in(world: &mut World) -> Option<SigningIn> {
    let plan = world.plan.signing_in.clone()?;
    let work = Work::new(plan.work, &mut world.ctx.queue);
    Some(SigningIn { work, store: plan.store, bytes: plan.bytes })
}

/// The caches that keep sessions hold those of these users, with the seconds that are left. Databases have them anyway.
fn store(world: &mut World, present: &[(u32, u32)]) {
    let plan = world.plan.clone();
    let Some(signing_in) = &plan.signing_in else { return };
    let Some(tier) = signing_in.store.map(|store| &world.ctx.tiers[store.index()]) else { return };
    let Some(places) = &tier.places else { return };
    for &(user, left) in present {
        let expires = SimTime::ZERO + Span(u64::from(left) * 1_000_000_000);
        let entry = Entry { version: 0, bytes: signing_in.bytes, expires };
        for &server in places.holders_of(FIRST_KEY + user, &[]).servers() {
            let node = tier.members[usize::from(server)];
            if let Node::Cache(cache) = &mut world.nodes[node.index()]
                && let Holds::Entries { entries, .. } = &mut cache.holds
            {
                entries.put(FIRST_KEY + user, entry);
            }
        }
    }
}

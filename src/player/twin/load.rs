//! What users do, apart from the system that serves them: what two designs have to have in common to be compared.

use crate::frame::Apart;
use crate::nodes::population::Arrivals;
use crate::player::history::parting;
use crate::scenario::{Change, Class, Moment, Problem, Scenario, check};

/// Paths whose values are what users do.
const OF_USERS: [&str; 7] = [
    "workload.users",
    "workload.requests_per_user_per_second",
    "workload.arrivals",
    "workload.day",
    "workload.user_activity_exponent",
    "workload.keys",
    "workload.clients",
];

/// Whether this is what users do, or what is published for them, and not what is done to the system.
fn is_of_users(change: &Change) -> bool {
    match change {
        Change::Spike { .. } | Change::Publish { .. } => true,
        Change::Set { path, .. } => {
            let is_in =
                |own: &&str| path.strip_prefix(*own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            OF_USERS.iter().any(is_in) || (path.starts_with("workload.classes.") && path.ends_with(".share"))
        }
        Change::Kill { .. }
        | Change::Restore { .. }
        | Change::Slow { .. }
        | Change::Cut { .. }
        | Change::Mend { .. }
        | Change::Delay { .. }
        | Change::SwitchOver { .. }
        | Change::Snapshot { .. }
        | Change::RestoreBackup { .. }
        | Change::BadDelete { .. }
        | Change::Deploy { .. }
        | Change::Commit { .. }
        | Change::Purge { .. } => false,
    }
}

/// The timeline of a twin that begins as `start` and has `own` to happen to it, beside a system with the timeline `shown`:
/// its own, and what users do there. Also, how many changes do not fit it.
pub fn timeline_beside(start: &Scenario, own: &[Moment], shown: &[Moment]) -> (Vec<Moment>, u32) {
    let (same, _) = parting(own, shown);
    let of_users = |moment: &&Moment| is_of_users(&moment.change);
    let mut wanted: Vec<&Moment> = own[same..].iter().filter(|moment| !of_users(moment)).collect();
    wanted.extend(shown[same..].iter().filter(of_users));
    // The sort is stable: of one moment, its own comes first.
    wanted.sort_by_key(|moment| moment.at());
    let (mut timeline, mut left_out) = (own[..same].to_vec(), 0);
    let mut scenario = start.clone();
    let mut fits = |change: &Change| match check::check_change(&scenario, change) {
        Ok(changed) => {
            scenario = changed.unwrap_or_else(|| scenario.clone());
            true
        }
        Err(_) => false,
    };
    timeline.iter().for_each(|moment| {
        fits(&moment.change);
    });
    for moment in wanted {
        if fits(&moment.change) {
            timeline.push(moment.clone());
        } else {
            left_out += 1;
        }
    }
    (timeline, left_out)
}

/// A stage with the users of `shown`, and what is to happen to it by itself.
///
/// # Errors
/// The stage cannot have so many users.
pub fn under_the_same_load(mut stage: Scenario, shown: &Scenario) -> Result<(Scenario, Vec<Moment>), Problem> {
    let own = std::mem::take(&mut stage.timeline);
    let load = &shown.workload;
    stage.seed = shown.seed;
    stage.workload.users = load.users;
    stage.workload.requests_per_user_per_second = load.requests_per_user_per_second;
    stage.workload.arrivals = load.arrivals;
    stage.workload.day.clone_from(&load.day);
    stage.workload.user_activity_exponent = load.user_activity_exponent;
    check::check(&stage)?;
    // What does not fit stays as it is in the stage, and the page says so.
    adopt(&mut stage, |workload| {
        if workload.classes.keys().eq(load.classes.keys()) {
            workload.classes.iter_mut().for_each(|(id, class)| class.share = load.classes[id].share);
        }
    });
    adopt(&mut stage, |workload| {
        if workload.keys.is_some() && load.keys.is_some() {
            workload.keys = load.keys;
        }
    });
    let has_cdn = stage.tiers.values().any(|tier| tier.kind() == crate::nodes::Kind::Cdn);
    adopt(&mut stage, |workload| {
        workload.clients.clone_from(&load.clients);
        if !has_cdn {
            workload.clients.values_mut().for_each(|group| group.cdn_fallback = None);
        }
    });
    Ok((stage, own))
}

fn adopt(stage: &mut Scenario, change: impl FnOnce(&mut crate::scenario::Workload)) {
    let mut next = stage.clone();
    change(&mut next.workload);
    if check::check(&next).is_ok() {
        *stage = next;
    }
}

/// What is not the same for both beside the systems.
pub fn apart(shown: &Scenario, twin: &Scenario, left_out: u32) -> Vec<Apart> {
    let (own, other) = (&shown.workload, &twin.workload);
    let arrivals = |scenario: &Scenario| {
        let load = &scenario.workload;
        (scenario.seed, load.users, load.requests_per_user_per_second, load.arrivals, load.user_activity_exponent)
    };
    let clients = |scenario: &Scenario| {
        let mut clients = scenario.workload.clients.clone();
        // What they do about a part that only one of the systems has is no difference of theirs.
        clients.values_mut().for_each(|group| group.cdn_fallback = None);
        clients
    };
    let shares = |scenario: &Scenario| {
        let classes = scenario.workload.classes.iter();
        classes.map(|(id, class)| (id.clone(), class.share)).collect::<Vec<_>>()
    };
    let work = |class: &Class| {
        let sizes = (class.response_kb, class.response_json_kb, class.write);
        (sizes, class.web, class.web_after, class.database, class.query)
    };
    let works_alike =
        own.classes.iter().all(|(id, class)| other.classes.get(id).is_none_or(|twin| work(class) == work(twin)));
    let follows = |scenario: &Scenario| {
        let load = &scenario.workload;
        load.arrivals == Arrivals::Closed || load.classes.values().any(|class| !class.followed_by.is_empty())
    };
    let found = [
        (arrivals(shown) != arrivals(twin) || own.day != other.day, Apart::Arrivals),
        (clients(shown) != clients(twin), Apart::Clients),
        (shares(shown) != shares(twin), Apart::Classes),
        (!works_alike, Apart::Work),
        (own.keys.is_some() && other.keys.is_some() && own.keys != other.keys, Apart::Keys),
        (follows(shown) || follows(twin), Apart::Answers),
        (left_out > 0, Apart::LeftOut(left_out)),
    ];
    found.into_iter().filter(|(is_apart, _)| *is_apart).map(|(_, apart)| apart).collect()
}

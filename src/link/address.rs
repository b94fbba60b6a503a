//! What stands behind the `#` of an address: a moment that was shared, a chapter, a claim, or a rung of the ladder.
//!
//! ```text
//! #2.<codec><payload>     a moment; see the module above
//! #chapter/4              a chapter, by number or id: #chapter/load-balancer
//! #claim/lb.even          a claim's experiment, with its first run in the diagram
//! #claim/lb.even/2        the same with another of its runs, from 1
//! #rung/cache             a stage with as many users as it serves, by its id, grown to that
//! ```
//!
//! All of them are permanent.

use crate::course::chapters::{self, Chapter};
use crate::course::experiment::{Experiment, SEED};
use crate::course::ladder::{self, Rung};
use crate::course::{experiments, stages};
use crate::scenario::Problem;

use super::{Shared, decode};

/// What a fragment leads to.
#[derive(Clone, Debug)]
pub enum Address {
    /// A moment that was shared.
    Moment(Box<Shared>),
    /// A chapter.
    Chapter(&'static Chapter),
    /// An experiment, and which of its runs, from 0.
    Claim(&'static Experiment, usize),
    /// A rung of the ladder.
    Rung(&'static Rung),
}

impl Address {
    /// The scenario that it leads to, as a moment: a chapter's stage and a claim's run at their start.
    ///
    /// # Panics
    /// A chapter's stage is not there: a test sees to it that all are.
    pub fn shared(self) -> Shared {
        match self {
            Self::Moment(shared) => *shared,
            Self::Chapter(chapter) => {
                let stage = stages::find(chapter.stage).expect("a chapter has its stage");
                Shared::at_start(stage, stage.scenario())
            }
            Self::Claim(experiment, index) => {
                let mut run = (experiment.runs)().swap_remove(index);
                run.scenario.seed = SEED;
                Shared::of(run.scenario)
            }
            Self::Rung(rung) => {
                let stage = stages::revision(&rung.stage, rung.revision).expect("a rung has its stage");
                Shared::at_start(stage, rung.scenario(rung.users))
            }
        }
    }
}

/// The fragment of a chapter, without `#`.
pub fn of_chapter(number: u8) -> String {
    format!("chapter/{number}")
}

/// The fragment of a claim and one of its runs, from 0, without `#`.
pub fn of_claim(id: &str, run: usize) -> String {
    if run == 0 { format!("claim/{id}") } else { format!("claim/{id}/{}", run + 1) }
}

/// The fragment of a rung of the ladder, by its stage, without `#`.
pub fn of_rung(stage: &str) -> String {
    format!("rung/{stage}")
}

/// Whether a text is an address, or what stands behind the `#` of one, rather than a name.
pub fn is_address(text: &str) -> bool {
    let version = text.split_once('.').map_or("", |(version, _)| version);
    let is_link = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit());
    is_link || text.contains('#') || ["chapter/", "claim/", "rung/"].iter().any(|start| text.starts_with(start))
}

/// What a name or an address leads to: the id of a stage, a whole address, or what stands behind its `#`.
///
/// # Errors
/// There is no such stage; or see [`find`].
pub fn named(text: &str) -> Result<Shared, Problem> {
    if is_address(text) {
        return Ok(find(fragment(text))?.shared());
    }
    let stage = stages::find(text)?;
    Ok(Shared::at_start(stage, stage.scenario()))
}

/// What stands behind the `#` of an address.
pub fn fragment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(_, fragment)| fragment)
}

/// Where a fragment leads, with or without `#`.
///
/// # Errors
/// The chapter, claim or rung is unknown (the nearest is named), the run too; or the link is bad, see [`decode`].
pub fn find(fragment: &str) -> Result<Address, Problem> {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    let Some((kind, rest)) = fragment.split_once('/') else {
        return decode(fragment).map(|shared| Address::Moment(Box::new(shared)));
    };
    match kind {
        "chapter" => chapters::find(rest).map(Address::Chapter),
        "claim" => claim(rest),
        "rung" => rung(rest),
        _ => Err(Problem::unknown("link", "kind of address", kind, ["chapter", "claim", "rung"])),
    }
}

fn rung(id: &str) -> Result<Address, Problem> {
    let rungs = ladder::recorded();
    let unknown = || Problem::unknown("rung", "rung", id, rungs.iter().map(|rung| rung.stage.as_str()));
    rungs.iter().find(|rung| rung.stage == id).map(Address::Rung).ok_or_else(unknown)
}

fn claim(rest: &str) -> Result<Address, Problem> {
    let (id, run) = rest.split_once('/').map_or((rest, None), |(id, run)| (id, Some(run)));
    let experiment = experiments::find(id)?;
    let Some(text) = run else { return Ok(Address::Claim(experiment, 0)) };
    let runs = (experiment.runs)().len();
    let run = text.parse::<usize>().ok().filter(|run| (1..=runs).contains(run));
    let run = run.ok_or_else(|| Problem::at("claim", format!("{id} has the runs 1 to {runs}, not \"{text}\"")))?;
    Ok(Address::Claim(experiment, run - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chapter_every_run_of_a_claim_and_every_rung_has_an_address() {
        for chapter in chapters::all() {
            let found = find(&of_chapter(chapter.number)).expect("a chapter");
            assert!(matches!(found, Address::Chapter(found) if found.id == chapter.id));
            let found = find(&format!("#chapter/{}", chapter.id)).expect("a chapter");
            assert!(matches!(found, Address::Chapter(found) if found.id == chapter.id));
        }
        for experiment in experiments::all() {
            for run in 0..(experiment.runs)().len() {
                let found = find(&of_claim(experiment.id, run)).expect("a claim");
                assert!(matches!(found, Address::Claim(found, of) if found.id == experiment.id && of == run));
            }
        }
        for rung in ladder::recorded() {
            let found = find(&of_rung(&rung.stage)).expect("a rung");
            assert!(matches!(found, Address::Rung(found) if found.stage == rung.stage));
        }
    }

    #[test]
    fn addresses_are_told_from_names() {
        for address in ["#", "1.jeyJ", "2.deyJ", "https://example.org/#x", "chapter/4", "claim/x", "rung/cache"] {
            assert!(is_address(address), "{address}");
        }
        for name in ["load-balancer", "mine.json", "v1.json", ".5", "", "chapter"] {
            assert!(!is_address(name), "{name}");
        }
        let expected = stages::find("cache").expect("it is published").scenario();
        for text in ["cache", "#chapter/cache", "https://example.org/#chapter/cache"] {
            assert_eq!(named(text).expect(text).scenario, expected);
        }
        assert!(named("cash").expect_err("there is no such stage").message.contains("\"cache\""));
    }

    #[test]
    fn what_is_unknown_names_the_nearest() {
        for (fragment, told) in [
            ("#claim/lb.evn", "\"lb.even\""),
            ("#claim/lb.even/0", "has the runs 1 to"),
            ("#claim/lb.even/x", "has the runs 1 to"),
            ("#claim/", "the nearest are: "),
            ("#claim/lb.what-is-this", "there are: lb.which, lb.even"),
            ("#claim/quite.another", "the nearest are: "),
            ("#chapter/loadbalancer", "\"load-balancer\""),
            ("#chapter/99", "there are: 1 One"),
            ("#chaptr/4", "\"chapter\""),
            ("#rung/single-servr", "\"single-server\""),
        ] {
            let problem = find(fragment).expect_err(fragment).to_string();
            assert!(problem.contains(told), "{fragment}: {problem}");
            assert!(problem.len() < 600, "{fragment}: {problem}");
        }
    }
}

//! The chapters, as data: what they say, on which stage, and by which experiments.
//!
//! A text is paragraphs, divided by empty lines. A figure in it is a reference, `{lb.even:spread}`: the claim's id and the
//! key of a finding. What stands there is what the experiment measured with seed 1 (`figures.json`, written and checked by
//! `tests/claims.rs`), so no number in a text is typed in.

mod balancer;
mod cache;
mod cdn;
mod data_centers;
mod millions;
mod operations;
mod queue;
mod replication;
mod scaling;
mod sharding;
mod single;
mod split;
mod stateless;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scenario::Problem;

use super::quantity;

/// A chapter.
#[derive(Debug)]
pub struct Chapter {
    /// Its number, from 1.
    pub number: u8,
    /// Its permanent id.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The stage that it is about.
    pub stage: &'static str,
    /// What it says.
    pub sections: &'static [Section],
    /// What to try on the page.
    pub tries: &'static [&'static str],
    /// The claims that it shows.
    pub claims: &'static [&'static str],
}

/// A part of a chapter.
#[derive(Debug)]
pub struct Section {
    /// What it is for.
    pub role: Role,
    /// Its text.
    pub text: &'static str,
}

impl Role {
    /// The heading of such a part.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Story => "The story so far",
            Self::Problem => "The problem",
            Self::Idea => "The idea",
            Self::Step => "The step",
            Self::Bought => "What it buys, what it costs",
            Self::LookOut => "Look out for",
            Self::InLife => "In life",
            Self::Loose => "Where the usual notes are loose",
        }
    }

    /// What has to be said first to somebody who reads only this part.
    pub fn remark(self) -> Option<&'static str> {
        match self {
            Self::Story | Self::Problem | Self::Idea | Self::Step | Self::Bought | Self::LookOut | Self::InLife => None,
            Self::Loose => Some(
                "Notes on system design go from hand to hand, and this course follows what they say. Here they say too \
                 much, or too little.",
            ),
        }
    }
}

/// What a part of a chapter is for, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The story so far.
    Story,
    /// The problem, seen.
    Problem,
    /// The idea.
    Idea,
    /// The step, with the diagram changing.
    Step,
    /// What it bought and what it cost.
    Bought,
    /// What to look out for.
    LookOut,
    /// What people use in life.
    InLife,
    /// Where the notes that the course follows are loose.
    Loose,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Words.
    Words(&'static str),
    /// A figure, with its unit, and the claim that it comes from.
    Figure {
        /// The claim's id.
        claim: &'static str,
        /// The figure, as it is shown.
        text: String,
    },
}

/// A figure that an experiment measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The number.
    pub measured: f64,
    /// Its unit; empty for a plain number.
    pub unit: String,
}

/// Figures by claim and key.
pub type Figures = BTreeMap<String, BTreeMap<String, Figure>>;

static ALL: [&Chapter; 13] = [
    &single::CHAPTER,
    &split::CHAPTER,
    &scaling::CHAPTER,
    &balancer::CHAPTER,
    &replication::CHAPTER,
    &cache::CHAPTER,
    &cdn::CHAPTER,
    &stateless::CHAPTER,
    &data_centers::CHAPTER,
    &queue::CHAPTER,
    &operations::CHAPTER,
    &sharding::CHAPTER,
    &millions::CHAPTER,
];

/// How many chapters there are to be.
pub const COUNT: u8 = 13;

/// All chapters that are written, in their order.
pub fn all() -> impl Iterator<Item = &'static Chapter> {
    ALL.iter().copied()
}

/// The chapter with this id or number.
///
/// # Errors
/// There is none: the nearest id is named, or those that there are, by number and title.
pub fn find(id: &str) -> Result<&'static Chapter, Problem> {
    let fits = |chapter: &&Chapter| chapter.id == id || chapter.number.to_string() == id;
    all().find(fits).ok_or_else(|| {
        let ids: Vec<&str> = all().map(|chapter| chapter.id).collect();
        Problem::misspelt("chapter", "chapter", id, &ids).unwrap_or_else(|| absent(id))
    })
}

fn absent(id: &str) -> Problem {
    let titles: Vec<String> = all().map(|chapter| format!("{} {}", chapter.number, chapter.title)).collect();
    let yet = if (1..=COUNT).contains(&id.parse().unwrap_or(0)) { "is not written yet" } else { "does not exist" };
    Problem::at("chapter", format!("chapter {id} {yet}; there are: {}", titles.join(" · ")))
}

/// The chapter that shows this claim.
pub fn of_claim(claim: &str) -> Option<&'static Chapter> {
    all().find(|chapter| chapter.claims.contains(&claim))
}

/// What the experiments measured with seed 1.
pub fn figures() -> Figures {
    serde_json::from_str(include_str!("figures.json")).expect("the figures are checked by a test")
}

impl Section {
    /// Its paragraphs, with figures in place of the references.
    ///
    /// # Panics
    /// A reference leads nowhere: a test sees to it that none does.
    pub fn paragraphs(&self, figures: &Figures) -> Vec<Vec<Piece>> {
        self.text.split("\n\n").map(|paragraph| pieces(paragraph, figures)).collect()
    }
}

fn pieces(mut text: &'static str, figures: &Figures) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some((words, rest)) = text.split_once('{') {
        let (reference, after) = rest.split_once('}').expect("a reference ends");
        let (claim, key) = reference.split_once(':').expect("a reference names a claim and a key");
        let figure = figures.get(claim).and_then(|claim| claim.get(key));
        let figure = figure.unwrap_or_else(|| panic!("there is no figure {reference}"));
        pieces.push(Piece::Words(words));
        pieces.push(Piece::Figure { claim, text: quantity::in_text(figure.measured, &figure.unit) });
        text = after;
    }
    pieces.push(Piece::Words(text));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::{experiments, stages};

    #[test]
    fn every_chapter_is_whole() {
        let figures = figures();
        for chapter in all() {
            stages::find(chapter.stage).expect("its stage is there");
            assert!(chapter.sections.is_sorted_by_key(|section| section.role), "{}: out of order", chapter.id);
            for role in [Role::Story, Role::Problem, Role::Idea, Role::Step, Role::Bought, Role::LookOut, Role::InLife]
            {
                assert!(chapter.sections.iter().any(|section| section.role == role), "{} lacks {role:?}", chapter.id);
            }
            for section in chapter.sections {
                assert!(!section.paragraphs(&figures).is_empty());
            }
            for claim in chapter.claims {
                experiments::find(claim).unwrap_or_else(|problem| panic!("{problem}"));
            }
        }
        let told: Vec<&str> = all().flat_map(|chapter| chapter.claims).copied().collect();
        for experiment in experiments::all() {
            assert!(told.contains(&experiment.id), "no chapter has {}", experiment.id);
        }
    }

    /// Digits may stand only in names; figures are references.
    #[test]
    fn no_number_is_typed_in() {
        let allowed =
            ["layer 3", "layer 4", "layer 7", "Route 53", "Layer 3", "Layer 4", "Layer 7", "401", "EC2", "Neo4j", "F5"];
        for section in all().flat_map(|chapter| chapter.sections) {
            let words = section.text.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after));
            let mut text = words.collect::<String>();
            for name in allowed {
                text = text.replace(name, "");
            }
            assert!(!text.contains(|c: char| c.is_ascii_digit()), "a number is typed into: {text}");
        }
    }

    #[test]
    fn an_unknown_chapter_names_the_nearest() {
        assert_eq!(find("4").expect("it is there").id, "load-balancer");
        let problem = find("load-balncer").expect_err("there is none");
        assert!(problem.message.contains("\"load-balancer\""), "{problem}");
        let problem = find("99").expect_err("there are not that many").to_string();
        assert!(
            problem.contains("does not exist; there are: 1 One") && problem.contains("4 Many servers"),
            "{problem}"
        );
        for number in 1..=COUNT {
            if let Err(problem) = find(&number.to_string()) {
                assert!(problem.to_string().contains("is not written yet; there are: 1 One"), "{problem}");
            }
        }
    }
}

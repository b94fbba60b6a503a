//! The course: the stages of the journey, and what the chapters claim, as experiments.
//!
//! - `stages`: scenarios to start from, frozen once published.
//! - `chapters`: what the chapters say; their figures are measured.
//! - `experiment`: what an experiment is: runs, and a judgement of what came out.
//! - `experiments`: one for each claim, by chapter.
//! - `account`: what came out of an experiment, as plain data.
//! - `capacity`: how much a system can carry, by simulating it.
//! - `journey`: a request that was followed, as plain data.
//! - `ladder`: how many users each stage serves, and what ends first.
//! - `quantity`: how measured quantities are written.
//! - `glossary`: the terms, and what they were called before.
//! - `theory`: what queueing theory says of a system that runs, where it says something.
//! - `tools`: what people use for each part, and what they call its parameters.
//! - `trial`: carries an experiment out, in slices.

pub mod account;
pub mod capacity;
pub mod chapters;
pub mod experiment;
pub mod experiments;
pub mod glossary;
pub mod journey;
pub mod ladder;
pub mod quantity;
pub mod stages;
pub mod theory;
pub mod tools;
pub mod trial;

//! The files that classes ask for: which of them a request means, under which key caches know it, and what publishing
//! does to them.
//!
//! Each class has keys of its own, apart from those of the site's data and of other classes. A file whose name changes
//! gets a fresh key, so nobody has kept it under that.

use crate::engine::Index;
use crate::rng::{mix, unit};
use crate::time::Span;

use super::Job;
use super::data::Popularity;

/// The most files of a class: a version is kept for each that was published.
pub const FILES_MAX: u32 = 1_000_000;
/// The first key of the first class; before it are those of the site's data.
pub(super) const FIRST: u32 = 1_000_000_000;
/// The first key for a new name: room for 64 classes, and for probes.
const FIRST_NAME: u32 = FIRST + 65 * FILES_MAX;

/// The files of a class; a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Files {
    /// Which of them requests ask for.
    pub popularity: Popularity,
    /// How many there are.
    pub count: u32,
    /// The size of one.
    pub bytes: u32,
    /// How long one may be kept.
    pub max_age: Span,
}

/// The names of files.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The key of each file that has a new name.
    renamed: Index<u32>,
    /// The class of each new name.
    classes: Vec<u8>,
    /// How often something was published.
    published: u64,
}

impl Names {
    /// The key of the file that a request asks for.
    #[inline]
    pub fn key_of(&self, files: &Files, job: &Job) -> u32 {
        let file = first_of(job.class) + files.popularity.pick(job);
        self.renamed.get(file).unwrap_or(file)
    }

    /// The class whose file has this key, if one has.
    pub fn class_of(&self, key: u32) -> Option<u8> {
        match key.checked_sub(FIRST_NAME) {
            Some(name) => self.classes.get(name as usize).copied(),
            None => key.checked_sub(FIRST).map(|key| (key / FILES_MAX) as u8),
        }
    }

    /// The keys of a share of a class's files, chosen by hash, as they are from now on: new ones if they get new names.
    /// O(files), which happens when somebody publishes.
    pub fn publish(&mut self, class: u8, files: &Files, share: f64, rename: bool) -> Vec<u32> {
        self.published += 1;
        let salt = mix(self.published ^ 0x7075_626c);
        let chosen = |file: &u32| share >= 1.0 || unit(mix(salt ^ u64::from(*file))) < share;
        let mut keys = Vec::new();
        for file in (0..files.count).map(|file| first_of(class) + file).filter(chosen) {
            if rename {
                self.renamed.set(file, FIRST_NAME + self.classes.len() as u32);
                self.classes.push(class);
            }
            keys.push(self.renamed.get(file).unwrap_or(file));
        }
        keys
    }
}

/// The key of a class's first file.
fn first_of(class: u8) -> u32 {
    FIRST + u32::from(class) * FILES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: Files = Files { popularity: Popularity::Uniform(10), count: 10, bytes: 1, max_age: Span(1) };

    #[test]
    fn a_new_name_is_a_new_key_of_the_same_class() {
        let mut names = Names::default();
        let old = names.publish(3, &FILES, 1.0, false);
        assert_eq!(old, (0..10).map(|file| first_of(3) + file).collect::<Vec<_>>());
        let new = names.publish(3, &FILES, 1.0, true);
        assert!(new.iter().all(|key| !old.contains(key) && names.class_of(*key) == Some(3)), "{new:?}");
        // Published again without another name, it is still the newer name that changes.
        assert_eq!(names.publish(3, &FILES, 1.0, false), new);
        assert_eq!((names.class_of(old[9]), names.class_of(first_of(4)), names.class_of(5)), (Some(3), Some(4), None));
    }

    #[test]
    fn the_share_is_about_what_was_said_and_each_time_others() {
        let files = Files { count: 10_000, ..FILES };
        let mut names = Names::default();
        let (first, second) = (names.publish(0, &files, 0.1, false), names.publish(0, &files, 0.1, false));
        // Four standard deviations of a binomial.
        assert!(first.len().abs_diff(1000) < 120 && second.len().abs_diff(1000) < 120);
        let both = first.iter().filter(|key| second.contains(key)).count();
        assert!(both.abs_diff(100) < 40, "{both}");
    }
}

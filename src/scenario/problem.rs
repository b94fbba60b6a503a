//! What is wrong with something that a user, a file or a link said.

use std::fmt;

/// A place and what is wrong there, fit to be shown: `tiers.web.slots: must be at least 1, is 0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path of keys, joined by dots; empty for the whole.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    pub fn at(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }

    /// Text that is not JSON.
    pub fn syntax(error: &serde_json::Error) -> Self {
        Self::at(format!("line {}, column {}", error.line(), error.column()), describe(&error.to_string()))
    }

    /// JSON that does not fit the types, at a path.
    pub fn shape(place: String, error: &serde_json::Error) -> Self {
        let place = if place == "." { String::new() } else { place };
        let message = error.to_string();
        match message.split(NESTED).collect::<Vec<_>>()[..] {
            [_, "." | "", inner] => Self::at(place, describe(inner)),
            [_, within, inner] => Self::at(format!("{place}.{within}"), describe(inner)),
            _ => Self::at(place, describe(&message)),
        }
    }

    /// The text of an error at `place` within what is being read, for [`Problem::shape`] to take apart.
    pub(super) fn nested(place: &str, message: &str) -> String {
        format!("{NESTED}{place}{NESTED}{message}")
    }

    /// An id that names nothing, with the nearest one that does; with none that is near, all that there are, or the
    /// nearest three if they are many.
    pub fn unknown<'a>(
        place: impl Into<String>,
        what: &str,
        id: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let place = place.into();
        Self::misspelt(place.clone(), what, id, &known).unwrap_or_else(|| {
            let hint = match known.len() {
                0 => "there is none".to_owned(),
                count if count > LISTED_MAX => format!("the nearest are: {}", nearest_few(id, &known).join(", ")),
                _ => format!("there are: {}", known.join(", ")),
            };
            Self::at(place, format!("there is no {what} \"{id}\"; {hint}"))
        })
    }

    /// An id that names nothing but is nearly that of something.
    pub fn misspelt(place: impl Into<String>, what: &str, id: &str, known: &[&str]) -> Option<Self> {
        let near = nearest(id, known)?;
        Some(Self::at(place, format!("there is no {what} \"{id}\"; did you mean \"{near}\"?")))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.place, self.message) }
    }
}

impl std::error::Error for Problem {}

/// More names than this are not all listed.
const LISTED_MAX: usize = 20;

/// Separates place and message in the text of a nested error. serde passes errors on as text alone.
const NESTED: char = '\u{1}';

/// serde's message without its position, with the nearest known name for an unknown one.
fn describe(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown ")
        && let Some(unknown) = quoted.next()
        && let Some(near) = nearest(unknown, &quoted.collect::<Vec<_>>())
    {
        return format!("{message}; did you mean `{near}`?");
    }
    // Types as people call them.
    message
        .replace("expected f64", "expected a number")
        .replace("expected u32", "expected a whole number up to 4294967295")
}

/// The candidate that takes the fewest edits, if these are at most a third of the word.
pub fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let best = candidates.iter().map(|candidate| (distance(word, candidate), *candidate)).min()?;
    (best.0 <= word.chars().count().max(3) / 3 + 1).then_some(best.1)
}

/// The three candidates that take the fewest edits.
fn nearest_few<'a>(word: &str, candidates: &[&'a str]) -> Vec<&'a str> {
    let mut sorted = candidates.to_vec();
    sorted.sort_by_key(|candidate| distance(word, candidate));
    sorted.truncate(3);
    sorted
}

/// Levenshtein's distance, for words of a bounded length.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (i, cb) in b.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, ca) in a.iter().enumerate() {
            let substituted = diagonal + usize::from(*ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[a.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_only_if_it_is_near() {
        let known = ["timeout_ms", "access_latency_ms", "share"];
        assert_eq!(nearest("timeout_s", &known), Some("timeout_ms"));
        assert_eq!(nearest("shares", &known), Some("share"));
        assert_eq!(nearest("colour", &known), None);
    }

    #[test]
    fn many_names_are_not_all_listed() {
        let many: Vec<String> = (10..60).map(|number| format!("web.{number}")).collect();
        let told = Problem::unknown("target", "node", "quite-another", many.iter().map(String::as_str)).message;
        assert!(told.contains("the nearest are: web.10, web.11, web.12") && !told.contains("web.13"), "{told}");
    }
}

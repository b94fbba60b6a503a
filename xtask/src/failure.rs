//! What ends a command early: one clear line for whoever reads it, and an exit code for scripts.

/// The result of everything here that can go wrong.
pub type Outcome<T = ()> = Result<T, Failure>;

#[derive(Debug)]
pub struct Failure {
    /// Empty if the user has been told already.
    pub line: String,
    pub code: u8,
}

impl Failure {
    /// A check or a build did not pass: exit 1.
    pub fn failed(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: 1 }
    }

    /// The command line makes no sense: exit 2.
    pub fn usage(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: 2 }
    }

    /// Something is missing or in the way that only the user can change; the line says how: exit 2.
    pub fn missing(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: 2 }
    }

    /// The user knows already, nothing is left to say.
    pub fn told(code: u8) -> Self {
        Self { line: String::new(), code }
    }
}

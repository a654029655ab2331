//! What can be wrong with a setting, and where a value came from.

use std::fmt;

/// Where a setting's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag,
    /// The environment variable of this name.
    Env(String),
    /// The config file: its path and the line, from 1.
    File(String, usize),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("command line"),
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File(path, line) => write!(f, "{path} line {line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value that is not of its setting's form, or not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongValue {
    /// The name as it was given, such as `--collector.queue-size`.
    pub name: String,
    /// The value; `***` for secrets.
    pub value: String,
    /// Where it came from.
    pub source: Source,
    /// What is wrong with it.
    pub reason: String,
    /// What to write instead.
    pub next: String,
}

impl fmt::Display for WrongValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, source, reason, next } = self;
        write!(f, "{name}: wrong value {value:?} ({source}): {reason}; {next}")
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Its value is wrong.
    #[error("{0}")]
    Wrong(Box<WrongValue>),
    /// The setting is known and its function comes later.
    #[error("{name} ({from}): {reason}")]
    NotYet {
        /// The name as it was given.
        name: String,
        /// Where it came from.
        from: Source,
        /// What comes later and what to do until then.
        reason: &'static str,
    },
    /// The program asked for a setting that its table does not have: a mistake in the program.
    #[error("{component} has no setting {name}; its table in jaeger-service needs it")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The binary.
        component: &'static str,
    },
}

impl From<WrongValue> for SettingError {
    fn from(wrong: WrongValue) -> Self {
        Self::Wrong(Box::new(wrong))
    }
}

/// One line of what is wrong with a configuration; `check` prints them all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A setting cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A reason of its own; says its own next step.
    #[error("{0}")]
    Other(String),
}

impl Problem {
    /// The setting concerned, as it was given, if it is one's.
    #[must_use]
    pub fn setting(&self) -> Option<&str> {
        match self {
            Self::Setting(SettingError::Wrong(wrong)) => Some(&wrong.name),
            Self::Setting(SettingError::NotYet { name, .. } | SettingError::Unknown { name, .. }) => Some(name),
            Self::Other(_) => None,
        }
    }

    /// A problem that is not one setting's; the text names the thing, the value and the next step.
    pub fn other(text: impl Into<String>) -> Self {
        Self::Other(text.into())
    }
}

//! Logs: `tracing` events to stderr, in Go Jaeger's JSON shape or in a form for people.
//!
//! One event is one line and one write. A reason that may repeat with every span goes through [`Repeats`].

mod layer;
mod line;
mod repeats;

use std::io::Write;
use std::str::FromStr;
use std::sync::Arc;

use parking_lot::Mutex;
use tracing_subscriber::layer::SubscriberExt as _;

pub use repeats::Repeats;

/// `--log-level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything.
    Debug,
    /// What an operator may want to know.
    Info,
    /// What an operator should look at.
    Warn,
    /// What does not work.
    Error,
}

/// `--log-encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// One JSON object a line.
    Json,
    /// For people.
    Console,
}

/// A level or encoding that there is not.
#[derive(Debug, thiserror::Error)]
#[error("{value:?} is not one of {known}")]
pub struct UnknownName {
    value: String,
    known: &'static str,
}

impl FromStr for Level {
    type Err = UnknownName;

    /// Takes the names that Go Jaeger takes; its levels above error log no more than errors here.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text.to_ascii_lowercase().as_str() {
            "debug" => Ok(Level::Debug),
            "info" | "" => Ok(Level::Info),
            "warn" => Ok(Level::Warn),
            "error" | "dpanic" | "panic" | "fatal" => Ok(Level::Error),
            _ => Err(UnknownName { value: text.to_owned(), known: "debug, info, warn, error, dpanic, panic, fatal" }),
        }
    }
}

impl FromStr for Encoding {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "json" => Ok(Encoding::Json),
            "console" => Ok(Encoding::Console),
            _ => Err(UnknownName { value: text.to_owned(), known: "json, console" }),
        }
    }
}

/// Sends logs to stderr. Called once, in `main`; a second call has no effect, so tests may call it too.
pub fn init(level: Level, encoding: Encoding) {
    init_to(level, encoding, Box::new(std::io::stderr()));
}

/// Sends logs to a writer of the caller's, such as a file while a terminal shows something else.
pub fn init_to(level: Level, encoding: Encoding, writer: Box<dyn Write + Send>) {
    let sink = Arc::new(Mutex::new(writer));
    let subscriber = tracing_subscriber::registry().with(layer::Lines::new(level, encoding, sink));
    // An error means that logs go somewhere already.
    drop(tracing::subscriber::set_global_default(subscriber));
}

#[cfg(test)]
mod tests;

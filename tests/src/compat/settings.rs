//! What the table of settings knows: which flags and words are served, and what is said about the others.

use anyhow::{Context, Result};
use jaeger_service::settings::{Component, Flag, Kind, Status, Table};

/// The message of a flag, or of a word of a variable (`VARIABLE=word`), that is not served; none if it is.
pub fn not_yet(setting: &str) -> Result<Option<&'static str>> {
    let (name, word) = match setting.split_once('=') {
        Some((name, word)) => (name, Some(word)),
        None => (setting, None),
    };
    let flag = Component::ALL.iter().find_map(|&component| Table::of(component).get(name));
    let flag = flag.with_context(|| format!("no binary has a setting {name}"))?;
    let Some(word) = word else { return Ok(reason(flag)) };
    let choice = flag.choices.iter().find(|choice| choice.value == word);
    Ok(choice.with_context(|| format!("{name} has no word {word}"))?.refused)
}

/// Why a flag is refused.
pub fn reason(flag: &Flag) -> Option<&'static str> {
    if let Status::NotYet { reason, .. } = flag.status { Some(reason) } else { None }
}

/// A value that asks for something, in the flag's form.
pub fn wish(flag: &Flag) -> &'static str {
    match flag.kind {
        Kind::Bool if flag.default == "true" => "false",
        Kind::Bool => "true",
        Kind::Int | Kind::Uint => "7",
        Kind::Float => "0.7",
        Kind::Duration => "7s",
        Kind::Listener => "127.0.0.1:7",
        Kind::Targets => "collector:7",
        Kind::Tags => "a=b",
        Kind::Text | Kind::List | Kind::Lines | Kind::File => "x",
    }
}

//! The files, and what may stand in them. A line without a state is an error.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::settings;

/// The files, in the order of the page.
const FILES: [&str; 12] = [
    "wires",
    "ports",
    "flags",
    "stores",
    "endpoints-in",
    "endpoints-query",
    "endpoints-grpc",
    "endpoints-admin",
    "metrics",
    "metrics-1.6",
    "around",
    "article",
];

/// One file: a heading of the page and its lines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub title: String,
    /// What stands under the heading.
    #[serde(default)]
    pub text: String,
    #[serde(rename = "line", default)]
    pub lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Same,
    Different,
    #[serde(rename = "not yet")]
    NotYet,
    /// Go Jaeger has no such thing.
    Ours,
    /// Said by the table of settings, not by the file: what `setting` names is served.
    #[serde(skip)]
    There,
}

/// One thing that Go Jaeger has, or that we have beside it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub what: String,
    state: Option<State>,
    /// In place of a state: a flag, or `VARIABLE=word`, whose row in the table of settings knows it, and the message too.
    pub setting: Option<String>,
    /// For what differs: what Go Jaeger does, what we do, and the decisions (numbers of `docs/adr`).
    pub go: Option<String>,
    pub here: Option<String>,
    #[serde(default)]
    pub adr: Vec<u32>,
    /// For what is not there: what to do.
    message: Option<String>,
    pub note: Option<String>,
    /// The binaries that have it, without `jaeger-`; all-in-one if none is named.
    #[serde(default)]
    on: Vec<String>,
    /// A request: `METHOD LISTENER PATH`, with its type and body, and its answer's status and a part of its body.
    pub ask: Option<String>,
    #[serde(rename = "type")]
    pub content_type: Option<String>,
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub holds: String,
    /// A family of metrics: `KIND NAME{LABELS}`, and the listener whose `/metrics` has it (the admin port if none is named).
    pub series: Option<String>,
    pub page: Option<String>,
    /// A port by default, the flag that moves it, and its name in the ports file. A flag alone: its default differs.
    pub port: Option<u16>,
    pub flag: Option<String>,
    pub listener: Option<String>,
}

impl Line {
    /// The state, from the file or from the table of settings.
    pub fn state(&self) -> Result<State> {
        match (self.state, &self.setting) {
            (Some(state), None) => Ok(state),
            (None, Some(setting)) => {
                Ok(if settings::not_yet(setting)?.is_some() { State::NotYet } else { State::There })
            }
            _ => bail!("{:?} needs a state or a setting, one of them", self.what),
        }
    }

    /// What to do where it is not there.
    pub fn message(&self) -> Result<Option<String>> {
        match &self.setting {
            Some(setting) => Ok(settings::not_yet(setting)?.map(str::to_owned)),
            None => Ok(self.message.clone()),
        }
    }

    pub fn on(&self) -> Vec<&str> {
        if self.on.is_empty() { vec!["all-in-one"] } else { self.on.iter().map(String::as_str).collect() }
    }

    fn check(&self) -> Result<()> {
        match self.state()? {
            State::Different => {
                ensure!(self.go.is_some() && self.here.is_some(), "{:?} does not say how it differs", self.what);
                ensure!(!self.adr.is_empty(), "{:?} differs and names no decision", self.what);
            }
            State::NotYet => ensure!(self.message()?.is_some(), "{:?} is not there and says not what to do", self.what),
            State::Same | State::Ours | State::There => {
                ensure!(self.go.is_none() && self.here.is_none(), "{:?} differs, by its text", self.what);
            }
        }
        ensure!(self.ask.is_none() || !self.status.is_empty(), "{:?} asks and expects no status", self.what);
        self.adr.iter().try_for_each(|&number| adr(number).map(drop))
    }
}

/// Every section, checked.
pub fn read() -> Result<Vec<Section>> {
    let folder = repository().join("crates/jaeger-service/compat");
    let mut names: Vec<_> = std::fs::read_dir(&folder)?.map(|file| Ok(file?.file_name())).collect::<Result<_>>()?;
    names.retain(|name| !FILES.iter().any(|known| name.to_str() == Some(&format!("{known}.toml"))));
    ensure!(names.is_empty(), "{} holds {names:?}, which the page does not name", folder.display());
    FILES.iter().map(|name| section(&folder.join(format!("{name}.toml")))).collect()
}

fn section(path: &Path) -> Result<Section> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let section: Section = toml::from_str(&text).with_context(|| path.display().to_string())?;
    section.lines.iter().try_for_each(Line::check).with_context(|| path.display().to_string())?;
    Ok(section)
}

/// The file of a decision, for a link from `docs/`.
pub fn adr(number: u32) -> Result<String> {
    let folder = repository().join("docs/adr");
    let start = format!("{number:04}-");
    for file in std::fs::read_dir(folder)? {
        let name = file?.file_name();
        if let Some(name) = name.to_str().filter(|name| name.starts_with(&start)) {
            return Ok(format!("adr/{name}"));
        }
    }
    bail!("there is no decision {number} in docs/adr")
}

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

//! `check`: resolves the settings, opens each file they name, says where each value came from, and prints every problem.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::settings::{HostPort, Kind, Note, Problem, ProcessConfig, Settings};
use crate::tls;

const PATIENCE: Duration = Duration::from_secs(5);

/// What came of trying to reach something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It was reached; what it is and how it answered.
    Reached(String),
    /// It was not.
    Failed(Problem),
}

/// Builds the component's typed configuration and returns what is wrong with it.
pub type ConfigCheck<'c> = dyn Fn(&Settings) -> Vec<Problem> + 'c;

/// Tries to reach what the component needs, such as its store.
pub type ConnectCheck<'c> = dyn Fn(&Settings) -> Vec<Reach> + 'c;

/// What `check` cannot know by the table alone; a component's `main` hands it in.
///
/// ```
/// use jaeger_service::command::{Checks, Cli};
/// use jaeger_service::settings::{Component, Problem, Settings};
/// let config = |settings: &Settings| -> Vec<Problem> {
///     settings.duration("shutdown.deadline").err().map(Problem::from).into_iter().collect()
/// };
/// let cli = Cli::new(Component::Query).with_checks(Checks::default().config(&config));
/// ```
#[derive(Default, Clone, Copy)]
pub struct Checks<'c> {
    config: Option<&'c ConfigCheck<'c>>,
    connect: Option<&'c ConnectCheck<'c>>,
}

impl<'c> Checks<'c> {
    /// Adds the typed configuration: a closure around `Config::from_settings`.
    #[must_use]
    pub fn config(mut self, config: &'c ConfigCheck<'c>) -> Self {
        self.config = Some(config);
        self
    }

    /// Adds what `--connect` tries to reach besides the collectors that are named.
    #[must_use]
    pub fn connect(mut self, connect: &'c ConnectCheck<'c>) -> Self {
        self.connect = Some(connect);
        self
    }
}

impl fmt::Debug for Checks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checks")
            .field("config", &self.config.is_some())
            .field("connect", &self.connect.is_some())
            .finish()
    }
}

pub(super) fn run(
    settings: &Settings,
    mut problems: Vec<Problem>,
    checks: &Checks<'_>,
    connect: bool,
    out: &mut dyn Write,
) -> io::Result<u8> {
    print_values(settings, out)?;
    open_files(settings, &mut problems, out)?;
    let failed: HashSet<String> = problems.iter().filter_map(Problem::setting).map(str::to_owned).collect();
    let common = ProcessConfig::from_settings(settings).err().unwrap_or_default();
    let own = checks.config.map(|config| config(settings)).unwrap_or_default();
    let tls = tls::listeners(settings).err().unwrap_or_default();
    for problem in common.into_iter().chain(tls).chain(own) {
        // A setting that failed in the table comes back from the typed configurations, maybe in other words.
        let told = problem.setting().is_some_and(|name| failed.contains(name));
        if !told && !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    if connect {
        let own = checks.connect.map(|connect| connect(settings)).unwrap_or_default();
        let reached = reach_collectors(settings).into_iter().chain(memory_store(settings)).chain(own);
        for reach in reached {
            match reach {
                Reach::Reached(what) => writeln!(out, "reached {what}")?,
                Reach::Failed(problem) => problems.push(problem),
            }
        }
    }
    for note in settings.notes() {
        match note {
            Note::Info(text) => writeln!(out, "note: {text}")?,
            Note::Warning(text) => writeln!(out, "warning: {text}")?,
        }
    }
    for problem in &problems {
        writeln!(out, "problem: {problem}")?;
    }
    match problems.len() {
        0 => writeln!(out, "{}: no problems", settings.component())?,
        1 => writeln!(out, "{}: 1 problem", settings.component())?,
        n => writeln!(out, "{}: {n} problems", settings.component())?,
    }
    Ok(u8::from(!problems.is_empty()))
}

fn print_values(settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for flag in settings.table().flags().iter().filter(|flag| flag.works() || settings.is_set(&flag.name)) {
        writeln!(out, "{} = {:?} ({})", flag.shown(), settings.shown_value(&flag.name), settings.source(&flag.name))?;
    }
    Ok(())
}

/// Opens what the settings name; the config file itself was read already.
fn open_files(settings: &Settings, problems: &mut Vec<Problem>, out: &mut dyn Write) -> io::Result<()> {
    let files = settings
        .table()
        .flags()
        .iter()
        .filter(|flag| flag.kind == Kind::File && flag.works() && flag.name != "config-file");
    for flag in files {
        let Ok(Some(path)) = settings.file(&flag.name) else { continue };
        match File::open(&path).and_then(|file| file.metadata()) {
            Ok(metadata) if metadata.is_dir() => problems.push(settings.problem(&flag.name, "a folder", "name a file")),
            Ok(metadata) => writeln!(out, "opened {} ({} bytes) for {}", path.display(), metadata.len(), flag.shown())?,
            Err(e) => problems.push(settings.problem(&flag.name, &e.to_string(), "name a file that can be read")),
        }
    }
    Ok(())
}

/// The one store that needs no reaching.
fn memory_store(settings: &Settings) -> Option<Reach> {
    let stores = settings.list("SPAN_STORAGE_TYPE").ok()?;
    stores.contains(&"memory").then(|| Reach::Reached("store memory: inside this process".to_owned()))
}

/// Connects to each collector that spans would be forwarded to.
fn reach_collectors(settings: &Settings) -> Vec<Reach> {
    let names = ["reporter.grpc.host-port", "reporter.tchannel.host-port"];
    let targets = names.into_iter().flat_map(|name| {
        let targets = settings.list(name).unwrap_or_default();
        targets.into_iter().map(move |target| (name, target))
    });
    targets
        .map(|(name, target)| match reach(target) {
            Ok(address) => Reach::Reached(format!("collector {target} at {address}")),
            Err(reason) => Reach::Failed(settings.problem(
                name,
                &format!("{target}: {reason}"),
                "start the collector or name another",
            )),
        })
        .collect()
}

fn reach(target: &str) -> Result<String, String> {
    let address = target.rsplit('/').next().unwrap_or(target);
    let mut last = "the name has no address".to_owned();
    for address in HostPort::parse(address)?.resolve().map_err(|e| e.to_string())? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(address.to_string()),
            Err(e) => last = e.to_string(),
        }
    }
    Err(last)
}

//! The command line of every binary: read the arguments, carry out a subcommand or hand back settings to run with.

mod arguments;
mod check;
mod completion;
mod docs;
mod env;
mod print_config;
mod status;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};

use crate::settings::{Component, Environment, Problem, Settings, Table, resolve};
use crate::version;
pub use check::{Checks, ConfigCheck, ConnectCheck, Reach};

#[cfg(test)]
pub(crate) use docs::page as reference_page;

/// What came of a command line.
#[derive(Debug)]
pub enum Parsed {
    /// Run the component with these settings.
    Run(Settings),
    /// All is done or said; end with this code.
    Exit(u8),
}

/// What to do with a store that no process has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageCommand {
    /// What it holds.
    Stats,
    /// Read all of it.
    Verify,
    /// Write its traces as OTLP JSON.
    Export,
}

/// Carries out a [`StorageCommand`]: results to the first writer, progress and problems to the second; the code to end with.
pub type StorageWork<'c> = dyn Fn(&Settings, StorageCommand, &mut dyn Write, &mut dyn Write) -> io::Result<u8> + 'c;

/// The command line of one binary.
///
/// ```no_run
/// use std::process::ExitCode;
/// use jaeger_service::command::{Cli, Parsed};
/// use jaeger_service::settings::Component;
///
/// fn main() -> ExitCode {
///     match Cli::parse(Component::Agent, std::env::args_os(), std::env::vars_os()) {
///         Parsed::Run(settings) => { settings.log_notes(); ExitCode::SUCCESS }
///         Parsed::Exit(code) => ExitCode::from(code),
///     }
/// }
/// ```
pub struct Cli<'c> {
    component: Component,
    checks: Checks<'c>,
    storage: Option<&'c StorageWork<'c>>,
}

impl fmt::Debug for Cli<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cli").field("component", &self.component).field("checks", &self.checks).finish_non_exhaustive()
    }
}

impl<'c> Cli<'c> {
    /// The command line of a component, with no checks beyond the table's.
    pub fn new(component: Component) -> Self {
        Self { component, checks: Checks::default(), storage: None }
    }

    /// Adds what only the component knows to the `check` command.
    #[must_use]
    pub fn with_checks(mut self, checks: Checks<'c>) -> Self {
        self.checks = checks;
        self
    }

    /// Adds what carries out the commands of `storage`.
    #[must_use]
    pub fn with_storage(mut self, work: &'c StorageWork<'c>) -> Self {
        self.storage = Some(work);
        self
    }

    /// [`run`](Self::run) without checks of the component's own.
    pub fn parse(
        component: Component,
        arguments: impl IntoIterator<Item = OsString>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Parsed {
        Self::new(component).run(arguments, environment)
    }

    /// Reads the command line (the program's name first) and the environment, and carries out subcommands on standard output.
    /// Problems go to standard error, all of them, and end with code 1.
    pub fn run(
        &self,
        arguments: impl IntoIterator<Item = OsString>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Parsed {
        let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
        self.run_on(arguments, environment, &mut out, &mut err)
    }

    fn run_on(
        &self,
        arguments: impl IntoIterator<Item = OsString>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> Parsed {
        match self.outcome(arguments, environment, out, err) {
            Ok(parsed) => parsed,
            // The reader of a pipe that has gone needs no answer.
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Parsed::Exit(0),
            Err(_) => Parsed::Exit(1),
        }
    }

    fn outcome(
        &self,
        arguments: impl IntoIterator<Item = OsString>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> io::Result<Parsed> {
        let component = self.component;
        let line = match arguments::read(component, arguments) {
            Ok(line) => line,
            Err(arguments::Stop::Help(text)) => {
                write!(out, "{text}")?;
                return Ok(Parsed::Exit(0));
            }
            Err(arguments::Stop::Wrong(reason)) => {
                writeln!(err, "{component}: {reason}")?;
                return Ok(Parsed::Exit(1));
            }
        };
        let environment = Environment::new(environment);
        let resolved = |flags| resolve(component, flags, environment.clone());
        let code = match line.command {
            arguments::Command::Run => {
                let (settings, problems) = resolved(line.flags);
                if problems.is_empty() {
                    return Ok(Parsed::Run(settings));
                }
                tell(component, &problems, err)?
            }
            arguments::Command::PrintConfig => {
                let (settings, problems) = resolved(line.flags);
                print_config::print(&settings, out)?;
                tell(component, &problems, err)?
            }
            arguments::Command::Check { connect } => {
                let (settings, problems) = resolved(line.flags);
                check::run(&settings, problems, &self.checks, connect, out)?
            }
            arguments::Command::Status { host_port } => {
                let default = Table::of(component).get("admin.http.host-port").map_or("", |flag| flag.default);
                let address =
                    host_port.as_deref().or_else(|| environment.get("STATUS_HTTP_HOST_PORT")).unwrap_or(default);
                status::run(address, out, err)?
            }
            arguments::Command::Docs { folder } => docs::run(component, &folder, out, err)?,
            arguments::Command::Env => env::print(component, out)?,
            arguments::Command::Version => {
                writeln!(out, "{}", version::json())?;
                0
            }
            arguments::Command::Storage(command) => {
                let (settings, problems) = resolved(line.flags);
                match (tell(component, &problems, err)?, self.storage) {
                    (0, Some(work)) => work(&settings, command, out, err)?,
                    (0, None) => {
                        writeln!(err, "{component}: this program has no store of its own")?;
                        1
                    }
                    (code, _) => code,
                }
            }
            arguments::Command::Completion { shell } => completion::print(component, shell, out)?,
        };
        Ok(Parsed::Exit(code))
    }
}

/// Prints every problem, a line each; the code to end with.
fn tell(component: Component, problems: &[Problem], err: &mut dyn Write) -> io::Result<u8> {
    for problem in problems {
        writeln!(err, "{component}: {problem}")?;
    }
    Ok(u8::from(!problems.is_empty()))
}

#[cfg(test)]
mod tests;

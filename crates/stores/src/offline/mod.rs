//! The commands of `storage`: they look into the embedded store's folder while no process has it open.

mod export;
mod progress;
mod stats;
mod verify;

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use jaeger_service::command::StorageCommand;
use jaeger_service::settings::Settings;

use crate::EmbeddedSettings;
use progress::Shown;

/// Carries a command out on the folder that the process itself would use; results go to `out`, progress and problems to
/// `err`. The code to end with: 1 for a problem or a damaged file.
///
/// # Errors
/// What `out` does not take.
pub fn storage_command(
    settings: &Settings,
    command: StorageCommand,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<u8> {
    let terminal = io::stderr().is_terminal();
    let store = match EmbeddedSettings::from_settings(settings) {
        Ok(store) if store.temporary => {
            writeln!(
                err,
                "{}: a temporary store is gone at exit: there is nothing to look into",
                settings.component()
            )?;
            return Ok(1);
        }
        Ok(store) => store,
        Err(problem) => {
            writeln!(err, "{}: {problem}", settings.component())?;
            return Ok(1);
        }
    };
    let shown = Shown::new(err, terminal);
    let done = match command {
        StorageCommand::Stats => stats::run(&store.directory, out),
        StorageCommand::Verify => verify::run(&store.directory, out, &shown),
        StorageCommand::Export => export::run(&store.directory, out, &shown),
    };
    match done {
        Ok(damaged) => {
            for (path, why) in &damaged {
                shown.say(&format!("{}: {}: {why}", settings.component(), path.display()));
            }
            Ok(u8::from(!damaged.is_empty()))
        }
        Err(Failed::Out(error)) => Err(error),
        Err(Failed::Open(error)) => {
            shown.say(&format!("{}: {error}", settings.component()));
            Ok(1)
        }
    }
}

/// Files that cannot be read, with the reason.
type Damaged = Vec<(PathBuf, String)>;

/// Why a command ends early.
#[derive(Debug)]
enum Failed {
    /// There is no such store, or a process uses it.
    Open(jaeger_storage_embedded::OpenError),
    /// Nobody takes the result.
    Out(io::Error),
}

impl From<jaeger_storage_embedded::OpenError> for Failed {
    fn from(error: jaeger_storage_embedded::OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Out(error)
    }
}

/// The file's own name.
fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests;

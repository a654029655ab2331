//! The embedded store's settings: which folder, how long, how much; and what happens where the folder cannot be written.

use std::path::PathBuf;
use std::time::Duration;

use jaeger_service::settings::{Problem, SettingError, Settings};

use crate::{badger, disk, figures};

/// As long as anybody will look: `--embedded.max-age=0`.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
const VOLUME: &str = "a volume makes it writable: docker run -v jaeger-data:/data, in Kubernetes a persistentVolumeClaim mounted at /data";

/// One embedded store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmbeddedSettings {
    /// Its folder; for a temporary one the folder in which it is made.
    pub directory: PathBuf,
    /// The folder is made anew and gone at exit.
    pub temporary: bool,
    /// How long spans are kept.
    pub max_age: Duration,
    /// Bytes on disk at most.
    pub max_bytes: u64,
    /// Bytes of memory that one trace takes at most when it is read.
    pub max_trace_bytes: usize,
}

impl EmbeddedSettings {
    /// The settings, with no question whether the folder is there.
    ///
    /// # Errors
    /// A setting that is wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, Problem> {
        Ok(Self::placed(settings)?.0)
    }

    /// What a store is made from, or why its folder cannot be written.
    pub(crate) fn writable(settings: &Settings) -> Result<Result<Self, NotWritable>, Problem> {
        let (store, flag) = Self::placed(settings)?;
        match disk::why_not_writable(&store.directory) {
            None => Ok(Ok(store)),
            Some(reason) => Ok(Err(NotWritable { flag, directory: store.directory, reason })),
        }
    }

    /// The settings, and the flag that named the folder.
    fn placed(settings: &Settings) -> Result<(Self, &'static str), SettingError> {
        let badger = settings.list("SPAN_STORAGE_TYPE")?.contains(&"badger");
        let temporary = badger && settings.boolean("badger.ephemeral")?;
        let of_badger = if badger { badger::directory(settings)? } else { None };
        // How far below its mount a folder of its own may lie: a volume has our folder, or Badger's folder with ours, in it.
        let (directory, flag, levels) = match of_badger {
            _ if temporary => (std::env::temp_dir(), "badger.ephemeral", 0),
            Some(directory) if !settings.is_set("embedded.directory") => (directory, "badger.directory-value", 2),
            _ => (PathBuf::from(settings.string("embedded.directory")?), "embedded.directory", 1),
        };
        if directory.as_os_str().is_empty() {
            return Err(settings.wrong("embedded.directory", "no folder", "name a folder, or leave the flag out"));
        }
        let ttl = badger && settings.is_set("badger.span-store-ttl") && !settings.is_set("embedded.max-age");
        let max_age = match settings.duration(if ttl { "badger.span-store-ttl" } else { "embedded.max-age" })? {
            Duration::ZERO => FOR_EVER,
            age => age,
        };
        let max_bytes = match settings.integer("embedded.max-bytes")? {
            0 => disk::default_max_bytes(&directory, levels),
            bytes => bytes,
        };
        Ok((Self { directory, temporary, max_age, max_bytes, max_trace_bytes: max_trace_bytes(settings) }, flag))
    }

    /// One line for people.
    pub(crate) fn about(&self) -> String {
        let place = if self.temporary { "a temporary folder".to_owned() } else { self.directory.display().to_string() };
        format!("embedded store in {place}, at most {} MB on disk", figures::megabytes(self.max_bytes))
    }
}

/// Twice what query shows, so that what is a little over is told by its own figures; 1 GiB where no query is in the process.
pub(crate) fn max_trace_bytes(settings: &Settings) -> usize {
    settings.integer::<usize>("query.max-trace-bytes").map_or(1 << 30, |bytes| bytes.saturating_mul(2))
}

/// A folder that cannot be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct NotWritable {
    flag: &'static str,
    directory: PathBuf,
    reason: String,
}

impl NotWritable {
    #[cfg(test)]
    pub(crate) fn for_test(directory: &str, reason: &str) -> Self {
        Self { flag: "embedded.directory", directory: directory.into(), reason: reason.to_owned() }
    }

    /// Where somebody asked for this store: the flag, and what to do.
    pub(crate) fn problem(&self, settings: &Settings) -> Problem {
        let reason = format!("{} cannot be written: {}", self.directory.display(), self.reason);
        settings.problem(self.flag, &reason, &format!("name a folder that can; {VOLUME}"))
    }

    /// Where nobody asked for it, and memory serves.
    pub(crate) fn warning(&self) -> String {
        format!(
            "spans are kept in memory and gone when this process ends, since {} cannot be written ({}); {VOLUME}",
            self.directory.display(),
            self.reason
        )
    }
}

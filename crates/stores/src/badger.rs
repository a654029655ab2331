//! `SPAN_STORAGE_TYPE=badger`: the embedded store under another name, and Badger's own files beside it, which are left alone.

use std::fs;
use std::path::{Path, PathBuf};

use jaeger_service::settings::{SettingError, Settings};

/// The folder that Badger's values had, where one is named: ours lies in it.
pub(crate) fn directory(settings: &Settings) -> Result<Option<PathBuf>, SettingError> {
    let directory = settings.string("badger.directory-value")?;
    Ok((!directory.is_empty()).then(|| Path::new(directory).join("spans")))
}

/// A line about the files that Go Jaeger left in its folders, if there are any.
pub(crate) fn own_files(settings: &Settings) -> Result<Option<String>, SettingError> {
    for flag in ["badger.directory-value", "badger.directory-key"] {
        let folder = settings.string(flag)?;
        let found = if folder.is_empty() { None } else { first_file(Path::new(folder)) };
        if let Some(file) = found {
            return Ok(Some(format!(
                "--{flag}: {folder} holds files of Badger ({file}), which cannot be read here and are left alone; to see their traces \
                 until they expire, run Go's jaegertracing/jaeger-query with SPAN_STORAGE_TYPE=badger, BADGER_EPHEMERAL=false, \
                 BADGER_READ_ONLY=true and the same folders on another port, then delete them"
            )));
        }
    }
    Ok(None)
}

fn first_file(folder: &Path) -> Option<String> {
    let names = fs::read_dir(folder).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names.into_iter().filter(|name| is_of_badger(name)).min()
}

fn is_of_badger(name: &str) -> bool {
    matches!(name, "MANIFEST" | "KEYREGISTRY") || name.ends_with(".vlog") || name.ends_with(".sst")
}

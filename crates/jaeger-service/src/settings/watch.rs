//! Notices that a file changed, by looking at it: the path is resolved anew each time, so that a ConfigMap's
//! `..data` link that moved is a change like any other.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file that is looked at from time to time; the caller keeps the interval.
///
/// ```no_run
/// # fn main() -> std::io::Result<()> {
/// use jaeger_service::settings::FileWatch;
/// let mut watch = FileWatch::new("/etc/jaeger/strategies.json", 1 << 20);
/// let first = watch.changed()?; // always the content
/// let later = watch.changed()?; // None until the content is another
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct FileWatch {
    path: PathBuf,
    max_bytes: u64,
    seen: Option<Seen>,
}

#[derive(Debug)]
struct Seen {
    modified: Option<SystemTime>,
    resolved: PathBuf,
    content: Vec<u8>,
}

impl FileWatch {
    /// Watches a file of at most `max_bytes`.
    pub fn new(path: impl Into<PathBuf>, max_bytes: u64) -> Self {
        Self { path: path.into(), max_bytes, seen: None }
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content, if it is not what the last call saw; the first call always gives it. Reads the file (blocking) only if its
    /// time, size or link changed. After an error the file counts as last seen, so a file that comes back unchanged is no change.
    pub fn changed(&mut self) -> io::Result<Option<Vec<u8>>> {
        let resolved = self.path.canonicalize()?;
        let mut file = File::open(&resolved)?;
        let metadata = file.metadata()?;
        let modified = metadata.modified().ok();
        if metadata.len() > self.max_bytes {
            return Err(io::Error::other(format!("{} is over {} bytes", self.path.display(), self.max_bytes)));
        }
        if let Some(seen) = &self.seen
            && seen.modified == modified
            && modified.is_some()
            && seen.resolved == resolved
            && seen.content.len() as u64 == metadata.len()
        {
            return Ok(None);
        }
        let mut content = Vec::new();
        Read::take(&mut file, self.max_bytes).read_to_end(&mut content)?;
        let same = self.seen.as_ref().is_some_and(|seen| seen.content == content);
        let answer = (!same).then(|| content.clone());
        self.seen = Some(Seen { modified, resolved, content });
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_changed_content_is_given_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "one").unwrap();
        let mut watch = FileWatch::new(&path, 100);
        assert_eq!(watch.changed().unwrap().unwrap(), b"one");
        assert_eq!(watch.changed().unwrap(), None);
        fs::write(&path, "other").unwrap();
        assert_eq!(watch.changed().unwrap().unwrap(), b"other");
        assert_eq!(watch.changed().unwrap(), None);
        fs::write(&path, "x".repeat(101)).unwrap();
        assert!(watch.changed().unwrap_err().to_string().contains("over 100 bytes"));
    }

    #[test]
    fn a_config_maps_link_that_moved_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [("..1", "one"), ("..2", "two")] {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join("a.json"), text).unwrap();
        }
        symlink("..1", at("..data")).unwrap();
        symlink("..data/a.json", at("a.json")).unwrap();
        let mut watch = FileWatch::new(at("a.json"), 100);
        assert_eq!(watch.changed().unwrap().unwrap(), b"one");
        symlink("..2", at("..new")).unwrap();
        fs::rename(at("..new"), at("..data")).unwrap();
        assert_eq!(watch.changed().unwrap().unwrap(), b"two");
    }
}

//! The libraries that a server in Java is made of: fetched by Maven once, and used only where every checksum is the pinned one.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use nix::fcntl::{Flock, FlockArg};

/// What a server consists of.
pub(crate) struct Libraries {
    pub(crate) name: &'static str,
    pub(crate) group: &'static str,
    pub(crate) artifact: &'static str,
    pub(crate) version: &'static str,
    /// One line a file, as `sha256sum` prints it.
    pub(crate) checksums: &'static str,
}

impl Libraries {
    /// The folder that holds them.
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        let folder = cache()?.join(format!("{}-{}", self.name, self.version));
        std::fs::create_dir_all(&folder)?;
        // Several tests may ask at once.
        let lock = File::create(folder.join("lock"))?;
        let _lock = Flock::lock(lock, FlockArg::LockExclusive).map_err(|(_, error)| error)?;
        let libraries = folder.join("lib");
        let verified = folder.join("verified");
        if std::fs::read_to_string(&verified).is_ok_and(|text| text == self.checksums) {
            return Ok(libraries);
        }
        self.fetch(&folder)?;
        self.verify(&libraries)?;
        std::fs::write(verified, self.checksums)?;
        Ok(libraries)
    }

    fn fetch(&self, folder: &Path) -> Result<()> {
        let Self { group, artifact, version, .. } = self;
        let dependency = format!(
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>"
        );
        let project = format!(
            "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion><groupId>local</groupId>\
             <artifactId>servers</artifactId><version>1</version><dependencies>{dependency}</dependencies></project>"
        );
        std::fs::write(folder.join("pom.xml"), project)?;
        let output = Command::new("mvn")
            .args(["--quiet", "--batch-mode", "dependency:copy-dependencies", "-DincludeScope=runtime"])
            .arg("-DoutputDirectory=lib")
            .current_dir(folder)
            .output()
            .context("mvn cannot be started; install Maven (Debian: apt-get install maven)")?;
        ensure!(output.status.success(), "mvn cannot fetch {artifact}: {}", String::from_utf8_lossy(&output.stdout));
        Ok(())
    }

    fn verify(&self, libraries: &Path) -> Result<()> {
        let files = std::fs::read_dir(libraries)?.count();
        let expected = self.checksums.lines().count();
        ensure!(files == expected, "{} holds {files} files, not {expected}; remove the folder", libraries.display());
        let mut check = Command::new("sha256sum")
            .args(["--check", "--strict", "--quiet"])
            .current_dir(libraries)
            .stdin(Stdio::piped())
            .spawn()
            .context("sha256sum cannot be started; install coreutils")?;
        if let Some(mut stdin) = check.stdin.take() {
            stdin.write_all(self.checksums.as_bytes())?;
        }
        if !check.wait()?.success() {
            bail!("{} does not hold what was pinned; remove the folder", libraries.display());
        }
        Ok(())
    }
}

fn cache() -> Result<PathBuf> {
    let set = |key: &str| std::env::var_os(key).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    Ok(cache.context("set HOME or XDG_CACHE_HOME, so that servers can be fetched")?.join("jaeger-rust/servers"))
}

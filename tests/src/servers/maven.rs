//! Distributions from Maven Central, unpacked once into the cache folder and checked against the sum that is pinned with their version.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::peers::{cache, checked, install};

/// A zip of one version.
#[derive(Clone, Copy, Debug)]
pub struct Artifact {
    pub group: &'static str,
    pub name: &'static str,
    pub version: &'static str,
    pub sha256: &'static str,
}

/// The folder with what is in it.
pub fn unpacked(artifact: Artifact) -> Result<PathBuf> {
    let Artifact { group, name, version, sha256 } = artifact;
    let whole = format!("{name}-{version}");
    let folder = cache(&whole)?;
    install(&folder, sha256.as_bytes(), || {
        let mut maven = Command::new("mvn");
        maven.current_dir(&folder).args(["-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"]);
        maven
            .arg(format!("-Dartifact={group}:{name}:{version}:zip"))
            .arg(format!("-DoutputDirectory={}", folder.display()));
        let output = maven.output().context("mvn is missing: install it (Debian: maven)")?;
        checked(&format!("mvn (of {whole})"), &output)?;
        let zip = folder.join(format!("{whole}.zip"));
        let sum = checked("sha256sum", &Command::new("sha256sum").arg(&zip).output()?)?;
        ensure!(sum.starts_with(sha256), "{whole}.zip has the sum {sum}, and {sha256} is pinned");
        let mut unzip = Command::new("unzip");
        unzip.args(["-q", "-o"]).arg(&zip).arg("-d").arg(&folder);
        checked("unzip", &unzip.output().context("unzip is missing: install it (Debian: unzip)")?)?;
        Ok(std::fs::remove_file(zip)?)
    })?;
    Ok(folder.join(whole))
}

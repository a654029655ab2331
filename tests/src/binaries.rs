//! The binaries under test: those that cargo makes in the profile `ci`, built once for each run.
//!
//! `JAEGER_BINARIES=FOLDER` takes ready ones from a folder instead.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail};

/// A binary of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    Agent,
    AllInOne,
    CassandraSchema,
    Collector,
    Load,
    Query,
    RemoteStorage,
    /// The example of the client.
    Shop,
}

impl Binary {
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "jaeger-agent",
            Self::AllInOne => "jaeger-all-in-one",
            Self::CassandraSchema => "jaeger-cassandra-schema",
            Self::Collector => "jaeger-collector",
            Self::Load => "jaeger-load",
            Self::Query => "jaeger-query",
            Self::RemoteStorage => "jaeger-remote-storage",
            Self::Shop => "jaeger-shop",
        }
    }

    /// Where it is, after it was built.
    pub fn path(self) -> Result<PathBuf> {
        static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let folder = FOLDER.get_or_init(|| folder().map_err(|error| format!("{error:#}")));
        let path = folder.as_ref().map_err(|error| anyhow!("{error}"))?.join(self.name());
        if !path.is_file() {
            bail!("{} is not there; run `cargo build --profile ci --workspace`", path.display());
        }
        Ok(path)
    }
}

fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("JAEGER_BINARIES") {
        return Ok(PathBuf::from(folder));
    }
    // The test itself is TARGET/PROFILE/deps/NAME.
    let test = std::env::current_exe().context("where this test runs from is not known")?;
    let profile = test.ancestors().nth(2).context("this test does not stand in a target folder")?;
    let target = profile.parent().context("this test does not stand in a target folder")?;
    build(target)?;
    Ok(target.join("ci"))
}

fn build(target: &std::path::Path) -> Result<()> {
    let packages = [
        Binary::Agent,
        Binary::AllInOne,
        Binary::CassandraSchema,
        Binary::Collector,
        Binary::Load,
        Binary::Query,
        Binary::RemoteStorage,
        Binary::Shop,
    ];
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--quiet", "--profile", "ci", "--target-dir"])
        .arg(target);
    for package in packages {
        cargo.args(["--package", package.name()]);
    }
    let output = cargo.output().context("cargo could not be started to build the binaries")?;
    if !output.status.success() {
        bail!("the binaries do not build: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

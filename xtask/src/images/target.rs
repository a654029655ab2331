//! What static binaries are built for: musl, added where it is missing; where it cannot be had, glibc linked statically.

use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

/// A target of rustc, and what cargo is told for it.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) triple: String,
    pub(crate) features: &'static [&'static str],
    musl: bool,
}

impl Target {
    /// For the processor of this machine.
    pub(crate) fn choose(processor: &str) -> anyhow::Result<Self> {
        let musl = format!("{processor}-unknown-linux-musl");
        let missing = match (add(&musl)?, runs("musl-gcc")) {
            (true, true) => {
                return Ok(Self { triple: musl, features: &["--features", "jaeger-service/mimalloc"], musl: true });
            }
            (false, _) => "rustup cannot add it",
            (true, false) => "musl-gcc is missing (Debian: apt-get install musl-tools)",
        };
        eprintln!("== no {musl}: {missing}; images get glibc, linked statically");
        Ok(Self { triple: format!("{processor}-unknown-linux-gnu"), features: &[], musl: false })
    }

    /// Flags of rustc, and the compiler for what is written in C.
    pub(crate) fn prepare(&self, command: &mut Command) {
        if self.musl {
            command.env(format!("CC_{}", self.triple.replace('-', "_")), "musl-gcc");
        } else {
            command.env("RUSTFLAGS", "-C target-feature=+crt-static");
        }
    }
}

fn add(triple: &str) -> anyhow::Result<bool> {
    let installed = Command::new("rustup").args(["target", "list", "--installed"]).stderr(Stdio::null()).output();
    let Ok(installed) = installed else { return Ok(false) };
    ensure!(installed.status.success(), "rustup target list ended with {}", installed.status);
    if String::from_utf8_lossy(&installed.stdout).lines().any(|line| line == triple) {
        return Ok(true);
    }
    let added = Command::new("rustup").args(["target", "add", triple]).status().context("rustup target add")?;
    Ok(added.success())
}

fn runs(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

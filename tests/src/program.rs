//! A program that ends by itself: what it said and how it ended.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;

use crate::binaries::Binary;
use crate::child::Child;

/// How long it may take.
const RUN: Duration = Duration::from_secs(60);

/// What is left of it.
#[derive(Debug)]
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a binary with these arguments, and with nothing in the environment but these variables.
pub async fn run(binary: Binary, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Output> {
    let folder = tempfile::tempdir()?;
    let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
    let mut command = Command::new(binary.path()?);
    command
        .current_dir(folder.path())
        .env_clear()
        .envs(variables.iter().copied())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(File::create(&stdout)?)
        .stderr(File::create(&stderr)?);
    let status = Child::spawn(command)?.exit(binary.name(), RUN).await?;
    let text = |path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Output { code: status.code(), stdout: text(stdout)?, stderr: text(stderr)? })
}

//! The page in a real browser: the tests of `tests/ui` in JavaScript, run by Node with Debian's Chromium against a server.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use crate::child::Child;
use crate::peers;

/// How long the tests of a folder may take.
const RUN: Duration = Duration::from_secs(600);

/// Runs the tests of `tests/ui/FOLDER`; `settings` are told to them.
pub async fn check(folder: &str, settings: &Value) -> Result<()> {
    static MODULES: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let modules = MODULES.get_or_init(|| peers::install_modules("ui", &ui()).map_err(|error| format!("{error:#}")));
    let modules = modules.as_ref().map_err(|error| anyhow!("{error}"))?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(ui().join(folder)).with_context(|| format!("tests/ui/{folder}"))? {
        let file = entry?.path();
        if file.extension().is_some_and(|ending| ending == "mjs") {
            files.push(file);
        }
    }
    ensure!(!files.is_empty(), "there are no tests in tests/ui/{folder}");
    files.sort();
    let out = tempfile::tempdir()?;
    let said = out.path().join("said");
    let mut command = Command::new("node");
    command
        // One after the other: two browsers on two cores wait for each other.
        .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
        .args(&files)
        .env("NODE_PATH", modules)
        .env("JAEGER_UI_TEST", settings.to_string())
        .stdin(Stdio::null())
        .stdout(File::create(&said)?)
        .stderr(Stdio::inherit());
    let status = Child::spawn(command)?.exit("the tests of the page", RUN).await;
    let said = std::fs::read_to_string(said)?;
    let status = status.with_context(|| said.clone())?;
    ensure!(status.success(), "tests of the page failed: {said}");
    for figure in said.lines().filter_map(|line| line.split_once("FIGURE ")) {
        eprintln!("{}", figure.1);
    }
    Ok(())
}

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

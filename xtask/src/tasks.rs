//! What `make` calls: check, test, chaos, bench.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::client;
use crate::images;
use crate::step::{cargo, step};
use crate::ui;

/// Binaries that end-to-end tests and measurements start.
const BINARIES: [&str; 8] = [
    "jaeger-all-in-one",
    "jaeger-agent",
    "jaeger-collector",
    "jaeger-query",
    "jaeger-remote-storage",
    "jaeger-load",
    "jaeger-shop",
    "jaeger-cassandra-schema",
];

/// Crates of others built at most, those for tests included; more is a decision.
const MOST_DEPENDENCIES: usize = 300;

/// Everything that needs no test to be run.
pub(crate) fn check() -> anyhow::Result<()> {
    // First: what is compiled below holds the page.
    ui::check()?;
    step("format", 2, &mut cargo(&["fmt", "--all", "--check"]))?;
    step("lints", 30, &mut cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))?;
    step(
        "generated code is what the definitions say",
        15,
        &mut cargo(&["run", "--quiet", "-p", "xtask", "--features", "codegen", "--", "codegen", "--check"]),
    )?;
    client::check()?;
    install_cargo_deny()?;
    step(
        "dependencies are allowed",
        5,
        &mut cargo(&["deny", "--log-level", "error", "check", "bans", "licenses", "sources"]),
    )?;
    count_dependencies()
}

/// Unit, property and end-to-end tests.
pub(crate) fn test() -> anyhow::Result<()> {
    ui::build()?;
    build_binaries("ci", 40)?;
    step(
        "unit and property tests",
        25,
        &mut cargo(&["test", "--profile", "ci", "--workspace", "--exclude", "jaeger-tests", "--quiet"]),
    )?;
    client::test()?;
    step("end to end", 25, &mut cargo(&["test", "--profile", "ci", "-p", "jaeger-tests", "--", "--nocapture"]))
}

/// The tests of stores over the servers that `test` leaves out.
pub(crate) fn test_stores() -> anyhow::Result<()> {
    build_binaries("ci", 40)?;
    let mut command =
        cargo(&["test", "--profile", "ci", "-p", "jaeger-tests", "--test", "elasticsearch", "--", "--nocapture"]);
    step("every Elasticsearch", 40, command.env("EVERY_STORE", "1"))?;
    let mut command = cargo(&[
        "test",
        "--profile",
        "ci",
        "-p",
        "jaeger-storage-cassandra",
        "--test",
        "conformance",
        "--",
        "--nocapture",
    ]);
    step("every Cassandra", 30, command.env("EVERY_STORE", "1"))
}

/// The tests that end processes under load, many times.
pub(crate) fn chaos() -> anyhow::Result<()> {
    ui::build()?;
    build_binaries("ci", 40)?;
    let mut command =
        cargo(&["test", "--profile", "ci", "-p", "jaeger-tests", "--test", "shutdown", "--", "--nocapture"]);
    step("stop under load, 50 rounds", 60, command.env("STOP_ROUNDS", "50"))?;
    let mut command = cargo(&["test", "--profile", "ci", "-p", "jaeger-tests", "--test", "away", "--", "--nocapture"]);
    step("a collector that is away for a minute", 10, command.env("AWAY_TRIES", "24"))?;
    let mut command =
        cargo(&["test", "--profile", "ci", "-p", "jaeger-tests", "--test", "durable", "--", "--nocapture"]);
    step("killed at every step and by time, 50 rounds", 120, command.env("KILL_ROUNDS", "50"))
}

/// Images and manifests on the cluster that `KUBECONFIG` names; `K8S_LOAD` is a command that takes an archive there.
pub(crate) fn test_k8s() -> anyhow::Result<()> {
    const NEEDED: &str = "--only=jaeger-agent,jaeger-collector,jaeger-query,jaeger-remote-storage,jaeger-load";
    let load = std::env::var("K8S_LOAD")
        .context("set K8S_LOAD to what loads an archive into the cluster, such as \"kind load image-archive FILE\"")?;
    images::run(&[NEEDED.to_owned(), format!("--load={load}")])?;
    let test = ["test", "--profile", "ci", "-p", "jaeger-tests", "--test", "cluster", "--", "--nocapture"];
    step("on a cluster", 30, &mut cargo(&test))
}

/// Prints the figures of `docs/performance.md`; `arguments` go to `jaeger-load bench`; `--only client` is here.
pub(crate) fn bench(arguments: &[String]) -> anyhow::Result<()> {
    let target = target_folder()?;
    let one = arguments.iter().position(|argument| argument == "--only").and_then(|at| arguments.get(at + 1));
    if one.is_none_or(|part| part == "client") {
        client::bench(&target)?;
    }
    if one.is_some_and(|part| part == "client") {
        return Ok(());
    }
    ui::build()?;
    build_binaries("bench-lto", 40)?;
    if one.is_none_or(|part| part == "page") {
        let binaries = target.join("bench-lto");
        let mut test = cargo(&["test", "--quiet", "--profile", "ci", "-p", "jaeger-tests", "--test", "page"]);
        test.args(["fifty_thousand_spans", "--", "--nocapture"]).env("JAEGER_BINARIES", binaries);
        step("the page", 20, &mut test)?;
    }
    if one.is_some_and(|part| part == "page") {
        return Ok(());
    }
    let load = target.join("bench-lto").join("jaeger-load");
    step("bench", 60, Command::new(load).arg("bench").args(arguments))
}

/// Starts `jaeger-load` with `arguments`.
pub(crate) fn load(arguments: &[String]) -> anyhow::Result<()> {
    let mut command = cargo(&["run", "--quiet", "--release", "-p", "jaeger-load", "--"]);
    step("load", 60, command.args(arguments))
}

fn build_binaries(profile: &str, minutes: u64) -> anyhow::Result<()> {
    let mut command = cargo(&["build", "--profile", profile]);
    for binary in BINARIES {
        command.args(["-p", binary]);
    }
    step("build the binaries", minutes, &mut command)
}

pub(crate) fn target_folder() -> anyhow::Result<PathBuf> {
    let output = cargo(&["metadata", "--format-version=1", "--no-deps"]).output().context("cargo metadata")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let folder = text.split("\"target_directory\":\"").nth(1).and_then(|rest| rest.split('"').next());
    Ok(PathBuf::from(folder.context("cargo metadata names no target_directory")?))
}

fn install_cargo_deny() -> anyhow::Result<()> {
    let installed = cargo(&["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if installed.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    step("install cargo-deny", 20, &mut cargo(&["install", "--quiet", "--locked", "cargo-deny@0.20.2"]))
}

fn count_dependencies() -> anyhow::Result<()> {
    // What is locked for other systems is never built here.
    let tree = cargo(&["tree", "--workspace", "--locked", "--edges=normal,build,dev", "--prefix=none", "--format={p}"])
        .output()
        .context("cargo tree")?;
    anyhow::ensure!(tree.status.success(), "cargo tree: {}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8_lossy(&tree.stdout);
    // Those of the workspace name their folder.
    let crates: BTreeSet<&str> =
        tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.contains("(/")).collect();
    let built = crates.len();
    eprintln!("== {built} crates of others are built, of at most {MOST_DEPENDENCIES}");
    anyhow::ensure!(
        built <= MOST_DEPENDENCIES,
        "too many crates; see what the last dependency drags in with cargo tree"
    );
    Ok(())
}

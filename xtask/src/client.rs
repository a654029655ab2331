//! What the client's crates need besides the workspace's own steps: all features looked at, packages that build by
//! themselves, and the figures of its example `client-bench`.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::step::{cargo, step};

/// Crates that others depend on.
const PACKAGES: [&str; 6] = ["-p", "jaeger-model", "-p", "jaeger-wire", "-p", "jaeger-client"];
/// Instructions of a span that is not sampled, at most.
const INSTRUCTIONS: f64 = 150.0;

/// Lints and documentation with every feature, and packages that build from what is in them.
pub(crate) fn check() -> anyhow::Result<()> {
    let all = ["-p", "jaeger-client", "--all-features", "--quiet"];
    let mut lints = cargo(&["clippy", "--all-targets"]);
    step("lints of the client, all features", 5, lints.args(all).args(["--", "-D", "warnings"]))?;
    let mut docs = cargo(&["doc", "--no-deps"]);
    step("documentation of the client", 5, docs.args(all).env("RUSTDOCFLAGS", "-D warnings"))?;
    let mut package = cargo(&["package", "--quiet", "--allow-dirty"]);
    step("packages build by themselves", 10, package.args(PACKAGES))
}

/// Its tests with every feature.
pub(crate) fn test() -> anyhow::Result<()> {
    let arguments = ["test", "--profile", "ci", "-p", "jaeger-client", "--all-features", "--quiet"];
    step("the client, all features", 10, &mut cargo(&arguments))
}

/// Its figures; instructions are counted by valgrind.
pub(crate) fn bench(target: &Path) -> anyhow::Result<()> {
    let build = ["build", "--profile", "bench-lto", "-p", "jaeger-client", "--example", "client-bench"];
    step("build the client's bench", 10, &mut cargo(&build))?;
    let program = target.join("bench-lto/examples/client-bench");
    step("bench of the client", 5, &mut Command::new(&program))?;
    const SPANS: u32 = 100_000;
    let (few, many) = (instructions(&program, 1)?, instructions(&program, SPANS + 1)?);
    let each = (many - few) / f64::from(SPANS);
    let verdict = if each <= INSTRUCTIONS { "GOAL MET" } else { "MISSED" };
    eprintln!("span not sampled: {each:.1} instructions (goal {INSTRUCTIONS}) {verdict}");
    Ok(())
}

fn instructions(program: &Path, spans: u32) -> anyhow::Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["count", &spans.to_string()])
        .output()
        .context("valgrind does not start; install it (Debian: apt-get install valgrind)")?;
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text.split("Collected : ").nth(1).and_then(|rest| rest.split_whitespace().next());
    count.and_then(|count| count.parse().ok()).with_context(|| format!("valgrind counted nothing: {text}"))
}

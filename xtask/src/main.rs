//! Build tasks that are more than one line of the Makefile.

mod client;
#[cfg(feature = "codegen")]
mod codegen;
mod images;
mod step;
mod tasks;
mod ui;

use std::env;
use std::process::ExitCode;

use anyhow::bail;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        #[cfg(feature = "codegen")]
        Some((task, rest)) if task == "codegen" => codegen::run(rest),
        #[cfg(not(feature = "codegen"))]
        Some((task, _)) if task == "codegen" => {
            bail!("this xtask is built without the compiler for .proto; run `make codegen`")
        }
        Some((task, rest)) => match task.as_str() {
            "check" => tasks::check(),
            "test" => tasks::test(),
            "test-k8s" => tasks::test_k8s(),
            "test-stores" => tasks::test_stores(),
            "chaos" => tasks::chaos(),
            "bench" => tasks::bench(rest),
            "ui" => ui::build(),
            "images" => images::run(rest),
            "load" => tasks::load(rest),
            other => bail!("no task {other:?}; there are {TASKS}"),
        },
        None => bail!("name a task: {TASKS}"),
    }
}

const TASKS: &str = "check, test, test-k8s, test-stores, chaos, bench, load, images, ui, codegen";

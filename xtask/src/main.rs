//! Build tasks that are more than one line of the Makefile.

#[cfg(feature = "codegen")]
mod codegen;

use std::env;

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        #[cfg(feature = "codegen")]
        Some((task, rest)) if task == "codegen" => codegen::run(rest),
        #[cfg(not(feature = "codegen"))]
        Some((task, _)) if task == "codegen" => {
            bail!("this xtask is built without the compiler for .proto; run `make codegen`")
        }
        Some((task, _)) => bail!("no task {task:?}; there is codegen"),
        None => bail!("name a task: codegen"),
    }
}

//! The page: built by Node into `ui/dist`, from where `crates/query/build.rs` puts it into the binary.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, ensure};

use crate::step::step;

const UI: &str = "ui";
/// Bytes in gzip: what the search page loads first, and all of it. More is a decision.
const MOST_FIRST_BYTES: u64 = 130_000;
const MOST_BYTES: u64 = 260_000;

/// Builds the page, if anything changed since the last time.
pub(crate) fn build() -> anyhow::Result<()> {
    ensure!(Path::new(UI).join("package.json").is_file(), "there is no {UI}/; start xtask in the repository's root");
    install()?;
    let of = inputs()?;
    let built = Path::new(UI).join("dist").join(".built");
    if read(&built) == of {
        return Ok(());
    }
    step("build the page", 5, &mut npm(&["run", "--silent", "build", "--", "--logLevel", "warn"]))?;
    fs::write(&built, &of).with_context(|| format!("cannot write {}", built.display()))?;
    // The build script of crates/query looks at this file: it cannot watch a folder that is not there yet.
    let index = File::options().append(true).open(Path::new(UI).join("index.html"))?;
    index.set_modified(SystemTime::now()).context("cannot touch ui/index.html")
}

/// Lints, types, unit tests and sizes.
pub(crate) fn check() -> anyhow::Result<()> {
    build()?;
    step("the page: format and lints", 5, &mut npm(&["run", "--silent", "lint"]))?;
    step("the page: types", 5, &mut npm(&["run", "--silent", "types"]))?;
    step("the page: unit tests", 5, &mut npm(&["test", "--silent"]))?;
    sizes()
}

/// The packages of the lock file, nothing else.
fn install() -> anyhow::Result<()> {
    let lock = read(&Path::new(UI).join("package-lock.json"));
    let installed = Path::new(UI).join("node_modules").join(".installed");
    if read(&installed) == lock {
        return Ok(());
    }
    step("install what the page is built with", 10, &mut npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(UI);
    command
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// A hash of everything that the page is made of.
fn inputs() -> anyhow::Result<String> {
    let mut files = BTreeSet::new();
    for name in ["index.html", "package-lock.json", "vite.config.ts", "tsconfig.json", "src", "public"] {
        collect(&Path::new(UI).join(name), &mut files)?;
    }
    let mut hash = DefaultHasher::new();
    for file in &files {
        hash.write(file.as_os_str().as_encoded_bytes());
        hash.write(&fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(format!("{:016x}", hash.finish()))
}

fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        files.insert(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

/// What the page weighs, packed.
fn sizes() -> anyhow::Result<()> {
    let dist = Path::new(UI).join("dist");
    let index = fs::read_to_string(dist.join("index.html")).context("cannot read the page that was built")?;
    let (mut first, mut all) = (0, 0);
    for entry in fs::read_dir(dist.join("static")).context("cannot read the files of the page")? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(plain) = name.strip_suffix(".gz") else { continue };
        let bytes = entry.metadata()?.len();
        all += bytes;
        if index.contains(plain) {
            first += bytes;
        }
    }
    eprintln!("== the page: {first} bytes first, of at most {MOST_FIRST_BYTES}; {all} in all, of at most {MOST_BYTES}");
    ensure!(first > 0, "no file of the page stands in its index.html");
    ensure!(
        first <= MOST_FIRST_BYTES && all <= MOST_BYTES,
        "the page is too heavy; see what the last import drags in, or load it later"
    );
    Ok(())
}

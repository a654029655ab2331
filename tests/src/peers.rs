//! Tracing clients in other languages: installed once into the cache folder from the pinned lists in `peers/`, then
//! run with the addresses of a server.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use nix::fcntl::{Flock, FlockArg};
use serde::Deserialize;
use serde_json::Value;

use crate::child::Child;

/// How long a client's program may take.
const RUN: Duration = Duration::from_secs(60);

/// What a client's program says it has sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent<S> {
    pub spans: Vec<S>,
    /// Span ids that nobody may see.
    pub not_sampled: Vec<String>,
}

/// Runs `peers/node/PROGRAM` with its settings as one JSON argument.
pub async fn node<S: serde::de::DeserializeOwned>(program: &str, settings: &Value) -> Result<Sent<S>> {
    static MODULES: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let modules =
        MODULES.get_or_init(|| install_modules("node", &peers().join("node")).map_err(|error| format!("{error:#}")));
    let modules = modules.as_ref().map_err(|error| anyhow!("{error}"))?;
    let mut command = Command::new("node");
    command.env("NODE_PATH", modules).arg(peers().join("node").join(program));
    run(command, program, settings).await
}

/// Runs the program in Go of the folder `peers/NAME` with its settings as one JSON argument.
pub async fn go<T: serde::de::DeserializeOwned>(name: &str, settings: &Value) -> Result<T> {
    run(Command::new(go_program(name)?), name, settings).await
}

/// That program, built from the modules that its `go.sum` pins: asked for before whatever waits for it to answer.
pub fn go_program(name: &str) -> Result<PathBuf> {
    let (folder, sources) = (cache(name)?, peers().join(name));
    let mut files: Vec<_> = std::fs::read_dir(&sources)?.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    files.sort();
    let mut list = Vec::new();
    for file in files {
        list.extend_from_slice(&std::fs::read(file)?);
    }
    let program = folder.join("peer");
    install(&folder, &list, || {
        let mut go = Command::new("go");
        go.args(["build", "-mod=readonly", "-o"]).arg(&program).arg(".").current_dir(&sources);
        let output = go.output().context("the peers in Go are missing: install Go 1.21 or newer (Debian: golang)")?;
        checked("go build (of the peers in Go)", &output).map(drop)
    })?;
    Ok(program)
}

/// Runs `peers/python/PROGRAM`, which sends spans, with its settings as one JSON argument.
pub async fn python<S: serde::de::DeserializeOwned>(program: &str, settings: &Value) -> Result<Sent<S>> {
    python_answers(program, settings).await
}

/// Runs `peers/python/PROGRAM` with its settings as one JSON argument and gives what it prints.
pub async fn python_answers<T: serde::de::DeserializeOwned>(program: &str, settings: &Value) -> Result<T> {
    static INTERPRETER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    python_of("python", &INTERPRETER, program, settings).await
}

/// Runs `peers/zipkin/PROGRAM` with its settings as one JSON argument.
pub async fn zipkin<S: serde::de::DeserializeOwned>(program: &str, settings: &Value) -> Result<Sent<S>> {
    static INTERPRETER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    python_of("zipkin", &INTERPRETER, program, settings).await
}

/// Each folder has packages of its own: what one needs the other cannot have.
async fn python_of<T: serde::de::DeserializeOwned>(
    folder: &str,
    interpreter: &OnceLock<Result<PathBuf, String>>,
    program: &str,
    settings: &Value,
) -> Result<T> {
    let interpreter = interpreter.get_or_init(|| install_python(folder).map_err(|error| format!("{error:#}")));
    let interpreter = interpreter.as_ref().map_err(|error| anyhow!("{error}"))?;
    let mut command = Command::new(interpreter);
    command.arg(peers().join(folder).join(program));
    run(command, program, settings).await
}

async fn run<T: serde::de::DeserializeOwned>(mut command: Command, program: &str, settings: &Value) -> Result<T> {
    let folder = tempfile::tempdir()?;
    let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
    command
        .arg(settings.to_string())
        .stdin(Stdio::null())
        .stdout(File::create(&stdout)?)
        .stderr(File::create(&stderr)?);
    // A setting of the machine must not lead a client elsewhere.
    for (key, _) in std::env::vars_os() {
        if key.to_str().is_some_and(|key| key.starts_with("OTEL_") || key.starts_with("JAEGER_")) {
            command.env_remove(key);
        }
    }
    let status = Child::spawn(command)?.exit(program, RUN).await?;
    let output = Output { status, stdout: std::fs::read(stdout)?, stderr: std::fs::read(stderr)? };
    let text = checked(program, &output)?;
    serde_json::from_str(&text).with_context(|| format!("{program} printed {text}"))
}

pub(crate) fn checked(what: &str, output: &Output) -> Result<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if !output.status.success() {
        bail!("{what} ended with {}: {}{}", output.status, text(&output.stderr), text(&output.stdout));
    }
    Ok(text(&output.stdout))
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// `${XDG_CACHE_HOME:-$HOME/.cache}/jaeger-rust/peers/NAME`.
pub(crate) fn cache(name: &str) -> Result<PathBuf> {
    let set = |key: &str| std::env::var_os(key).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    let cache = cache.context("set HOME or XDG_CACHE_HOME, so that the clients can be installed")?;
    let folder = cache.join("jaeger-rust").join("peers").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Installs into `folder` unless the last installation was from the same `list`; several tests may ask at once.
pub(crate) fn install(folder: &Path, list: &[u8], work: impl FnOnce() -> Result<()>) -> Result<()> {
    let lock = Flock::lock(File::create(folder.join("lock"))?, FlockArg::LockExclusive).map_err(|(_, error)| error)?;
    let done = folder.join("installed");
    if std::fs::read(&done).is_ok_and(|text| text == list) {
        return Ok(());
    }
    work()?;
    std::fs::write(&done, list)?;
    drop(lock);
    Ok(())
}

/// The packages that a folder's lock file pins, in the cache's folder NAME.
pub(crate) fn install_modules(name: &str, sources: &Path) -> Result<PathBuf> {
    let folder = cache(name)?;
    let lock = std::fs::read(sources.join("package-lock.json"))?;
    install(&folder, &lock, || {
        for name in ["package.json", "package-lock.json"] {
            std::fs::copy(sources.join(name), folder.join(name))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        let output = npm.output().context("packages for Node are missing: install Node 20 with npm")?;
        checked("npm ci (of packages for Node)", &output).map(drop)
    })?;
    Ok(folder.join("node_modules"))
}

fn install_python(name: &str) -> Result<PathBuf> {
    let folder = cache(name)?;
    let list = peers().join(name).join("requirements.txt");
    let python = folder.join("venv/bin/python");
    install(&folder, &std::fs::read(&list)?, || {
        let venv = Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder.join("venv")).output();
        let missing = "the clients for Python are missing: install Python 3 with venv (Debian: python3-venv)";
        checked(missing, &venv.context(missing)?)?;
        let pip = Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&list).output();
        checked("pip install (of the clients for Python)", &pip?).map(drop)
    })?;
    Ok(python)
}

//! `cargo xtask images`: static binaries, each in an image of its own that holds nothing else but certificates.
//!
//! ```text
//! table --> target (musl) --> cargo build --> tar, oci --> FOLDER/NAME.tar --> --load
//! ```

mod elf;
mod oci;
mod table;
mod tar;
mod target;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context as _, bail, ensure};

use crate::step::{cargo, step};
use crate::tasks::target_folder;
use crate::ui;
use oci::{Archive, Layer, Settings};
use table::{IMAGES, Image};
use tar::{Access, Tar};
use target::Target;

/// Who the processes are; the number is that of Go Jaeger's images.
const USER: u32 = 10001;
/// What a registry may have to send for one image.
const MOST_BYTES: usize = 20_000_000;
/// Authorities that are trusted, on the machine that builds.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What is asked for.
#[derive(Debug)]
struct Wanted {
    registry: String,
    out: Option<PathBuf>,
    profile: String,
    /// Ready static binaries, instead of building them.
    binaries: Option<PathBuf>,
    only: Vec<String>,
    load: Option<Vec<String>>,
}

const USAGE: &str = "cargo xtask images [--registry=HOST] [--out=FOLDER] [--only=NAME,NAME] [--profile=images] \
                     [--binaries=FOLDER] [--load=podman|docker|buildah|containerd|\"COMMAND FILE\"]";

impl Wanted {
    fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut wanted = Self {
            registry: "localhost".to_owned(),
            out: None,
            profile: "images".to_owned(),
            binaries: None,
            only: Vec::new(),
            load: None,
        };
        for argument in arguments {
            let (name, value) = argument.split_once('=').with_context(|| format!("{argument}? {USAGE}"))?;
            match name {
                "--registry" => wanted.registry = value.trim_end_matches('/').to_owned(),
                "--out" => wanted.out = Some(value.into()),
                "--profile" => wanted.profile = value.to_owned(),
                "--binaries" => wanted.binaries = Some(value.into()),
                "--only" => wanted.only = value.split(',').map(str::to_owned).collect(),
                "--load" => wanted.load = Some(loader(value)?),
                _ => bail!("{name}? {USAGE}"),
            }
        }
        Ok(wanted)
    }

    fn images(&self) -> anyhow::Result<Vec<&'static Image>> {
        let known = |name: &String| IMAGES.iter().any(|image| image.name == *name);
        if let Some(name) = self.only.iter().find(|name| !known(name)) {
            let names: Vec<_> = IMAGES.iter().map(|image| image.name).collect();
            bail!("there is no image {name}; there are {}", names.join(", "));
        }
        let asked = |image: &&Image| match self.only.as_slice() {
            [] => !image.for_tests,
            only => only.iter().any(|name| name == image.name),
        };
        Ok(IMAGES.iter().filter(asked).collect())
    }
}

/// The command that takes an archive, which stands where it says FILE.
fn loader(tool: &str) -> anyhow::Result<Vec<String>> {
    let command = match tool {
        "podman" => "podman load --quiet --input FILE",
        "docker" => "docker load --quiet --input FILE",
        "buildah" => "buildah pull --quiet oci-archive:FILE",
        "containerd" => "ctr --namespace k8s.io images import FILE",
        command if command.contains("FILE") => command,
        _ => bail!("--load takes podman, docker, buildah, containerd or a command with FILE in it, not {tool}"),
    };
    Ok(command.split_whitespace().map(str::to_owned).collect())
}

pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let wanted = Wanted::parse(arguments)?;
    let images = wanted.images()?;
    let binaries = match &wanted.binaries {
        Some(folder) => folder.clone(),
        None => build(&images, &wanted.profile)?,
    };
    let out = match &wanted.out {
        Some(folder) => folder.clone(),
        None => target_folder()?.join("image-archives"),
    };
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let version = version()?;
    let base = base(&fs::read(CERTIFICATES).with_context(|| format!("{CERTIFICATES}; install ca-certificates"))?)?;
    for image in images {
        let path = binaries.join(image.binary);
        let binary = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let reference = format!("{}/jaegertracing/{}:{version}", wanted.registry, image.name);
        let archive = make(image, &binary, &base, &reference, &version).with_context(|| path.display().to_string())?;
        let file = out.join(format!("{}.tar", image.name));
        fs::write(&file, &archive.bytes).with_context(|| format!("cannot write {}", file.display()))?;
        let tenths = archive.compressed / 100_000;
        eprintln!("{reference}  {}.{} MB  {}  {}", tenths / 10, tenths % 10, archive.digest, file.display());
        ensure!(
            archive.compressed <= MOST_BYTES,
            "{reference} is larger than {MOST_BYTES} bytes; see what makes it so"
        );
        if let Some(command) = &wanted.load {
            load(command, &file)?;
        }
    }
    Ok(())
}

fn build(images: &[&Image], profile: &str) -> anyhow::Result<PathBuf> {
    ui::build()?;
    let target = Target::choose(env::consts::ARCH)?;
    let mut command = cargo(&["build", "--profile", profile, "--target", &target.triple]);
    command.args(["-p", "jaeger-service"]).args(target.features);
    for image in images {
        command.args(["-p", image.package]);
    }
    target.prepare(&mut command);
    step("build the binaries", 60, &mut command)?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target_folder()?.join(&target.triple).join(folder))
}

/// What all images share: it is stored and sent once.
fn base(certificates: &[u8]) -> anyhow::Result<Layer> {
    let mut tar = Tar::default();
    // The folder of the embedded store lies in it unless a volume does.
    tar.folder("data", Access { mode: 0o755, user: USER })?;
    for folder in ["etc", "etc/ssl", "etc/ssl/certs"] {
        tar.folder(folder, Access::root(0o755))?;
    }
    tar.file("etc/ssl/certs/ca-certificates.crt", Access::root(0o644), certificates)?;
    tar.folder("tmp", Access::root(0o1777))?;
    Layer::new("certificates, /data and /tmp", tar)
}

fn make(image: &Image, binary: &[u8], base: &Layer, reference: &str, version: &str) -> anyhow::Result<Archive> {
    let architecture = elf::architecture_of_static(binary)?;
    let mut tar = Tar::default();
    for file in image.files {
        for folder in parents(file.path) {
            tar.folder(folder, Access::root(0o755))?;
        }
        tar.file(file.path, Access::root(0o644), file.content.as_bytes())?;
    }
    let path = format!("usr/bin/{}", image.binary);
    for folder in parents(&path).chain(parents(image.go_path)) {
        tar.folder(folder, Access::root(0o755))?;
    }
    tar.file(&path, Access::root(0o755), binary)?;
    tar.link(image.go_path, &path)?;
    let layer = Layer::new(image.binary, tar)?;
    let labels = BTreeMap::from([
        ("org.opencontainers.image.title", image.name.to_owned()),
        ("org.opencontainers.image.description", image.about.to_owned()),
        ("org.opencontainers.image.version", version.to_owned()),
        ("org.opencontainers.image.licenses", "Apache-2.0".to_owned()),
    ]);
    let settings = Settings {
        reference: reference.to_owned(),
        architecture,
        user: USER,
        entrypoint: format!("/{path}"),
        arguments: image.arguments.iter().map(|&argument| argument.to_owned()).collect(),
        ports: image.ports.to_vec(),
        labels,
    };
    oci::archive(&[base.clone(), layer], &settings)
}

/// The folders above a path, the highest first.
fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

fn load(command: &[String], file: &Path) -> anyhow::Result<()> {
    let file = file.to_str().context("the folder's name is not UTF-8")?;
    let words: Vec<String> = command.iter().map(|word| word.replace("FILE", file)).collect();
    step(&words.join(" "), 5, Command::new(&words[0]).args(&words[1..]).stdout(Stdio::null()))
}

/// That of the workspace.
fn version() -> anyhow::Result<String> {
    let output = cargo(&["pkgid", "-p", "jaeger-agent"]).output().context("cargo pkgid")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.trim().rsplit(['#', '@']).next().filter(|version| version.contains('.'));
    Ok(version.with_context(|| format!("cargo pkgid names no version: {text}"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(binary: &[u8]) -> Archive {
        let image = IMAGES.iter().find(|image| image.name == "all-in-one").unwrap();
        let base = base(b"certificates").unwrap();
        make(image, binary, &base, "localhost/jaegertracing/all-in-one:1.0.0", "1.0.0").unwrap()
    }

    #[test]
    fn the_same_binary_makes_the_same_image_and_another_makes_another() {
        let binary = |more| elf::tests::elf(1, more);
        let (first, again) = (image(&binary(b"code")), image(&binary(b"code")));
        assert_eq!(first.digest, again.digest);
        assert_eq!(first.bytes, again.bytes);
        assert_ne!(first.digest, image(&binary(b"other code")).digest);
    }

    #[test]
    fn images_are_chosen_by_name_and_those_for_tests_only_so() {
        let names = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
            let images = Wanted::parse(&arguments).and_then(|wanted| wanted.images());
            images.map(|images| images.iter().map(|image| image.name).collect::<Vec<_>>())
        };
        assert!(!names(&[]).unwrap().contains(&"jaeger-load"));
        assert_eq!(names(&["--only=jaeger-load,jaeger-query"]).unwrap(), ["jaeger-query", "jaeger-load"]);
        assert!(names(&["--only=jaeger-ingester"]).unwrap_err().to_string().contains("there is no image"));
        assert!(names(&["--registry"]).unwrap_err().to_string().contains("cargo xtask images"));
    }
}

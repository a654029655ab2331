//! `cargo xtask codegen`: the code generated from `proto/`, committed so that a build needs no compiler for it.
//!
//! With `--check` nothing is written; a difference is an error.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, bail, ensure};
use prost::Message as _;

/// Where the code goes, from the workspace's root.
const GENERATED: &str = "crates/jaeger-wire/src/gen";
/// The first line of each file of code.
const HEAD: &str = "// Made by `make codegen` from proto/; change that instead.\n";

pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => bail!("codegen takes --check or nothing, not {arguments:?}"),
    };
    let root = root()?;
    let mut differing = Vec::new();
    for (name, content) in generate(&root)? {
        let path = root.join(GENERATED).join(&name);
        if fs::read(&path).is_ok_and(|known| known == content) {
            continue;
        }
        if check {
            differing.push(name);
        } else {
            fs::create_dir_all(root.join(GENERATED)).with_context(|| format!("cannot make {GENERATED}"))?;
            fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    ensure!(differing.is_empty(), "{differing:?} in {GENERATED} are not what proto/ says; run `make codegen`");
    Ok(())
}

/// The workspace's root, wherever this was started.
fn root() -> anyhow::Result<PathBuf> {
    // Asked at run time: two checkouts may share a target folder, and with it this binary.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").context("no CARGO_MANIFEST_DIR; start this by cargo or make")?;
    let here = Path::new(&here);
    here.parent().map(Path::to_path_buf).context("xtask stands in no workspace")
}

/// A package of `proto/`: its folder, its files, and the files of code that are made of it.
struct Package {
    name: &'static str,
    folder: &'static str,
    files: &'static [&'static str],
}

const PACKAGES: [Package; 3] = [
    Package { name: "jaeger.api_v2", folder: "api_v2", files: &["model.proto", "collector.proto", "sampling.proto"] },
    Package { name: "jaeger.storage.v1", folder: "storage_v1", files: &["storage.proto"] },
    Package { name: "jaeger.embedded.v1", folder: "embedded_v1", files: &["embedded.proto"] },
];

/// Name and content of each file.
fn generate(root: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut made = Vec::new();
    for package in PACKAGES {
        made.extend(generate_package(root, &package).with_context(|| format!("proto/{}", package.folder))?);
    }
    Ok(made)
}

fn generate_package(root: &Path, package: &Package) -> anyhow::Result<[(String, Vec<u8>); 2]> {
    let folders = [root.join("proto").join(package.folder), root.join("proto/api_v2")];
    let all = protox::compile(package.files, folders).context("does not compile")?;
    let out = env::temp_dir().join(format!("jaeger-codegen-{}", std::process::id()));
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let made = tonic_prost_build::configure()
        .out_dir(&out)
        .btree_map(".")
        .emit_rerun_if_changed(false)
        .compile_fds(without_spans(&all, package))
        .context("no code could be made")
        .and_then(|()| {
            let file = out.join(format!("{}.rs", package.name));
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
        });
    fs::remove_dir_all(&out).with_context(|| format!("cannot remove {}", out.display()))?;
    Ok([
        (format!("{}.rs", package.name), format!("{HEAD}{}", made?).into_bytes()),
        // For server reflection, without the comments.
        (format!("{}.descriptors", package.name), without_comments(all).encode_to_vec()),
    ])
}

/// Spans are read by hand: code is made for the messages that hold none, and for services of such messages alone.
fn without_spans(all: &prost_types::FileDescriptorSet, package: &Package) -> prost_types::FileDescriptorSet {
    let mut all = all.clone();
    let known =
        |file: &prost_types::FileDescriptorProto| file.package() == "google.protobuf" || file.package() == package.name;
    all.file.retain(|file| known(file) && !["model.proto", "collector.proto"].contains(&file.name()));
    for file in &mut all.file {
        if file.dependency.iter().any(|name| name == "model.proto") {
            file.dependency.retain(|name| name != "model.proto");
            file.message_type
                .retain(|message| message.field.iter().all(|field| !field.type_name().starts_with(".jaeger.api_v2.")));
            file.service.clear();
            // Comments are found by the places of messages, which are others now.
            file.source_code_info = None;
        }
    }
    all
}

fn without_comments(mut all: prost_types::FileDescriptorSet) -> prost_types::FileDescriptorSet {
    for file in &mut all.file {
        file.source_code_info = None;
    }
    all
}

//! `cargo xtask codegen`: the code generated from `proto/`, committed so that a build needs no compiler for it.
//!
//! With `--check` nothing is written; a difference is an error.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, bail, ensure};
use prost::Message as _;

/// Where the wires' code goes, from the workspace's root.
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
        let path = root.join(&name);
        if fs::read(&path).is_ok_and(|known| known == content) {
            continue;
        }
        if check {
            differing.push(name);
        } else {
            let folder = path.parent().context("a file stands in a folder")?;
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
            fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    ensure!(differing.is_empty(), "{differing:?} are not what proto/ says; run `make codegen`");
    Ok(())
}

/// The workspace's root, wherever this was started.
fn root() -> anyhow::Result<PathBuf> {
    // Asked at run time: two checkouts may share a target folder, and with it this binary.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").context("no CARGO_MANIFEST_DIR; start this by cargo or make")?;
    let here = Path::new(&here);
    here.parent().map(Path::to_path_buf).context("xtask stands in no workspace")
}

/// Files of a package of `proto/`: their folder, and how what is made of them is called.
struct Package {
    name: &'static str,
    folder: &'static str,
    files: &'static [&'static str],
    made: &'static str,
}

/// Definitions that TChannel's `Meta` tells.
const DEFINITIONS: [&str; 3] = ["jaeger.thrift", "sampling.thrift", "zipkincore.thrift"];

/// What the example of the client speaks: code alone, since nobody asks it by reflection.
const SHOP: Package = Package {
    name: "shop",
    folder: "../examples/shop/proto",
    files: &["shop.proto"],
    made: "examples/shop/src/gen/shop.rs",
};

const PACKAGES: [Package; 6] = [
    Package {
        name: "jaeger.api_v2",
        folder: "api_v2",
        files: &["model.proto", "collector.proto", "sampling.proto"],
        made: "jaeger.api_v2",
    },
    // Apart from the collector's, since each port tells of its own services alone.
    Package { name: "jaeger.api_v2", folder: "api_v2", files: &["query.proto"], made: "jaeger.api_v2.query" },
    Package {
        name: "jaeger.api_v2.metrics",
        folder: "api_v2_metrics",
        files: &["metricsquery.proto"],
        made: "jaeger.api_v2.metrics",
    },
    Package { name: "jaeger.api_v3", folder: "api_v3", files: &["query_service.proto"], made: "jaeger.api_v3" },
    Package { name: "jaeger.storage.v1", folder: "storage_v1", files: &["storage.proto"], made: "jaeger.storage.v1" },
    Package {
        name: "jaeger.embedded.v1",
        folder: "embedded_v1",
        files: &["embedded.proto"],
        made: "jaeger.embedded.v1",
    },
];

/// Path and content of each file.
fn generate(root: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let of = |package: &Package| generate_package(root, package).with_context(|| format!("proto/{}", package.folder));
    let mut made = Vec::new();
    for package in PACKAGES {
        let (code, descriptors) = of(&package)?;
        made.push((format!("{GENERATED}/{}.rs", package.made), code));
        // For server reflection.
        made.push((format!("{GENERATED}/{}.descriptors", package.made), descriptors));
    }
    made.push((SHOP.made.to_owned(), of(&SHOP)?.0));
    // Peers ask for them: the crate has them within, as it is packaged by itself.
    for name in DEFINITIONS {
        let text = fs::read(root.join("proto/thrift").join(name)).with_context(|| format!("cannot read {name}"))?;
        made.push((format!("{GENERATED}/{name}"), text));
    }
    Ok(made)
}

/// Code, and descriptors without comments.
fn generate_package(root: &Path, package: &Package) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let folders = [root.join("proto").join(package.folder), root.join("proto/api_v2"), root.join("proto")];
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
    Ok((format!("{HEAD}{}", made?).into_bytes(), without_comments(all).encode_to_vec()))
}

/// Spans are read by hand: code is made for the messages that hold none, and for services of such messages alone.
fn without_spans(all: &prost_types::FileDescriptorSet, package: &Package) -> prost_types::FileDescriptorSet {
    let known = |file: &prost_types::FileDescriptorProto| {
        let ours = file.package() == "google.protobuf" || file.package() == package.name;
        ours && !["model.proto", "collector.proto"].contains(&file.name())
    };
    let (mut all, gone): (Vec<_>, Vec<_>) = all.file.iter().cloned().partition(known);
    let of_spans = |file: &prost_types::FileDescriptorProto| {
        let name = |message: &prost_types::DescriptorProto| format!(".{}.{}", file.package(), message.name());
        file.message_type.iter().map(name).collect::<Vec<_>>()
    };
    let of_spans: Vec<String> = gone.iter().flat_map(of_spans).collect();
    for file in &mut all {
        let with_spans = |name: &String| gone.iter().any(|file| file.name() == name);
        // Services of query are answered by hand: their answers are written while traces are read.
        if file.dependency.iter().any(with_spans) || file.name() == "metricsquery.proto" {
            file.dependency.retain(|name| !with_spans(name));
            file.message_type.retain(|message| {
                message.field.iter().all(|field| of_spans.iter().all(|name| name != field.type_name()))
            });
            file.service.clear();
            // Comments are found by the places of messages, which are others now.
            file.source_code_info = None;
        }
    }
    prost_types::FileDescriptorSet { file: all }
}

fn without_comments(mut all: prost_types::FileDescriptorSet) -> prost_types::FileDescriptorSet {
    for file in &mut all.file {
        file.source_code_info = None;
    }
    all
}

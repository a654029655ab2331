//! An image as an OCI archive: its layers, its configuration, and the index that names it. `manifest.json` stands beside
//! the index for tools that know Docker's archives only.

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::Context as _;
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::tar::{Access, Tar};

/// When every image was made, so that the same content is the same image.
const MADE: &str = "1970-01-01T00:00:00Z";

/// A layer, compressed.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    /// Of the tar archive before compression.
    diff_id: String,
    blob: Blob,
    /// What it holds, for `history`.
    what: String,
}

impl Layer {
    pub(crate) fn new(what: &str, tar: Tar) -> anyhow::Result<Self> {
        let tar = tar.finish();
        // The header of gzip names no time and no file.
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::best());
        gzip.write_all(&tar).context("cannot compress a layer")?;
        let content = gzip.finish().context("cannot compress a layer")?;
        Ok(Self { diff_id: digest(&tar), blob: Blob::new(content), what: what.to_owned() })
    }
}

/// What an image says about how it is started.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Its name with registry and version.
    pub(crate) reference: String,
    /// In the words of Go: `amd64` or `arm64`.
    pub(crate) architecture: &'static str,
    pub(crate) user: u32,
    pub(crate) entrypoint: String,
    pub(crate) arguments: Vec<String>,
    /// Such as `6831/udp`.
    pub(crate) ports: Vec<&'static str>,
    pub(crate) labels: BTreeMap<&'static str, String>,
}

/// An image, ready to be written.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) bytes: Vec<u8>,
    /// What a registry knows it by.
    pub(crate) digest: String,
    /// What a registry sends for it, in bytes.
    pub(crate) compressed: usize,
}

/// Puts layers and settings together.
pub(crate) fn archive(layers: &[Layer], settings: &Settings) -> anyhow::Result<Archive> {
    const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    let config = Blob::json(&configuration(layers, settings))?;
    let of_layers: Vec<Value> = layers.iter().map(|layer| layer.blob.descriptor(LAYER)).collect();
    let manifest = Blob::json(&json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": config.descriptor(CONFIG), "layers": of_layers,
    }))?;
    let mut named = manifest.descriptor(MANIFEST);
    named["platform"] = json!({"architecture": settings.architecture, "os": "linux"});
    let tag = settings.reference.rsplit(':').next().unwrap_or_default();
    // containerd reads the first, other tools the second.
    named["annotations"] =
        json!({"io.containerd.image.name": settings.reference, "org.opencontainers.image.ref.name": tag});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [named]});
    let docker = json!([{
        "Config": config.path(),
        "RepoTags": [settings.reference],
        "Layers": layers.iter().map(|layer| layer.blob.path()).collect::<Vec<_>>(),
    }]);

    let file = Access::root(0o644);
    let mut tar = Tar::default();
    tar.file("oci-layout", file, br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    tar.file("index.json", file, &serde_json::to_vec(&index)?)?;
    tar.file("manifest.json", file, &serde_json::to_vec(&docker)?)?;
    tar.folder("blobs", Access::root(0o755))?;
    tar.folder("blobs/sha256", Access::root(0o755))?;
    let blobs = [&manifest, &config].into_iter().chain(layers.iter().map(|layer| &layer.blob));
    let mut compressed = 0;
    for blob in blobs {
        compressed += blob.content.len();
        tar.file(&blob.path(), file, &blob.content)?;
    }
    Ok(Archive { bytes: tar.finish(), digest: manifest.digest, compressed })
}

fn configuration(layers: &[Layer], settings: &Settings) -> Value {
    let ports: BTreeMap<_, _> = settings.ports.iter().map(|port| (port, json!({}))).collect();
    json!({
        "created": MADE,
        "architecture": settings.architecture,
        "os": "linux",
        "config": {
            "User": settings.user.to_string(),
            "ExposedPorts": ports,
            "Env": ["PATH=/usr/bin:/go/bin"],
            "Entrypoint": [settings.entrypoint],
            "Cmd": settings.arguments,
            // Relative folders of stores lie below it.
            "WorkingDir": "/",
            "Labels": settings.labels,
        },
        "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|layer| &layer.diff_id).collect::<Vec<_>>()},
        "history": layers.iter().map(|layer| json!({"created": MADE, "created_by": layer.what})).collect::<Vec<_>>(),
    })
}

#[derive(Clone, Debug)]
struct Blob {
    digest: String,
    content: Vec<u8>,
}

impl Blob {
    fn new(content: Vec<u8>) -> Self {
        Self { digest: digest(&content), content }
    }

    fn json(value: &Value) -> anyhow::Result<Self> {
        Ok(Self::new(serde_json::to_vec(value)?))
    }

    fn descriptor(&self, kind: &str) -> Value {
        json!({"mediaType": kind, "digest": self.digest, "size": self.content.len()})
    }

    fn path(&self) -> String {
        format!("blobs/{}", self.digest.replace(':', "/"))
    }
}

fn digest(content: &[u8]) -> String {
    let hex: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

//! The objects of a kustomization, as `kubectl apply -k` would send them, and what is asked of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::binaries::Binary;
use crate::peers;

/// The folder of this repository.
pub fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the tests stand in no workspace")
}

/// Everything that `kubectl apply -k` takes below a folder of this repository.
pub fn kustomizations(below: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![root()?.join(below)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("kustomization.yaml")
                && !std::fs::read_to_string(&path)?.contains("kind: Component")
            {
                let folder = folder.strip_prefix(root()?)?;
                found.push(folder.to_str().context("a folder that is not UTF-8")?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What a kustomization renders to.
#[derive(Debug)]
pub struct Manifests {
    /// Its folder, for messages.
    pub folder: String,
    pub objects: Vec<Value>,
}

/// A container, and the object whose pods have it.
#[derive(Clone, Copy, Debug)]
pub struct Container<'a> {
    pub owner: &'a Value,
    pub pod: &'a Value,
    pub spec: &'a Value,
}

impl Manifests {
    /// Renders one, and reads each object as the API server's types do: an unknown field is an error.
    pub async fn render(folder: &str) -> Result<Self> {
        let path: PathBuf = root()?.join(folder);
        let objects = peers::go("kubernetes", &json!({"folder": path})).await.with_context(|| folder.to_owned())?;
        Ok(Self { folder: folder.to_owned(), objects })
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    pub fn find(&self, kind: &str, name: &Value) -> Option<&Value> {
        self.of_kind(kind).find(|object| object["metadata"]["name"] == *name)
    }

    /// Objects that make pods, each with its template.
    pub fn pods(&self) -> impl Iterator<Item = (&Value, &Value)> {
        let with_template =
            |object: &'_ Value| ["Deployment", "StatefulSet", "DaemonSet", "Job"].contains(&kind(object));
        self.objects.iter().filter(move |object| with_template(object)).map(|o| (o, &o["spec"]["template"]))
    }

    /// Their containers, those that start first included.
    pub fn containers(&self) -> impl Iterator<Item = Container<'_>> {
        self.pods().flat_map(|(owner, template)| {
            let pod = &template["spec"];
            let all = list(&pod["initContainers"]).iter().chain(list(&pod["containers"]));
            all.map(move |spec| Container { owner, pod, spec })
        })
    }

    /// Pods that a selector of labels chooses.
    pub fn selected<'a>(&'a self, selector: &'a Value) -> impl Iterator<Item = (&'a Value, &'a Value)> {
        self.pods().filter(move |(_, template)| chooses(selector, &template["metadata"]["labels"]))
    }

    /// Where a host and port lead that a setting names: a Service of these objects.
    pub fn check_address(&self, host: &str, port: u16) -> Result<()> {
        let name = host.split('.').next().unwrap_or(host);
        let service = self.find("Service", &Value::from(name));
        let service =
            service.with_context(|| format!("{}: there is no Service {name} for {host}:{port}", self.folder))?;
        let known = list(&service["spec"]["ports"]).iter().any(|known| known["port"] == port);
        ensure!(known, "{}: Service {name} has no port {port}", self.folder);
        Ok(())
    }
}

impl<'a> Container<'a> {
    pub fn name(&self) -> String {
        format!(
            "{} {}, container {}",
            kind(self.owner),
            text(&self.owner["metadata"]["name"]),
            text(&self.spec["name"])
        )
    }

    /// The binary in its image, if the image is ours.
    pub fn binary(&self) -> Option<Binary> {
        let image = text(&self.spec["image"]).split_once("/jaegertracing/")?.1.split(':').next()?;
        Some(match image {
            "jaeger-agent" => Binary::Agent,
            "jaeger-collector" => Binary::Collector,
            "jaeger-query" => Binary::Query,
            "jaeger-remote-storage" => Binary::RemoteStorage,
            "all-in-one" => Binary::AllInOne,
            _ => return None,
        })
    }

    pub fn arguments(&self) -> impl Iterator<Item = &'a str> {
        list(&self.spec["args"]).iter().map(text)
    }

    /// The value that a variable has, where these objects say so.
    pub fn variables(&self, manifests: &Manifests) -> Result<BTreeMap<String, String>> {
        let mut variables = BTreeMap::new();
        for variable in list(&self.spec["env"]) {
            let from = &variable["valueFrom"];
            let value = if let Some(key) = from.get("configMapKeyRef") {
                let map = manifests.find("ConfigMap", &key["name"]);
                map.and_then(|map| map["data"].get(text(&key["key"]))).map(text)
            } else {
                variable.get("value").map(text)
            };
            if let Some(value) = value {
                variables.insert(text(&variable["name"]).to_owned(), value.to_owned());
            }
        }
        Ok(variables)
    }

    /// The number of a port that is given by name or number.
    pub fn port(&self, port: &Value) -> Option<u64> {
        let ports = list(&self.spec["ports"]);
        let found = ports.iter().find(|known| known["name"] == *port || known["containerPort"] == *port);
        found.and_then(|known| known["containerPort"].as_u64())
    }

    /// Files that it finds below `/conf` and the like: path in the container, and content.
    pub fn files(&self, manifests: &'a Manifests) -> Result<Vec<(String, &'a str)>> {
        let mut files = Vec::new();
        for mount in list(&self.spec["volumeMounts"]) {
            let volume = list(&self.pod["volumes"]).iter().find(|volume| volume["name"] == mount["name"]);
            let Some(map) = volume.and_then(|volume| volume.get("configMap")) else { continue };
            let object =
                manifests.find("ConfigMap", &map["name"]).context("a volume of a ConfigMap that is not there")?;
            let folder = text(&mount["mountPath"]).trim_end_matches('/');
            for item in list(&map["items"]) {
                let content =
                    object["data"].get(text(&item["key"])).context("an item that its ConfigMap does not have")?;
                files.push((format!("{folder}/{}", text(&item["path"])), text(content)));
            }
            // Without items it is every key.
            if let (None, Some(data)) = (map.get("items"), object["data"].as_object()) {
                files.extend(data.iter().map(|(key, content)| (format!("{folder}/{key}"), text(content))));
            }
        }
        Ok(files)
    }
}

pub fn kind(object: &Value) -> &str {
    text(&object["kind"])
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether a selector, plain or with `matchLabels` and `matchExpressions`, chooses these labels.
pub fn chooses(selector: &Value, labels: &Value) -> bool {
    let has =
        |wanted: &Value| wanted.as_object().is_some_and(|all| all.iter().all(|(key, value)| labels[key] == *value));
    if selector.get("matchLabels").is_none() && selector.get("matchExpressions").is_none() {
        return has(selector);
    }
    let one_of = |expression: &Value| {
        expression["operator"] == "In" && list(&expression["values"]).contains(&labels[text(&expression["key"])])
    };
    selector.get("matchLabels").is_none_or(has) && list(&selector["matchExpressions"]).iter().all(one_of)
}

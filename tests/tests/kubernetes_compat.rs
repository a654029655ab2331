//! The manifests in `k8s/compat` that people have, with our images, without a cluster.
//!
//! Guarantees: each renders to objects that the API server's types take and give back whole; what a container of ours is given there, arguments, variables
//! and files, is taken by the binary in its image without a problem; ports of Services lead to pods.

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::manifests::{Container, Manifests, kustomizations, list, text};
use jaeger_tests::program;

/// What a binary listens on although a manifest of the time does not say so.
const UNSAID: [u64; 4] = [9411, 14250, 14267, 14268];

#[tokio::test]
async fn manifests_that_people_have_are_taken_as_they_are() -> Result<()> {
    let mut ours = 0;
    let folders = kustomizations("k8s/compat")?;
    ensure!(folders.len() >= 8, "only {folders:?}");
    for folder in folders {
        let manifests = Manifests::render(&folder).await?;
        for container in manifests.containers() {
            let Some(binary) = container.binary() else { continue };
            taken(&manifests, &container, binary).await.with_context(|| format!("{folder}: {}", container.name()))?;
            ours += 1;
        }
        for service in manifests.of_kind("Service") {
            leads_somewhere(&manifests, service)
                .with_context(|| format!("{folder}: Service {}", text(&service["metadata"]["name"])))?;
        }
    }
    ensure!(ours >= 15, "only {ours} containers are ours");
    Ok(())
}

/// `check` with what the manifest gives it: old names are warnings, nothing is a problem.
async fn taken(manifests: &Manifests, container: &Container<'_>, binary: Binary) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let here = folder.path().to_str().context("a temporary folder that is not UTF-8")?;
    let mut arguments = vec!["check".to_owned()];
    arguments.extend(container.arguments().map(str::to_owned));
    let mut variables = container.variables(manifests)?;
    for (path, content) in container.files(manifests)? {
        let file = format!("{here}/{}", path.replace('/', "-"));
        std::fs::write(&file, content)?;
        let given = arguments.iter_mut().chain(variables.values_mut());
        given.for_each(|value| *value = value.replace(&path, &file));
    }
    // The volume of a store is not on this machine.
    variables.values_mut().for_each(|value| *value = value.replace("/badger", here));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let output = program::run(binary, &arguments, &variables).await?;
    let problem = output.stdout.lines().find(|line| line.starts_with("problem: "));
    ensure!(problem.is_none(), "{arguments:?}: {problem:?}");
    ensure!(output.stdout.contains(" = \""), "check says nothing: {}{}", output.stdout, output.stderr);
    Ok(())
}

fn leads_somewhere(manifests: &Manifests, service: &serde_json::Value) -> Result<()> {
    let Some(selector) = service["spec"].get("selector") else { return Ok(()) };
    let pods: Vec<_> = manifests.selected(selector).collect();
    ensure!(!pods.is_empty(), "it chooses no pods");
    for port in list(&service["spec"]["ports"]) {
        let target = port.get("targetPort").unwrap_or(&port["port"]);
        for (owner, template) in &pods {
            let pod = &template["spec"];
            let mut containers = list(&pod["containers"]).iter().map(|spec| Container { owner, pod, spec });
            let unsaid = target.as_u64().is_some_and(|target| UNSAID.contains(&target));
            // Istio's pod names no port at all.
            let silent = list(&pod["containers"]).iter().all(|spec| spec.get("ports").is_none());
            ensure!(
                unsaid || silent || containers.any(|container| container.port(target).is_some()),
                "the pods have no port {target}"
            );
        }
    }
    Ok(())
}

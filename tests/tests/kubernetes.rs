//! The manifests in `k8s/`, without a cluster.
//!
//! Guarantees: each kustomization renders, and each object is one that the API server's types take and give back whole; whatever one object
//! says of another (keys, ports, labels, accounts, addresses) is there; flags, variables and files are understood by the binaries in
//! the images, which listen where the manifest says; nobody but the agent of the DaemonSet leaves the restricted profile; a stop has the time it
//! takes; passwords are in Secrets, and the ledger behind no Service.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::manifests::{Container, Manifests, chooses, kind, kustomizations, list, text};
use jaeger_tests::program;
use serde_json::Value;

/// Where our own are; what stands beside them has tests of its own.
const OURS: [&str; 2] = ["k8s/overlays", "tests/kubernetes"];

async fn each(check: impl AsyncFn(&Manifests) -> Result<()>) -> Result<()> {
    let mut found = 0;
    for below in OURS {
        for folder in kustomizations(below)? {
            let manifests = Manifests::render(&folder).await?;
            ensure!(!manifests.objects.is_empty(), "{folder} renders to nothing");
            check(&manifests).await.context(folder)?;
            found += 1;
        }
    }
    ensure!(found >= OURS.len() + 2, "only {found} kustomizations were found");
    Ok(())
}

#[tokio::test]
async fn names_keys_ports_and_labels_that_an_object_refers_to_are_there() -> Result<()> {
    each(async |manifests| {
        for (owner, template) in manifests.pods() {
            pod_refers(manifests, owner, template).with_context(|| text(&owner["metadata"]["name"]).to_owned())?;
        }
        for object in &manifests.objects {
            object_refers(manifests, object)
                .with_context(|| format!("{} {}", kind(object), text(&object["metadata"]["name"])))?;
        }
        Ok(())
    })
    .await
}

fn pod_refers(manifests: &Manifests, owner: &Value, template: &Value) -> Result<()> {
    let pod = &template["spec"];
    if let Some(selector) = owner["spec"].get("selector") {
        ensure!(chooses(selector, &template["metadata"]["labels"]), "its selector does not choose its own pods");
    }
    if let Some(account) = pod.get("serviceAccountName") {
        let account = manifests.find("ServiceAccount", account).context("its ServiceAccount is missing")?;
        ensure!(account["automountServiceAccountToken"] == false, "its ServiceAccount has a token");
    }
    ensure!(pod["automountServiceAccountToken"] == false, "it has a token of the cluster, which it does not need");
    let claims = list(&owner["spec"]["volumeClaimTemplates"]).iter().map(|claim| &claim["metadata"]["name"]);
    let volumes: Vec<&Value> = list(&pod["volumes"]).iter().map(|volume| &volume["name"]).chain(claims).collect();
    let containers = list(&pod["initContainers"]).iter().chain(list(&pod["containers"]));
    for spec in containers {
        let container = Container { owner, pod, spec };
        container.files(manifests)?;
        for mount in list(&spec["volumeMounts"]) {
            ensure!(volumes.contains(&&mount["name"]), "there is no volume {}", mount["name"]);
        }
        for probe in ["readinessProbe", "livenessProbe", "startupProbe"].iter().filter_map(|name| spec.get(name)) {
            let port = probe.get("httpGet").or(probe.get("tcpSocket")).map_or(&Value::Null, |asked| &asked["port"]);
            container.port(port).with_context(|| format!("a probe asks port {port}, which it does not have"))?;
        }
        for variable in list(&spec["env"]) {
            for (kind, key) in [("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")] {
                let Some(from) = variable["valueFrom"].get(key).filter(|from| from["optional"] != true) else {
                    continue;
                };
                let object =
                    manifests.find(kind, &from["name"]).with_context(|| format!("no {kind} {}", from["name"]))?;
                let known = object["data"].get(text(&from["key"]));
                known.with_context(|| format!("{kind} {} has no key {}", from["name"], from["key"]))?;
            }
        }
    }
    Ok(())
}

fn object_refers(manifests: &Manifests, object: &Value) -> Result<()> {
    let spec = &object["spec"];
    match kind(object) {
        "Service" => {
            for port in list(&spec["ports"]) {
                has_port(manifests, &spec["selector"], &port["targetPort"])?;
            }
        }
        "Ingress" => {
            for path in list(&spec["rules"]).iter().flat_map(|rule| list(&rule["http"]["paths"])) {
                let backend = &path["backend"]["service"];
                let service = manifests.find("Service", &backend["name"]).context("its Service is missing")?;
                let known = list(&service["spec"]["ports"]).iter().any(|port| port["name"] == backend["port"]["name"]);
                ensure!(known, "its Service has no port {}", backend["port"]);
            }
        }
        "HorizontalPodAutoscaler" => {
            let target = &spec["scaleTargetRef"];
            let target = manifests.find(text(&target["kind"]), &target["name"]).context("its target is missing")?;
            ensure!(target["spec"].get("replicas").is_none(), "each apply would undo what it does: leave replicas out");
        }
        "PodDisruptionBudget" => {
            ensure!(manifests.selected(&spec["selector"]).count() == 1, "it chooses not one kind of pods");
        }
        "NetworkPolicy" => {
            for port in list(&spec["ingress"]).iter().flat_map(|rule| list(&rule["ports"])) {
                has_port(manifests, &spec["podSelector"], &port["port"])?;
            }
            for from in list(&spec["ingress"]).iter().flat_map(|rule| list(&rule["from"])) {
                let Some(selector) = from.get("podSelector") else { continue };
                ensure!(manifests.selected(selector).count() > 0, "nobody may connect by {selector}");
            }
        }
        _ => {}
    }
    Ok(())
}

/// Each kind of pods that a selector chooses has the port, and one is chosen.
fn has_port(manifests: &Manifests, selector: &Value, port: &Value) -> Result<()> {
    let mut chosen = 0;
    for (owner, template) in manifests.selected(selector) {
        let pod = &template["spec"];
        let mut containers = list(&pod["containers"]).iter().map(|spec| Container { owner, pod, spec });
        ensure!(containers.any(|container| container.port(port).is_some()), "the pods have no port {port}");
        chosen += 1;
    }
    ensure!(chosen > 0, "no pods are chosen by {selector}");
    Ok(())
}

#[tokio::test]
async fn binaries_understand_their_manifest_and_listen_where_it_says() -> Result<()> {
    each(async |manifests| {
        let mut ours = 0;
        for container in manifests.containers() {
            let Some(binary) = container.binary() else { continue };
            checked(manifests, &container, binary).await.with_context(|| container.name())?;
            ours += 1;
        }
        ensure!(ours > 0 || !manifests.folder.starts_with("k8s/"), "no image is ours");
        Ok(())
    })
    .await
}

async fn checked(manifests: &Manifests, container: &Container<'_>, binary: Binary) -> Result<()> {
    let values = settings(manifests, container, binary).await?;
    // Listeners that are on, and ports that the manifest names: the same ones.
    let mut listens = BTreeSet::new();
    for (flag, value) in &values {
        if !flag.ends_with("host-port") || flag.starts_with("reporter.") || value.is_empty() {
            continue;
        }
        let port = value.rsplit(':').next().unwrap_or(value);
        listens.insert(port.parse::<u64>().with_context(|| format!("--{flag} = {value}"))?);
    }
    let named: BTreeSet<u64> =
        list(&container.spec["ports"]).iter().filter_map(|p| p["containerPort"].as_u64()).collect();
    let unknown: Vec<_> = named.difference(&listens).collect();
    ensure!(unknown.is_empty(), "it does not listen on {unknown:?}");
    // Whatever a pod's own containers alone can reach need not be named.
    if values.get("bind-address").is_none_or(String::is_empty) {
        let forgotten: Vec<_> = listens.difference(&named).collect();
        ensure!(forgotten.is_empty(), "it listens on {forgotten:?}, which the manifest does not name");
    }
    let value = |flag: &str| values.get(flag).map(String::as_str).unwrap_or_default();
    let (targets, port) = match value("SPAN_STORAGE_TYPE") {
        "elasticsearch" => (value("es.server-urls"), None),
        "cassandra" => (value("cassandra.servers"), Some(value("cassandra.port").parse()?)),
        "grpc" => (value("grpc-storage.server"), None),
        _ => (value("reporter.grpc.host-port"), None),
    };
    for target in targets.split(',').filter(|one| !one.is_empty()) {
        let target = target.trim_start_matches("dns:///").trim_start_matches("http://");
        match (target.rsplit_once(':'), port) {
            (_, Some(port)) => manifests.check_address(target, port)?,
            (Some((host, port)), None) => manifests.check_address(host, port.parse()?)?,
            (None, None) => bail!("{target} has no port"),
        }
    }
    stops_in_time(container, &values)
}

fn stops_in_time(container: &Container<'_>, values: &BTreeMap<String, String>) -> Result<()> {
    let deadline = values.get("shutdown.deadline").and_then(|value| value.strip_suffix('s')).context("no deadline")?;
    let (deadline, grace) = (Duration::from_secs(deadline.parse()?), &container.pod["terminationGracePeriodSeconds"]);
    let grace = Duration::from_secs(grace.as_u64().unwrap_or(30));
    ensure!(
        grace >= deadline + Duration::from_secs(3),
        "{grace:?} of grace are not more than the deadline, {deadline:?}"
    );
    Ok(())
}

/// Every setting as the binary itself resolves it from what the manifest gives it.
async fn settings(
    manifests: &Manifests,
    container: &Container<'_>,
    binary: Binary,
) -> Result<BTreeMap<String, String>> {
    let folder = tempfile::tempdir()?;
    let mut arguments = vec!["check".to_owned()];
    arguments.extend(container.arguments().map(str::to_owned));
    for (path, content) in container.files(manifests)? {
        let here = folder.path().join(path.replace('/', "-"));
        std::fs::write(&here, content)?;
        let here = here.to_str().context("a temporary folder that is not UTF-8")?;
        arguments.iter_mut().for_each(|argument| *argument = argument.replace(&path, here));
    }
    // The volume of a store is not on this machine.
    let data = format!("--embedded.directory={}", folder.path().display());
    let arguments: Vec<&str> = arguments
        .iter()
        .map(|argument| if argument.starts_with("--embedded.directory=/data") { &data } else { argument.as_str() })
        .collect();
    let variables = container.variables(manifests)?;
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let output = program::run(binary, &arguments, &variables).await?;
    let mut values = BTreeMap::new();
    for line in output.stdout.lines() {
        if line.starts_with("warning: ") || line.starts_with("problem: ") {
            bail!("{arguments:?}: {line}");
        }
        if let Some((flag, rest)) = line.split_once(" = \"") {
            let value = rest.rsplit_once("\" (").map_or("", |(value, _)| value);
            values.insert(flag.trim_start_matches("--").to_owned(), value.to_owned());
        }
    }
    ensure!(!values.is_empty(), "check says nothing: {}{}", output.stdout, output.stderr);
    Ok(values)
}

#[tokio::test]
async fn all_pods_but_those_in_the_node_s_network_pass_the_restricted_profile() -> Result<()> {
    each(async |manifests| {
        for container in manifests.containers() {
            restricted(&container).with_context(|| container.name())?;
        }
        for (owner, template) in manifests.pods() {
            let on_node = template["spec"]["hostNetwork"] == true;
            ensure!(on_node == (kind(owner) == "DaemonSet"), "the DaemonSet alone is in the node's network");
            if on_node {
                ensure!(
                    template["spec"]["dnsPolicy"] == "ClusterFirstWithHostNet",
                    "it does not find Services from the node's network"
                );
            }
        }
        Ok(())
    })
    .await
}

/// What the profile `restricted` of the Pod Security Standards asks of a container, its pod's word counting where it has none.
fn restricted(container: &Container<'_>) -> Result<()> {
    let (own, pod) = (&container.spec["securityContext"], &container.pod["securityContext"]);
    let of = |key: &str| own.get(key).unwrap_or(&pod[key]);
    ensure!(of("runAsNonRoot") == true, "it may run as root");
    ensure!(of("runAsUser").as_u64().is_some_and(|user| user > 0), "its user has no number");
    ensure!(of("seccompProfile")["type"] == "RuntimeDefault", "it has no seccomp profile");
    ensure!(own["allowPrivilegeEscalation"] == false, "it may escalate");
    ensure!(own["privileged"] != true, "it is privileged");
    ensure!(list(&own["capabilities"]["drop"]) == ["ALL"], "it keeps capabilities");
    ensure!(own["capabilities"].get("add").is_none(), "it adds capabilities");
    for volume in list(&container.pod["volumes"]) {
        ensure!(volume.get("hostPath").is_none(), "it mounts a folder of the node");
    }
    let limits = &container.spec["resources"];
    ensure!(limits["limits"].get("memory").is_some(), "its memory has no limit");
    ensure!(limits["requests"].get("cpu").is_some(), "it requests no CPU");
    if container.binary().is_some() {
        ensure!(own["readOnlyRootFilesystem"] == true, "it may write into its image");
    }
    Ok(())
}

#[tokio::test]
async fn no_service_stands_in_front_of_agents_or_shows_an_admin_port() -> Result<()> {
    each(async |manifests| {
        for service in manifests.of_kind("Service") {
            let name = text(&service["metadata"]["name"]);
            for (owner, template) in manifests.selected(&service["spec"]["selector"]) {
                ensure!(kind(owner) != "DaemonSet", "Service {name} would send datagrams to other nodes");
                let pod = &template["spec"];
                for spec in list(&pod["containers"]) {
                    let container = Container { owner, pod, spec };
                    for port in list(&service["spec"]["ports"]) {
                        let leads_to = container.port(&port["targetPort"]);
                        let admin = leads_to.is_some() && leads_to == container.port(&Value::from("admin"));
                        ensure!(!admin, "Service {name} shows /ledger of {}", container.name());
                    }
                }
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn passwords_come_from_secrets_alone() -> Result<()> {
    each(async |manifests| {
        for container in manifests.containers() {
            for variable in list(&container.spec["env"]) {
                let name = text(&variable["name"]);
                let secret = ["PASSWORD", "TOKEN", "USERNAME"].iter().any(|word| name.contains(word));
                ensure!(!secret || variable["valueFrom"].get("secretKeyRef").is_some(), "{name} is no secret");
            }
        }
        for map in manifests.of_kind("ConfigMap") {
            ensure!(!map["data"].to_string().contains("password"), "a ConfigMap holds a password");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_application_gets_its_sidecar_and_nobody_else_does() -> Result<()> {
    for (folder, list_of_it) in
        [("tests/kubernetes/native", "initContainers"), ("tests/kubernetes/plain", "containers")]
    {
        let manifests = Manifests::render(folder).await?;
        for (owner, template) in manifests.pods().filter(|(owner, _)| kind(owner) != "DaemonSet") {
            let wants = owner["metadata"]["labels"]["jaeger-agent"] == "sidecar";
            let agents: Vec<_> = list(&template["spec"][list_of_it])
                .iter()
                .filter(|container| container["name"] == "jaeger-agent")
                .collect();
            ensure!(
                agents.len() == usize::from(wants),
                "{folder}: {} has {} agents",
                owner["metadata"]["name"],
                agents.len()
            );
            // Started before the application and stopped after it.
            let native = agents.iter().all(|agent| agent["restartPolicy"] == "Always");
            ensure!(native || list_of_it == "containers", "{folder}: it ends before the application starts");
        }
    }
    Ok(())
}

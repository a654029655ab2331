//! A cluster that `KUBECONFIG` names, by kubectl: objects, logs of pods that end, ledgers of pods that run, the Ingress from the node.
//!
//! `K8S_NODE` is a command that runs its arguments where the Ingress can be reached; without it that is here.

use std::collections::BTreeMap;
use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::child::Child;
use crate::manifests::{list, text};
use crate::wait::wait_for;

/// How long a log may go on after its pod has gone.
const LOG: Duration = Duration::from_secs(30);

/// Runs kubectl and gives what it prints.
pub fn kubectl(arguments: &[&str]) -> Result<String> {
    printed(Command::new("kubectl").args(arguments))
}

/// The same, as JSON.
pub fn json(arguments: &[&str]) -> Result<Value> {
    let text = kubectl(&[arguments, &["-o", "json"]].concat())?;
    serde_json::from_str(&text).with_context(|| format!("kubectl {arguments:?} printed {text}"))
}

fn printed(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?} does not start"))?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{command:?} ended with {}: {stderr}{stdout}", output.status);
    Ok(stdout.into_owned())
}

/// A page of the query service, through the Ingress.
pub fn through_ingress(path: &str) -> Result<String> {
    let ingress = json(&["-n", "tracing", "get", "ingress", "jaeger-query"])?;
    let host = text(&ingress["spec"]["rules"][0]["host"]);
    let at = &ingress["status"]["loadBalancer"]["ingress"][0];
    let at = at["ip"].as_str().or(at["hostname"].as_str()).context("the Ingress has no address yet")?;
    let node = std::env::var("K8S_NODE").unwrap_or_default();
    let url = format!("http://{at}{path}");
    let host = format!("Host: {host}");
    let curl = ["curl", "--silent", "--show-error", "--fail", "--max-time", "60", "--header", &host, &url];
    let words: Vec<&str> = node.split_whitespace().chain(curl).collect();
    printed(Command::new(words[0]).args(&words[1..]))
}

/// Pods of a namespace that have these labels: those that run, and those that are ending.
pub fn pods(namespace: &str, labels: &str) -> Result<Vec<Value>> {
    Ok(list(&json(&["-n", namespace, "get", "pods", "-l", labels])?["items"]).to_vec())
}

/// A page of a pod's port, asked by the API server.
pub fn page(namespace: &str, pod: &str, port: u16, path: &str) -> Result<String> {
    kubectl(&["get", "--raw", &format!("/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy{path}")])
}

/// The logs of one container of many pods, followed while they run, so that the last line of each is there when it has gone.
pub struct Logs {
    namespace: &'static str,
    labels: &'static str,
    container: &'static str,
    folder: TempDir,
    followed: BTreeMap<String, Child>,
}

impl Logs {
    pub fn of(namespace: &'static str, labels: &'static str, container: &'static str) -> Result<Self> {
        Ok(Self { namespace, labels, container, folder: tempfile::tempdir()?, followed: BTreeMap::new() })
    }

    /// Begins with the pods that have come since the last call.
    pub fn follow(&mut self) -> Result<()> {
        for pod in pods(self.namespace, self.labels)? {
            let name = text(&pod["metadata"]["name"]);
            let statuses = ["initContainerStatuses", "containerStatuses"].map(|key| list(&pod["status"][key]));
            let mut statuses = statuses.into_iter().flatten();
            let started = statuses.any(|one| one["name"] == self.container && one["state"].get("waiting").is_none());
            if !started || self.followed.contains_key(name) {
                continue;
            }
            let mut command = Command::new("kubectl");
            command
                .args(["-n", self.namespace, "logs", "--follow", "--container", self.container, name])
                .stdin(Stdio::null())
                .stdout(File::create(self.folder.path().join(name))?)
                .stderr(Stdio::null());
            self.followed.insert(name.to_owned(), Child::spawn(command)?);
        }
        Ok(())
    }

    /// Waits for the logs of pods that have gone to end.
    pub async fn ended(&mut self) -> Result<()> {
        let running: Vec<String> = self.running()?;
        for (name, child) in &mut self.followed {
            if !running.contains(name) {
                child.exit(&format!("the log of {name}, which has gone"), LOG).await?;
            }
        }
        Ok(())
    }

    /// Pods that are there.
    pub fn running(&self) -> Result<Vec<String>> {
        let pods = pods(self.namespace, self.labels)?;
        Ok(pods.iter().map(|pod| text(&pod["metadata"]["name"]).to_owned()).collect())
    }

    /// Each pod that was ever followed, with its log so far.
    pub fn all(&self) -> Result<Vec<(String, String)>> {
        let read = |name: &String| Ok((name.clone(), std::fs::read_to_string(self.folder.path().join(name))?));
        self.followed.keys().map(read).collect()
    }
}

/// Waits until everything of a rollout is there.
pub async fn rolled_out(namespace: &str, what: &str, deadline: Duration) -> Result<()> {
    wait_for(&format!("the rollout of {what}"), deadline, async || {
        kubectl(&["-n", namespace, "rollout", "status", what, "--timeout=5s"]).map(drop)
    })
    .await
}

/// Waits until pods with these names are gone.
pub async fn gone(namespace: &str, labels: &str, names: &[String], deadline: Duration) -> Result<()> {
    wait_for(&format!("{names:?} to be gone"), deadline, async || {
        let there = pods(namespace, labels)?;
        match there.iter().find(|pod| names.iter().any(|name| pod["metadata"]["name"] == **name)) {
            Some(pod) => bail!("{} is still there", pod["metadata"]["name"]),
            None => Ok(()),
        }
    })
    .await
}

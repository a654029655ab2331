//! The manifests and images on a real cluster: `make test-k8s`, on the one that `KUBECONFIG` names.
//!
//! Guarantees: the API server takes each overlay, field by field; applied once, everything starts in whatever order and loses nothing of a load that
//! is there from the first moment, through the agent of the node, through a sidecar and straight; while it goes on collectors are replaced, pods of
//! collector and store deleted, and an application with its sidecar restarted: ledgers over all pods balance, every span that was sent is found
//! once through the Ingress; the autoscaler brings more collectors; a wrong configuration names its key.
//!
//! The cluster needs the images of `cargo xtask images` (with jaeger-load), a default StorageClass or a free volume of 20 Gi, and an Ingress controller.

#![expect(clippy::print_stdout, reason = "what a run on a cluster has shown")]

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use jaeger_tests::cluster::{Logs, gone, json, kubectl, page, pods, rolled_out, through_ingress};
use jaeger_tests::ledger::{Agent, Collector, Ledger, check_hops, total};
use jaeger_tests::manifests::{kustomizations, list, root, text};
use jaeger_tests::wait::wait_for;
use serde_json::Value;

const START: Duration = Duration::from_secs(180);
const STOP: Duration = Duration::from_secs(60);
/// How long the load goes on at each stage, at least.
const STAGE: u64 = 3_000;

const COLLECTORS: &str = "app.kubernetes.io/component=collector";
const STORE: &str = "app.kubernetes.io/component=remote-storage";
const ADMIN_OF_COLLECTOR: u16 = 14269;
const ADMIN_OF_AGENT: u16 = 14271;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_a_cluster_while_pods_come_and_go() -> Result<()> {
    clean()?;
    dry_run()?;
    println!("the API server takes every kustomization, field by field");
    wrong_configuration().await?;
    let folder = root()?.join("tests/kubernetes/native");
    let began = Instant::now();
    kubectl(&["apply", "-k", folder.to_str().context("a folder that is not UTF-8")?])?;
    let mut cluster = Cluster::new()?;
    for what in [
        "statefulset/jaeger-remote-storage",
        "deployment/jaeger-collector",
        "deployment/jaeger-query",
        "daemonset/jaeger-agent",
    ] {
        rolled_out("tracing", what, START).await?;
    }
    println!("all is there after {} s", began.elapsed().as_secs());
    cluster.first_traces().await?;

    cluster.more_spans("at first").await?;
    kubectl(&["-n", "tracing", "rollout", "restart", "deployment/jaeger-collector"])?;
    rolled_out("tracing", "deployment/jaeger-collector", START).await?;
    cluster.more_spans("after the rolling update of the collector").await?;

    cluster.delete_one(COLLECTORS, "collector").await?;
    cluster.delete_one(STORE, "store").await?;

    let without = cluster.restart("on-node").await?;
    let with = cluster.restart("with-sidecar").await?;
    println!(
        "an application's pod is gone {without:.1} s after it is told to stop without a sidecar, {with:.1} s with one"
    );
    ensure!(with - without < 10.0, "the sidecar keeps an application's pod for {:.1} s", with - without);
    cluster.more_spans("after the restart of applications").await?;
    cluster.scaled().await?;

    cluster.settle().await
}

/// What an earlier run left goes.
fn clean() -> Result<()> {
    kubectl(&["delete", "namespace", "shop", "tracing", "--ignore-not-found", "--wait", "--timeout=120s"])?;
    for namespace in ["k8s/overlays/embedded/namespace.yaml", "tests/kubernetes/application/namespace.yaml"] {
        let path = root()?.join(namespace);
        kubectl(&["apply", "-f", path.to_str().context("a folder that is not UTF-8")?])?;
    }
    Ok(())
}

/// Each of the kustomizations, given to the API server without being carried out.
fn dry_run() -> Result<()> {
    for below in ["k8s/overlays", "tests/kubernetes"] {
        for folder in kustomizations(below)? {
            let path = root()?.join(&folder);
            let path = path.to_str().context("a folder that is not UTF-8")?;
            kubectl(&["apply", "--server-side", "--dry-run=server", "--validate=strict", "-k", path])
                .context(folder)?;
        }
    }
    Ok(())
}

async fn wrong_configuration() -> Result<()> {
    let folder = root()?.join("tests/kubernetes/wrong");
    kubectl(&["apply", "-k", folder.to_str().context("a folder that is not UTF-8")?])?;
    wait_for("a pod with a wrong configuration to end", START, async || {
        let pod = json(&["-n", "shop", "get", "pod", "wrong"])?;
        ensure!(pod["status"]["phase"] == "Failed", "it is {}", pod["status"]["phase"]);
        Ok(())
    })
    .await?;
    let log = kubectl(&["-n", "shop", "logs", "wrong"])?;
    ensure!(log.contains("collector.queue-size") && log.contains("many"), "its last words do not name the key: {log}");
    println!("a pod with a wrong configuration ends with: {}", log.trim());
    Ok(())
}

/// What is watched from the first moment on.
struct Cluster {
    collectors: Logs,
    agents_of_node: Logs,
    sidecars: Logs,
    applications: [Logs; 3],
}

impl Cluster {
    fn new() -> Result<Self> {
        Ok(Self {
            collectors: Logs::of("tracing", COLLECTORS, "jaeger-collector")?,
            agents_of_node: Logs::of("tracing", "app.kubernetes.io/component=agent", "jaeger-agent")?,
            sidecars: Logs::of("shop", "app=with-sidecar", "jaeger-agent")?,
            applications: [
                Logs::of("shop", "app=on-node", "application")?,
                Logs::of("shop", "app=with-sidecar", "application")?,
                Logs::of("shop", "app=direct", "application")?,
            ],
        })
    }

    fn follow(&mut self) -> Result<()> {
        for logs in [&mut self.collectors, &mut self.agents_of_node, &mut self.sidecars]
            .into_iter()
            .chain(&mut self.applications)
        {
            logs.follow()?;
        }
        Ok(())
    }

    /// Traces are found through the Ingress, and the ledger is not.
    async fn first_traces(&mut self) -> Result<()> {
        wait_for("a trace through the Ingress", START, async || {
            self.follow()?;
            ensure!(!traces("load-service-000", 1)?.is_empty(), "there is none yet");
            Ok(())
        })
        .await?;
        for path in ["/ledger", "/debug/pprof/"] {
            let page = through_ingress(path).unwrap_or_default();
            ensure!(!page.contains("\"balanced\""), "the Ingress shows the ledger at {path}");
        }
        Ok(())
    }

    /// Waits until collectors have stored more.
    async fn more_spans(&mut self, when: &str) -> Result<()> {
        let before = self.stored()?;
        wait_for(&format!("more spans {when}"), START, async || {
            self.follow()?;
            let more = |(pod, stored): (String, u64)| stored - before.get(&pod).copied().unwrap_or(0);
            let more: u64 = self.stored()?.into_iter().map(more).sum();
            ensure!(more >= STAGE, "{more} more are stored");
            Ok(())
        })
        .await?;
        println!("the load goes on {when}");
        Ok(())
    }

    /// Spans stored by each of the collectors that run.
    fn stored(&self) -> Result<BTreeMap<String, u64>> {
        let mut stored = BTreeMap::new();
        for pod in self.collectors.running()? {
            // One that is starting or has just gone has no page.
            let Ok(ledger) = page("tracing", &pod, ADMIN_OF_COLLECTOR, "/ledger") else { continue };
            stored.insert(pod, Ledger::parse(&ledger)?.collector()?.stored);
        }
        Ok(stored)
    }

    async fn delete_one(&mut self, labels: &str, what: &str) -> Result<()> {
        self.follow()?;
        let pod = pods("tracing", labels)?.first().map(|pod| text(&pod["metadata"]["name"]).to_owned());
        let pod = pod.with_context(|| format!("there is no {what}"))?;
        let began = Instant::now();
        kubectl(&["-n", "tracing", "delete", "pod", &pod])?;
        println!("{what} {pod} was deleted, and gone after {:.1} s", began.elapsed().as_secs_f64());
        let owner = if what == "store" { "statefulset/jaeger-remote-storage" } else { "deployment/jaeger-collector" };
        rolled_out("tracing", owner, START).await?;
        self.more_spans(&format!("after a pod of the {what} was deleted")).await
    }

    /// Restarts an application and gives the seconds from when its old pod is told to stop until it is gone.
    async fn restart(&mut self, application: &str) -> Result<f64> {
        self.follow()?;
        let labels = format!("app={application}");
        let old: Vec<String> =
            pods("shop", &labels)?.iter().map(|pod| text(&pod["metadata"]["name"]).to_owned()).collect();
        kubectl(&["-n", "shop", "rollout", "restart", &format!("deployment/{application}")])?;
        wait_for("the old pod to be told to stop", START, async || {
            let pods = pods("shop", &labels)?;
            let stopping = |pod: &Value| pod["metadata"].get("deletionTimestamp").is_some();
            ensure!(pods.len() < 2 || pods.iter().any(stopping), "the new one is not there yet");
            ensure!(pods.iter().any(|pod| !old.iter().any(|name| pod["metadata"]["name"] == **name)), "nothing is new");
            Ok(())
        })
        .await?;
        let began = Instant::now();
        gone("shop", &labels, &old, STOP).await?;
        let seconds = began.elapsed().as_secs_f64();
        wait_for("the new pod's log", START, async || {
            self.follow()?;
            let new = pods("shop", &labels)?;
            ensure!(new.iter().all(|pod| pod["status"]["phase"] == "Running"), "it does not run yet");
            Ok(())
        })
        .await?;
        self.follow()?;
        Ok(seconds)
    }

    /// A target that any load exceeds makes the autoscaler add collectors.
    async fn scaled(&mut self) -> Result<()> {
        if let Err(error) = kubectl(&["get", "--raw", "/apis/metrics.k8s.io/v1beta1/pods"]) {
            println!("NOT TRIED: the autoscaler, since this cluster has no metrics API ({error:#})");
            return Ok(());
        }
        let target = r#"[{"op":"replace","path":"/spec/metrics/0/resource/target/averageUtilization","value":1}]"#;
        kubectl(&["-n", "tracing", "patch", "hpa", "jaeger-collector", "--type=json", "-p", target])?;
        wait_for("the autoscaler to add collectors", START, async || {
            self.follow()?;
            let ready =
                json(&["-n", "tracing", "get", "deployment", "jaeger-collector"])?["status"]["readyReplicas"].as_u64();
            ensure!(ready > Some(2), "{ready:?} are ready");
            Ok(())
        })
        .await?;
        println!("the autoscaler has added collectors");
        self.more_spans("with more collectors").await
    }

    /// Stops the load and compares what was sent, what the ledgers say and what is found.
    async fn settle(mut self) -> Result<()> {
        self.follow()?;
        // Agents deliver what they hold before their ledgers are read.
        let agents = self.agents_of_node.running()?;
        for application in ["on-node", "with-sidecar", "direct"] {
            kubectl(&["-n", "shop", "scale", "deployment", application, "--replicas=0"])?;
        }
        wait_for("the applications to be gone", STOP, async || {
            ensure!(
                list(&json(&["-n", "shop", "get", "pods", "-l", "app"])?["items"]).is_empty(),
                "they are still there"
            );
            Ok(())
        })
        .await?;
        let mut of_node = Vec::new();
        for pod in &agents {
            let delivered = wait_for("the agent of the node to deliver everything", STOP, async || {
                let agent = Ledger::parse(&page("tracing", pod, ADMIN_OF_AGENT, "/ledger")?)?.agent()?.clone();
                agent.check_delivered()?;
                Ok(agent)
            });
            of_node.push(delivered.await?);
        }
        for logs in [&mut self.collectors, &mut self.sidecars].into_iter().chain(&mut self.applications) {
            logs.ended().await?;
        }
        let sidecars = self.last_agents()?;
        let collectors = self.every_collector()?;
        self.compare(&of_node, &sidecars, &collectors)
    }

    fn last_agents(&self) -> Result<Vec<Agent>> {
        let logs = self.sidecars.all()?;
        let agents = logs.iter().map(|(name, log)| {
            let agent = Ledger::in_log(log).with_context(|| name.clone())?.agent()?.clone();
            agent.check_delivered().with_context(|| name.clone())?;
            Ok(agent)
        });
        agents.collect()
    }

    /// The last ledger of each collector that has gone, and the page of each that runs.
    fn every_collector(&self) -> Result<Vec<Collector>> {
        let running = self.collectors.running()?;
        let mut all = Vec::new();
        for (name, log) in self.collectors.all()? {
            let ledger = if running.contains(&name) {
                Ledger::parse(&page("tracing", &name, ADMIN_OF_COLLECTOR, "/ledger")?)
            } else {
                Ledger::in_log(&log)
            };
            let collector = ledger.with_context(|| name.clone())?.collector()?.clone();
            collector.check_settled().with_context(|| name)?;
            all.push(collector);
        }
        Ok(all)
    }

    fn compare(&self, of_node: &[Agent], sidecars: &[Agent], collectors: &[Collector]) -> Result<()> {
        let [on_node, with_sidecar, direct] =
            [&self.applications[0], &self.applications[1], &self.applications[2]].map(said_at_the_end);
        let (on_node, with_sidecar, direct) = (on_node?, with_sidecar?, direct?);
        let packets = |agents: &[Agent]| {
            agents.iter().map(|agent| agent.packets.received + agent.packets.kernel_dropped).sum::<u64>()
        };
        println!("sent: on node {on_node:?}, with sidecar {with_sidecar:?}, direct {direct:?}");
        // An application that is there before its node's agent sends to nobody, and nobody can count that.
        ensure!(packets(of_node) <= on_node.packets, "the agents of nodes had {} packets", packets(of_node));
        println!("{} packets were sent before the node had an agent", on_node.packets - packets(of_node));
        ensure!(packets(sidecars) == with_sidecar.packets, "the sidecars had {} packets", packets(sidecars));
        let agents: Vec<&Agent> = of_node.iter().chain(sidecars).collect();
        let lost: u64 = agents.iter().map(|agent| total(&agent.packets.dropped)).sum();
        let every: Vec<&Collector> = collectors.iter().collect();
        check_hops(&agents, &every)?;
        let stored: u64 = collectors.iter().map(|one| one.stored - one.stored_from_agents).sum();
        ensure!(direct.acknowledged <= stored, "{} spans were acknowledged, {stored} are stored", direct.acknowledged);
        println!("{} agents and {} collectors balance; {lost} packets were lost in kernels", agents.len(), every.len());

        let found = every_span()?;
        let sent = on_node.spans + with_sidecar.spans + direct.spans;
        let acknowledged: u64 = agents.iter().map(|agent| agent.spans.acknowledged).sum::<u64>() + direct.acknowledged;
        println!("{sent} spans were sent, {acknowledged} acknowledged, {found} are found through the Ingress");
        ensure!(acknowledged <= found && found <= sent, "acknowledged spans are missing, or there are too many");
        Ok(())
    }
}

/// What applications of one kind sent, all their pods together.
#[derive(Debug, Default)]
struct Sent {
    packets: u64,
    spans: u64,
    acknowledged: u64,
}

fn said_at_the_end(logs: &Logs) -> Result<Sent> {
    let mut sent = Sent::default();
    for (name, log) in logs.all()? {
        let line = log.lines().last().with_context(|| format!("{name} said nothing"))?;
        let said: Value = serde_json::from_str(line).with_context(|| format!("{name} ended with {line}"))?;
        let count = |key: &str| said[key].as_u64().unwrap_or(0);
        sent.packets += count("packets");
        sent.spans += count("spans");
        sent.acknowledged += count("acknowledged");
    }
    Ok(sent)
}

fn traces(service: &str, limit: usize) -> Result<Vec<Value>> {
    let page = through_ingress(&format!("/api/traces?service={service}&limit={limit}"))?;
    let page: Value = serde_json::from_str(&page)?;
    Ok(list(&page["data"]).to_vec())
}

/// How many spans the store has, each counted once.
fn every_span() -> Result<u64> {
    const MOST: usize = 10_000;
    let services: Value = serde_json::from_str(&through_ingress("/api/services")?)?;
    let mut spans = 0;
    for service in list(&services["data"]) {
        let found = traces(text(service), MOST)?;
        if found.len() >= MOST {
            bail!("{service} has more traces than one search returns: the load is too large for this test");
        }
        let ids = found.iter().flat_map(|trace| list(&trace["spans"]));
        let ids: HashSet<(&str, &str)> = ids.map(|span| (text(&span["traceID"]), text(&span["spanID"]))).collect();
        spans += ids.len() as u64;
    }
    Ok(spans)
}

//! Elasticsearch, the real one: 7.17 and OpenSearch 2.11, one after the other (8.15 in `make test-stores`).
//!
//! Guarantees: the store does what the contract says; a real client's spans come back whole through agent, collector and query as
//! processes of their own; what versions of Go Jaeger wrote is read; no path is called that Go Jaeger does not call; what was said to be
//! stored is there after the server stood still, was killed, was read-only or full, and what was not is told with its reason.

#[path = "../../crates/jaeger-service/src/tls/tests/authority.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod authority;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_model::TraceId;
use jaeger_storage::conformance::{self, Spans};
use jaeger_storage::linker::Mode;
use jaeger_storage::{BoxFuture, ErrorKind, SpanReader as _, SpanWriter as _, Store, TraceQuery, Written};
use jaeger_storage_es::{Config, Credentials, DocumentIds, ElasticsearchStore, Secret, TagMatch, TemplateConfig, Tls};
use jaeger_tests::binaries::Binary;
use jaeger_tests::port;
use jaeger_tests::separate::spans_come_back_whole;
use jaeger_tests::server::Server;
use jaeger_tests::servers::elasticsearch::{Elasticsearch, Secured, Which};
use jaeger_tests::servers::recorder::Recorder;
use jaeger_tests::servers::refreshed::Refreshed;
use jaeger_tests::wait::wait_for;
use nix::sys::signal::Signal;
use serde_json::json;

const DEADLINE: Duration = Duration::from_secs(60);
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// One server at a time: each takes 700 MB.
static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_7_does_all_of_it() -> Result<()> {
    all(Which::Elasticsearch7).await
}

#[tokio::test(flavor = "multi_thread")]
async fn opensearch_2_does_all_of_it() -> Result<()> {
    all(Which::OpenSearch2).await
}

/// The versions besides: `make test-stores` asks for them.
#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_8_does_all_of_it_where_every_store_is_asked_for() -> Result<()> {
    match std::env::var_os("EVERY_STORE") {
        Some(_) => all(Which::Elasticsearch8).await,
        None => Ok(()),
    }
}

/// The one version whose minimal distribution has users and TLS.
#[tokio::test(flavor = "multi_thread")]
async fn users_and_tls_where_every_store_is_asked_for() -> Result<()> {
    if std::env::var_os("EVERY_STORE").is_none() {
        return Ok(());
    }
    let _one = ONE.lock().await;
    let authority = authority::Authority::new("elasticsearch");
    authority.issue("server");
    let (certificate, key) = (authority.at("server.pem"), authority.at("server.key"));
    let secured = Secured { user: "tracer", password: "tracer-pass", certificate: &certificate, key: &key };
    let server = Elasticsearch::start_secured(&secured).await?;
    let (file, password) = (tempfile::NamedTempFile::new()?, "tracer-pass");
    std::fs::write(file.path(), format!("{password}\n"))?;
    let mut config = config(&server, Which::Elasticsearch8, "secured");
    config.credentials =
        Credentials::Basic { user: "tracer".to_owned(), password: Secret::File(file.path().to_owned()) };
    config.tls = Tls { ca: Some(authority.at("ca.pem")), ..Tls::default() };
    let known = store(&config)?;
    wait_for("a write to be taken", DEADLINE, async || {
        let written = write(&known, 1).await;
        ensure!(written.stored == 1, "{written:?}");
        Ok(())
    })
    .await?;
    wait_for("it to be found", DEADLINE, async || Ok(known.get_trace(TraceId(1)).await.map(drop)?)).await?;
    let mut unknown = config.clone();
    unknown.tls = Tls::default();
    let error = store(&unknown)?.services().await.err().context("its authority is not known")?;
    ensure!(error.kind() == ErrorKind::Unavailable && error.to_string().contains("certificate"), "{error}");
    let flags = [
        format!("--es.server-urls={}", server.url()),
        format!("--es.tls.ca={}", authority.text("ca.pem")),
        "--span-storage.type=elasticsearch".to_owned(),
        "--es.tls.enabled".to_owned(),
        "--es.version=8".to_owned(),
        "--es.username=tracer".to_owned(),
        "--es.password=sesame".to_owned(),
    ];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let refused = Server::refuse(Binary::Collector, &flags, &[]).await?;
    ensure!(refused.status.code() == Some(1) && refused.log.contains("--es.username"), "{}", refused.log);
    ensure!(!refused.log.contains("sesame"), "a password stands in the log");
    Ok(())
}

async fn all(which: Which) -> Result<()> {
    let _one = ONE.lock().await;
    let mut server = Arc::new(Elasticsearch::start(which).await?);
    conforms(&server, which, |config| config).await?;
    what_go_jaeger_wrote_is_read(&server, which).await?;
    only_go_jaegers_paths_are_called(&server, which).await?;
    a_trace_of_more_than_a_page_is_read_whole(&server, which).await?;
    documents_are_refused_one_by_one(&server, which).await?;
    processes_of_their_own(&server, which).await?;
    a_read_only_index_pushes_back(&server, which).await?;
    a_full_disk_pushes_back(&server, which).await?;
    a_server_that_stands_still_loses_nothing(&server, which).await?;
    let server = Arc::get_mut(&mut server).context("somebody holds the server")?;
    a_killed_server_loses_nothing(server, which).await
}

/// A prefix of its own for each part, and indices that cost little.
fn config(server: &Elasticsearch, which: Which, prefix: &str) -> Config {
    let mut config = Config::at(&server.url());
    config.index.prefix = prefix.to_owned();
    // The times of the suite are fixed, those of its readers are not.
    config.max_span_age = CENTURY;
    config.templates = Some(TemplateConfig { shards: 2, replicas: 0, span_priority: 0, service_priority: 0 });
    config.tag_match = TagMatch::Exact;
    config.links = Mode::On;
    // The minimal distribution of version 8 does not answer `GET /`.
    config.version = (which == Which::Elasticsearch8).then_some(8);
    config
}

fn store(config: &Config) -> Result<ElasticsearchStore> {
    Ok(ElasticsearchStore::connect(config, None)?)
}

async fn conforms(server: &Arc<Elasticsearch>, which: Which, change: impl Fn(Config) -> Config + Sync) -> Result<()> {
    let number = AtomicU32::new(0);
    let make = || -> BoxFuture<'_, Arc<dyn Store>> {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let config = change(config(server, which, &format!("suite{number}")));
        Box::pin(async move {
            // A server has room for so many shards and no more.
            for path in ["/suite*", "/_template/suite*", "/_index_template/suite*"] {
                drop(server.ask("DELETE", path, None).await);
            }
            let store = ElasticsearchStore::connect(&config, Some(&config)).expect("an address");
            Arc::new(Refreshed { store: Arc::new(store), server: Arc::clone(server) }) as Arc<dyn Store>
        })
    };
    conformance::run_all(&make).await;
    Ok(())
}

/// Documents of several versions, put there by nobody of ours.
async fn what_go_jaeger_wrote_is_read(server: &Elasticsearch, which: Which) -> Result<()> {
    let config = config(server, which, "old");
    let store = store(&config)?;
    // Its templates come with its first write.
    ensure!(written(&store.write(Arc::new(Spans::new().span(1, 1, "new", "op", 0).batch())).await));
    let index = "/old-jaeger-span-2026-11-24/_doc?refresh=true";
    let of_1_6 = json!({
        "traceID": "abc", "spanID": "1f", "parentSpanID": "7", "flags": 1, "operationName": "old", "references": null,
        "startTime": 1_795_478_400_000_001_i64, "startTimeMillis": 1_795_478_400_000_i64, "duration": 2,
        "tags": [{"key": "http.status_code", "type": "int64", "value": "200"}], "logs": null,
        "process": {"serviceName": "shop", "tags": null},
    });
    let padded = json!({
        "traceID": "0000000000000abc", "spanID": "0000000000000007", "operationName": "padded", "references": [],
        "startTime": 1_795_478_400_000_000_i64, "startTimeMillis": 1_795_478_400_000_i64, "duration": 9, "tags": [],
        "tag": {"http@status_code": 200, "error": true}, "logs": [{"timestamp": 1, "fields": null}],
        "process": {"serviceName": "shop", "tags": [], "tag": {"host@name": "web-1"}},
    });
    for document in [&of_1_6, &padded, &padded] {
        server.ask("POST", index, Some(document.clone())).await?;
    }
    let trace = store.get_trace(TraceId(0xabc)).await?;
    let names: Vec<_> = trace.spans().map(|span| span.operation()).collect();
    ensure!(names == ["padded", "old"], "a document that is there twice is one span: {names:?}");
    ensure!(trace.span(1).and_then(|span| span.parent()) == trace.span(0).map(|span| span.span_id()));
    let host = trace.span(0).and_then(|span| span.process()).and_then(|process| process.tags().next());
    ensure!(host.is_some_and(|tag| tag.key == "host.name"), "{host:?}");
    let query = TraceQuery {
        service: Some("shop".into()),
        tags: vec![("http.status_code".into(), "200".into())],
        ..TraceQuery::default()
    };
    let found = store.find_trace_ids(&query).await?;
    ensure!(found == (vec![TraceId(0xabc)], false), "{found:?}");
    // Links of a Spark job, and those that we leave to it.
    let links =
        json!({"timestamp": "2026-11-24T00:00:00Z", "dependencies": [{"parent": "a", "child": "b", "callCount": 3}]});
    server.ask("POST", "/old-jaeger-dependencies-2026-11-24/_doc?refresh=true", Some(links)).await?;
    let links = store.dependencies(jaeger_storage::TimeRange::ALL).await?;
    ensure!(links.iter().map(|link| link.call_count).sum::<u64>() == 3, "{links:?}");
    Ok(())
}

async fn only_go_jaegers_paths_are_called(server: &Elasticsearch, which: Which) -> Result<()> {
    let recorder = Recorder::before(server.address()).await?;
    let mut config = config(server, which, "paths");
    config.servers = vec![recorder.url()];
    let store = store(&config)?;
    let spans =
        Spans::new().span(1, 1, "a", "op", 0).span(1, 2, "b", "op", 1).child_of(1).span(2, 3, "b", "op", 1).child_of(9);
    ensure!(written(&store.write(Arc::new(spans.batch())).await));
    server.refresh().await?;
    store.flush().await?;
    store.get_trace(TraceId(1)).await?;
    store.find_trace_ids(&TraceQuery::default()).await?;
    store.services().await?;
    store.operations("a", None).await?;
    store.dependencies(jaeger_storage::TimeRange::ALL).await?;
    let template = if which == Which::Elasticsearch8 { "_index_template" } else { "_template" };
    let mut expected: BTreeSet<String> = ["POST /_bulk", "POST /_msearch"].map(String::from).into();
    expected.extend(["span", "service"].map(|name| format!("PUT /{template}/paths-jaeger-{name}")));
    if which != Which::Elasticsearch8 {
        expected.insert("GET /".to_owned());
    }
    ensure!(recorder.requests() == expected, "{:?}", recorder.requests());
    Ok(())
}

/// Pages are cut among spans that began together.
async fn a_trace_of_more_than_a_page_is_read_whole(server: &Elasticsearch, which: Which) -> Result<()> {
    let mut config = config(server, which, "long");
    config.max_documents = 70;
    config.document_ids = DocumentIds::Automatic;
    let store = store(&config)?;
    for part in 0..10 {
        let mut spans = Spans::new();
        for n in 0..100 {
            spans = spans.span(1, part * 100 + n + 1, "a", "op", i64::try_from(n / 50)?);
        }
        let batch = Arc::new(spans.batch());
        for _ in 0..=u8::from(part == 0) {
            ensure!(written(&store.write(Arc::clone(&batch)).await));
        }
    }
    server.refresh().await?;
    let trace = store.get_trace(TraceId(1)).await?;
    let ids: BTreeSet<u64> = trace.spans().map(|span| span.span_id().0).collect();
    ensure!(ids == (1..=1000).collect() && trace.len() == 1000, "{} spans, {} ids", trace.len(), ids.len());
    Ok(())
}

/// A field that is mapped as a number takes no text; the other spans of the batch are stored.
async fn documents_are_refused_one_by_one(server: &Elasticsearch, which: Which) -> Result<()> {
    let mut config = config(server, which, "conflict");
    config.templates = None;
    config.tags_as_fields.all = true;
    let mapping = json!({"mappings": {"properties": {
        "traceID": {"type": "keyword"}, "spanID": {"type": "keyword"}, "startTime": {"type": "long"},
        "tag": {"properties": {"amount": {"type": "long"}}},
    }}});
    server.ask("PUT", "/conflict-jaeger-span-2026-11-24", Some(mapping)).await?;
    let text = jaeger_model::Value::Str("much");
    let batch = Spans::new()
        .span(1, 1, "a", "op", 0)
        .span(1, 2, "a", "op", 0)
        .tag("amount", text)
        .span(1, 3, "a", "op", 0)
        .batch();
    let written = store(&config)?.write(Arc::new(batch)).await;
    let [refused] = written.refused.as_slice() else { anyhow::bail!("{written:?}") };
    ensure!(written.stored == 2 && refused.spans == [1] && refused.kind == ErrorKind::Invalid, "{written:?}");
    ensure!(refused.message.contains("amount"), "{}", refused.message);
    Ok(())
}

fn written(written: &Written) -> bool {
    written.refused.is_empty()
}

/// A real client, then agent, collector and query, each a process.
async fn processes_of_their_own(server: &Elasticsearch, which: Which) -> Result<()> {
    let url = format!("--es.server-urls={}", server.url());
    let version = if which == Which::Elasticsearch8 { "--es.version=8" } else { "--es.version=0" };
    let name = if which == Which::OpenSearch2 { "opensearch" } else { "elasticsearch" };
    let kind = format!("--span-storage.type={name}");
    let flags =
        [kind.as_str(), url.as_str(), version, "--es.num-replicas=0", "--es.num-shards=1", "--es.index-prefix=e2e"];
    spans_come_back_whole(&flags).await
}

/// One span a trace, begun at the suite's time.
async fn write(store: &ElasticsearchStore, trace: u128) -> Written {
    store.write(Arc::new(Spans::new().span(trace, 1, "a", "op", 0).batch())).await
}

async fn a_read_only_index_pushes_back(server: &Elasticsearch, which: Which) -> Result<()> {
    let store = store(&config(server, which, "closed"))?;
    ensure!(written(&write(&store, 1).await));
    let block = |value: bool| json!({"index.blocks.write": value});
    server.ask("PUT", "/closed-jaeger-span-*/_settings", Some(block(true))).await?;
    let refused = write(&store, 2).await;
    ensure!(refused.stored == 0 && refused.refused[0].kind == ErrorKind::Unavailable, "{refused:?}");
    ensure!(refused.refused[0].message.contains("read-only"), "{refused:?}");
    // One that is lifted in time is not even noticed.
    let (later, _) =
        tokio::join!(write(&store, 3), server.ask("PUT", "/closed-jaeger-span-*/_settings", Some(block(false))));
    ensure!(written(&later) && written(&write(&store, 2).await));
    ensure!(server.count("closed-jaeger-span-*").await? == 3);
    Ok(())
}

/// The watermarks are off in these servers; here they are on, and lower than any disk.
async fn a_full_disk_pushes_back(server: &Elasticsearch, which: Which) -> Result<()> {
    let store = store(&config(server, which, "full"))?;
    ensure!(written(&write(&store, 1).await));
    let marks = |on: Option<&str>| {
        let of = |name: &str| format!("cluster.routing.allocation.disk.watermark.{name}");
        json!({"transient": {
            "cluster.routing.allocation.disk.threshold_enabled": on.is_some(),
            "cluster.info.update.interval": on.map(|_| "10s"),
            of("low"): on, of("high"): on, of("flood_stage"): on,
        }})
    };
    // So many bytes are free on no disk.
    server.ask("PUT", "/_cluster/settings", Some(marks(Some("900tb")))).await?;
    let refused = wait_for("the disk to be full", DEADLINE, async || {
        let refused = write(&store, 2).await;
        ensure!(refused.stored == 0, "it is stored");
        Ok(refused)
    })
    .await?;
    let why = &refused.refused[0];
    ensure!(matches!(why.kind, ErrorKind::Throttled | ErrorKind::Unavailable), "{why:?}");
    server.ask("PUT", "/_cluster/settings", Some(marks(None))).await?;
    let open = json!({"index.blocks.read_only_allow_delete": null});
    server.ask("PUT", "/_all/_settings", Some(open)).await?;
    wait_for("the disk to have room", DEADLINE, async || {
        ensure!(written(&write(&store, 3).await), "it is full still");
        Ok(())
    })
    .await?;
    ensure!(server.count("full-jaeger-span-*").await? >= 2);
    Ok(())
}

/// Ten senders that wait for each answer.
async fn under_load<T>(
    store: &Arc<ElasticsearchStore>,
    meanwhile: impl Future<Output = Result<T>>,
) -> Result<BTreeSet<u128>> {
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let senders = (0..10u128).map(|sender| {
        let (store, stop) = (Arc::clone(store), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut stored = BTreeSet::new();
            let mut number = sender << 64 | 1;
            while !stop.load(Ordering::Relaxed) {
                let written = write(&store, number).await;
                if written.stored == 1 {
                    stored.insert(number);
                    number += 1;
                }
            }
            stored
        })
    });
    let senders: Vec<_> = senders.collect();
    let done = meanwhile.await;
    stop.store(true, Ordering::Relaxed);
    let mut stored = BTreeSet::new();
    for sender in senders {
        stored.extend(sender.await?);
    }
    done.map(|_| stored)
}

async fn all_there(store: &ElasticsearchStore, server: &Elasticsearch, stored: &BTreeSet<u128>) -> Result<()> {
    ensure!(stored.len() > 10, "nothing was stored under load");
    server.refresh().await?;
    for number in stored {
        let trace = store.get_trace(TraceId(*number)).await.with_context(|| format!("{number:x} was stored"))?;
        ensure!(trace.len() == 1, "{number:x} is there {} times", trace.len());
    }
    Ok(())
}

async fn a_server_that_stands_still_loses_nothing(server: &Elasticsearch, which: Which) -> Result<()> {
    let store = Arc::new(store(&config(server, which, "still"))?);
    ensure!(written(&write(&store, 1).await));
    let stored = under_load(&store, async {
        server.signal(Signal::SIGSTOP)?;
        // Standing still is the one thing that only time shows.
        tokio::time::sleep(Duration::from_secs(30)).await;
        server.signal(Signal::SIGCONT)?;
        wait_for("a write after it", DEADLINE, async || {
            ensure!(written(&write(&store, 2).await), "not yet");
            Ok(())
        })
        .await
    })
    .await?;
    all_there(&store, server, &stored).await
}

async fn a_killed_server_loses_nothing(server: &mut Elasticsearch, which: Which) -> Result<()> {
    let store = Arc::new(store(&config(server, which, "killed"))?);
    ensure!(written(&write(&store, 1).await));
    let stored = under_load(&store, async {
        server.kill().await?;
        wait_for("a write to be refused", DEADLINE, async || {
            let refused = write(&store, 2).await;
            ensure!(refused.stored == 0 && refused.refused[0].kind == ErrorKind::Unavailable, "{refused:?}");
            Ok(())
        })
        .await?;
        server.restart().await?;
        wait_for("a write after the restart", DEADLINE, async || {
            ensure!(written(&write(&store, 3).await), "not yet");
            Ok(())
        })
        .await
    })
    .await?;
    all_there(&store, server, &stored).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_starts_last_is_waited_for_and_a_wrong_file_is_not() -> Result<()> {
    let _one = ONE.lock().await;
    let address = port::free()?;
    let url = format!("--es.server-urls=http://{address}");
    let flags = ["--span-storage.type=elasticsearch", url.as_str(), "--es.num-replicas=0"];
    let collector = Server::start_blindly(Binary::Collector, &flags, &[])?;
    wait_for("the collector to say what it waits for", DEADLINE, async || {
        ensure!(
            collector.log().contains(&address) && collector.log().contains("--es.server-urls"),
            "{}",
            collector.log()
        );
        Ok(())
    })
    .await?;
    let _server = Elasticsearch::start_at(Which::Elasticsearch7, &address).await?;
    wait_for("the collector to take spans", DEADLINE, async || {
        ensure!(collector.log().contains("The store answers"), "{}", collector.log());
        Ok(())
    })
    .await?;
    collector.stop().await?;
    let none = Path::new("/none");
    let file = format!("--es.token-file={}", none.display());
    let refused = Server::refuse(Binary::Collector, &["--span-storage.type=elasticsearch", &file], &[]).await?;
    ensure!(!refused.status.success() && refused.log.contains("/none"), "{}", refused.log);
    Ok(())
}

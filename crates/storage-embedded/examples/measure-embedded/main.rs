//! Measures the embedded store: CPU a span until it is durable and in a partition, bytes a span on disk, memory, and how
//! long searches take, warm and with the page cache dropped (as root).
//!
//! ```text
//! cargo run --release -p jaeger-storage-embedded --example measure-embedded -- plain|real [spans] [folder]
//! ```
//!
//! By the environment: `NO_QUERIES` ends after writing, `REOPEN` asks a folder that an earlier run filled with as many spans,
//! `ONLY` asks the question of that name, `LOG_MB` sets when a generation is closed, `RECOVERY` measures a start instead.
#![expect(clippy::print_stdout, reason = "a command's output")]

#[path = "../../../jaeger-storage/examples/measure/load.rs"]
mod load;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use jaeger_model::{Batch, Timestamp};
use jaeger_storage::{SpanReader, SpanWriter, Store, TimeRange, TraceQuery};
use jaeger_storage_embedded::{EmbeddedConfig, EmbeddedStore};
use load::Load;

const NOW: Timestamp = Timestamp::from_micros(1_795_478_400_000_000);
/// Batches are made ahead of being written, so many at a time.
const AHEAD: usize = 2000;
/// So many writers, each with one batch at a time.
const WRITERS: usize = 4;

/// How long a start takes with as much log as can ever wait: compaction is kept from its work until writes are refused.
async fn recovery(load: &mut Load, config: &EmbeddedConfig) {
    let obstacle = config.directory.join("spans/part-0000000001.unfinished");
    let store = EmbeddedStore::open(config.clone(), &|_| {}).expect("a store");
    fs::create_dir_all(&obstacle).expect("a folder");
    let mut spans = 0;
    while store.write(Arc::new(load.batch())).await.refused.is_empty() {
        spans += 100;
    }
    drop(store);
    tokio::time::sleep(Duration::from_secs(1)).await;
    fs::remove_dir(&obstacle).expect("removed");
    let logs: u64 = fs::read_dir(config.directory.join("spans"))
        .expect("a folder")
        .map(|file| file.and_then(|file| file.metadata()).map_or(0, |file| file.len()))
        .sum();
    for cold in [false, true] {
        if cold {
            fs::write("/proc/sys/vm/drop_caches", "3").ok();
        }
        let start = Instant::now();
        let store =
            EmbeddedStore::open(EmbeddedConfig { background: false, ..config.clone() }, &|_| {}).expect("a store");
        println!("{spans} spans in {:.0} MB of log, cold {cold}: open after {:?}", logs as f64 / 1e6, start.elapsed());
        drop(store);
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut args = std::env::args().skip(1);
    let profile = args.next().unwrap_or_else(|| "plain".into());
    let spans: usize = args.next().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let folder = args.next().unwrap_or_else(|| "data/measure".into());
    let mut load = Load::new(&profile, 1, NOW, 100);
    if std::env::var("REOPEN").is_err() {
        drop(fs::remove_dir_all(&folder));
    }
    let mut config = EmbeddedConfig { max_bytes: 100 << 30, ..EmbeddedConfig::in_directory(&folder) };
    if let Ok(megabytes) = std::env::var("LOG_MB") {
        config.log_bytes = megabytes.parse::<u64>().expect("a number") << 20;
    }
    if std::env::var("RECOVERY").is_ok() {
        return recovery(&mut load, &config).await;
    }
    if std::env::var("REOPEN").is_ok() {
        let store = EmbeddedStore::open(config, &|_| {}).expect("a store");
        for _ in 0..spans / 100 {
            drop(load.batch());
        }
        return queries(&store, &load, &profile, false).await;
    }
    let store = Arc::new(EmbeddedStore::open(config.clone(), &|_| {}).expect("a store"));
    let (mut written, mut making, mut took) = (0, 0.0, Duration::ZERO);
    let before = cpu();
    while written < spans {
        let at = cpu_here();
        let batches: Vec<Arc<Batch>> = (0..AHEAD).map(|_| Arc::new(load.batch())).collect();
        making += cpu_here() - at;
        written += batches.iter().map(|batch| batch.len()).sum::<usize>();
        let start = Instant::now();
        let receiver = Arc::new(std::sync::Mutex::new(batches));
        let writers = (0..WRITERS).map(|_| {
            let (store, receiver) = (Arc::clone(&store), Arc::clone(&receiver));
            tokio::spawn(async move {
                loop {
                    let batch = receiver.lock().ok().and_then(|mut batches| batches.pop());
                    let Some(batch) = batch else { break };
                    let spans = batch.len();
                    assert_eq!(store.write(batch).await.stored, spans);
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.expect("a writer");
        }
        took += start.elapsed();
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let used = cpu() - before - making;
    println!(
        "{profile}, {written} spans: {:.2} CPU s/M, {:.0} spans/s while writing",
        used * 1e6 / written as f64,
        written as f64 / took.as_secs_f64()
    );
    println!("disk {:.1} bytes/span; {}", store.status().bytes.unwrap_or(0) as f64 / written as f64, memory());
    threads(written);
    if std::env::var("NO_QUERIES").is_ok() {
        return;
    }
    queries(&store, &load, &profile, false).await;
    drop(store);
    // A new process's view: nothing of ours in memory, and nothing in the page cache.
    tokio::time::sleep(Duration::from_secs(1)).await;
    fs::write("/proc/sys/vm/drop_caches", "3").ok();
    let start = Instant::now();
    let store = Arc::new(EmbeddedStore::open(config, &|_| {}).expect("a store"));
    println!("opened cold in {:?}", start.elapsed());
    queries(&store, &load, &profile, true).await;
    println!("{}", memory());
    let stats = {
        drop(store);
        tokio::time::sleep(Duration::from_secs(1)).await;
        jaeger_storage_embedded::stats(folder.as_ref()).expect("stats")
    };
    for part in stats.parts {
        let spans: u64 = part.partitions.iter().map(|partition| partition.spans).sum();
        println!("{}: {} partitions, {spans} spans, logs {:?}", part.name, part.partitions.len(), part.logs);
        for (name, bytes) in part.bytes_by_part {
            println!("  {name}: {:.2}", bytes as f64 / spans.max(1) as f64);
        }
    }
}

async fn queries(store: &EmbeddedStore, load: &Load, profile: &str, cold: bool) {
    let any = TraceQuery { start: TimeRange::ALL, limit: 20, ..TraceQuery::default() };
    let services = store.services().await.unwrap_or_default();
    let service = |n: usize| services.get(n % services.len().max(1)).cloned();
    let by_service = |n: usize| TraceQuery { service: service(n), ..any.clone() };
    let error = || vec![("error".to_owned(), "true".to_owned())];
    // As somebody who looks at what happened a while ago.
    let ago = |n: usize, query: TraceQuery| {
        let end = Timestamp::from_nanos(NOW.as_nanos() - i64::try_from(n).unwrap_or(0) * 10_000_000_000);
        TraceQuery { start: TimeRange { start: TimeRange::ALL.start, end }, ..query }
    };
    let kinds: [(&str, &dyn Fn(usize) -> TraceQuery); 12] = [
        ("service", &by_service),
        ("service, ago", &|n| ago(n, by_service(n))),
        ("service, operation, ago", &|n| {
            ago(n, TraceQuery { operation: Some(load::operation(profile, n)), ..by_service(n) })
        }),
        ("service, error=true, ago", &|n| ago(n, TraceQuery { tags: error(), ..by_service(n) })),
        ("service, 1.9 s or longer, ago", &|n| {
            let least = jaeger_model::Duration::from_micros(1_900_000);
            ago(n, TraceQuery { duration_min: Some(least), ..by_service(n) })
        }),
        ("service, operation", &|n| TraceQuery { operation: Some(load::operation(profile, n)), ..by_service(n) }),
        ("service, error=true", &|n| TraceQuery { tags: error(), ..by_service(n) }),
        ("error=true", &|_| TraceQuery { tags: error(), ..any.clone() }),
        ("rare tag", &|n| TraceQuery { tags: vec![load.rare_tag(n)], ..any.clone() }),
        ("service, rare tag", &|n| TraceQuery {
            tags: vec![load.rare_tag(n)],
            service: Some(load.rare_service(n)),
            ..any.clone()
        }),
        ("service, 1.9 s or longer", &|n| TraceQuery {
            duration_min: Some(jaeger_model::Duration::from_micros(1_900_000)),
            ..by_service(n)
        }),
        ("service, limit 1500", &|n| TraceQuery { limit: 1500, ..by_service(n) }),
    ];
    for (what, query) in kinds {
        if std::env::var("ONLY").is_ok_and(|only| only != what) {
            continue;
        }
        let mut took = Vec::new();
        let (mut traces, mut spans) = (0, 0);
        let times = if cold { 20 } else { 100 };
        for n in 0..times {
            if cold {
                fs::write("/proc/sys/vm/drop_caches", "3").ok();
            }
            let query = query(n);
            let start = Instant::now();
            let mut found = store.find_traces(&query).await.expect("an answer").traces;
            while let Some(trace) = found.next().await {
                traces += 1;
                spans += trace.map_or(0, |trace| trace.len());
            }
            took.push(start.elapsed());
        }
        took.sort();
        println!(
            "{}{what}: p50 {:?} p99 {:?}; {} traces, {} spans each",
            if cold { "cold " } else { "" },
            took[times / 2],
            took[times * 99 / 100],
            traces / times,
            spans / times
        );
    }
    let mut took = Vec::new();
    for n in 0..100 {
        let start = Instant::now();
        assert!(store.get_trace(load.trace_id(n)).await.is_ok());
        took.push(start.elapsed());
    }
    took.sort();
    println!("trace by id: p50 {:?} p99 {:?}", took[50], took[99]);
    let start = Instant::now();
    let links = store.dependencies(TimeRange::ALL).await.map_or(0, |links| links.len());
    println!("dependencies: {:?}, {links} links", start.elapsed());
}

fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS")).collect::<Vec<_>>().join(" ")
}

/// CPU seconds a million spans by thread, of those that are still there.
fn threads(spans: usize) {
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let read = |file: &str| fs::read_to_string(task.path().join(file)).unwrap_or_default();
        let nanos = read("schedstat").split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok());
        let used = nanos.unwrap_or(0.0) / 1e3 / spans as f64;
        if used > 0.01 {
            println!("  {} {used:.2}", read("comm").trim());
        }
    }
}

/// CPU seconds of the process.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// CPU seconds of this thread.
fn cpu_here() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

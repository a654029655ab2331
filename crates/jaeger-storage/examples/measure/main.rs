//! Measures the memory store: CPU a span to write and seal, bytes a span, and how long searches take.
//!
//! ```text
//! cargo run --release -p jaeger-storage --example measure -- plain|real|odd [spans] [spans a batch]
//! cargo run --release -p jaeger-storage --example measure -- plain|real|odd disk    (blocks as bytes of a file)
//! cargo run --release -p jaeger-storage --example measure -- plain|real|odd minutes (counts by the minute)
//! ```
#![expect(clippy::print_stdout, reason = "a command's output")]

mod disk;
mod load;
mod minutes;

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use jaeger_model::{Batch, Timestamp, Trace};
use jaeger_storage::{FoundTraces, MemoryConfig, MemoryStore, SpanReader, SpanWriter, Store, TimeRange, TraceQuery};
use load::Load;

const NOW: Timestamp = Timestamp::from_micros(1_795_478_400_000_000);
/// Batches are made ahead of being written, so many at a time.
const AHEAD: usize = 500;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut args = std::env::args().skip(1);
    let profile = args.next().unwrap_or_else(|| "plain".into());
    let what = args.next();
    if what.as_deref() == Some("disk") {
        for spans in [4096, 8192, 16384] {
            disk::measure(&mut Load::new(&profile, 1, NOW, 100), spans);
        }
        return;
    }
    if what.as_deref() == Some("minutes") {
        return minutes::measure(&mut Load::new(&profile, 1, NOW, 100), 16_384);
    }
    let spans: usize = what.and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let in_batch: usize = args.next().and_then(|n| n.parse().ok()).unwrap_or(100);
    let mut load = Load::new(&profile, 1, NOW, in_batch);

    let config = MemoryConfig { max_bytes: 8 << 30, ..MemoryConfig::default() };
    let store = MemoryStore::new(config);
    let before = resident();
    let (mut written, mut writing, mut batch_bytes) = (0, 0, 0);
    while written < spans {
        let batches: Vec<Arc<Batch>> = (0..AHEAD).map(|_| Arc::new(load.batch())).collect();
        let cpu = cpu_here();
        for batch in batches {
            written += batch.len();
            batch_bytes += batch.size_bytes();
            store.write(batch).await;
        }
        writing += cpu_here() - cpu;
    }
    // What is waiting is sealed by its thread; what is hot stays.
    while sealing(&store).await {}
    let sealing = cpu_of("memory-seal");
    let per_span = |nanos: u64| nanos as f64 / 1000.0 / written as f64;
    println!("{profile}, {written} spans, {in_batch} a batch");
    println!("write {:.3} us/span, seal {:.3} us/span, CPU", per_span(writing), per_span(sealing));
    let status = store.status();
    let held = status.bytes.unwrap_or(0) as f64 / written as f64;
    let resident = (resident() - before) as f64 / written as f64;
    println!("held {held:.1} bytes/span, resident {resident:.1}, as batches {}", batch_bytes / written);
    println!("{}", store.describe());

    let any = TraceQuery { start: TimeRange::ALL, limit: 20, ..TraceQuery::default() };
    let services = store.services().await.unwrap_or_default();
    let service = |n: usize| services.get(n % services.len().max(1)).cloned();
    let by_service = |n: usize| TraceQuery { service: service(n), ..any.clone() };
    measure(&store, "service, limit 20", 200, by_service).await;
    measure(&store, "service and operation, limit 20", 200, |n| TraceQuery {
        operation: Some(load::operation(&profile, n)),
        ..by_service(n)
    })
    .await;
    measure(&store, "service and error=true, limit 20", 200, |n| TraceQuery {
        tags: vec![("error".into(), "true".into())],
        ..by_service(n)
    })
    .await;
    measure(&store, "service and rare tag, limit 20", 200, |n| TraceQuery {
        tags: vec![load.rare_tag(n)],
        service: Some(load.rare_service(n)),
        ..any.clone()
    })
    .await;
    measure(&store, "rare tag, limit 20", 200, |n| TraceQuery { tags: vec![load.rare_tag(n)], ..any.clone() }).await;
    measure(&store, "nothing, limit 20", 20, |_| any.clone()).await;
    measure(&store, "service, limit 1500", 20, |n| TraceQuery { limit: 1500, ..by_service(n) }).await;
    measure(&store, "service, 1 s or longer, limit 20", 200, |n| TraceQuery {
        duration_min: Some(jaeger_model::Duration::from_micros(1_000_000)),
        ..by_service(n)
    })
    .await;
    let mut times = Vec::new();
    let mut links = 0;
    for _ in 0..20 {
        let start = Instant::now();
        links = store.dependencies(TimeRange::ALL).await.map_or(0, |links| links.len());
        times.push(start.elapsed());
    }
    times.sort();
    println!("dependencies: p50 {:?}, {links} links", times[times.len() / 2]);
    let start = Instant::now();
    for n in 0..100 {
        std::hint::black_box(store.get_trace(load.trace_id(n)).await.map_or(0, |trace| trace.len()));
    }
    println!("a trace by id: {:?}", start.elapsed() / 100);
}

async fn measure(store: &MemoryStore, what: &str, times: usize, query: impl Fn(usize) -> TraceQuery) {
    let mut took = Vec::new();
    let mut searches = Vec::new();
    let (mut traces, mut spans) = (0, 0);
    for n in 0..times {
        let query = query(n);
        let start = Instant::now();
        std::hint::black_box(store.find_trace_ids(&query).await.is_ok());
        searches.push(start.elapsed());
        let start = Instant::now();
        let Ok(FoundTraces { traces: mut found, .. }) = store.find_traces(&query).await else { return };
        while let Some(trace) = std::future::poll_fn(|context| found.as_mut().poll_next(context)).await {
            traces += 1;
            spans += trace.as_ref().map_or(0, Trace::len);
            std::hint::black_box(trace.is_ok());
        }
        took.push(start.elapsed());
    }
    took.sort();
    searches.sort();
    println!(
        "{what}: p50 {:?}, p99 {:?}, of it search {:?}; {} traces and {} spans each",
        took[took.len() / 2],
        took[took.len() * 99 / 100],
        searches[searches.len() / 2],
        traces / times,
        spans / times
    );
}

async fn sealing(store: &MemoryStore) -> bool {
    tokio::task::yield_now().await;
    store.is_sealing()
}

fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<usize>().ok()).unwrap_or(0) * 1024
}

/// Nanoseconds of CPU that this thread has used.
fn cpu_here() -> u64 {
    first_number("/proc/thread-self/schedstat")
}

/// Nanoseconds of CPU that the thread with this name has used.
fn cpu_of(name: &str) -> u64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of_name =
        tasks.filter(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name));
    of_name.map(|task| first_number(&task.path().join("schedstat").to_string_lossy())).sum()
}

fn first_number(path: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

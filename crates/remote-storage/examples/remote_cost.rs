//! CPU of the way to a store in another process: client, loopback, server and a memory store, all in this one process.
//! `cargo run --release -p jaeger-remote-storage --example remote_cost`
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement for people")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use jaeger_load::profile::{Generator, Profile};
use jaeger_model::{Batch, Timestamp};
use jaeger_remote_storage::{Config, Offers, Server};
use jaeger_service::health::Health;
use jaeger_service::ledger::CollectorLedger;
use jaeger_service::lifecycle::{Lifecycle, ShutdownConfig};
use jaeger_storage::{MemoryConfig, MemoryStore, Store};
use jaeger_storage_remote::{RemoteConfig, RemoteStore};
use tokio::net::TcpListener;

const SPANS: usize = 1_000_000;
const SENDERS: usize = 4;

#[tokio::main]
async fn main() {
    let now = Timestamp::from_micros(1_795_478_400_000_000);
    for in_batch in [100, 1_000] {
        let mut generator = Generator::new(Profile::Plain, 1, now, in_batch);
        let batches: Vec<Arc<Batch>> = (0..SPANS / in_batch).map(|_| Arc::new(generator.batch())).collect();
        println!("{SPANS} plain spans, {in_batch} a batch, {SENDERS} at once: CPU s per million spans");
        let direct = measure(memory(), &batches).await;
        println!("  memory store alone                     {direct:.2}");
        for (what, offers) in [
            ("through jaeger.embedded.v1            ", Offers { embedded: true, streams: true }),
            ("through jaeger.storage.v1 streams     ", Offers { embedded: false, streams: true }),
        ] {
            let through = measure(served(offers).await, &batches).await;
            println!("  {what} {through:.2}, less the store {:.2}", through - direct);
        }
    }
}

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(MemoryConfig::default()))
}

async fn served(offers: Offers) -> Arc<dyn Store> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let lifecycle = Lifecycle::new(ShutdownConfig::default(), Health::new());
    let config = Config { offers, ..Config::default() };
    let serving = Server::new(config, memory(), CollectorLedger::default());
    tokio::spawn(async move { serving.serve(listener, lifecycle).await.unwrap() });
    Arc::new(
        RemoteStore::connect(RemoteConfig { server, connection_timeout: Duration::from_secs(5), tls: None }).unwrap(),
    )
}

async fn measure(store: Arc<dyn Store>, batches: &[Arc<Batch>]) -> f64 {
    let (before, begun) = (cpu_seconds(), Instant::now());
    let senders = batches.chunks(batches.len().div_ceil(SENDERS)).map(|mine| {
        let (store, mine) = (Arc::clone(&store), mine.to_vec());
        tokio::spawn(async move {
            for batch in mine {
                let written = store.write(batch).await;
                assert!(written.refused.is_empty(), "{:?}", written.refused);
            }
        })
    });
    let senders: Vec<_> = senders.collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let took = begun.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - before;
    println!("  ({:.0} spans a second)", SPANS as f64 / took);
    cpu
}

/// User and system time of this process, in ticks of 10 ms.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

//! What was said to be stored is there, whatever happens to Cassandra meanwhile; what was not is told.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jaeger_model::{TraceId, Value};
use jaeger_storage::conformance::Spans;
use jaeger_storage::{ErrorKind, SpanReader as _, SpanWriter as _};
use jaeger_storage_cassandra::{CassandraConfig, CassandraStore};
use jaeger_test_servers::cassandra::{Cassandra, Setup};
use parking_lot::Mutex;

/// How long a condition is waited for.
const DEADLINE: Duration = Duration::from_secs(120);

/// Senders that go on until they are told to stop.
struct Senders {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<TraceId>>>,
    refused: Arc<AtomicU64>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Senders {
    fn start(store: &Arc<CassandraStore>) -> Self {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (refused, number) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(1)));
        let tasks = (0..4).map(|_| {
            let (store, number, stop) = (Arc::clone(store), Arc::clone(&number), Arc::clone(&stop));
            let (acknowledged, refused) = (Arc::clone(&acknowledged), Arc::clone(&refused));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let trace = u128::from(number.fetch_add(1, Ordering::Relaxed));
                    let spans = (1..=20).fold(Spans::new(), |spans, id| {
                        spans.span(trace, id, "shop", "op", 1).tag("k", Value::Str("v"))
                    });
                    let written = store.write(Arc::new(spans.batch())).await;
                    let lost: usize = written.refused.iter().map(|refused| refused.spans.len()).sum();
                    assert_eq!(written.stored + lost, 20, "every span has a fate");
                    for refused in &written.refused {
                        assert_ne!(refused.kind, ErrorKind::Invalid, "{}", refused.message);
                    }
                    match lost {
                        0 => acknowledged.lock().push(TraceId(trace)),
                        _ => drop(refused.fetch_add(1, Ordering::Relaxed)),
                    }
                }
            })
        });
        Self { tasks: tasks.collect(), stop, acknowledged, refused }
    }

    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().len()
    }

    /// Waits until that many more are acknowledged.
    async fn more(&self, count: usize) {
        let until = self.acknowledged() + count;
        let reached = async {
            while self.acknowledged() < until {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(DEADLINE, reached).await.expect("more spans are acknowledged");
    }

    /// Stops, and looks for every trace that was acknowledged.
    async fn check(self, store: &CassandraStore) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("a sender");
        }
        let acknowledged = std::mem::take(&mut *self.acknowledged.lock());
        for id in acknowledged {
            let trace = store.get_trace(id).await.expect("an acknowledged trace");
            assert_eq!(trace.len(), 20, "trace {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_missing_after_a_freeze_and_a_crash() {
    let mut node = Cassandra::start(Setup { synced: true, ..Setup::V5 }).expect("a node");
    let config = common::keyspace(&node, "faults", &[]).await;
    let config = CassandraConfig { timeout: Duration::from_secs(3), retries: 1, ..config };
    let store = common::store(&config, None).await;
    let senders = Senders::start(&store);
    senders.more(20).await;

    node.freeze().expect("a signal");
    // Everything under way comes back with a reason, and so does what is sent meanwhile.
    let refused = async {
        while senders.refused.load(Ordering::Relaxed) < 8 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, refused).await.expect("spans are refused while nobody answers");
    node.go_on().expect("a signal");
    senders.more(20).await;

    node.kill();
    let error = store.services().await.expect_err("nobody is there");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    node.start_again().expect("a node");
    senders.more(20).await;
    senders.check(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_there_before_cassandra_is_says_what_it_waits_for() {
    // Taken and given back: nobody listens there.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let config = CassandraConfig { servers: vec![format!("127.0.0.1:{port}")], ..CassandraConfig::default() };
    let store = CassandraStore::new(config, None);
    let error = store.services().await.expect_err("nobody is there");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().starts_with("cassandra is not reached: "), "{error}");
    let written = store.write(Arc::new(Spans::new().span(1, 1, "a", "op", 1).batch())).await;
    assert_eq!((written.stored, written.refused.len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keyspace_that_is_not_there_is_told_with_its_flag() {
    let node = Cassandra::shared().expect("a node");
    let store = CassandraStore::new(common::config(node, "nowhere"), None);
    let denied = tokio::time::timeout(DEADLINE, store.denied()).await.expect("an answer").expect("a reason");
    assert_eq!(
        denied.to_string(),
        "--cassandra.keyspace: the keyspace nowhere is not there; make it with jaeger-cassandra-schema, or name another"
    );
}

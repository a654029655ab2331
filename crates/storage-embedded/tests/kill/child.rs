//! The process that is killed: opens a store, writes batches, and says on standard output what was acknowledged.
//!
//! `try N` before a batch is written, `ack N` when it is stored, `no N KIND` when it is refused, `done` at the end.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jaeger_storage::Store;
use jaeger_storage_embedded::EmbeddedConfig;

use crate::common;

/// What the child does, as it stands in its environment.
#[derive(Clone, Debug)]
pub(crate) struct Orders {
    pub(crate) folder: PathBuf,
    pub(crate) seed: u64,
    /// The number of its first batch.
    pub(crate) from: u64,
    pub(crate) batches: u64,
    pub(crate) spans: u64,
    pub(crate) writers: u64,
    pub(crate) log_bytes: u64,
    pub(crate) max_bytes: u64,
    pub(crate) background: bool,
    pub(crate) archive: bool,
}

const NAME: &str = "JAEGER_TEST_CHILD";

impl Orders {
    /// As one variable.
    pub(crate) fn variable(&self) -> (&'static str, String) {
        let Self { folder, seed, from, batches, spans, writers, log_bytes, max_bytes, background, archive } = self;
        let text = format!(
            "{seed} {from} {batches} {spans} {writers} {log_bytes} {max_bytes} {} {} {}",
            u8::from(*background),
            u8::from(*archive),
            folder.display()
        );
        (NAME, text)
    }

    fn of_environment() -> Option<Self> {
        let text = std::env::var(NAME).ok()?;
        let mut parts = text.splitn(10, ' ');
        let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok()).expect("a number");
        let (seed, from, batches, spans, writers) = (number(), number(), number(), number(), number());
        let (log_bytes, max_bytes) = (number(), number());
        let (background, archive) = (number() == 1, number() == 1);
        let folder = parts.next().expect("a folder").into();
        Some(Self { folder, seed, from, batches, spans, writers, log_bytes, max_bytes, background, archive })
    }

    pub(crate) fn config(&self) -> EmbeddedConfig {
        EmbeddedConfig {
            log_bytes: self.log_bytes,
            max_bytes: self.max_bytes,
            background: self.background,
            block_spans: 50,
            ..EmbeddedConfig::in_directory(&self.folder)
        }
    }
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody may listen any more.
    drop(writeln!(out, "{what}").and_then(|()| out.flush()));
}

pub(crate) fn run() {
    let Some(orders) = Orders::of_environment() else { return };
    // The test harness has begun a line.
    say("");
    let store = common::open(orders.config());
    let to: Arc<dyn Store> = if orders.archive { store.archive().expect("an archive") } else { Arc::new(store) };
    let (next, stored) = (AtomicU64::new(orders.from), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..orders.writers {
            scope.spawn(|| common::run(write_all(&*to, &orders, &next, &stored)));
        }
    });
    say("done");
}

#[expect(clippy::disallowed_methods, reason = "a sender that was refused waits, on a thread of its own")]
async fn write_all(store: &dyn Store, orders: &Orders, next: &AtomicU64, stored: &Mutex<Vec<u64>>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= orders.from + orders.batches {
            return;
        }
        say(&format!("try {number}"));
        let batch = Arc::new(common::batch(orders.seed, number, orders.spans));
        let written = store.write(Arc::clone(&batch)).await;
        match written.refused.first() {
            None => {
                assert_eq!(written.stored, batch.len());
                stored.lock().expect("no panic").push(number);
                say(&format!("ack {number}"));
            }
            Some(refused) => {
                assert_eq!((written.stored, refused.spans.len()), (0, batch.len()));
                say(&format!("no {number} {} {}", refused.kind.label(), refused.message));
                read(store, orders, stored).await;
                // The store asks for less.
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
}

/// Whatever happens to writes, reads go on.
async fn read(store: &dyn Store, orders: &Orders, stored: &Mutex<Vec<u64>>) {
    let last = stored.lock().expect("no panic").last().copied();
    let Some(number) = last else { return };
    let written = common::by_trace([&common::batch(orders.seed, number, orders.spans)]);
    let found = common::search(store, &common::of_batch(number)).await;
    for (id, spans) in written {
        assert!(
            spans.is_subset(&common::spans_of(store, id).await),
            "batch {number} is not found while the disk fails"
        );
        assert!(found.get(&id).is_some_and(|found| spans.is_subset(found)), "nor by search");
    }
    say(&format!("read {number}"));
}

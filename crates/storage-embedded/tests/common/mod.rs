//! What the tests of files share: spans that say where they were written, stores over a folder, and what a store must answer.

#![allow(dead_code, reason = "each test uses some of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jaeger_model::{Batch, SpanView, TraceId, Value};
use jaeger_storage::conformance::Spans;
use jaeger_storage::conformance::model::show;
use jaeger_storage::{SpanWriter, Store, TraceQuery};
use jaeger_storage_embedded::{EmbeddedConfig, EmbeddedStore, OpenError, Report};

/// Waits for a future, and lets the store read on other threads.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(test)
}

/// Settings that work only when they are told to.
pub(crate) fn config(folder: &Path) -> EmbeddedConfig {
    EmbeddedConfig { max_bytes: u64::MAX, background: false, ..EmbeddedConfig::in_directory(folder) }
}

#[expect(clippy::needless_pass_by_value, reason = "settings are made where a store is opened")]
pub(crate) fn open(config: EmbeddedConfig) -> EmbeddedStore {
    when_free(|| EmbeddedStore::open(config.clone(), &|_| {})).expect("a store")
}

/// Looks at every byte of a folder that this process has let go of.
pub(crate) fn verify(folder: &Path) -> Report {
    when_free(|| jaeger_storage_embedded::verify(folder, &|_| {})).expect("nobody uses it")
}

/// A process that another test starts holds our files for the moment between fork and exec, a lock that we let go of
/// included.
pub(crate) fn when_free<T>(mut try_it: impl FnMut() -> Result<T, OpenError>) -> Result<T, OpenError> {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        match try_it() {
            Err(OpenError::InUse { .. }) if std::time::Instant::now() < end => std::thread::yield_now(),
            tried => return tried,
        }
    }
}

pub(crate) async fn write(store: &dyn SpanWriter, batch: Batch) {
    let spans = batch.len();
    let written = store.write(Arc::new(batch)).await;
    assert_eq!(written.stored, spans, "{:?}", written.refused);
}

/// Spans of a batch that is large: some 300 kB.
pub(crate) const LARGE: u64 = 300;

/// The batch with this number: `spans` spans of three traces, of which one goes on in the next two batches. Each has the
/// number in a tag, so that a search finds the batch. Large batches have long texts too, so that they fill files.
pub(crate) fn batch(seed: u64, number: u64, spans: u64) -> Batch {
    let mut random = fastrand::Rng::with_seed(seed ^ number.wrapping_mul(0x9e37_79b9));
    let text = number.to_string();
    let words = if spans >= LARGE { 60 } else { 1 };
    let mut built = Spans::new();
    for at in 0..spans {
        let micros = i64::try_from(number * 1000 + at).expect("few");
        let service = ["front", "back", "db"][random.usize(..3)];
        let host = format!("host-{}", random.u8(..4));
        let trace = traces(seed, number)[usize::try_from(at % 3).expect("few")];
        let id = number * 100_000 + at + 1;
        built = built
            .span_in(trace.0, id, service, &[("host", Value::Str(&host))], "work", micros)
            .took(i64::from(random.u16(..)))
            .tag("batch", Value::Str(&text))
            .tag("http.status_code", Value::I64([200, 404, 500][random.usize(..3)]))
            .tag("noise", Value::Str(&(0..words).map(|_| format!("{:x}", random.u64(..))).collect::<String>()))
            .log(micros, &[("event", Value::Str("done"))]);
        if at >= 3 {
            built = built.child_of(id - 3);
        }
    }
    built.batch()
}

/// The traces that the batch has spans of.
pub(crate) fn traces(seed: u64, number: u64) -> [TraceId; 3] {
    let of = |kind: u128, number: u64| TraceId(u128::from(seed + 1) << 96 | kind << 64 | u128::from(number));
    [of(1, number), of(2, number), of(3, number / 3)]
}

/// What batches have, by trace, each span as text.
pub(crate) fn by_trace<'b>(batches: impl IntoIterator<Item = &'b Batch>) -> BTreeMap<TraceId, BTreeSet<String>> {
    let mut all: BTreeMap<TraceId, BTreeSet<String>> = BTreeMap::new();
    for span in batches.into_iter().flat_map(Batch::spans) {
        all.entry(span.trace_id()).or_default().insert(show(span));
    }
    all
}

/// The spans of a trace as text; none where there is no such trace. Fails where one comes twice.
pub(crate) async fn spans_of(store: &dyn Store, id: TraceId) -> BTreeSet<String> {
    match store.get_trace(id).await {
        Ok(trace) => once(trace.spans()),
        Err(error) => {
            assert_eq!(error.kind(), jaeger_storage::ErrorKind::NotFound, "{error}");
            BTreeSet::new()
        }
    }
}

fn once<'a>(spans: impl Iterator<Item = SpanView<'a>>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for span in spans {
        let text = show(span);
        assert!(!all.contains(&text), "twice: {text}");
        all.insert(text);
    }
    all
}

/// Everything that a search without a condition finds, by trace.
pub(crate) async fn found_by_search(store: &dyn Store) -> BTreeMap<TraceId, BTreeSet<String>> {
    search(store, &TraceQuery { limit: 1_000_000, ..TraceQuery::default() }).await
}

/// What a search finds, by trace.
pub(crate) async fn search(store: &dyn Store, query: &TraceQuery) -> BTreeMap<TraceId, BTreeSet<String>> {
    let mut found = store.find_traces(query).await.expect("a search");
    let mut all = BTreeMap::new();
    while let Some(trace) = std::future::poll_fn(|context| found.traces.as_mut().poll_next(context)).await {
        let trace = trace.expect("a trace");
        let id = trace.trace_id().expect("not empty");
        assert!(all.insert(id, once(trace.spans())).is_none(), "{id} is found twice");
    }
    all
}

/// A search for one of a batch's tags.
pub(crate) fn of_batch(number: u64) -> TraceQuery {
    TraceQuery { tags: vec![("batch".into(), number.to_string())], limit: 1000, ..TraceQuery::default() }
}

/// All files below a folder with what is in them.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            match std::fs::read(&path) {
                Ok(bytes) => drop(all.insert(path, bytes)),
                // A log whose spans are in a partition by now.
                Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{}", path.display()),
            }
        }
    }
    all
}

/// Puts a folder back to what [`contents`] gave.
pub(crate) fn restore(folder: &Path, to: &BTreeMap<PathBuf, Vec<u8>>) {
    for path in contents(folder).keys().filter(|path| !to.contains_key(*path)) {
        std::fs::remove_file(path).expect("removed");
    }
    for (path, bytes) in to {
        if std::fs::read(path).ok().as_ref() != Some(bytes) {
            std::fs::write(path, bytes).expect("written");
        }
    }
}

/// The files of the store in a folder that have this ending.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    contents(folder).into_keys().filter(|path| path.extension().is_some_and(|own| own == ending)).collect()
}

/// A folder with three partitions and two logs, and an archive with a partition and a log.
pub(crate) struct Folder {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) files: Vec<Held>,
    pub(crate) before: BTreeMap<PathBuf, Vec<u8>>,
}

/// What is in one file.
pub(crate) struct Held {
    pub(crate) path: PathBuf,
    pub(crate) archive: bool,
    pub(crate) batches: Vec<Batch>,
}

/// A generator of batches that notes which file each went to.
struct Maker<'f> {
    folder: &'f Path,
    number: u64,
    files: Vec<Held>,
    known: BTreeSet<PathBuf>,
}

impl Maker<'_> {
    async fn write(&mut self, to: &dyn Store, batches: u64) -> Vec<Batch> {
        let from = self.number;
        self.number += batches;
        let batches: Vec<_> = (from..self.number).map(|number| batch(7, number, 12)).collect();
        for batch in &batches {
            write(to, batch.clone()).await;
        }
        batches
    }

    fn note(&mut self, batches: Vec<Batch>, archive: bool, ending: &str) {
        let folder = self.folder.join(if archive { "archive" } else { "spans" });
        let new: Vec<_> = files(&folder, ending).into_iter().filter(|file| !self.known.contains(file)).collect();
        let [path] = &new[..] else { panic!("one new file, not {new:?}") };
        self.known.insert(path.clone());
        self.files.push(Held { path: path.clone(), archive, batches });
    }
}

impl Folder {
    pub(crate) fn make() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = EmbeddedConfig { block_spans: 20, ..config(folder.path()) };
        let mut maker = Maker { folder: folder.path(), number: 0, files: Vec::new(), known: BTreeSet::new() };
        run(async {
            {
                // An archive closes its generations by their length alone, and in the background.
                let store = open(EmbeddedConfig { log_bytes: 1, background: true, ..config.clone() });
                let batches = maker.write(&*store.archive().expect("an archive"), 1).await;
                wait_for(|| !files(&folder.path().join("archive"), "jpart").is_empty());
                drop(store);
                maker.note(batches, true, "jpart");
            }
            let batches = maker.write(&*open(config.clone()).archive().expect("an archive"), 2).await;
            maker.note(batches, true, "jlog");
            for _ in 0..3 {
                let store = open(config.clone());
                let batches = maker.write(&store, 5).await;
                store.close_generation().expect("closed");
                store.maintain().expect("compacted");
                maker.note(batches, false, "jpart");
            }
            for _ in 0..2 {
                let store = open(config.clone());
                let batches = maker.write(&store, 4).await;
                maker.note(batches, false, "jlog");
            }
        });
        let files = maker.files;
        let before = contents(folder.path());
        Self { folder, files, before }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> EmbeddedConfig {
        EmbeddedConfig { block_spans: 20, ..config(self.path()) }
    }
}

/// Looks until it is so.
#[expect(clippy::disallowed_methods, reason = "between two looks, on the test's own thread")]
pub(crate) fn wait_for(condition: impl Fn() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !condition() {
        assert!(std::time::Instant::now() < end, "waited 30 s");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

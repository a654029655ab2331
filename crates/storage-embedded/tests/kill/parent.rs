//! Starts the process that is killed, hears what it acknowledged, and looks for that afterwards.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use jaeger_storage::Store;
use jaeger_storage_embedded::EmbeddedConfig;

use crate::child::Orders;
use crate::common::{self, by_trace, found_by_search, of_batch, search, spans_of};

/// When the parent kills.
pub(crate) enum Kill {
    /// Never: the child is to die at its fail point.
    AtItsPoint,
    /// After it has heard of so many batches that were acknowledged.
    AfterAcknowledged(usize),
    /// Never: the child ends by itself.
    Not,
}

/// What a child has said.
#[derive(Default, Debug)]
pub(crate) struct Said {
    pub(crate) tried: BTreeSet<u64>,
    /// In order.
    pub(crate) acknowledged: Vec<u64>,
    /// Number and reason.
    pub(crate) refused: Vec<(u64, String)>,
    /// Everything, in order.
    pub(crate) lines: Vec<String>,
}

/// Runs a child with fail points (`name:n`, parted by commas).
pub(crate) fn child(orders: &Orders, points: &str, kill: &Kill) -> Said {
    let (name, value) = orders.variable();
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "the_process_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(name, value)
        .env("JAEGER_FAIL_POINT", points)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let stderr = child.stderr.take().expect("its errors");
    let stderr = std::thread::spawn(move || std::io::read_to_string(stderr).unwrap_or_default());
    let mut said = Said::default();
    let mut done = false;
    for line in BufReader::new(child.stdout.take().expect("its words")).lines() {
        let Ok(line) = line else { break };
        let mut words = line.splitn(3, ' ');
        let (verb, number) = (words.next().unwrap_or(""), words.next().and_then(|number| number.parse().ok()));
        match (verb, number) {
            ("try", Some(number)) => said.tried.extend([number]),
            ("ack", Some(number)) => said.acknowledged.push(number),
            ("no", Some(number)) => said.refused.push((number, words.next().unwrap_or("").into())),
            ("done", None) => done = true,
            _ => {}
        }
        said.lines.push(line);
        if matches!(kill, Kill::AfterAcknowledged(acknowledged) if said.acknowledged.len() >= *acknowledged) {
            // What it says from now on counts too: the pipe is read to its end.
            drop(child.kill());
        }
    }
    let status = child.wait().expect("its end");
    let stderr = stderr.join().expect("read");
    match kill {
        Kill::Not => assert!(status.success() && done, "{status}: {stderr}"),
        Kill::AtItsPoint | Kill::AfterAcknowledged(_) => {
            assert_eq!(status.signal(), Some(9), "{points} was not reached: {status}, {stderr}");
        }
    }
    said
}

/// A folder, and all that was ever said about it.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
    pub(crate) orders: Orders,
    tried: BTreeSet<u64>,
    pub(crate) acknowledged: Vec<u64>,
    /// How often its process died.
    pub(crate) kills: usize,
}

impl Folder {
    pub(crate) fn new(seed: u64, change: impl FnOnce(&mut Orders)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut orders = Orders {
            folder: folder.path().into(),
            seed,
            from: 0,
            batches: 1000,
            spans: 6,
            writers: 4,
            log_bytes: 6_000,
            max_bytes: 1 << 40,
            background: true,
            archive: false,
        };
        change(&mut orders);
        Self { folder, orders, tried: BTreeSet::new(), acknowledged: Vec::new(), kills: 0 }
    }

    /// Runs a child that goes on where the one before was killed.
    pub(crate) fn child(&mut self, points: &str, kill: &Kill) -> Said {
        let said = child(&self.orders, points, kill);
        self.orders.from = said.tried.last().map_or(self.orders.from, |last| last + 1);
        self.tried.extend(&said.tried);
        self.acknowledged.extend(&said.acknowledged);
        self.kills += usize::from(!matches!(kill, Kill::Not));
        said
    }

    /// Kills one at a fail point.
    pub(crate) fn kill_at(&mut self, points: &str) -> Said {
        self.child(points, &Kill::AtItsPoint)
    }

    /// Everything that was acknowledged is there, by id and by search; nothing that was never written, and each span once.
    pub(crate) fn check(&self, what: &str) {
        let config = EmbeddedConfig { background: false, ..self.orders.config() };
        let store = common::open(config);
        if self.orders.archive {
            common::run(self.check_store(&*store.archive().expect("an archive"), what));
        } else {
            common::run(self.check_store(&store, what));
        }
        drop(store);
        let report = common::verify(self.folder.path());
        assert_eq!(report.damaged, [], "{what}");
    }

    async fn check_store(&self, store: &dyn Store, what: &str) {
        let of = |numbers: Vec<u64>| -> Vec<_> {
            numbers.into_iter().map(|number| common::batch(self.orders.seed, number, self.orders.spans)).collect()
        };
        let (needed, allowed) = (of(self.acknowledged.clone()), of(self.tried.iter().copied().collect()));
        let (needed, allowed) = (by_trace(&needed), by_trace(&allowed));
        let found = found_by_search(store).await;
        for (id, spans) in &found {
            let allowed = allowed.get(id).unwrap_or_else(|| panic!("{what}: nobody wrote the trace {id}"));
            assert!(spans.is_subset(allowed), "{what}: nobody wrote some spans of {id}");
            assert_eq!(spans_of(store, *id).await, *spans, "{what}: by id and by search");
        }
        for (id, needed) in &needed {
            let found = found.get(id).unwrap_or_else(|| panic!("{what}: the trace {id} was acknowledged and is gone"));
            assert!(needed.is_subset(found), "{what}: spans of {id} were acknowledged and are gone");
        }
        for number in self.acknowledged.iter().rev().take(3) {
            let found = search(store, &of_batch(*number)).await;
            let traces = common::traces(self.orders.seed, *number);
            assert!(traces.iter().all(|id| found.contains_key(id)), "{what}: batch {number} is not found by its tag");
        }
    }

    /// As [`check`](Self::check), but the oldest may be gone, a whole partition at a time: what is there is what was
    /// acknowledged last, without a gap.
    pub(crate) fn check_newest(&self, what: &str) {
        let store = common::open(EmbeddedConfig { background: false, ..self.orders.config() });
        store.maintain().expect("partitions");
        let found = common::run(found_by_search(&store));
        let mut there = BTreeSet::new();
        for number in &self.tried {
            let batch = common::batch(self.orders.seed, *number, self.orders.spans);
            let of_batch = by_trace([&batch]);
            let has = |(id, spans): (&_, &BTreeSet<String>)| {
                found.get(id).map_or(0, |found| spans.intersection(found).count())
            };
            let spans: usize = of_batch.iter().map(has).sum();
            assert!(spans == 0 || spans == batch.len(), "{what}: {spans} of {} spans of batch {number}", batch.len());
            if spans > 0 {
                there.insert(*number);
            }
            for (id, spans) in &of_batch {
                let by_id = common::run(spans_of(&store, *id));
                assert_eq!(by_id, found.get(id).cloned().unwrap_or_default(), "{what}: by id and by search");
                assert!(spans.is_subset(&by_id) || spans.is_disjoint(&by_id));
            }
        }
        let spans: usize = found.values().map(BTreeSet::len).sum();
        assert_eq!(spans as u64, there.len() as u64 * self.orders.spans, "{what}: spans that nobody wrote");
        let first = there.first().expect("something is there");
        for number in self.acknowledged.iter().filter(|number| *number >= first) {
            assert!(there.contains(number), "{what}: batch {number} is gone, though {first} is there");
        }
        assert!(self.acknowledged.last().is_some_and(|last| there.contains(last)), "{what}: the last is gone");
        drop(store);
        let bytes: usize = common::contents(self.folder.path()).values().map(Vec::len).sum();
        assert!(bytes as u64 <= self.orders.max_bytes, "{what}: {bytes} bytes are on the disk");
    }
}

//! Links between services: what [`Linker`] counts, as rows of `dependencies_v2` that Go's query adds up. A row is one minute of one
//! round of one collector. Its time is somewhere in that minute where no other row is, and its links' `source` says whose it is, so
//! that a row that is written again is not counted again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::future::try_join_all;
use jaeger_model::dependency::DependencySpan;
use jaeger_model::{Batch, Trace, hash_bytes};
use jaeger_storage::linker::{Increment, Known, LinkStore, Linker, SETTLES, Wanted};
use jaeger_storage::{BoxFuture, ErrorKind, StorageError, Written};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::config::Links;
use crate::cql::cells::Cells;
use crate::dependencies::{DAY_MILLIS, MINUTE_MILLIS};
use crate::store::{Connected, Inner};

/// What the `source` of our links begins with.
pub(crate) const SOURCE: &str = "jaeger-collector-";
/// For how many days another writer's rows keep ours out.
const YIELDS_DAYS: i64 = 7;
/// How long it is known whether there is another writer.
const LOOKS: Duration = Duration::from_secs(600);
/// Questions under way at once.
const AT_ONCE: usize = 32;
/// Places in a minute that are tried for a row.
const PLACES: u64 = 64;

/// What one process does about links.
pub(crate) struct Counting {
    mode: Links,
    linker: Linker,
    /// Tells this process's rows from all others.
    source: String,
    begun: AtomicBool,
    /// Whether somebody else writes, as of when.
    other: Mutex<Option<(Instant, bool)>>,
    told: AtomicBool,
}

impl Counting {
    pub(crate) fn new(mode: Links) -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let source = format!("{SOURCE}{}-{:x}-{:x}", host.trim(), std::process::id(), since.as_nanos());
        Self {
            mode,
            linker: Linker::default(),
            source,
            begun: AtomicBool::new(false),
            other: Mutex::new(None),
            told: AtomicBool::new(false),
        }
    }

    /// These spans were stored.
    pub(crate) fn observe(&self, batch: &Batch, written: &Written) {
        if self.mode == Links::Off {
            return;
        }
        let refused: std::collections::HashSet<_> = written.refused.iter().flat_map(|refused| &refused.spans).collect();
        let is_stored = |span: usize| u32::try_from(span).is_ok_and(|span| !refused.contains(&span));
        self.linker.observe(batch, is_stored);
    }

    /// Counts what has settled, or everything, and writes it.
    pub(crate) async fn settle(&self, connected: &Connected, all: bool) -> Result<(), StorageError> {
        match self.mode {
            Links::Off => Ok(()),
            _ => self.linker.settle(&Rows { counting: self, connected }, all).await,
        }
    }
}

impl Inner {
    /// The first write begins the rounds in which links are counted; they end with the store.
    pub(crate) fn begin_counting(self: &Arc<Self>) {
        if self.counting.mode == Links::Off || self.counting.begun.swap(true, Ordering::Relaxed) {
            return;
        }
        let inner = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(SETTLES).await;
                let Some(inner) = inner.upgrade() else { return };
                let settled = async { inner.counting.settle(inner.connected().await?, false).await }.await;
                if let Err(error) = settled {
                    tracing::warn!(%error, "Links between services wait");
                }
            }
        });
    }
}

struct Rows<'a> {
    counting: &'a Counting,
    connected: &'a Connected,
}

impl LinkStore for Rows<'_> {
    fn around<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Vec<Known>, StorageError>> {
        Box::pin(async move {
            let mut all = Vec::new();
            for some in wanted.chunks(AT_ONCE) {
                let found = try_join_all(some.iter().map(|one| self.spans(one))).await?;
                all.extend(found.iter().flat_map(Trace::spans).map(known));
            }
            Ok(all)
        })
    }

    fn write<'a>(&'a self, increments: &'a [Increment]) -> BoxFuture<'a, Result<(), StorageError>> {
        Box::pin(async move {
            if self.counting.mode == Links::Auto && self.another_writes().await? {
                if !self.counting.told.swap(true, Ordering::Relaxed) {
                    tracing::info!(
                        "Another writer keeps the links between services, such as a Spark job; none are written here (--collector.dependencies=auto)"
                    );
                }
                return Ok(());
            }
            for increment in increments {
                self.write_one(increment).await?;
            }
            Ok(())
        })
    }
}

impl Rows<'_> {
    /// Only the trace as a whole says who refers to a span.
    async fn spans(&self, wanted: &Wanted) -> Result<Trace, StorageError> {
        let reader = &self.connected.reader;
        let found = match wanted.children {
            true => reader.get_trace(wanted.trace_id).await,
            false => reader.spans_with_id(wanted.trace_id, wanted.span_id.0.cast_signed()).await,
        };
        match found {
            // A trace too large to be read, or with a row that is none, links nothing more.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => Ok(Trace::new()),
            found => found,
        }
    }

    async fn write_one(&self, increment: &Increment) -> Result<(), StorageError> {
        let source = format!("{}-{}", self.counting.source, increment.round);
        let begins = increment.minute.saturating_mul(MINUTE_MILLIS);
        for place in 0..PLACES {
            let within = hash_bytes(place, source.as_bytes()) % MINUTE_MILLIS.unsigned_abs();
            let ts = begins.saturating_add(within.cast_signed());
            let mut row = Vec::new();
            row.bigint(ts.div_euclid(DAY_MILLIS).saturating_mul(DAY_MILLIS));
            row.bigint(ts);
            row.nested(|list| {
                list.extend_from_slice(&i32::try_from(increment.links.len()).unwrap_or(i32::MAX).to_be_bytes());
                for link in &increment.links {
                    list.nested(|cell| {
                        cell.text(&link.parent);
                        cell.text(&link.child);
                        cell.bigint(i64::try_from(link.call_count).unwrap_or(i64::MAX));
                        cell.text(&source);
                    });
                }
            });
            if self.connected.reader.insert_dependencies(ts, &row, &source).await? {
                return Ok(());
            }
        }
        let message = format!("cassandra has no room for links in the minute {}; they are dropped", increment.minute);
        tracing::warn!("{message}");
        Ok(())
    }

    async fn another_writes(&self) -> Result<bool, StorageError> {
        if let Some((asked, known)) = *self.counting.other.lock()
            && asked.elapsed() < LOOKS
        {
            return Ok(known);
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        let from = i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(YIELDS_DAYS * DAY_MILLIS);
        let other = self.connected.reader.has_dependencies_of_others(from).await?;
        *self.counting.other.lock() = Some((Instant::now(), other));
        Ok(other)
    }
}

fn known(span: jaeger_model::SpanView<'_>) -> Known {
    let of = DependencySpan::of(span);
    Known {
        trace_id: span.trace_id(),
        span_id: of.span_id,
        parents: of.parents,
        service: of.service.to_owned(),
        side: of.side,
    }
}

//! Links between services: what [`Linker`] counts, as rows of `dependencies_v2` that Go's query adds up. A row is one minute of one
//! round of one collector. Its time is somewhere in that minute where no other row is, and its links' `source` says whose it is, so
//! that a row that is written again is not counted again.

use std::collections::HashSet;

use futures_util::future::try_join_all;
use jaeger_model::{Timestamp, Trace, hash_bytes};
use jaeger_storage::linker::{Increment, Known, LinkStore, Wanted};
use jaeger_storage::{BoxFuture, ErrorKind, StorageError, Written};

use crate::cql::cells::Cells;
use crate::dependencies::{DAY_MILLIS, MINUTE_MILLIS};
use crate::store::{Connected, Inner};

/// What the `source` of our links begins with.
pub(crate) const SOURCE: &str = "jaeger-collector-";
/// Questions under way at once.
const AT_ONCE: usize = 32;
/// Places in a minute that are tried for a row.
const PLACES: u64 = 64;

/// The spans of a batch that were stored.
pub(crate) fn is_stored(written: &Written) -> impl Fn(usize) -> bool {
    let refused: HashSet<u32> = written.refused.iter().flat_map(|refused| &refused.spans).copied().collect();
    move |span| u32::try_from(span).is_ok_and(|span| !refused.contains(&span))
}

impl Inner {
    /// Counts what has settled, or everything, and writes it.
    pub(crate) async fn settle_links(&self, connected: &Connected, all: bool) -> Result<(), StorageError> {
        self.linker.settle(&Rows { process: self.linker.process(), connected }, all).await
    }
}

struct Rows<'a> {
    process: &'a str,
    connected: &'a Connected,
}

impl LinkStore for Rows<'_> {
    fn around<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Vec<Known>, StorageError>> {
        Box::pin(async move {
            let mut all = Vec::new();
            for some in wanted.chunks(AT_ONCE) {
                let found = try_join_all(some.iter().map(|one| self.spans(one))).await?;
                all.extend(found.iter().flat_map(Trace::spans).map(Known::of));
            }
            Ok(all)
        })
    }

    fn write<'a>(&'a self, increments: &'a [Increment]) -> BoxFuture<'a, Result<(), StorageError>> {
        Box::pin(async move {
            for increment in increments {
                self.write_one(increment).await?;
            }
            Ok(())
        })
    }

    fn others_write(&self, since: Timestamp) -> BoxFuture<'_, Result<bool, StorageError>> {
        let from = since.as_nanos().div_euclid(1_000_000);
        Box::pin(async move { self.connected.reader.has_dependencies_of_others(from).await })
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
        let source = format!("{SOURCE}{}-{}", self.process, increment.round);
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
        let message = format!("cassandra has no room for links in the minute {}; it is tried again", increment.minute);
        Err(StorageError::new(ErrorKind::Unavailable, message))
    }
}

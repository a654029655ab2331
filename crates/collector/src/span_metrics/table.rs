//! The rows, one for each set of labels, and their bound: names come from outside, and Prometheus must live with them.

use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use jaeger_storage::{Latencies, latency_bucket};

use super::labels::{Kind, PAIRS, Status};

/// Rows at most.
pub(super) const MAX_ROWS: usize = 5_000;
/// Rows with an operation's own name at most; what is left is for the `other` of each service.
pub(super) const MAX_NAMED: usize = 4_500;
/// A longer name counts as `other`.
const MAX_NAME_BYTES: usize = 1024;
/// The operation of all that have no row of their own.
pub(super) const OTHER: &str = "other";
/// The service of those for which even a service's `other` has no room.
pub(super) const OTHER_SERVICES: &str = "other-services";

/// A set of labels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) service: &'a str,
    pub(super) operation: &'a str,
    pub(super) kind: Kind,
    pub(super) status: Status,
}

/// What is counted for one.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) service: Arc<str>,
    pub(super) operation: Arc<str>,
    pub(super) kind: Kind,
    pub(super) status: Status,
    /// By duration, not cumulative.
    pub(super) counts: Latencies,
    nanos: u64,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    hasher: RandomState,
    rows: Vec<Row>,
    /// Places in `rows`, with the hash.
    places: HashTable<(u64, usize)>,
    named: usize,
}

impl Row {
    #[inline]
    pub(super) fn add(&mut self, nanos: i64) {
        self.counts[latency_bucket(nanos)] += 1;
        self.nanos = self.nanos.saturating_add(nanos.max(0).unsigned_abs());
    }

    pub(super) fn calls(&self) -> u64 {
        self.counts.iter().sum()
    }

    #[expect(clippy::cast_precision_loss, reason = "a sum of durations")]
    pub(super) fn millis(&self) -> f64 {
        self.nanos as f64 / 1e6
    }

    fn is_of(&self, key: &Key<'_>) -> bool {
        *self.operation == *key.operation
            && self.kind == key.kind
            && self.status == key.status
            && *self.service == *key.service
    }
}

impl Table {
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn hash_of(&self, service: &str) -> u64 {
        self.hasher.hash_one(service)
    }

    /// The row in which a span counts; `service` is the hash of its service.
    #[inline]
    pub(super) fn row(&mut self, service: u64, key: &Key<'_>) -> &mut Row {
        let place = match self.find(service, key) {
            Some(place) => place,
            None => self.place_of_new(service, key),
        };
        &mut self.rows[place]
    }

    #[inline]
    fn hash(&self, service: u64, key: &Key<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(service ^ ((key.kind as u64) << 8 | key.status as u64));
        hasher.write(key.operation.as_bytes());
        hasher.finish()
    }

    #[inline]
    fn find(&self, service: u64, key: &Key<'_>) -> Option<usize> {
        let hash = self.hash(service, key);
        let same = |(other, place): &(u64, usize)| *other == hash && self.rows[*place].is_of(key);
        self.places.find(hash, same).map(|(_, place)| *place)
    }

    #[cold]
    fn place_of_new(&mut self, service: u64, key: &Key<'_>) -> usize {
        let short = key.service.len() <= MAX_NAME_BYTES && key.operation.len() <= MAX_NAME_BYTES;
        if short && self.named < MAX_NAMED && self.rows.len() < MAX_ROWS - PAIRS {
            self.named += 1;
            return self.insert(service, key);
        }
        let other = Key { operation: OTHER, ..*key };
        if let Some(place) = self.find(service, &other) {
            return place;
        }
        if key.service.len() <= MAX_NAME_BYTES && self.rows.len() < MAX_ROWS - PAIRS {
            return self.insert(service, &other);
        }
        let last = Key { service: OTHER_SERVICES, ..other };
        let service = self.hash_of(OTHER_SERVICES);
        self.find(service, &last).unwrap_or_else(|| self.insert(service, &last))
    }

    fn insert(&mut self, service: u64, key: &Key<'_>) -> usize {
        let (hash, place) = (self.hash(service, key), self.rows.len());
        self.rows.push(Row {
            service: key.service.into(),
            operation: key.operation.into(),
            kind: key.kind,
            status: key.status,
            counts: Latencies::default(),
            nanos: 0,
        });
        self.places.insert_unique(hash, (hash, place), |(hash, _)| *hash);
        place
    }
}

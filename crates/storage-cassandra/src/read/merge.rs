//! Several scans as one: their union for the buckets of a service, their intersection for the tags of a span.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use futures_util::future::try_join_all;
use jaeger_storage::StorageError;

use super::scan::{Hit, Scan};

/// Rows of several scans in the order of searches.
pub(super) struct Union<'a> {
    scans: Vec<Scan<'a>>,
    heads: BinaryHeap<Reverse<(Hit, usize)>>,
    begun: bool,
}

impl<'a> Union<'a> {
    pub(super) fn new(scans: Vec<Scan<'a>>) -> Self {
        Self { scans, heads: BinaryHeap::new(), begun: false }
    }

    pub(super) async fn next(&mut self) -> Result<Option<Hit>, StorageError> {
        if !self.begun {
            self.begun = true;
            let heads = try_join_all(self.scans.iter_mut().map(Scan::next)).await?;
            self.heads.extend(heads.into_iter().enumerate().filter_map(|(at, hit)| Some(Reverse((hit?, at)))));
        }
        let Some(Reverse((hit, at))) = self.heads.pop() else { return Ok(None) };
        if let Some(scan) = self.scans.get_mut(at)
            && let Some(next) = scan.next().await?
        {
            self.heads.push(Reverse((next, at)));
        }
        Ok(Some(hit))
    }
}

/// Rows that every scan has.
pub(super) struct Intersection<'a> {
    scans: Vec<Scan<'a>>,
}

impl<'a> Intersection<'a> {
    pub(super) fn new(scans: Vec<Scan<'a>>) -> Self {
        Self { scans }
    }

    pub(super) async fn next(&mut self) -> Result<Option<Hit>, StorageError> {
        // All move on together; whoever is behind the furthest follows until all stand on one row.
        let Some(mut heads) = all(try_join_all(self.scans.iter_mut().map(Scan::next)).await?) else { return Ok(None) };
        loop {
            let Some(furthest) = heads.iter().max().copied() else { return Ok(None) };
            if heads.iter().all(|head| *head == furthest) {
                return Ok(Some(furthest));
            }
            for (scan, head) in self.scans.iter_mut().zip(&mut heads) {
                while *head < furthest {
                    let Some(next) = scan.next().await? else { return Ok(None) };
                    *head = next;
                }
            }
        }
    }
}

fn all(heads: Vec<Option<Hit>>) -> Option<Vec<Hit>> {
    heads.into_iter().collect()
}

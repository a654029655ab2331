//! What the dependency rule and the lists of names need of a block's spans, without the rest of them.

use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashSet;

use jaeger_model::dependency::Side;

use super::references::Referred;
use super::{Block, Reading};

/// A span as the dependency rule sees it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Call {
    pub(crate) span_id: u64,
    /// The place of the service among the block's.
    pub(crate) service: usize,
    pub(crate) side: Side,
    pub(crate) peer: Option<String>,
    pub(crate) start: i64,
    pub(crate) error: bool,
    /// The parents within the trace: a range of those collected.
    pub(crate) parents: Range<usize>,
}

/// Who is called.
pub(crate) enum Callee<'n> {
    /// A service of the block, by its place.
    Service(usize),
    /// A name that only the caller knows.
    Peer(&'n str),
}

impl Block {
    /// Gives `emit` the links between the spans of a trace whose ids are unique: the calling service's place, the
    /// called one, when it began and whether it failed.
    pub(crate) fn links_within(
        &self,
        trace: usize,
        reading: &mut Reading,
        services: &mut Vec<usize>,
        mut emit: impl FnMut(usize, Callee<'_>, i64, bool),
    ) {
        let rows = self.rows(trace);
        let first = self.references.first(trace);
        let mut reference = first;
        let mut peers = Vec::new();
        services.clear();
        services.extend(rows.clone().map(|row| self.service_of(row)));
        for (row, service) in rows.clone().zip(services.iter()) {
            let tags = self.tags.call_tags_without_side(row, reading);
            for _ in 0..self.references.count(row) {
                if let Referred::Local(place, _) = self.references.get(reference)
                    && let Some(parent) = services.get(place)
                {
                    emit(*parent, Callee::Service(*service), self.starts.signed_at(row), tags.error);
                }
                reference += 1;
            }
            if let Some(peer) = tags.peer {
                peers.push((row - rows.start, peer, tags.error));
            }
        }
        if peers.is_empty() {
            return;
        }
        let mut called = vec![false; rows.len()];
        for reference in first..reference {
            if let Referred::Local(place, _) = self.references.get(reference)
                && let Some(called) = called.get_mut(place)
            {
                *called = true;
            }
        }
        for (place, peer, error) in peers {
            if called.get(place) == Some(&false) {
                let row = rows.start + place;
                emit(self.service_of(row), Callee::Peer(&peer), self.starts.signed_at(row), error);
            }
        }
    }

    /// Adds the calls of the trace at `trace` and their parents' ids.
    pub(crate) fn calls(&self, trace: usize, reading: &mut Reading, calls: &mut Vec<Call>, parents: &mut Vec<u64>) {
        let rows = self.rows(trace);
        let mut reference = self.references.first(trace);
        for row in rows.clone() {
            let from = parents.len();
            for _ in 0..self.references.count(row) {
                match self.references.get(reference) {
                    Referred::Local(place, _) => {
                        parents.push(self.span_ids.get(rows.start + place).copied().unwrap_or(0));
                    }
                    Referred::Own(id, _) => parents.push(id),
                    Referred::Foreign(_) => {}
                }
                reference += 1;
            }
            let tags = self.tags.call_tags(row, reading);
            calls.push(Call {
                span_id: self.span_ids.get(row).copied().unwrap_or(0),
                service: self.service_of(row),
                side: tags.side,
                peer: tags.peer,
                start: self.starts.signed_at(row),
                error: tags.error,
                parents: from..parents.len(),
            });
        }
    }

    /// The names of the services, by place.
    pub fn services(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.processes.services.len()).map(|service| self.processes.services.text(service))
    }

    /// Calls `each` with every service, operation and kind that a span has, at least once.
    pub fn names(&self, reading: &mut Reading, mut each: impl FnMut(&str, &str, &str)) {
        let mut known: HashSet<(u64, u64, u64), RandomState> = HashSet::default();
        for row in 0..self.len() {
            let (process, operation) = (self.process.at(row), self.operation.at(row));
            let key = self.tags.kind_code(row).map(|kind| (process, operation, kind));
            if key.is_some_and(|key| !known.insert(key)) {
                continue;
            }
            let service = self.processes.services.text(self.service_of(row));
            let operation = self.operations.text(self.operation.index_at(row));
            self.tags.with_kind(row, reading, |kind| each(service, operation, kind));
        }
    }
}

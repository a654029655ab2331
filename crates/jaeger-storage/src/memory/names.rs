//! The services and operations that were ever seen. They may outlive their spans; their number is bounded.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashTable};
use jaeger_model::SpanView;

use crate::Operation;

/// The most names that are kept; those beyond are not listed, their spans are found all the same.
const MAX_NAMES: usize = 100_000;
/// The most bytes of names that are kept.
const MAX_NAME_BYTES: usize = 16 << 20;

/// Operations and kinds by service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    services: HashMap<Box<str>, HashTable<Named>, RandomState>,
    hasher: RandomState,
    names: usize,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Named {
    operation: Box<str>,
    kind: Box<str>,
}

impl Names {
    pub(crate) fn add_span(&mut self, span: SpanView<'_>) {
        self.add(span.service(), span.operation(), span.kind().unwrap_or(""));
    }

    pub(crate) fn has(&self, service: &str, operation: &str, kind: &str) -> bool {
        let same = |named: &Named| &*named.operation == operation && &*named.kind == kind;
        let operations = self.services.get(service);
        operations.is_some_and(|operations| operations.find(self.hash(operation, kind), same).is_some())
    }

    pub(crate) fn add(&mut self, service: &str, operation: &str, kind: &str) {
        let cost = service.len() + operation.len() + kind.len();
        if self.has(service, operation, kind) || self.names >= MAX_NAMES || self.bytes + cost > MAX_NAME_BYTES {
            return;
        }
        self.names += 1;
        self.bytes += cost;
        let hash = self.hash(operation, kind);
        let Self { services, hasher, .. } = self;
        let operations = services.entry(service.into()).or_default();
        let named = Named { operation: operation.into(), kind: kind.into() };
        operations.insert_unique(hash, named, |named| hash_of(hasher, &named.operation, &named.kind));
    }

    fn hash(&self, operation: &str, kind: &str) -> u64 {
        hash_of(&self.hasher, operation, kind)
    }

    /// Sorted; spans without a service name no service.
    pub(crate) fn services(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.services.keys().filter(|name| !name.is_empty()).map(ToString::to_string).collect();
        names.sort_unstable();
        names
    }

    /// Sorted by name and kind.
    pub(crate) fn operations(&self, service: &str, kind: Option<&str>) -> Vec<Operation> {
        let known = self.services.get(service).into_iter().flat_map(HashTable::iter);
        let mut found: Vec<Operation> = known
            .filter(|named| kind.is_none_or(|kind| kind == &*named.kind))
            .map(|named| Operation { name: named.operation.to_string(), kind: named.kind.to_string() })
            .collect();
        found.sort_unstable();
        found
    }

    pub(crate) fn size_bytes(&self) -> usize {
        let tables: usize = self.services.values().map(HashTable::allocation_size).sum();
        self.bytes + self.names * 32 + tables + self.services.allocation_size()
    }
}

fn hash_of(hasher: &RandomState, operation: &str, kind: &str) -> u64 {
    hasher.hash_one((operation, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_once_and_sorted() {
        let mut names = Names::default();
        for (service, operation, kind) in
            [("b", "x", "server"), ("a", "z", ""), ("a", "y", "client"), ("a", "y", ""), ("a", "y", ""), ("", "x", "")]
        {
            names.add(service, operation, kind);
        }
        assert_eq!(names.services(), ["a", "b"]);
        let operations = names.operations("a", None);
        let operations: Vec<_> = operations.iter().map(|o| (&*o.name, &*o.kind)).collect();
        assert_eq!(operations, [("y", ""), ("y", "client"), ("z", "")]);
        assert_eq!(names.operations("a", Some("client")).len(), 1);
    }

    #[test]
    fn their_number_is_bounded() {
        let mut names = Names::default();
        for n in 0..MAX_NAMES + 10 {
            names.add("s", &n.to_string(), "");
        }
        assert_eq!(names.operations("s", None).len(), MAX_NAMES);
    }
}

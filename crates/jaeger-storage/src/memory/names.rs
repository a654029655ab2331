//! The services and operations that were ever seen. They may outlive their spans; their number is bounded.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashTable};

/// The most names that are kept; those beyond are not listed, their spans are found all the same.
const MAX_NAMES: usize = 100_000;
/// The most bytes of names that are kept.
const MAX_NAME_BYTES: usize = 16 << 20;

/// Operations and kinds by service.
#[derive(Debug, Default)]
pub(crate) struct Names {
    services: HashMap<Box<str>, HashTable<Named>, RandomState>,
    hasher: RandomState,
    names: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Named {
    operation: Box<str>,
    kind: Box<str>,
}

impl Names {
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

    /// The services, in no order.
    pub(crate) fn services(&self) -> impl Iterator<Item = &str> {
        self.services.keys().map(|name| &**name)
    }

    /// The operations of a service with their kinds, in no order.
    pub(crate) fn operations(&self, service: &str) -> impl Iterator<Item = (&str, &str)> {
        let known = self.services.get(service).into_iter().flat_map(HashTable::iter);
        known.map(|named| (&*named.operation, &*named.kind))
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
    fn names_are_listed_once() {
        let mut names = Names::default();
        for (service, operation, kind) in
            [("b", "x", "server"), ("a", "z", ""), ("a", "y", "client"), ("a", "y", ""), ("a", "y", ""), ("", "x", "")]
        {
            names.add(service, operation, kind);
        }
        let mut services: Vec<_> = names.services().collect();
        services.sort_unstable();
        assert_eq!(services, ["", "a", "b"]);
        let mut operations: Vec<_> = names.operations("a").collect();
        operations.sort_unstable();
        assert_eq!(operations, [("y", ""), ("y", "client"), ("z", "")]);
    }

    #[test]
    fn their_number_is_bounded() {
        let mut names = Names::default();
        for n in 0..MAX_NAMES + 10 {
            names.add("s", &n.to_string(), "");
        }
        assert_eq!(names.operations("s").count(), MAX_NAMES);
    }
}

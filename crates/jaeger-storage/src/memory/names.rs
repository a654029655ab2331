//! The services and operations that were ever seen. They may outlive their spans; their number is bounded.

use std::collections::{BTreeMap, BTreeSet};

use jaeger_model::SpanView;

use crate::Operation;

/// The most names that are kept; those beyond are not listed, their spans are found all the same.
const MAX_NAMES: usize = 100_000;
/// The most bytes of names that are kept.
const MAX_NAME_BYTES: usize = 16 << 20;

/// Kinds by operation by service, sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    services: BTreeMap<Box<str>, BTreeMap<Box<str>, BTreeSet<Box<str>>>>,
    names: usize,
    bytes: usize,
}

impl Names {
    pub(crate) fn add_span(&mut self, span: SpanView<'_>) {
        self.add(span.service(), span.operation(), span.kind().unwrap_or(""));
    }

    pub(crate) fn add(&mut self, service: &str, operation: &str, kind: &str) {
        let operations = self.services.get(service);
        let kinds = operations.and_then(|operations| operations.get(operation));
        if kinds.is_some_and(|kinds| kinds.contains(kind)) {
            return;
        }
        let cost = service.len() + operation.len() + kind.len();
        if self.names >= MAX_NAMES || self.bytes + cost > MAX_NAME_BYTES {
            return;
        }
        self.names += 1;
        self.bytes += cost;
        let operations = self.services.entry(service.into()).or_default();
        operations.entry(operation.into()).or_default().insert(kind.into());
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (service, operations) in &other.services {
            for (operation, kinds) in operations {
                for kind in kinds {
                    self.add(service, operation, kind);
                }
            }
        }
    }

    /// Sorted; spans without a service name no service.
    pub(crate) fn services(&self) -> Vec<String> {
        self.services.keys().filter(|name| !name.is_empty()).map(ToString::to_string).collect()
    }

    /// Sorted by name and kind.
    pub(crate) fn operations(&self, service: &str, kind: Option<&str>) -> Vec<Operation> {
        let mut found = Vec::new();
        for (name, kinds) in self.services.get(service).into_iter().flatten() {
            for of in kinds.iter().filter(|of| kind.is_none_or(|kind| kind == &***of)) {
                found.push(Operation { name: name.to_string(), kind: of.to_string() });
            }
        }
        found
    }

    pub(crate) fn size_bytes(&self) -> usize {
        // Three boxes at most and their share of the trees' nodes.
        self.bytes + self.names * 128
    }
}

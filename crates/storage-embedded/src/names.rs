//! The services and operations of all partitions. Their number is bounded; those of partitions that went are forgotten
//! when the list is made anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jaeger_storage::Operation;

use crate::partition::{Partition, PartitionNames};

/// The most names that are listed; spans with others are found all the same.
const MAX_NAMES: usize = 200_000;
/// Of one service: one that puts ids into its operations' names does not hide the others'.
const MAX_OPERATIONS: usize = 20_000;

/// Names of operations, and kinds.
type Operations = BTreeSet<(Box<str>, Box<str>)>;

/// Operations and kinds by service.
#[derive(Debug, Default)]
pub(crate) struct Names {
    services: BTreeMap<Box<str>, Operations>,
    names: usize,
}

impl Names {
    pub(crate) fn add(&mut self, names: &PartitionNames) {
        for [service, operation, kind] in names.iter() {
            if !self.services.contains_key(service) && self.services.len() < MAX_NAMES {
                self.services.insert(service.into(), BTreeSet::new());
            }
            if let Some(operations) = self.services.get_mut(service)
                && operations.len() < MAX_OPERATIONS
                && self.names < MAX_NAMES
                && operations.insert((operation.into(), kind.into()))
            {
                self.names += 1;
            }
        }
    }

    /// The names of these partitions, and how many of them could not be read.
    pub(crate) fn of_partitions(
        partitions: &[Arc<Partition>],
        mut failed: impl FnMut(crate::partition::PartitionError),
    ) -> Self {
        let mut names = Self::default();
        for partition in partitions {
            match partition.names() {
                Ok(of) => names.add(&of),
                Err(error) => failed(error),
            }
        }
        names
    }

    /// The services, sorted.
    pub(crate) fn services(&self) -> impl Iterator<Item = &str> {
        self.services.keys().map(|name| &**name)
    }

    /// The operations of a service, sorted.
    pub(crate) fn operations(&self, service: &str) -> impl Iterator<Item = Operation> {
        let operations = self.services.get(service).into_iter().flatten();
        operations.map(|(name, kind)| Operation { name: name.to_string(), kind: kind.to_string() })
    }
}

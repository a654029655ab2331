//! Counts by reason, and by service where it is known.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::reasons::Reason;

/// Services counted one by one; more than these count as `other-services`, so that names from outside cannot fill memory.
const MAX_SERVICES: usize = 1_000;

/// Counts by reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally<R> {
    counts: Vec<u64>,
    by_service: BTreeMap<String, Vec<u64>>,
    reasons: PhantomData<fn() -> R>,
}

impl<R: Reason> Default for Tally<R> {
    fn default() -> Self {
        Tally { counts: vec![0; R::ALL.len()], by_service: BTreeMap::new(), reasons: PhantomData }
    }
}

impl<R: Reason> Tally<R> {
    pub(super) fn add(&mut self, reason: R, count: u64, service: Option<&str>) {
        bump(&mut self.counts, reason.index(), count);
        let Some(service) = service.filter(|_| count > 0) else {
            return;
        };
        let known = self.by_service.contains_key(service);
        let service = if known || self.by_service.len() < MAX_SERVICES { service } else { "other-services" };
        match self.by_service.get_mut(service) {
            Some(row) => bump(row, reason.index(), count),
            None => {
                let mut row = vec![0; R::ALL.len()];
                bump(&mut row, reason.index(), count);
                self.by_service.insert(service.to_owned(), row);
            }
        }
    }

    /// Takes back at most `count`, and says how many it took.
    pub(super) fn take(&mut self, reason: R, count: u64) -> u64 {
        let Some(cell) = self.counts.get_mut(reason.index()) else {
            return 0;
        };
        let taken = count.min(*cell);
        *cell -= taken;
        taken
    }

    /// The count of one reason.
    #[must_use]
    pub fn of(&self, reason: R) -> u64 {
        self.counts.get(reason.index()).copied().unwrap_or(0)
    }

    /// The count of one reason for one service; 0 if the service was not known.
    #[must_use]
    pub fn of_service(&self, reason: R, service: &str) -> u64 {
        self.by_service.get(service).and_then(|row| row.get(reason.index())).copied().unwrap_or(0)
    }

    /// The sum over all reasons.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// (reason's name, count) for all reasons.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        named::<R>(&self.counts)
    }

    /// The counts by service, for a page of their own.
    #[must_use]
    pub fn by_service(&self) -> ByService<'_, R> {
        ByService(self)
    }

    /// Whether any count has a service.
    #[must_use]
    pub fn has_services(&self) -> bool {
        !self.by_service.is_empty()
    }
}

fn bump(row: &mut [u64], index: usize, count: u64) {
    if let Some(cell) = row.get_mut(index) {
        *cell += count;
    }
}

fn named<R: Reason>(counts: &[u64]) -> impl Iterator<Item = (&'static str, u64)> + '_ {
    R::ALL.iter().zip(counts).map(|(reason, count)| (reason.name(), *count))
}

impl<R: Reason> Serialize for Tally<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.rows())
    }
}

/// Counts by service, then by reason; zeros are left out.
#[derive(Debug)]
pub struct ByService<'a, R>(&'a Tally<R>);

impl<R: Reason> Serialize for ByService<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.by_service.len()))?;
        for (service, row) in &self.0.by_service {
            let row: BTreeMap<_, _> = named::<R>(row).filter(|(_, count)| *count > 0).collect();
            map.serialize_entry(service, &row)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::reasons::AgentDropped;
    use super::*;

    #[test]
    fn services_beyond_the_bound_count_together() {
        let mut tally = Tally::<AgentDropped>::default();
        for number in 0..MAX_SERVICES + 5 {
            tally.add(AgentDropped::HoldFull, 1, Some(&format!("service-{number}")));
        }
        assert_eq!(tally.of_service(AgentDropped::HoldFull, "service-3"), 1);
        assert_eq!(tally.of_service(AgentDropped::HoldFull, "other-services"), 5);
        assert_eq!(tally.total(), MAX_SERVICES as u64 + 5);
    }

    #[test]
    fn only_what_is_there_can_be_taken_back() {
        let mut tally = Tally::<AgentDropped>::default();
        tally.add(AgentDropped::Invalid, 3, None);
        assert_eq!(tally.take(AgentDropped::Invalid, 5), 3);
        assert_eq!(tally.total(), 0);
    }
}

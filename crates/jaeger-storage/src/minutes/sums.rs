//! Answers under construction: what several deltas and sums come to.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::count::{CallCount, CallKey, LinkCount, LinkKey, minutes};
use super::names::Names;
use super::{Delta, Minutes};
use crate::{CallsQuery, DependencyLink, Latencies, MinuteCalls, TimeRange};

/// The links of a range of time.
#[derive(Debug)]
pub struct LinkSums {
    minutes: RangeInclusive<i32>,
    sums: BTreeMap<(String, String), (i64, i64)>,
}

impl LinkSums {
    /// Nothing yet.
    #[must_use]
    pub fn new(range: TimeRange) -> Self {
        Self { minutes: minutes(range), sums: BTreeMap::new() }
    }

    /// Adds what changes.
    pub fn add(&mut self, delta: &Delta) {
        self.add_rows(&delta.links, |number| delta.names.text(number));
    }

    /// Adds what a store has counted.
    pub fn add_minutes(&mut self, minutes: &Minutes) {
        self.add_rows(&minutes.links, |number| minutes.names.text(number));
    }

    fn add_rows<'n>(&mut self, rows: &HashMap<LinkKey, LinkCount, RandomState>, name: impl Fn(u32) -> &'n str) {
        let mut by_number: HashMap<(u32, u32), (i64, i64), RandomState> = HashMap::default();
        for (key, count) in rows {
            if self.minutes.contains(&key.minute) {
                let sum = by_number.entry((key.parent, key.child)).or_default();
                sum.0 += i64::from(count.calls);
                sum.1 += i64::from(count.errors);
            }
        }
        for ((parent, child), (calls, errors)) in by_number {
            let sum = self.sums.entry((name(parent).into(), name(child).into())).or_default();
            sum.0 += calls;
            sum.1 += errors;
        }
    }

    /// The answer.
    #[must_use]
    pub fn finish(self) -> Vec<DependencyLink> {
        let links = self.sums.into_iter().filter(|(_, (calls, _))| *calls > 0);
        let link = |((parent, child), (calls, errors))| DependencyLink {
            parent,
            child,
            call_count: unsigned(calls),
            error_count: unsigned(errors),
        };
        links.map(link).collect()
    }
}

/// The calls that a query asks for.
#[derive(Debug)]
pub struct CallSums {
    query: CallsQuery,
    minutes: RangeInclusive<i32>,
    names: Names,
    rows: HashMap<CallKey, CallCount, RandomState>,
}

/// What is known of a name of the rows that are added.
#[derive(Clone, Copy, Default)]
struct Known {
    number: Option<u32>,
    service: Option<bool>,
    kind: Option<bool>,
}

impl CallSums {
    /// Nothing yet.
    #[must_use]
    pub fn new(query: CallsQuery) -> Self {
        Self { minutes: minutes(query.range), query, names: Names::default(), rows: HashMap::default() }
    }

    /// Adds what changes.
    pub fn add(&mut self, delta: &Delta) {
        self.add_rows(&delta.calls, delta.names.len(), |number| delta.names.text(number));
    }

    /// Adds what a store has counted.
    pub fn add_minutes(&mut self, minutes: &Minutes) {
        self.add_rows(&minutes.calls, minutes.names.len(), |number| minutes.names.text(number));
    }

    fn add_rows<'n>(
        &mut self,
        rows: &HashMap<CallKey, CallCount, RandomState>,
        names: usize,
        name: impl Fn(u32) -> &'n str,
    ) {
        let Self { query, minutes, names: numbers, rows: sums } = self;
        let mut known = vec![Known::default(); names];
        let named = |wanted: &[String], number: u32| {
            let name = name(number);
            wanted.is_empty() || wanted.iter().any(|wanted| wanted == name)
        };
        for (key, count) in rows.iter().filter(|(key, _)| minutes.contains(&key.minute)) {
            let Some(service) = known.get_mut(key.service as usize) else { continue };
            if !*service.service.get_or_insert_with(|| named(&query.services, key.service)) {
                continue;
            }
            let Some(kind) = known.get_mut(key.kind as usize) else { continue };
            if !*kind.kind.get_or_insert_with(|| named(&query.kinds, key.kind)) {
                continue;
            }
            let mut number = |of: u32| match known.get_mut(of as usize) {
                Some(known) => *known.number.get_or_insert_with(|| numbers.number(name(of))),
                None => 0,
            };
            let (service, operation, kind) = (number(key.service), number(key.operation), number(key.kind));
            sums.entry(CallKey { minute: key.minute, service, operation, kind }).or_default().add(count, 1);
        }
    }

    /// The answer, sorted.
    #[must_use]
    pub fn finish(self) -> Vec<MinuteCalls> {
        let Self { names, rows, .. } = self;
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.iter_mut().for_each(|(_, count)| count.not_negative());
        rows.retain(|(_, count)| !count.is_zero());
        let order = |key: &CallKey| (key.minute, names.text(key.service), names.text(key.operation));
        rows.sort_unstable_by(|(a, _), (b, _)| {
            order(a).cmp(&order(b)).then_with(|| names.text(a.kind).cmp(names.text(b.kind)))
        });
        let calls = |(key, count): (CallKey, CallCount)| MinuteCalls {
            minute: i64::from(key.minute),
            service: names.text(key.service).into(),
            operation: names.text(key.operation).into(),
            kind: names.text(key.kind).into(),
            calls: unsigned(count.calls()),
            errors: unsigned(i64::from(count.errors)),
            latencies: latencies(&count),
        };
        rows.into_iter().map(calls).collect()
    }
}

fn latencies(count: &CallCount) -> Latencies {
    count.latencies.map(|count| unsigned(i64::from(count)))
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

//! Links between services, counted by the minute in which the called side began.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::rule::Called;
use crate::{DependencyLink, TimeRange};

const MINUTE: i64 = 60_000_000_000;

/// Links found in some traces, counted as they are found: what is to be added, or taken away.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    names: HashMap<Box<str>, u32, RandomState>,
    listed: Vec<Box<str>>,
    /// Of numbers given here.
    counts: HashMap<Key, Change, RandomState>,
}

impl Delta {
    /// The number of a name, for [`Called`].
    pub(crate) fn name(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = u32::try_from(self.listed.len()).unwrap_or(u32::MAX);
        self.names.insert(name.into(), number);
        self.listed.push(name.into());
        number
    }

    pub(crate) fn push(&mut self, called: Called, sign: i8) {
        let key = Key { minute: called.start.div_euclid(MINUTE), parent: called.parent, child: called.child };
        let change = self.counts.entry(key).or_default();
        change.calls += i64::from(sign);
        change.errors += i64::from(sign) * i64::from(called.error);
    }

    fn name_of(&self, number: u32) -> &str {
        self.listed.get(number as usize).map_or("", |name| name)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key {
    minute: i64,
    parent: u32,
    child: u32,
}

#[derive(Clone, Copy, Default, Debug)]
struct Change {
    calls: i64,
    errors: i64,
}

#[derive(Clone, Copy, Default)]
struct Count {
    calls: u32,
    errors: u32,
}

/// All links of sealed spans.
#[derive(Default)]
pub(crate) struct Links {
    counts: HashMap<Key, Count, RandomState>,
    names: HashMap<Box<str>, u32, RandomState>,
    /// By number: the name and how many counts name it.
    listed: Vec<(Box<str>, u32)>,
    free: Vec<u32>,
}

impl Links {
    pub(crate) fn apply(&mut self, delta: &Delta) {
        let numbers: Vec<u32> = delta.listed.iter().map(|name| self.name(name)).collect();
        for (key, change) in &delta.counts {
            let key =
                Key { minute: key.minute, parent: numbers[key.parent as usize], child: numbers[key.child as usize] };
            self.add(key, *change);
        }
        for number in numbers {
            self.release(number);
        }
    }

    fn add(&mut self, key: Key, change: Change) {
        use hashbrown::hash_map::Entry;
        match self.counts.entry(key) {
            Entry::Occupied(mut entry) => {
                let count = entry.get_mut();
                count.calls = bounded(i64::from(count.calls) + change.calls);
                count.errors = bounded(i64::from(count.errors) + change.errors);
                if count.calls == 0 {
                    entry.remove();
                    self.release(key.parent);
                    self.release(key.child);
                }
            }
            Entry::Vacant(entry) => {
                if change.calls > 0 {
                    entry.insert(Count { calls: bounded(change.calls), errors: bounded(change.errors) });
                    self.listed[key.parent as usize].1 += 1;
                    self.listed[key.child as usize].1 += 1;
                }
            }
        }
    }

    /// The number of a name, which is then held until it is released.
    fn name(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            self.listed[*number as usize].1 += 1;
            return *number;
        }
        let number = match self.free.pop() {
            Some(number) => {
                self.listed[number as usize] = (name.into(), 1);
                number
            }
            None => {
                self.listed.push((name.into(), 1));
                u32::try_from(self.listed.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.names.insert(name.into(), number);
        number
    }

    fn release(&mut self, number: u32) {
        let listed = &mut self.listed[number as usize];
        listed.1 -= 1;
        if listed.1 == 0 {
            let name = std::mem::take(&mut listed.0);
            self.names.remove(&name);
            self.free.push(number);
        }
    }

    /// Adds the counts of the minutes that the range touches.
    pub(crate) fn sum(&self, range: TimeRange, sums: &mut Sums) {
        let minutes = minutes(range);
        let mut by_number: HashMap<(u32, u32), (i64, i64), RandomState> = HashMap::default();
        for (key, count) in &self.counts {
            if minutes.contains(&key.minute) {
                let sum = by_number.entry((key.parent, key.child)).or_default();
                sum.0 += i64::from(count.calls);
                sum.1 += i64::from(count.errors);
            }
        }
        for ((parent, child), (calls, errors)) in by_number {
            let name = |number: u32| &*self.listed[number as usize].0;
            sums.add(name(parent), name(child), calls, errors);
        }
    }

    pub(crate) fn size_bytes(&self) -> usize {
        let names: usize = self.listed.iter().map(|(name, _)| 2 * (name.len() + 32)).sum();
        self.counts.allocation_size() + self.names.allocation_size() + names
    }
}

fn bounded(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

/// The minutes that a range touches.
fn minutes(range: TimeRange) -> std::ops::RangeInclusive<i64> {
    if range.start > range.end {
        return std::ops::RangeInclusive::new(1, 0);
    }
    range.start.as_nanos().div_euclid(MINUTE)..=range.end.as_nanos().div_euclid(MINUTE)
}

/// The answer under construction.
#[derive(Default)]
pub(crate) struct Sums(BTreeMap<(String, String), (i64, i64)>);

impl Sums {
    fn add(&mut self, parent: &str, child: &str, calls: i64, errors: i64) {
        let sum = self.0.entry((parent.into(), child.into())).or_default();
        sum.0 += calls;
        sum.1 += errors;
    }

    /// Adds what traces add that are not sealed yet.
    pub(crate) fn apply(&mut self, delta: &Delta, range: TimeRange) {
        let minutes = minutes(range);
        let mut by_number: HashMap<(u32, u32), (i64, i64), RandomState> = HashMap::default();
        for (key, change) in &delta.counts {
            if minutes.contains(&key.minute) {
                let sum = by_number.entry((key.parent, key.child)).or_default();
                sum.0 += change.calls;
                sum.1 += change.errors;
            }
        }
        for ((parent, child), (calls, errors)) in by_number {
            self.add(delta.name_of(parent), delta.name_of(child), calls, errors);
        }
    }

    pub(crate) fn finish(self) -> Vec<DependencyLink> {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        self.0
            .into_iter()
            .filter(|(_, (calls, _))| *calls > 0)
            .map(|((parent, child), (calls, errors))| DependencyLink {
                parent,
                child,
                call_count: count(calls),
                error_count: count(errors),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(links: &[(&str, &str, i64, bool, i8)]) -> Delta {
        let mut delta = Delta::default();
        for (parent, child, minute, error, sign) in links {
            let (parent, child) = (delta.name(parent), delta.name(child));
            delta.push(Called { parent, child, start: minute * MINUTE + 1, error: *error }, *sign);
        }
        delta
    }

    #[test]
    fn counts_are_added_taken_away_and_forgotten() {
        let mut links = Links::default();
        links.apply(&delta(&[("a", "b", 0, true, 1), ("a", "b", 0, false, 1), ("b", "c", 5, false, 1)]));
        let sum = |links: &Links, range| {
            let mut sums = Sums::default();
            links.sum(range, &mut sums);
            let of = |link: DependencyLink| (link.parent, link.child, link.call_count, link.error_count);
            sums.finish().into_iter().map(of).collect::<Vec<_>>()
        };
        let link = |parent: &str, child: &str, calls, errors| (parent.into(), child.into(), calls, errors);
        assert_eq!(sum(&links, TimeRange::ALL), [link("a", "b", 2, 1), link("b", "c", 1, 0)]);
        let first = jaeger_model::Timestamp::from_nanos(0);
        assert_eq!(sum(&links, TimeRange { start: first, end: first }), [link("a", "b", 2, 1)]);
        links.apply(&delta(&[("a", "b", 0, true, -1), ("b", "c", 5, false, -1), ("d", "d", 5, false, 1)]));
        assert_eq!(sum(&links, TimeRange::ALL), [link("a", "b", 1, 0), link("d", "d", 1, 0)]);
        assert_eq!(links.names.len(), 3, "c is named by no count");
    }
}

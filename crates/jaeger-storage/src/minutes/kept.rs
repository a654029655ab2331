//! The sums that a store keeps of its sealed spans.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::Delta;
use super::count::{CallCount, CallKey, LinkCount, LinkKey};
use super::names::HeldNames;

/// What [`Minutes`] hold at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Rows of calls, about 100 bytes each.
    pub calls: usize,
    /// Rows of links, about 25 bytes each.
    pub links: usize,
    /// Bytes of names.
    pub name_bytes: usize,
}

impl Default for Bounds {
    /// About 50 MiB in all, if strangers fill it.
    fn default() -> Self {
        Self { calls: 200_000, links: 500_000, name_bytes: 16 << 20 }
    }
}

/// All links and calls of some spans, none below zero. Past a bound the oldest minutes go.
#[derive(Debug, Default)]
pub struct Minutes {
    pub(super) names: HeldNames,
    pub(super) links: HashMap<LinkKey, LinkCount, RandomState>,
    pub(super) calls: HashMap<CallKey, CallCount, RandomState>,
    bounds: Bounds,
    dropped: u64,
}

impl Minutes {
    /// Nothing yet, with these bounds.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// Adds all that changes. What goes below zero is zero, so deltas are to be added in their order.
    pub fn apply(&mut self, delta: &Delta) {
        self.add(delta, 1);
    }

    /// Takes away what [`apply`](Self::apply) added, as far as it is still there.
    pub fn take_away(&mut self, delta: &Delta) {
        self.add(delta, -1);
    }

    fn add(&mut self, delta: &Delta, sign: i32) {
        // Held until all is added, so that no number of ours changes its name.
        let mut numbers = vec![None; delta.names.len()];
        let names = &mut self.names;
        let mut number = |of: u32| -> u32 {
            let Some(known) = numbers.get_mut(of as usize) else { return 0 };
            *known.get_or_insert_with(|| names.hold(delta.names.text(of)))
        };
        let links: Vec<_> = delta
            .links
            .iter()
            .filter(|(_, count)| !count.is_zero())
            .map(|(key, count)| {
                (LinkKey { minute: key.minute, parent: number(key.parent), child: number(key.child) }, *count)
            })
            .collect();
        for (key, count) in links {
            self.add_link(key, &count, sign);
        }
        let names = &mut self.names;
        let mut number = |of: u32| -> u32 {
            let Some(known) = numbers.get_mut(of as usize) else { return 0 };
            *known.get_or_insert_with(|| names.hold(delta.names.text(of)))
        };
        let calls: Vec<_> = delta
            .calls
            .iter()
            .filter(|(_, count)| !count.is_zero())
            .map(|(key, count)| {
                let (service, operation, kind) = (number(key.service), number(key.operation), number(key.kind));
                (CallKey { minute: key.minute, service, operation, kind }, count)
            })
            .collect();
        for (key, count) in calls {
            self.add_call(key, count, sign);
        }
        for number in numbers.into_iter().flatten() {
            self.names.release(number);
        }
        self.keep_bounds();
    }

    fn add_link(&mut self, key: LinkKey, change: &LinkCount, sign: i32) {
        let held = [key.parent, key.child];
        match self.links.entry(key) {
            Entry::Occupied(mut entry) => {
                let count = entry.get_mut();
                count.add(change, sign);
                count.not_negative();
                if count.calls == 0 {
                    entry.remove();
                    held.into_iter().for_each(|number| self.names.release(number));
                }
            }
            Entry::Vacant(entry) => {
                let mut count = LinkCount::default();
                count.add(change, sign);
                count.not_negative();
                if count.calls > 0 {
                    entry.insert(count);
                    held.into_iter().for_each(|number| self.names.hold_again(number));
                }
            }
        }
    }

    fn add_call(&mut self, key: CallKey, change: &CallCount, sign: i32) {
        let held = [key.service, key.operation, key.kind];
        match self.calls.entry(key) {
            Entry::Occupied(mut entry) => {
                let count = entry.get_mut();
                count.add(change, sign);
                count.not_negative();
                if count.is_zero() {
                    entry.remove();
                    held.into_iter().for_each(|number| self.names.release(number));
                }
            }
            Entry::Vacant(entry) => {
                let mut count = CallCount::default();
                count.add(change, sign);
                count.not_negative();
                if !count.is_zero() {
                    entry.insert(count);
                    held.into_iter().for_each(|number| self.names.hold_again(number));
                }
            }
        }
    }

    /// An eighth goes at once, so that the oldest need not be looked for with every block.
    fn keep_bounds(&mut self) {
        let Bounds { calls, links, name_bytes } = self.bounds;
        while self.calls.len() > calls || (self.names.name_bytes() > name_bytes && !self.calls.is_empty()) {
            let until = nth_minute(self.calls.keys().map(|key| key.minute), self.calls.len() / 8);
            let gone: Vec<_> = self.calls.extract_if(|key, _| key.minute <= until).collect();
            self.note(gone.len());
            for (key, _) in gone {
                [key.service, key.operation, key.kind].into_iter().for_each(|number| self.names.release(number));
            }
        }
        while self.links.len() > links || (self.names.name_bytes() > name_bytes && !self.links.is_empty()) {
            let until = nth_minute(self.links.keys().map(|key| key.minute), self.links.len() / 8);
            let gone: Vec<_> = self.links.extract_if(|key, _| key.minute <= until).collect();
            self.note(gone.len());
            for (key, _) in gone {
                [key.parent, key.child].into_iter().for_each(|number| self.names.release(number));
            }
        }
    }

    fn note(&mut self, rows: usize) {
        if self.dropped == 0 {
            tracing::warn!(
                most_calls = self.bounds.calls,
                most_links = self.bounds.links,
                "too many minutes, services and operations to count all: the oldest minutes are not counted any more"
            );
        }
        self.dropped += rows as u64;
    }

    /// How many rows went because a bound was reached.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How many rows there are, of links and of calls together.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.links.len() + self.calls.len()
    }

    /// The bytes of memory held.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.links.allocation_size() + self.calls.allocation_size() + self.names.size_bytes()
    }
}

/// The minute that `n` others stand before.
fn nth_minute(minutes: impl Iterator<Item = i32>, n: usize) -> i32 {
    let mut minutes: Vec<i32> = minutes.collect();
    if minutes.is_empty() {
        return i32::MIN;
    }
    let n = n.min(minutes.len() - 1);
    *minutes.select_nth_unstable(n).1
}

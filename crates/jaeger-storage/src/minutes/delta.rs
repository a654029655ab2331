//! What some traces or blocks add to the counts, and take away.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::count::{CallCount, CallKey, LinkCount, LinkKey, minute_of};
use super::names::Names;
use super::rule::Called;

/// Signed changes of links by the minute and of calls by the minute.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    pub(super) names: Names,
    pub(super) links: HashMap<LinkKey, LinkCount, RandomState>,
    pub(super) calls: HashMap<CallKey, CallCount, RandomState>,
}

impl Delta {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.links.values().all(LinkCount::is_zero) && self.calls.values().all(CallCount::is_zero)
    }

    /// How many rows there are, of links and of calls together.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.links.len() + self.calls.len()
    }

    /// The first and the last minute (since 1970) of which something changes.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        let links = self.links.keys().map(|key| key.minute);
        let minutes = links.chain(self.calls.keys().map(|key| key.minute));
        let each = minutes.map(|minute| (i64::from(minute), i64::from(minute)));
        each.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    }

    /// Adds all that another one changes.
    pub fn merge(&mut self, other: &Self) {
        self.add(other, 1);
    }

    /// Takes away all that another one changes.
    pub fn take_away(&mut self, other: &Self) {
        self.add(other, -1);
    }

    fn add(&mut self, other: &Self, sign: i32) {
        let Self { names, links, calls } = self;
        let mut numbers = vec![None; other.names.len()];
        let mut number = |of: u32| -> u32 {
            let Some(known) = numbers.get_mut(of as usize) else { return 0 };
            *known.get_or_insert_with(|| names.number(other.names.text(of)))
        };
        for (key, count) in &other.links {
            let key = LinkKey { minute: key.minute, parent: number(key.parent), child: number(key.child) };
            links.entry(key).or_default().add(count, sign);
        }
        for (key, count) in &other.calls {
            let (service, operation, kind) = (number(key.service), number(key.operation), number(key.kind));
            calls.entry(CallKey { minute: key.minute, service, operation, kind }).or_default().add(count, sign);
        }
    }

    pub(super) fn push_link(&mut self, called: Called, sign: i32) {
        let key = LinkKey { minute: minute_of(called.start), parent: called.parent, child: called.child };
        let count = LinkCount { calls: 1, errors: i32::from(called.error) };
        self.links.entry(key).or_default().add(&count, sign);
    }

    #[inline]
    pub(super) fn push_call(&mut self, key: CallKey, duration: i64, failed: bool, sign: i32) {
        self.calls.entry(key).or_default().push(duration, failed, sign);
    }
}

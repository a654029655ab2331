//! Services and operations whose documents are known to be there, so that they are written once and not with each span.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How many are remembered.
const MOST: usize = 100_000;

/// The period of the index's name, and the service with its operation.
pub(crate) type Name = (i64, u64);

/// What is remembered, for how long.
pub(crate) struct KnownNames {
    lasts: Duration,
    known: Mutex<HashMap<Name, Instant>>,
}

impl KnownNames {
    pub(crate) fn new(lasts: Duration) -> Self {
        Self { lasts, known: Mutex::default() }
    }

    pub(crate) fn contains(&self, name: Name) -> bool {
        self.known.lock().get(&name).is_some_and(|since| since.elapsed() < self.lasts)
    }

    /// These are stored.
    pub(crate) fn extend(&self, names: impl IntoIterator<Item = Name>) {
        let mut known = self.known.lock();
        let now = Instant::now();
        known.extend(names.into_iter().map(|name| (name, now)));
        if known.len() > MOST {
            known.retain(|_, since| since.elapsed() < self.lasts);
        }
        if known.len() > MOST {
            // They are written once more, which changes nothing.
            known.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_for_its_time_and_there_is_a_bound() {
        let known = KnownNames::new(Duration::from_secs(3600));
        known.extend([(1, 1)]);
        assert!(known.contains((1, 1)) && !known.contains((2, 1)));
        known.extend((0..=MOST as u64).map(|name| (3, name)));
        assert!(known.known.lock().len() <= MOST);
        let none = KnownNames::new(Duration::ZERO);
        none.extend([(1, 1)]);
        assert!(!none.contains((1, 1)));
    }
}

//! Services and operations that are known to be stored: each is written once in a while, not with each span.

use std::time::{Duration, Instant};

use hashbrown::HashMap;
use jaeger_model::hash_bytes;
use parking_lot::Mutex;

/// How many are remembered at most.
const MOST: usize = 110_000;

/// Names by a hash of 64 bits. Two that share one is a chance of one in 10^9 for 100,000 names, and then costs one name for a
/// cache's lifetime.
pub(crate) struct Names {
    known: Mutex<HashMap<u64, Instant, foldhash::fast::FixedState>>,
    ttl: Duration,
}

impl Names {
    pub(crate) fn new(ttl: Duration) -> Self {
        Self { known: Mutex::default(), ttl }
    }

    /// The service's hash, where it must be written.
    pub(crate) fn new_service(&self, service: &str) -> Option<u64> {
        self.unless_known(hash_bytes(1, service.as_bytes()))
    }

    /// The operation's hash, where it must be written.
    pub(crate) fn new_operation(&self, service: &str, kind: &str, operation: &str) -> Option<u64> {
        let hash = hash_bytes(2, service.as_bytes());
        self.unless_known(hash_bytes(hash_bytes(hash, kind.as_bytes()), operation.as_bytes()))
    }

    /// These are stored.
    pub(crate) fn stored(&self, names: &[u64]) {
        if names.is_empty() {
            return;
        }
        let until = Instant::now() + self.ttl;
        let mut known = self.known.lock();
        for name in names {
            if known.len() >= MOST {
                // Everything is written once more; that is what a restart costs too.
                known.clear();
            }
            known.insert(*name, until);
        }
    }

    fn unless_known(&self, name: u64) -> Option<u64> {
        let known = self.known.lock().get(&name).is_some_and(|until| *until > Instant::now());
        (!known).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_until_it_is_stored_and_again_after_its_time() {
        let names = Names::new(Duration::from_secs(3600));
        let name = names.new_service("shop").unwrap();
        assert_eq!(names.new_service("shop"), Some(name), "nobody said that it is stored");
        names.stored(&[name]);
        assert_eq!(names.new_service("shop"), None);
        assert!(names.new_operation("shop", "client", "get").is_some());
        assert_ne!(names.new_operation("shop", "client", "get"), names.new_operation("shop", "server", "get"));

        let forgets = Names::new(Duration::ZERO);
        forgets.stored(&[name]);
        assert_eq!(forgets.new_service("shop"), Some(name));
    }
}

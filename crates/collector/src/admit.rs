//! `receive -> ADMIT -> decode -> queue`: the bound in bytes on all that is in hand, from a body's first byte to the store's answer.
//!
//! The bound in spans is the queue's own. A request is admitted whole or refused whole; one that alone exceeds the bound is
//! admitted when nothing else is in hand, else it could never be served.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Refused;

/// Counts the bytes in hand; clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Admission(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bound: u64,
    held: AtomicU64,
}

/// The bytes that one request holds; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    of: Admission,
    bytes: u64,
}

impl Admission {
    /// At most `bound` bytes in hand.
    #[must_use]
    pub(crate) fn new(bound: u64) -> Self {
        Self(Arc::new(Shared { bound, held: AtomicU64::new(0) }))
    }

    /// A request that holds nothing yet.
    #[must_use]
    pub(crate) fn begin(&self) -> Held {
        Held { of: self.clone(), bytes: 0 }
    }

    /// Bytes in hand.
    #[cfg(test)]
    pub(crate) fn held(&self) -> u64 {
        self.0.held.load(Ordering::Relaxed)
    }
}

impl Held {
    /// Takes `more` bytes into hand.
    ///
    /// # Errors
    /// [`Refused::MemoryFull`]; what was held before stays held.
    pub(crate) fn grow(&mut self, more: usize) -> Result<(), Refused> {
        let more = more as u64;
        let Shared { bound, held } = &*self.of.0;
        let own = self.bytes;
        let fits = |total: u64| {
            let after = total.saturating_add(more);
            (after <= *bound || total <= own).then_some(after)
        };
        match held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => {
                self.bytes += more;
                Ok(())
            }
            Err(held) => Err(Refused::MemoryFull { held, bound: *bound }),
        }
    }

    /// Holds `bytes` from now on, which is never refused: a body became a batch.
    pub(crate) fn set(&mut self, bytes: usize) {
        let bytes = bytes as u64;
        if bytes >= self.bytes {
            self.of.0.held.fetch_add(bytes - self.bytes, Ordering::Relaxed);
        } else {
            self.of.0.held.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        }
        self.bytes = bytes;
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.of.0.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_holds_and_what_is_dropped_is_given_back() {
        let admission = Admission::new(100);
        let mut first = admission.begin();
        first.grow(60).expect("room");
        let mut second = admission.begin();
        second.grow(40).expect("room");
        assert_eq!(second.grow(1), Err(Refused::MemoryFull { held: 100, bound: 100 }));
        first.set(10);
        second.grow(50).expect("room again");
        drop(second);
        assert_eq!(admission.held(), 10);
        drop(first);
        assert_eq!(admission.held(), 0);
    }

    #[test]
    fn a_request_over_the_bound_is_admitted_when_it_is_alone() {
        let admission = Admission::new(100);
        let mut alone = admission.begin();
        alone.grow(80).expect("room");
        alone.grow(500).expect("alone");
        let mut other = admission.begin();
        assert!(other.grow(1).is_err());
        drop(alone);
        other.grow(1).expect("room");
    }
}

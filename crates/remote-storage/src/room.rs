//! ROOM: the bound in bytes on all that is in hand, from a request's first byte to the store's answer.
//!
//! A request that alone exceeds it is let in where nothing else is in hand, else it could never be served.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jaeger_storage::{ErrorKind, StorageError};

/// Counts the bytes in hand; clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bound: u64,
    held: AtomicU64,
}

/// The bytes of one request; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    of: Room,
    bytes: u64,
}

impl Room {
    /// At most `bound` bytes in hand.
    pub(crate) fn new(bound: u64) -> Self {
        Self(Arc::new(Shared { bound, held: AtomicU64::new(0) }))
    }

    /// A request that holds nothing yet.
    pub(crate) fn begin(&self) -> Held {
        Held { of: self.clone(), bytes: 0 }
    }

    /// Bytes in hand.
    pub(crate) fn held(&self) -> u64 {
        self.0.held.load(Ordering::Relaxed)
    }
}

impl Held {
    /// Takes `more` bytes into hand.
    pub(crate) fn grow(&mut self, more: usize) -> Result<(), StorageError> {
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
            Err(held) => Err(StorageError::new(
                ErrorKind::Throttled,
                format!("{held} of {bound} bytes of requests are in hand already; send again in a second"),
            )),
        }
    }

    /// Splits off what is held, for a part that goes on alone.
    pub(crate) fn split(&mut self) -> Held {
        Held { of: self.of.clone(), bytes: std::mem::take(&mut self.bytes) }
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
        let room = Room::new(100);
        let mut first = room.begin();
        first.grow(60).expect("room");
        let mut second = room.begin();
        second.grow(40).expect("room");
        assert_eq!(second.grow(1).expect_err("no room").kind(), ErrorKind::Throttled);
        let part = first.split();
        drop(first);
        assert_eq!(room.held(), 100);
        drop(part);
        second.grow(500).expect("alone");
        drop(second);
        assert_eq!(room.held(), 0);
    }
}

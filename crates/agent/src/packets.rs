//! receive -> **queue(packets)** -> decode: raw datagrams, bounded by their number, dropped before anybody pays for
//! decoding them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// The datagrams of one `recvmmsg` call, in one allocation.
#[derive(Debug, Default)]
pub(crate) struct PacketRun {
    data: Vec<u8>,
    ends: Vec<u32>,
}

impl PacketRun {
    pub(crate) fn with_capacity(packets: usize, bytes: usize) -> Self {
        Self { data: Vec::with_capacity(bytes), ends: Vec::with_capacity(packets) }
    }

    pub(crate) fn push(&mut self, packet: &[u8]) {
        self.data.extend_from_slice(packet);
        // A run holds 64 packets of 64 KiB at most.
        self.ends.push(u32::try_from(self.data.len()).unwrap_or(u32::MAX));
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.data.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.data.get(start as usize..*end as usize))
    }

    /// Keeps the first `packets` and tells how many went.
    fn truncate(&mut self, packets: usize) -> usize {
        let gone = self.ends.len().saturating_sub(packets);
        self.ends.truncate(packets);
        self.data.truncate(self.ends.last().map_or(0, |end| *end as usize));
        gone
    }
}

/// The packet queue of one port.
pub(crate) struct PacketQueue {
    state: Mutex<State>,
    filled: Condvar,
    emptied: Condvar,
    max_packets: usize,
}

#[derive(Default)]
struct State {
    runs: VecDeque<PacketRun>,
    packets: usize,
    closed: bool,
}

impl PacketQueue {
    pub(crate) fn new(max_packets: usize) -> Self {
        Self {
            state: Mutex::default(),
            filled: Condvar::new(),
            emptied: Condvar::new(),
            max_packets: max_packets.max(1),
        }
    }

    /// Puts a run on the queue, waiting up to `patience` for room while the kernel buffers for us; gives the number
    /// of packets that found none, the last ones of the run.
    pub(crate) fn push(&self, mut run: PacketRun, patience: Duration) -> usize {
        let until = Instant::now() + patience;
        let mut state = self.state.lock();
        while state.packets + run.len() > self.max_packets && !state.closed {
            if self.emptied.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        let room = if state.closed { 0 } else { self.max_packets.saturating_sub(state.packets) };
        let refused = run.truncate(room);
        if !run.is_empty() {
            state.packets += run.len();
            state.runs.push_back(run);
            self.filled.notify_one();
        }
        refused
    }

    /// The oldest runs, as many as hold `max_bytes` and at least one; waits for them. None when closed and empty.
    pub(crate) fn pop(&self, max_bytes: usize) -> Option<Vec<PacketRun>> {
        let mut state = self.state.lock();
        loop {
            if !state.runs.is_empty() {
                break;
            }
            if state.closed {
                return None;
            }
            self.filled.wait(&mut state);
        }
        let mut runs = Vec::new();
        let mut bytes = 0;
        while let Some(next) = state.runs.front() {
            if !runs.is_empty() && bytes + next.bytes() > max_bytes {
                break;
            }
            bytes += next.bytes();
            runs.extend(state.runs.pop_front());
        }
        state.packets -= runs.iter().map(PacketRun::len).sum::<usize>();
        self.emptied.notify_all();
        Some(runs)
    }

    /// Packets waiting.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().packets
    }

    /// No packet comes any more; those here are still handed out.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_all();
        self.emptied.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(packets: &[&[u8]]) -> PacketRun {
        let mut run = PacketRun::default();
        for packet in packets {
            run.push(packet);
        }
        run
    }

    #[test]
    fn a_run_gives_back_its_packets() {
        let run = run(&[b"one", b"", b"three"]);
        assert_eq!(run.iter().collect::<Vec<_>>(), [b"one".as_slice(), b"", b"three"]);
    }

    #[test]
    fn refuses_the_last_packets_of_a_run_past_the_bound() {
        let queue = PacketQueue::new(3);
        assert_eq!(queue.push(run(&[b"a", b"b"]), Duration::ZERO), 0);
        assert_eq!(queue.push(run(&[b"c", b"d", b"e"]), Duration::ZERO), 2);
        assert_eq!(queue.len(), 3);
        let runs = queue.pop(1000).expect("runs");
        assert_eq!(runs.iter().flat_map(PacketRun::iter).collect::<Vec<_>>(), [b"a", b"b", b"c"]);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn hands_out_what_is_there_after_closing() {
        let queue = PacketQueue::new(3);
        queue.push(run(&[b"a"]), Duration::ZERO);
        queue.close();
        assert_eq!(queue.push(run(&[b"b"]), Duration::from_secs(5)), 1);
        assert_eq!(queue.pop(1).map(|runs| runs.len()), Some(1));
        assert!(queue.pop(1).is_none());
    }
}

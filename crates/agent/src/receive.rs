//! **receive** -> queue(packets): one thread a port that does nothing but take datagrams out of the kernel.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jaeger_service::ledger::{AgentLedger, Receipt};
use jaeger_service::lifecycle::Activity;
use jaeger_service::logs::Repeats;
use jaeger_service::metrics::ProcessorMetrics;

use crate::packets::{PacketQueue, PacketRun};
use crate::socket::{KernelDrops, close_to_senders};
use crate::sys::Datagrams;

/// Datagrams of one system call.
const DATAGRAMS: usize = 64;
/// Below this many datagrams a call, the thread naps until about as many as one call takes are there, so that everybody
/// behind it wakes up once for all of them.
const FEW_DATAGRAMS: usize = 16;
const LONGEST_NAP: Duration = Duration::from_millis(20);
/// Only a buffer of this size surely holds what arrives during a nap.
const NAP_BUFFER_BYTES: usize = 1 << 20;
/// How long a full packet queue may make the thread wait: meanwhile the kernel's buffer takes what arrives.
const PATIENCE: Duration = Duration::from_millis(50);

static READ_FAILED: Repeats = Repeats::new();

/// The receiving side of one port.
pub(crate) struct Receiver {
    pub(crate) port: &'static str,
    pub(crate) socket: UdpSocket,
    pub(crate) buffer_bytes: usize,
    pub(crate) max_packet_bytes: usize,
    pub(crate) queue: Arc<PacketQueue>,
    pub(crate) ledger: AgentLedger,
    pub(crate) metrics: ProcessorMetrics,
    pub(crate) activity: Activity,
    pub(crate) ended: Arc<AtomicBool>,
}

impl Receiver {
    /// Receives until told that it ends, then takes what the kernel still holds, then closes the queue.
    pub(crate) fn run(self) {
        // One byte more than the bound tells a packet at the bound from one past it.
        let mut datagrams = Datagrams::new(DATAGRAMS, self.max_packet_bytes + 1);
        let mut drops = KernelDrops::default();
        let mut pace = Pace::new();
        while !self.ended.load(Ordering::Relaxed) {
            match datagrams.receive(&self.socket) {
                Ok(count) => {
                    self.activity.touch();
                    self.take(&datagrams, drops.since_last(&self.socket));
                    pace.came(count);
                    if count < FEW_DATAGRAMS && self.buffer_bytes >= NAP_BUFFER_BYTES {
                        nap(pace.until_a_call_is_full());
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    self.count_kernel(drops.since_last(&self.socket));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.metrics.read_errors.increment(1);
                    if let Some(times) = READ_FAILED.hit(1) {
                        tracing::warn!(port = self.port, times, %error, "cannot read the UDP socket; trying again");
                    }
                    nap(LONGEST_NAP);
                }
            }
        }
        self.take_the_rest(&mut datagrams, &mut drops);
        self.queue.close();
    }

    /// Takes what the kernel holds and no more: until the first call that would wait, at most for a second.
    fn take_the_rest(&self, datagrams: &mut Datagrams, drops: &mut KernelDrops) {
        if let Err(error) = close_to_senders(&self.socket) {
            tracing::warn!(port = self.port, %error, "packets that come while the socket closes are not counted");
        }
        let until = Instant::now() + Duration::from_secs(1);
        // A socket that cannot be switched still ends by its read timeout.
        drop(self.socket.set_nonblocking(true));
        while Instant::now() < until && datagrams.receive(&self.socket).is_ok() {
            self.take(datagrams, drops.since_last(&self.socket));
        }
        self.count_kernel(drops.since_last(&self.socket));
    }

    fn take(&self, datagrams: &Datagrams, kernel: u64) {
        let (mut packets, mut bytes, mut too_large, mut last) = (0, 0, 0u64, 0);
        for (packet, cut) in datagrams.iter() {
            last = packet.len();
            if cut || packet.len() > self.max_packet_bytes {
                too_large += 1;
            } else {
                packets += 1;
                bytes += packet.len();
            }
        }
        let mut run = PacketRun::with_capacity(packets, bytes);
        for (packet, cut) in datagrams.iter() {
            if !cut && packet.len() <= self.max_packet_bytes {
                run.push(packet);
            }
        }
        let queued = packets as u64;
        self.ledger.receive(Receipt { queued, queue_full: 0, too_large, kernel });
        let refused = self.queue.push(run, PATIENCE) as u64;
        if refused > 0 {
            self.ledger.queue_refused(refused);
        }
        self.metrics.packets_processed.increment(queued - refused);
        self.metrics.packets_dropped.increment(refused + kernel);
        self.metrics.handler_errors.increment(too_large);
        self.metrics.packet_size.set_count(last as u64);
        self.metrics.queue_size.set_count(self.queue.len() as u64);
    }

    fn count_kernel(&self, kernel: u64) {
        if kernel == 0 {
            return;
        }
        self.ledger.receive(Receipt { kernel, ..Receipt::default() });
        self.metrics.packets_dropped.increment(kernel);
    }
}

/// How fast datagrams come.
struct Pace {
    since: Instant,
    datagrams: u32,
}

impl Pace {
    fn new() -> Self {
        Self { since: Instant::now(), datagrams: 0 }
    }

    fn came(&mut self, datagrams: usize) {
        self.datagrams = self.datagrams.saturating_add(u32::try_from(datagrams).unwrap_or(u32::MAX));
    }

    /// The time in which one call's datagrams come, going by the time since this was asked last.
    fn until_a_call_is_full(&mut self) -> Duration {
        let each = self.since.elapsed() / self.datagrams.max(1);
        *self = Self::new();
        each.saturating_mul(u32::try_from(DATAGRAMS).unwrap_or(u32::MAX)).min(LONGEST_NAP)
    }
}

#[expect(clippy::disallowed_methods, reason = "the receiving thread is nobody else's; the kernel buffers meanwhile")]
fn nap(time: Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naps_as_long_as_a_full_call_takes_to_come_and_no_longer_than_the_longest() {
        let ago = |time| Instant::now().checked_sub(time).expect("a clock that runs since then");
        let mut fast = Pace { since: ago(Duration::from_millis(10)), datagrams: 1000 };
        assert!(fast.until_a_call_is_full() < LONGEST_NAP);
        let mut slow = Pace { since: ago(Duration::from_secs(1)), datagrams: 1 };
        assert_eq!(slow.until_a_call_is_full(), LONGEST_NAP);
        assert_eq!(slow.datagrams, 0, "each time counts from the last");
    }
}

//! UDP to an agent: Thrift compact, packets of at most 65,000 bytes, each with the process once.
//!
//! The agent's host is resolved by the upkeep thread, again and again, so that a lookup never holds up spans.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jaeger_model::{Batch, BatchBuilder, SpanView};
use jaeger_wire::jaeger::{BatchMeta, ClientStats, encode_message};
use jaeger_wire::thrift::Protocol;

use super::shorten::shorten;
use super::{Outcome, Sending, Told, Transport};

/// The most bytes of a packet, which every agent reads.
pub(crate) const MAX_PACKET_BYTES: usize = 65_000;

/// Sending to a socket may wait for the kernel's buffer, no longer than this.
const WRITE: Duration = Duration::from_secs(1);

/// How long the first packet waits for the agent's address, and how often it looks.
const RESOLVE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(5);

/// An agent's address as it was resolved last.
pub(crate) type Target = Arc<Mutex<Option<SocketAddr>>>;

/// Why a packet did not leave.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("its name has no address yet")]
    Unresolved,
    #[error(transparent)]
    Io(#[from] io::Error),
}

pub(crate) struct Udp {
    name: String,
    target: Target,
    socket: Option<(SocketAddr, UdpSocket)>,
    seq_no: i64,
    packet: Vec<u8>,
    told: Told,
    /// Nobody listened when the last packet came.
    refused: bool,
}

impl Udp {
    /// `name` is the agent's host and port as the user wrote them.
    pub(crate) fn new(name: String, target: Target) -> Self {
        Self { name, target, socket: None, seq_no: 0, packet: Vec::new(), told: Told::default(), refused: false }
    }

    /// Sends spans in one packet, or each half by itself.
    fn send_spans<'a>(
        &mut self,
        batch: &Batch,
        spans: impl Iterator<Item = SpanView<'a>> + Clone,
        sending: &Sending<'_>,
        outcome: &mut Outcome,
    ) {
        let count = spans.clone().count();
        if count == 0 {
            return;
        }
        let Some(process) = batch.process(0) else {
            outcome.failed += count as u64;
            return;
        };
        let meta = BatchMeta { seq_no: Some(self.seq_no + 1), stats: Some(sending.stats) };
        let mut packet = std::mem::take(&mut self.packet);
        packet.clear();
        encode_message(process, spans.clone(), &meta, Protocol::Compact, &mut packet);
        if packet.len() <= MAX_PACKET_BYTES {
            self.seq_no += 1;
            match self.transmit(&packet, sending) {
                Ok(()) => {
                    outcome.sent += count as u64;
                    self.told.sent(&self.name);
                }
                Err(error) => {
                    outcome.failed += count as u64;
                    self.told.failed(&self.name, &error);
                }
            }
            self.packet = packet;
            return;
        }
        self.packet = packet;
        let fits = |batch: &Batch| {
            let mut packet = Vec::with_capacity(MAX_PACKET_BYTES);
            if let Some(process) = batch.process(0) {
                encode_message(process, batch.spans(), &meta, Protocol::Compact, &mut packet);
            }
            packet.len() <= MAX_PACKET_BYTES
        };
        match spans.clone().next() {
            Some(span) if count == 1 => match shorten(span, fits) {
                Some(shorter) => self.send_spans(&shorter, shorter.spans(), sending, outcome),
                None => outcome.too_large += 1,
            },
            _ => self.halves(batch, &spans.collect::<Vec<_>>(), sending, outcome),
        }
    }

    fn halves(&mut self, batch: &Batch, spans: &[SpanView<'_>], sending: &Sending<'_>, outcome: &mut Outcome) {
        let (first, second) = spans.split_at(spans.len() / 2);
        self.send_spans(batch, first.iter().copied(), sending, outcome);
        self.send_spans(batch, second.iter().copied(), sending, outcome);
    }

    /// The agent's address; at the start it may take a moment until there is one.
    fn target(&self, sending: &Sending<'_>) -> Result<SocketAddr, SendError> {
        let until = Instant::now() + sending.time(if self.told.is_failing() { Duration::ZERO } else { RESOLVE });
        loop {
            let target = *self.target.lock().unwrap_or_else(PoisonError::into_inner);
            match target {
                Some(target) => return Ok(target),
                None if Instant::now() < until && sending.pause(POLL) => {}
                None => return Err(SendError::Unresolved),
            }
        }
    }

    fn transmit(&mut self, packet: &[u8], sending: &Sending<'_>) -> Result<(), SendError> {
        let target = self.target(sending)?;
        if self.socket.as_ref().is_none_or(|(known, _)| *known != target) {
            self.socket = None;
            let any: SocketAddr =
                if target.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
            let socket = UdpSocket::bind(any)?;
            socket.connect(target)?;
            socket.set_write_timeout(Some(WRITE))?;
            self.socket = Some((target, socket));
        }
        let Some((_, socket)) = &self.socket else { return Err(SendError::Unresolved) };
        match socket.send(packet) {
            // What the kernel says of the packet before; this one has not left yet.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                if !std::mem::replace(&mut self.refused, true) {
                    tracing::warn!("nobody listens at {}: packets are lost and count as sent", self.name);
                }
                socket.send(packet)?;
            }
            other => {
                other?;
                self.refused = false;
            }
        }
        Ok(())
    }
}

impl Transport for Udp {
    fn send(&mut self, batch: &Batch, sending: &Sending<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        self.send_spans(batch, batch.spans(), sending, &mut outcome);
        outcome
    }
}

/// The bytes that a packet has besides its spans.
pub(crate) fn bytes_besides_spans(service: &str, tags: &[(String, String)]) -> usize {
    let mut builder = BatchBuilder::new();
    for (key, value) in tags {
        builder.process_tag(key.as_bytes(), value.as_str().into());
    }
    if builder.process(service.as_bytes()).is_err() {
        return usize::MAX;
    }
    let batch = builder.finish();
    let most = ClientStats {
        full_queue_dropped_spans: i64::MAX,
        too_large_dropped_spans: i64::MAX,
        failed_to_emit_spans: i64::MAX,
    };
    let meta = BatchMeta { seq_no: Some(i64::MAX), stats: Some(most) };
    let mut packet = Vec::new();
    if let Some(process) = batch.process(0) {
        encode_message(process, batch.spans(), &meta, Protocol::Compact, &mut packet);
    }
    packet.len() + 8
}

//! Puts the parts of an agent together and ends them in order.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use jaeger_service::ledger::AgentLedger;
use jaeger_service::lifecycle::{Activity, Lifecycle};
use jaeger_service::metrics::{AgentMetrics, ProcessorMetrics};
use jaeger_wire::thrift::Protocol;
use tokio::task::JoinHandle;

use crate::clients::{Clients, LOOK_EVERY};
use crate::config::{Config, PortConfig, PortKind};
use crate::decode::Decoder;
use crate::format::Reporters;
use crate::forward::Forwarder;
use crate::hold::Hold;
use crate::packets::PacketQueue;
use crate::receive::Receiver;
use crate::reporter::Reporter;
use crate::socket;

/// A decoded batch needs a thread only while a processor is free to run it.
fn decoding_threads(workers: usize) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    workers.clamp(1, processors)
}

/// An agent that is ready to run.
pub struct Agent {
    /// Its settings.
    pub config: Config,
    /// Its ledger.
    pub ledger: AgentLedger,
    /// Its metrics.
    pub metrics: AgentMetrics,
    /// The way to the collector.
    pub reporter: Arc<dyn Reporter>,
}

/// An agent could not begin to receive.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The kernel refused something about a socket.
    #[error("cannot prepare the socket of --{flag}: {source}")]
    Socket {
        /// The flag of the port, without dashes.
        flag: String,
        /// What the kernel said.
        source: std::io::Error,
    },
    /// No thread could be started.
    #[error("cannot start a thread for {port}: {source}; raise the limit on threads")]
    Thread {
        /// The port.
        port: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Agent {
    /// Receives, decodes and forwards until the lifecycle stops it and everything is delivered, or its deadline passes.
    /// What is left then is written off by [`Lifecycle::finish`].
    ///
    /// # Errors
    /// When it cannot begin.
    pub async fn run(self, sockets: Vec<(PortKind, UdpSocket)>, lifecycle: Lifecycle) -> Result<(), AgentError> {
        let hold = Arc::new(Hold::new(self.config.hold_bytes));
        let (activity, ended) = (Activity::new(), Arc::new(AtomicBool::new(false)));
        let clients = Arc::new(Clients::new(self.metrics.client_stats.clone()));
        let mut threads = Vec::new();
        for (kind, socket) in sockets {
            let Some(port) = self.config.ports.iter().find(|port| port.kind == kind) else { continue };
            threads.extend(self.start_port(port, socket, &hold, &clients, &activity, &ended)?);
        }
        let forwarder = Forwarder {
            hold: Arc::clone(&hold),
            ledger: self.ledger.clone(),
            metrics: self.reporters(),
            reporter: Arc::clone(&self.reporter),
        };
        let forwarding = tokio::spawn(forwarder.run());

        tokio::select! {
            () = lifecycle.until_quiet(&activity) => {}
            () = forget_clients(&clients) => {}
        }
        ended.store(true, Ordering::Relaxed);
        let drained = async {
            for thread in threads {
                // A thread that panicked has ended too.
                drop(thread.await);
            }
            hold.close();
            drop(forwarding.await);
        };
        tokio::select! {
            () = drained => {}
            () = lifecycle.deadline().cancelled_owned() => {}
        }
        Ok(())
    }

    fn reporters(&self) -> Reporters {
        let AgentMetrics { reporter_jaeger, reporter_zipkin, .. } = &self.metrics;
        Reporters { jaeger: reporter_jaeger.clone(), zipkin: reporter_zipkin.clone() }
    }

    fn metrics_of(&self, kind: PortKind) -> ProcessorMetrics {
        match kind {
            PortKind::JaegerCompact => self.metrics.jaeger_compact.clone(),
            PortKind::JaegerBinary => self.metrics.jaeger_binary.clone(),
            PortKind::ZipkinCompact => self.metrics.zipkin_compact.clone(),
        }
    }

    fn start_port(
        &self,
        port: &PortConfig,
        socket: UdpSocket,
        hold: &Arc<Hold>,
        clients: &Arc<Clients>,
        activity: &Activity,
        ended: &Arc<AtomicBool>,
    ) -> Result<Vec<JoinHandle<()>>, AgentError> {
        let name = port.kind.name();
        let buffer_bytes = socket::prepare(&socket, port.buffer_bytes)
            .map_err(|source| AgentError::Socket { flag: port.kind.flag(), source })?;
        let metrics = self.metrics_of(port.kind);
        metrics.socket_buffer_bytes.set_count(buffer_bytes as u64);
        tracing::info!(port = name, buffer_bytes, "receiving spans over UDP, with this receive buffer");
        let queue = Arc::new(PacketQueue::new(port.queue_packets));
        let receiver = Receiver {
            port: name,
            socket,
            buffer_bytes,
            max_packet_bytes: port.max_packet_bytes,
            queue: Arc::clone(&queue),
            ledger: self.ledger.clone(),
            metrics: metrics.clone(),
            activity: activity.clone(),
            ended: Arc::clone(ended),
        };
        let decoder = Arc::new(Decoder {
            protocol: match port.kind {
                PortKind::JaegerBinary => Protocol::Binary,
                PortKind::JaegerCompact | PortKind::ZipkinCompact => Protocol::Compact,
            },
            port: name,
            queue,
            hold: Arc::clone(hold),
            ledger: self.ledger.clone(),
            metrics,
            reporters: self.reporters(),
            format: self.reporter.span_format(),
            tags: self.config.tags.clone().into(),
            clients: Arc::clone(clients),
        });
        let mut threads = vec![thread(name, "receive", move || receiver.run())?];
        for _ in 0..decoding_threads(port.workers) {
            let decoder = Arc::clone(&decoder);
            threads.push(thread(name, "decode", move || decoder.run())?);
        }
        Ok(threads)
    }
}

/// Forgets clients that are gone, for ever.
async fn forget_clients(clients: &Clients) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        clients.forget(Instant::now());
    }
}

/// A thread whose end a task can wait for.
fn thread(port: &'static str, does: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, AgentError> {
    let (done, ended) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name(format!("{does} {port}"))
        .stack_size(256 << 10)
        .spawn(move || {
            work();
            // Nobody waits any more past the deadline.
            let _unheard = done.send(());
        })
        .map_err(|source| AgentError::Thread { port, source })?;
    Ok(tokio::spawn(async move { drop(ended.await) }))
}

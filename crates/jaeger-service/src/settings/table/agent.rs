//! Settings of the agent: UDP in, gRPC out.

use super::super::flag::{Kind, Row, refused, row, word};
use super::{Group, On, WITH_AGENT, group};

const AGENT_ONLY: On = [true, false, false, false, false];

const ALL_IN_ONE_ONLY: On = [false, false, false, true, false];

pub(super) const GROUPS: &[Group] = &[
    group("Agent: Jaeger over UDP, compact", "processor.jaeger-compact.", WITH_AGENT, COMPACT),
    group("Agent: Jaeger over UDP, binary", "processor.jaeger-binary.", WITH_AGENT, BINARY),
    group("Agent: old clients over UDP", "processor.zipkin-compact.", WITH_AGENT, ZIPKIN),
    group("Agent: sampling pages", "", WITH_AGENT, HTTP),
    group("Agent: forwarding", "reporter.", WITH_AGENT, REPORTER),
    group("Agent: forwarding", "reporter.grpc.", AGENT_ONLY, REPORTER_GRPC),
    group("Agent: forwarding", "reporter.grpc.", ALL_IN_ONE_ONLY, NO_REPORTER_GRPC),
    group("Agent: tags", "", AGENT_ONLY, TAGS),
];

const WORKERS: Row = row("workers", Kind::Int, "10", "threads that decode packets of this port").at_least(1);
const QUEUE: Row = row("server-queue-size", Kind::Int, "1000", "packets that may wait to be decoded").at_least(1);
const PACKET: Row =
    row("server-max-packet-size", Kind::Int, "65000", "largest packet in bytes; larger ones are counted and dropped")
        .at_least(1);
const BUFFER: Row = row(
    "server-socket-buffer-size",
    Kind::Int,
    "0",
    "receive buffer in bytes to ask the kernel for; 0 asks for 8 MiB and takes what the kernel gives",
)
.at_least(0);

const fn listen(default: &'static str) -> Row {
    row("server-host-port", Kind::Listener, default, "UDP address")
}

const COMPACT: &[Row] = &[listen(":6831"), WORKERS, QUEUE, PACKET, BUFFER];
const BINARY: &[Row] = &[listen(":6832"), WORKERS, QUEUE, PACKET, BUFFER];
const ZIPKIN: &[Row] = &[listen(":5775"), WORKERS, QUEUE, PACKET, BUFFER];

const HTTP: &[Row] =
    &[row("http-server.host-port", Kind::Listener, ":5778", "address of the sampling pages that clients ask")];

const RETRY: Row =
    row("retry.max", Kind::Uint, "3", "has no effect: what no collector took is held and sent again until one does")
        .needless("what no collector took is held and sent again until one does");
const PEERS: Row = row("discovery.min-peers", Kind::Int, "3", "has no effect: every collector named is connected to")
    .needless("every collector named is connected to");
const TARGETS: Row = row("host-port", Kind::Targets, "", "collectors; several separated by commas take turns");

const REPORTER_GRPC: &[Row] = &[TARGETS, RETRY, PEERS];

const NO_REPORTER_GRPC: &[Row] = &[
    TARGETS.not_yet(
        "the agent in jaeger-all-in-one hands spans to its own collector; to send them elsewhere run jaeger-agent",
        None,
    ),
    RETRY,
    PEERS,
];

const REPORTER: &[Row] = &[
    row("type", Kind::Text, "grpc", "how spans travel to the collector").one_of(&[
        word("grpc"),
        refused("tchannel", "TChannel is not there yet, use grpc and --reporter.grpc.host-port"),
    ]),
    row("queue-size-memory", Kind::Uint, "64", "MiB of spans to hold while no collector takes them").at_least(1).ours(),
];

const TAGS: &[Row] = &[row("agent.tags", Kind::Tags, "", "process tags to add to every span")];

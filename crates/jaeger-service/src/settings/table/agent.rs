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
    group("Agent: forwarding", "reporter.", AGENT_ONLY, REPORTER_TYPE),
    group("Agent: forwarding", "reporter.", ALL_IN_ONE_ONLY, NO_REPORTER_TYPE),
    group("Agent: forwarding", "reporter.", WITH_AGENT, REPORTER),
    group("Agent: forwarding", "reporter.grpc.", AGENT_ONLY, REPORTER_GRPC),
    group("Agent: forwarding", "reporter.grpc.", ALL_IN_ONE_ONLY, NO_REPORTER_GRPC),
    group("Agent: forwarding over TChannel", "reporter.tchannel.", AGENT_ONLY, REPORTER_TCHANNEL),
    group("Agent: forwarding over TChannel", "reporter.tchannel.", ALL_IN_ONE_ONLY, REPORTER_TCHANNEL)
        .not_yet(OWN_COLLECTOR),
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

const OWN_COLLECTOR: &str =
    "the agent in jaeger-all-in-one hands spans to its own collector; to send them elsewhere run jaeger-agent";

const NO_REPORTER_GRPC: &[Row] = &[TARGETS.not_yet(OWN_COLLECTOR, None), RETRY, PEERS];

const REPORTER_TCHANNEL: &[Row] = &[
    row("host-port", Kind::Targets, "", "collectors, port 14267; several separated by commas share the load"),
    row("discovery.min-peers", Kind::Int, "3", "collectors to be connected to, where so many are named").at_least(1),
    row("discovery.conn-check-timeout", Kind::Duration, "250ms", "longest time to connect to a collector"),
    row(
        "report-timeout",
        Kind::Duration,
        "1s",
        "longest time that a collector has to answer; then spans are sent again",
    ),
];

const TYPE: Row = row(
    "type",
    Kind::Text,
    "grpc",
    "how spans travel to the collector; where it is not set and collectors are named for TChannel alone, or by --collector.host-port, it is tchannel",
);
const REPORTER_TYPE: &[Row] = &[TYPE.one_of(&[word("grpc"), word("tchannel")])];
const NO_REPORTER_TYPE: &[Row] = &[TYPE.one_of(&[word("grpc"), refused("tchannel", OWN_COLLECTOR)])];

const REPORTER: &[Row] =
    &[row("queue-size-memory", Kind::Uint, "64", "MiB of spans to hold while no collector takes them")
        .at_least(1)
        .ours()];

const TAGS: &[Row] = &[row("agent.tags", Kind::Tags, "", "process tags to add to every span")];

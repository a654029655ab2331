//! Spans that one client sent, told again through ours: same names, times, references, tags and logs, so that what the
//! two write can be compared field by field.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use jaeger_client::{Config, Sampling, Span, Tracer};
use jaeger_model::{Batch, BatchBuilder, ReferenceKind, SpanId, SpanView, TagView, Timestamp, TraceId};
use jaeger_wire::jaeger::{BatchMeta, Message, decode_message};
use jaeger_wire::thrift::Protocol;
use tokio::net::UdpSocket;

/// No packet is larger.
const PACKET: usize = 1 << 16;
const DEADLINE: Duration = Duration::from_secs(20);

/// A socket in an agent's place.
pub struct Capture {
    socket: UdpSocket,
}

impl Capture {
    pub async fn bind() -> Result<Self> {
        Ok(Self { socket: UdpSocket::bind("127.0.0.1:0").await? })
    }

    pub fn port(&self) -> Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// The packets that come until they hold `spans` spans.
    pub async fn packets(&self, spans: usize, protocol: Protocol) -> Result<Vec<(Batch, BatchMeta)>> {
        let mut packets: Vec<(Batch, BatchMeta)> = Vec::new();
        let mut bytes = vec![0; PACKET];
        while packets.iter().map(|(batch, _)| batch.len()).sum::<usize>() < spans {
            let got = tokio::time::timeout(DEADLINE, self.socket.recv(&mut bytes)).await;
            let got = got.with_context(|| format!("{} packets came", packets.len()))??;
            let mut builder = BatchBuilder::new();
            match decode_message(bytes.get(..got).context("a packet's bytes")?, protocol, &mut builder)? {
                Message::EmitBatch(meta) => packets.push((builder.finish(), meta)),
                other => bail!("{other:?}"),
            }
        }
        Ok(packets)
    }
}

/// One span without what two runs cannot share: ids, and when it began.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub struct Told {
    pub operation: String,
    pub service: String,
    pub flags: u32,
    /// Microseconds.
    pub start: i64,
    pub duration: i64,
    /// Kind and operation of what it refers to, in the order of the wire.
    pub references: Vec<(String, String)>,
    /// Key and value with its type, in the order of keys.
    pub tags: Vec<(String, String)>,
    pub logs: Vec<(i64, Vec<(String, String)>)>,
}

/// The spans of these packets, in the order of their names.
pub fn told(packets: &[(Batch, BatchMeta)]) -> Vec<Told> {
    let all: Vec<SpanView<'_>> = packets.iter().flat_map(|(batch, _)| batch.spans()).collect();
    let name = |trace: TraceId, id: SpanId| {
        let found = all.iter().find(|span| span.trace_id() == trace && span.span_id() == id);
        found.map_or_else(|| format!("unknown {trace}:{id}"), |span| span.operation().to_owned())
    };
    let mut told: Vec<_> = all
        .iter()
        .map(|span| Told {
            operation: span.operation().to_owned(),
            service: span.service().to_owned(),
            flags: span.flags(),
            start: span.start().as_micros(),
            duration: span.duration().as_micros(),
            // The client for Node sends them as they were named, ours the parent first.
            references: sorted(
                span.references().map(|one| (format!("{:?}", one.kind), name(one.trace_id, one.span_id))).collect(),
            ),
            tags: sorted(span.tags().map(pair).collect()),
            logs: span.logs().map(|log| (log.time().as_micros(), sorted(log.fields().map(pair).collect()))).collect(),
        })
        .collect();
    told.sort_by(|one, other| one.operation.cmp(&other.operation));
    told
}

/// A process's tags, key and value with its type.
pub fn process_tags(batch: &Batch) -> HashMap<String, String> {
    batch.process(0).into_iter().flat_map(|process| process.tags()).map(pair).collect()
}

fn pair(tag: TagView<'_>) -> (String, String) {
    (tag.key.to_owned(), format!("{:?}", tag.value))
}

fn sorted(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.sort();
    pairs
}

fn time(at: Timestamp) -> Result<SystemTime> {
    Ok(SystemTime::UNIX_EPOCH + Duration::from_nanos(u64::try_from(at.as_nanos())?))
}

/// Tells the spans of `packets` again, to the agent at `port`: each service by a tracer of its own, and calls between
/// services through headers.
pub fn retell(packets: &[(Batch, BatchMeta)], port: u16) -> Result<()> {
    let all: Vec<SpanView<'_>> = packets.iter().flat_map(|(batch, _)| batch.spans()).collect();
    let mut tracers: HashMap<&str, Tracer> = HashMap::new();
    for span in &all {
        if !tracers.contains_key(span.service()) {
            let wide = all.iter().any(|span| span.trace_id().high() != 0);
            let config = Config::new(span.service()).agent("127.0.0.1", port).wide_trace_ids(wide);
            tracers.insert(span.service(), config.sampling(Sampling::Const(true)).queue_size(1000).start()?);
        }
    }
    let mut begun: HashMap<(TraceId, SpanId), (Span, &str)> = HashMap::new();
    let mut left = all.clone();
    while !left.is_empty() {
        let before = left.len();
        let mut later = Vec::new();
        for span in left {
            let ready = span.references().all(|one| begun.contains_key(&(one.trace_id, one.span_id)));
            if ready {
                let tracer = tracers.get(span.service()).context("a tracer for each service")?;
                let own = begin(tracer, span, &begun, &tracers)?;
                begun.insert((span.trace_id(), span.span_id()), (own, span.service()));
            } else {
                later.push(span);
            }
        }
        ensure!(later.len() < before, "{} spans refer to nothing that was sent", later.len());
        left = later;
    }
    for span in &all {
        let (own, _) = begun.remove(&(span.trace_id(), span.span_id())).context("each span once")?;
        own.finish_at(time(span.start().saturating_add(span.duration()))?);
    }
    for tracer in tracers.values() {
        tracer.close(DEADLINE)?;
    }
    Ok(())
}

fn begin(
    tracer: &Tracer,
    span: SpanView<'_>,
    begun: &HashMap<(TraceId, SpanId), (Span, &str)>,
    tracers: &HashMap<&str, Tracer>,
) -> Result<Span> {
    let mut contexts = Vec::new();
    for one in span.references() {
        let (target, service) = begun.get(&(one.trace_id, one.span_id)).context("begun before")?;
        let context = if *service == span.service() {
            target.context().clone()
        } else {
            let mut headers = HashMap::new();
            tracers.get(service).context("a tracer for each service")?.inject(target.context(), &mut headers);
            tracer.extract(&headers)?.context("a context that was written")?
        };
        contexts.push((one.kind, context));
    }
    let mut builder = tracer.build_span(span.operation()).start_at(time(span.start())?);
    for (kind, context) in &contexts {
        builder = match kind {
            ReferenceKind::ChildOf => builder.child_of(context),
            ReferenceKind::FollowsFrom => builder.follows_from(context),
        };
    }
    if contexts.is_empty() && span.flags() & jaeger_model::keys::FLAG_DEBUG != 0 {
        builder = builder.debug();
    }
    let own = builder.start();
    // What a sampler says is ours to say.
    for tag in span.tags().filter(|tag| !tag.key.starts_with("sampler.")) {
        own.tag(tag.key, tag.value);
    }
    for log in span.logs() {
        let fields: Vec<_> = log.fields().map(|field| (field.key, field.value)).collect();
        own.log_at(time(log.time())?, &fields);
    }
    Ok(own)
}

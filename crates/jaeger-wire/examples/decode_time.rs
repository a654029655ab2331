//! What decoding OTLP costs a span, printed: `cargo run --release -p jaeger-wire --example decode_time`.
//!
//! The spans are those of the load profile `plain`: 100 a request, 289 bytes each. This thread's own time on a
//! processor counts, and the best of ten measurements, since other work on the machine only ever adds.
#![allow(clippy::print_stdout, reason = "a command that prints")]

use jaeger_model::{Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, Timestamp, TraceId, Value};
use jaeger_wire::otlp;

const SPANS: u64 = 100;
const REQUESTS: usize = 200;

fn main() {
    let batches: Vec<Batch> = (0..REQUESTS as u64).map(plain).collect();
    let encoded = |encode: &dyn Fn(&Batch, &mut Vec<u8>)| -> Vec<Vec<u8>> {
        let body = |batch| {
            let mut body = Vec::new();
            encode(batch, &mut body);
            body
        };
        batches.iter().map(body).collect()
    };
    let protobuf = encoded(&|batch, body| otlp::encode_protobuf(batch.spans(), body));
    let json = encoded(&|batch, body| otlp::encode_json(batch.spans(), body));
    report("OTLP protobuf, decode", &protobuf, |body| decode(body, otlp::decode_protobuf));
    report("OTLP protobuf, count", &protobuf, |body| otlp::count_spans(body));
    report("OTLP JSON, decode", &json, |body| decode(body, otlp::decode_json));
    let mut out = Vec::new();
    report("OTLP protobuf, encode", &batches, |batch| {
        out.clear();
        otlp::encode_protobuf(batch.spans(), &mut out);
        out.len()
    });
    report("OTLP JSON, encode", &batches, |batch| {
        out.clear();
        otlp::encode_json(batch.spans(), &mut out);
        out.len()
    });
}

type Decode = fn(&[u8], &mut BatchBuilder) -> Result<otlp::Outcome, jaeger_wire::DecodeError>;

fn decode(body: &[u8], decode: Decode) -> usize {
    let mut builder = BatchBuilder::new().with_format("otlp");
    let accepted = decode(body, &mut builder).map_or(0, |outcome| outcome.accepted);
    builder.finish().len() + accepted
}

fn report<T>(what: &str, inputs: &[T], mut work: impl FnMut(&T) -> usize) {
    let mut best = f64::INFINITY;
    for _ in 0..10 {
        // The kernel counts in ticks of some milliseconds: many of them, for a figure.
        let (start, mut rounds, mut spent) = (cpu_nanos(), 0.0, 0.0);
        while spent < 1e8 {
            for input in inputs {
                std::hint::black_box(work(input));
            }
            rounds += 1.0;
            spent = cpu_nanos() - start;
        }
        best = best.min(spent / rounds);
    }
    println!("{what}: {:.0} ns a span", best / (inputs.len() as f64 * SPANS as f64));
}

/// The time that this thread has spent on a processor, as Linux counts it.
fn cpu_nanos() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("nanoseconds")
}

fn plain(seed: u64) -> Batch {
    let mut b = BatchBuilder::new();
    let service = format!("load-service-{:03}", seed % 20);
    for (key, value) in [
        ("hostname", "load-host-01"),
        ("ip", "10.11.12.13"),
        ("jaeger.version", "Go-2.30.0"),
        ("client-uuid", "5f2c8a1e3b9d7046"),
    ] {
        b.process_tag(key.as_bytes(), value.into());
    }
    let process = b.process(service.as_bytes()).expect("room");
    let mut root = 0;
    for at in 0..SPANS {
        let random = (seed * SPANS + at).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let start = 1_795_478_400_000_000_000 + i64::try_from(random % 3_600_000_000_000).expect("an hour");
        b.begin_span();
        b.span_process(process);
        let trace_id = TraceId::new((seed * 10 + at / 10) | 1, 0x5851_f42d_4c95_7f2d);
        b.span_ids(trace_id, SpanId(random | 1));
        if at % 10 == 0 {
            root = random | 1;
        } else {
            b.span_reference(Reference { kind: ReferenceKind::ChildOf, trace_id, span_id: SpanId(root) });
        }
        b.span_operation(format!("HTTP GET /api/v1/resource-{:02}", random % 10).as_bytes());
        b.span_start(Timestamp::from_nanos(start));
        b.span_duration(Duration::from_nanos(i64::try_from(random % 2_000_000_000).expect("two seconds")));
        b.span_tag(b"http.method", "GET".into());
        b.span_tag(b"http.url", format!("http://svc/api/v1/resource/{}", random % 100_000).as_str().into());
        b.span_tag(b"http.status_code", Value::I64(200).into());
        b.span_tag(b"component", "net/http".into());
        b.span_tag(b"peer.ipv4", "10.1.2.3".into());
        b.span_tag(b"span.kind", "server".into());
        if random.is_multiple_of(50) {
            b.span_tag(b"error", Value::Bool(true).into());
        }
        b.begin_log(Timestamp::from_nanos(start + 1_000_000));
        b.log_field(b"event", "acquired connection".into());
        b.log_field(b"waited_us", Value::I64(i64::try_from(random % 1000).expect("small")).into());
        b.end_span().expect("room");
    }
    b.finish()
}

//! What an answer costs: `cargo run --release -p jaeger-query --example answer_cost`.
//!
//! Lays out, adjusts and writes 1,500 traces of ten spans (the profile `plain` of the performance page) and prints the
//! time of each step. Nothing is asserted: times are judged by a reader.

#![allow(clippy::print_stdout, reason = "a measurement is printed")]

use std::time::{Duration as StdDuration, Instant};

use jaeger_model::{
    Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, Timestamp, Trace, TraceId, Value, ValueIn,
};
use jaeger_query::adjust::adjust;
use jaeger_query::assemble::assemble;
use jaeger_query::render::ui_json::TraceWriter;

const TRACES: u64 = 1_500;
const SPANS: u64 = 10;
const ROUNDS: u32 = 20;

fn main() {
    let traces: Vec<Trace> = (0..TRACES).map(|trace| Trace::of_batch(batch(trace))).collect();
    let (mut laid_out, mut adjusted, mut written) = (StdDuration::ZERO, StdDuration::ZERO, StdDuration::ZERO);
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let mut out = Vec::with_capacity(80 << 10);
        for trace in &traces {
            let since = Instant::now();
            let mut draft = assemble(trace);
            let assembled = Instant::now();
            adjust(&mut draft, Duration::ZERO);
            let repaired = Instant::now();
            TraceWriter::new(&draft).step(&mut out, usize::MAX);
            laid_out += assembled - since;
            adjusted += repaired - assembled;
            written += repaired.elapsed();
            if out.len() > 64 << 10 {
                bytes += out.len();
                out.clear();
            }
        }
        bytes += out.len();
    }
    let spans = u32::try_from(TRACES * SPANS).expect("small") * ROUNDS;
    println!("{TRACES} traces of {SPANS} spans, {} bytes of JSON", bytes / ROUNDS as usize);
    for (step, time) in [("assemble", laid_out), ("adjust", adjusted), ("render", written)] {
        println!("{step:9} {:8.2?} an answer, {:5} ns a span", time / ROUNDS, (time / spans).as_nanos());
    }
    println!("render    {:.2} ns a byte", written.as_secs_f64() * 1e9 / bytes as f64);
}

fn batch(trace: u64) -> Batch {
    let mut b = BatchBuilder::new();
    let process_tag = |b: &mut BatchBuilder, key: &str, value: &str| b.process_tag(key.as_bytes(), value.into());
    process_tag(&mut b, "hostname", "load-host-1");
    process_tag(&mut b, "ip", "10.1.2.3");
    process_tag(&mut b, "jaeger.version", "Load-1.0");
    process_tag(&mut b, "client-uuid", "3f2a9c1e7b60d845");
    let process = b.process(format!("load-service-{:03}", trace % 20).as_bytes()).expect("room");
    let trace_id = TraceId::new(spread(trace), spread(trace + 7));
    for span in 0..SPANS {
        let seed = spread(trace * SPANS + span);
        b.begin_span();
        b.span_ids(trace_id, SpanId(spread(trace) + span));
        b.span_process(process);
        b.span_operation(format!("HTTP GET /api/v1/resource-{:02}", seed % 10).as_bytes());
        b.span_flags(1);
        let start = 1_795_478_400_000_000 + i64::try_from(seed % 3_600_000_000).expect("an hour");
        b.span_start(Timestamp::from_micros(start));
        b.span_duration(Duration::from_micros(i64::try_from(seed % 2_000_000).expect("two seconds")));
        if span > 0 {
            let parent = SpanId(spread(trace));
            b.span_reference(Reference { kind: ReferenceKind::ChildOf, trace_id, span_id: parent });
        }
        let mut tag = |key: &str, value: ValueIn<'_>| b.span_tag(key.as_bytes(), value);
        tag("span.kind", "server".into());
        tag("http.method", "GET".into());
        tag("http.url", format!("http://svc/api/v1/resource/{}", seed % 100_000).as_str().into());
        tag("http.status_code", Value::I64(200).into());
        tag("component", "net/http".into());
        tag("peer.ipv4", "10.9.8.7".into());
        if seed.is_multiple_of(50) {
            tag("error", Value::Bool(true).into());
        }
        tag("internal.span.format", "proto".into());
        b.begin_log(Timestamp::from_micros(start + 5));
        b.log_field(b"event", "acquired connection".into());
        b.log_field(b"waited_us", Value::I64(i64::try_from(seed % 5_000).expect("small")).into());
        b.end_span().expect("room");
    }
    b.finish()
}

/// The same numbers each run.
fn spread(seed: u64) -> u64 {
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

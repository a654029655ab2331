//! What a span costs in the span metrics: `cargo run --release -p jaeger-collector --example span_metrics_cost`.
//!
//! Counts batches of 100 spans with ten tags each, of 10 services with 20 operations, and prints nanoseconds a span. Nothing is
//! asserted: times are judged by a reader.

#![allow(clippy::print_stdout, reason = "a measurement is printed")]

use std::time::Instant;

use jaeger_collector::SpanMetrics;
use jaeger_model::{Batch, BatchBuilder, Duration, SpanId, TraceId, ValueIn};
use jaeger_service::metrics::Registry;

const SPANS: u64 = 100;
const ROUNDS: usize = 5_000;

fn main() -> anyhow::Result<()> {
    let batches = (0..10).map(batch).collect::<anyhow::Result<Vec<_>>>()?;
    let registry = Registry::new();
    let metrics = SpanMetrics::new(&registry);
    // Each round is short, so that some are not disturbed by what else runs.
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let since = Instant::now();
        for batch in &batches {
            metrics.observe(batch, |_| true);
        }
        rounds.push(since.elapsed().as_secs_f64() * 1e9 / (batches.len() as u64 * SPANS) as f64);
    }
    rounds.sort_by(f64::total_cmp);
    println!("{:.1} ns a span at best, {:.1} in the middle", rounds[0], rounds[rounds.len() / 2]);
    let since = Instant::now();
    let page = registry.render();
    println!("a page of {} bytes in {:.1} ms", page.len(), since.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

fn batch(service: u64) -> anyhow::Result<Batch> {
    let mut builder = BatchBuilder::new();
    let process = builder.process(format!("service-{service}").as_bytes())?;
    for span in 0..SPANS {
        builder.begin_span();
        builder.span_ids(TraceId(u128::from(span)), SpanId(span));
        builder.span_operation(format!("GET /api/v1/customers/operation-{}", span % 20).as_bytes());
        builder.span_process(process);
        builder.span_duration(Duration::from_micros(i64::try_from(span * span)? * 100));
        for (key, value) in [
            ("http.method", "GET"),
            ("http.url", "http://customer.example/api/v1/customers?id=7"),
            ("component", "net/http"),
            ("peer.service", "customer"),
            ("http.target", "/api"),
            ("net.peer.name", "customer.example"),
            ("thread.name", "main"),
            ("span.kind", if span % 2 == 0 { "server" } else { "client" }),
        ] {
            builder.span_tag(key.as_bytes(), ValueIn::Str(value.as_bytes()));
        }
        builder.span_tag(b"http.status_code", ValueIn::I64(200));
        builder.span_tag(b"error", ValueIn::Bool(span % 50 == 0));
        builder.end_span()?;
    }
    Ok(builder.finish())
}

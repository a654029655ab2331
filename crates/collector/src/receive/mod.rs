//! The ways in, one file each, and what they share: `admit -> decode -> queue`, then the answer.

mod cors;
pub(crate) mod grpc;
pub(crate) mod http;
mod http_body;
pub(crate) mod otlp_grpc;
pub(crate) mod otlp_http;
mod plain;
mod sampling;
pub(crate) mod tchannel;
mod thrift_http;
pub(crate) mod zipkin;

pub use cors::Cors;

use std::sync::Arc;
use std::time::Duration;

use jaeger_service::ledger::CollectorRefused;
use jaeger_service::metrics::SpanTally;

use crate::acknowledge::Answer;
use crate::admit::Held;
use crate::decode::{Decoded, Wire};
use crate::{Collector, Refused, Source};

/// Takes a request's body, which `held` counts already, and waits for its answer.
pub(crate) async fn take(
    collector: &Collector,
    wire: Wire,
    body: impl AsRef<[u8]>,
    held: Held,
    source: Source,
    patience: Duration,
) -> Answer {
    let decoded = admit_and_decode(collector, wire, body.as_ref(), source)?;
    drop(body);
    let Decoded { batch, rejected, reason } = decoded;
    let pending = collector.enqueue(Arc::new(batch), held, source)?;
    if rejected > 0 {
        count_rejected(collector, rejected, source);
    }
    let mut acknowledged = pending.answer(patience).await?;
    acknowledged.invalid += rejected;
    if let Some(reason) = reason {
        acknowledged.reason =
            if acknowledged.reason.is_empty() { reason } else { format!("{}; {reason}", acknowledged.reason) };
    }
    Ok(acknowledged)
}

/// A request that cannot come in is refused before it costs a decode, where its spans can be counted without.
fn admit_and_decode(collector: &Collector, wire: Wire, body: &[u8], source: Source) -> Result<Decoded, Refused> {
    let counted = wire.count(body);
    if let Some(spans) = counted {
        admit(collector, spans, source)?;
    }
    let decoded = wire.decode(body, counted).map_err(|why| {
        let refused = Refused::Malformed(why);
        collector.count_refused(&refused, None, source);
        refused
    })?;
    if counted.is_none() {
        admit(collector, decoded.batch.len() as u64 + decoded.rejected, source)?;
    }
    Ok(decoded)
}

fn admit(collector: &Collector, spans: u64, source: Source) -> Result<(), Refused> {
    collector.admit(spans).inspect_err(|refused| collector.count_refused(refused, Some(spans), source))
}

/// Spans that were refused one by one.
fn count_rejected(collector: &Collector, spans: u64, source: Source) {
    let this = collector.inner();
    this.ledger.receive(spans, source.origin).refuse(CollectorRefused::InvalidIds, spans, None);
    let mut tally = SpanTally::default();
    (0..spans).for_each(|_| tally.add(false, None));
    this.metrics.service("").rejected(source.format, source.transport, &tally);
}

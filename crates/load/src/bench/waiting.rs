//! Senders as a Go agent has them: each waits for the answer to one packet's spans before it sends the next.

use super::report::Report;
use super::{ingest, millis};
use crate::profile::Profile;
use crate::send::grpc;
use crate::server::Server;
use crate::wire::{Payloads, Wire};

/// An agent's workers.
const SENDERS: usize = 10;
const SPANS_EACH: usize = 20;

/// Beside what the same store takes flat out, in spans a second.
pub(super) async fn measure(
    report: &mut Report,
    store: &str,
    collector: &Server,
    spans: usize,
    flat_out: f64,
) -> anyhow::Result<()> {
    let payloads = Payloads::encode_in(SPANS_EACH, Profile::Plain, Wire::ApiV2, spans, 2, ingest::now()?)?;
    let sent = grpc::send(&collector.port("collector.grpc")?, Wire::ApiV2, &payloads, SENDERS).await?;
    let requests = sent.spans as f64 / SPANS_EACH as f64;
    let mean = millis(sent.wall) * SENDERS as f64 / requests.max(1.0);
    report.note(format!(
        "{store}, {SENDERS} senders of {SPANS_EACH} spans each that wait: {:.0} spans/s, {:.0} % of flat out; {mean:.1} ms an answer in the mean",
        sent.rate(),
        sent.rate() * 100.0 / flat_out.max(1.0),
    ));
    Ok(())
}

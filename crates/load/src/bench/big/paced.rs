//! Many spans at a steady rate, made while they are sent: all of them at once would be gigabytes of the machine's memory.

use std::time::Instant;

use anyhow::{Context as _, bail};
use jaeger_model::Timestamp;

use crate::bench::ingest;
use crate::profile::Profile;
use crate::send::{Sent, grpc};
use crate::server::Server;
use crate::wire::{Payloads, Wire};

/// Spans that are made from one seed, and sent before the next are.
pub(super) const CHUNK: usize = 100_000;
/// A rate needs a request in flight for each while that waits for the disk.
const CONNECTIONS: usize = 16;
/// Chunks that are made ahead.
const AHEAD: usize = 4;

/// Which spans there are.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) profile: Profile,
    pub(super) spans: usize,
    pub(super) now: Timestamp,
}

impl Load {
    pub(super) fn chunks(&self) -> usize {
        self.spans.div_ceil(CHUNK)
    }

    pub(super) fn seed(chunk: usize) -> u64 {
        chunk as u64 + 1
    }
}

/// Sends them all over api_v2.
pub(super) async fn send(server: &Server, load: &Load, spans_per_second: f64) -> anyhow::Result<Sent> {
    let (make, mut made) = tokio::sync::mpsc::channel(AHEAD);
    let load = *load;
    let maker = tokio::task::spawn_blocking(move || {
        for chunk in 0..load.chunks() {
            let spans = CHUNK.min(load.spans - chunk * CHUNK);
            let payloads = Payloads::encode(load.profile, Wire::ApiV2, spans, Load::seed(chunk), load.now);
            if make.blocking_send(payloads).is_err() {
                break;
            }
        }
    });
    let channels = grpc::connect(&ingest::address(server, Wire::ApiV2)?, CONNECTIONS).await?;
    let mut next = made.recv().await.context("no spans were made")?;
    let began = Instant::now();
    let mut all = Sent::default();
    loop {
        let pace = grpc::Pace { began, spans_per_second, before: all.spans };
        let manner = grpc::Manner { pace: Some(pace), insists: true };
        let sent = grpc::send_over(&channels, Wire::ApiV2, &next?, manner).await?;
        ingest::accepted(sent)?;
        all = Sent { spans: all.spans + sent.spans, again: all.again + sent.again, ..all };
        match made.recv().await {
            Some(payloads) => next = payloads,
            None => break,
        }
    }
    maker.await.context("making spans")?;
    if all.spans < load.spans {
        bail!("{} of {} spans were sent", all.spans, load.spans);
    }
    Ok(Sent { wall: began.elapsed(), ..all })
}

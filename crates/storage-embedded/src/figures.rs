//! What the store counts of itself: `jaeger_embedded_*` on the admin port.

use std::path::Path;

use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};

use crate::engine::Engine;
use crate::partition::{PartitionError, Wrong};

/// Handles, made once.
pub(crate) struct Figures {
    pub(crate) refused: Counter,
    pub(crate) evicted: Counter,
    pub(crate) damaged: Counter,
    pub(crate) compacted: Counter,
    pub(crate) compact_failed: Counter,
    bytes: Gauge,
    log_bytes: Gauge,
    partitions: Gauge,
    spans: Gauge,
}

impl Figures {
    /// Of the spans (`main`) or of the archive.
    pub(crate) fn new(part: &'static str) -> Self {
        describe_counter!(
            "jaeger_embedded_spans_refused_total",
            "Spans that could not be written; their senders were told and keep them"
        );
        describe_counter!(
            "jaeger_embedded_spans_evicted_total",
            "Spans that went with partitions that were too old or too much"
        );
        describe_counter!(
            "jaeger_embedded_damaged_total",
            "Times that a file, or a part of one, could not be read; the log says which"
        );
        describe_counter!("jaeger_embedded_compactions_total", "Logs that became partitions");
        describe_counter!(
            "jaeger_embedded_compactions_failed_total",
            "Logs that could not become partitions yet; they stay and are tried again"
        );
        describe_gauge!("jaeger_embedded_disk_bytes", "Bytes of logs and partitions");
        describe_gauge!("jaeger_embedded_log_bytes", "Bytes of logs that are no partitions yet");
        describe_gauge!("jaeger_embedded_partitions", "Partitions");
        describe_gauge!("jaeger_embedded_partition_spans", "Spans in partitions");
        Self {
            refused: counter!("jaeger_embedded_spans_refused_total", "part" => part),
            evicted: counter!("jaeger_embedded_spans_evicted_total", "part" => part),
            damaged: counter!("jaeger_embedded_damaged_total", "part" => part),
            compacted: counter!("jaeger_embedded_compactions_total", "part" => part),
            compact_failed: counter!("jaeger_embedded_compactions_failed_total", "part" => part),
            bytes: gauge!("jaeger_embedded_disk_bytes", "part" => part),
            log_bytes: gauge!("jaeger_embedded_log_bytes", "part" => part),
            partitions: gauge!("jaeger_embedded_partitions", "part" => part),
            spans: gauge!("jaeger_embedded_partition_spans", "part" => part),
        }
    }
}

impl Engine {
    /// Says how much there is.
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    pub(crate) fn measure(&self) {
        let log = self.log_file_bytes();
        let state = self.state.lock();
        let partitions = state.partition_bytes;
        let spans: u64 = state.partitions.iter().map(|partition| partition.footer.spans).sum();
        self.figures.log_bytes.set(log as f64);
        self.figures.bytes.set((log + partitions) as f64);
        self.figures.partitions.set(state.partitions.len() as f64);
        self.figures.spans.set(spans as f64);
    }

    /// A partition, or a part of it, cannot be read: the rest can, and is.
    pub(crate) fn damaged(&self, error: &PartitionError) {
        // That its spans expired is nobody's mistake.
        if matches!(error.what, Wrong::Dropped) {
            return;
        }
        self.figures.damaged.increment(1);
        tracing::error!(%error, "spans in a damaged file are left out, all others are there; restore the file or remove it");
    }

    /// Part of a log cannot be read.
    pub(crate) fn log_damaged(&self, path: &Path, error: &crate::log::LogReadError) {
        self.figures.damaged.increment(1);
        tracing::error!(file = %path.display(), %error, "spans in a damaged part of a log are lost, all others are there");
    }
}

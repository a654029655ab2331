//! How many spans of each service a batch has, looked at once for all metrics with a `svc` label.

use jaeger_model::{Batch, SpanView, Value};
use jaeger_service::metrics::{CollectorMetrics, SamplerType, SpanTally};

use crate::Source;

/// Bit of a span's flags that says debug.
const DEBUG: u32 = 2;
const SAMPLER_TYPE: &str = "sampler.type";

/// Spans by process; the last row holds those without one.
#[derive(Clone, Debug)]
pub(crate) struct Counts(Vec<SpanTally>);

impl Counts {
    pub(crate) fn of(batch: &Batch) -> Self {
        Self::of_some(batch, |_| true)
    }

    /// Of the spans whose place in the batch `wanted` takes.
    pub(crate) fn of_some(batch: &Batch, mut wanted: impl FnMut(usize) -> bool) -> Self {
        let mut rows = vec![SpanTally::default(); batch.processes().len() + 1];
        let without = rows.len() - 1;
        for (at, span) in batch.spans().enumerate() {
            if wanted(at)
                && let Some(row) = rows.get_mut(span.process_index().unwrap_or(without))
            {
                row.add(span.flags() & DEBUG != 0, root_sampler(span));
            }
        }
        Self(rows)
    }

    /// Whether each span has a process.
    pub(crate) fn all_have_processes(&self) -> bool {
        self.0.last().is_none_or(|without| without.spans() == 0)
    }

    pub(crate) fn received(&self, batch: &Batch, metrics: &CollectorMetrics, source: Source) {
        self.each(batch, |service, tally| metrics.service(service).received(source.format, source.transport, tally));
    }

    pub(crate) fn saved(&self, batch: &Batch, metrics: &CollectorMetrics, ok: bool) {
        self.each(batch, |service, tally| metrics.service(service).saved(ok, tally));
    }

    fn each(&self, batch: &Batch, count: impl Fn(&str, &SpanTally)) {
        // A sanitizer gives spans without a process one at the end, where their row is.
        let services = batch.processes().map(|process| process.service()).chain(std::iter::once(""));
        for (tally, service) in self.0.iter().zip(services) {
            if tally.spans() > 0 {
                count(service, tally);
            }
        }
    }
}

/// The sampler of a span without a parent.
fn root_sampler(span: SpanView<'_>) -> Option<SamplerType> {
    if span.parent().is_some() {
        return None;
    }
    Some(match span.tag(SAMPLER_TYPE) {
        Some(Value::Str(text)) => SamplerType::from_tag(text),
        _ => SamplerType::Unrecognized,
    })
}

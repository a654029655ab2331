//! The series with a `svc` label, made as services appear.

use std::array;
use std::fmt;
use std::sync::{Arc, OnceLock};

use foldhash::quality::RandomState;
use parking_lot::RwLock;
use std::collections::HashMap;

use super::super::handles::{Counter, Gauge};
use super::super::registry::Registry;
use super::super::service::{MAX_SERVICES, OTHER, service_label};
use super::{Format, SamplerType, SpanTally, Transport};

/// Names as they come that are remembered with their label; the names of a hostile sender are bounded by this.
const MAX_NAMES: usize = 2 * MAX_SERVICES;

const FORMATS: usize = Format::ALL.len();
const TRANSPORTS: usize = Transport::ALL.len();
const SAMPLERS: usize = SamplerType::ALL.len();
const DEBUG: [&str; 2] = ["false", "true"];

/// The counters of every service.
pub(super) struct Services {
    registry: Registry,
    distinct: Gauge,
    known: RwLock<Known>,
    other: Arc<ServiceCounters>,
}

#[derive(Default)]
struct Known {
    by_name: HashMap<Box<str>, Arc<ServiceCounters>, RandomState>,
    by_label: HashMap<Box<str>, Arc<ServiceCounters>, RandomState>,
}

impl Services {
    pub(super) fn new(registry: Registry, distinct: Gauge) -> Self {
        let other = Arc::new(ServiceCounters::new(&registry, OTHER));
        other.register_all();
        Services { registry, distinct, known: RwLock::default(), other }
    }

    pub(super) fn of(&self, name: &str) -> Arc<ServiceCounters> {
        if let Some(counters) = self.known.read().by_name.get(name) {
            return Arc::clone(counters);
        }
        let label = service_label(name);
        let mut known = self.known.write();
        let counters = if let Some(counters) = known.by_label.get(label.as_str()) {
            Arc::clone(counters)
        } else if known.by_label.len() < MAX_SERVICES {
            let counters = Arc::new(ServiceCounters::new(&self.registry, &label));
            known.by_label.insert(label.into_boxed_str(), Arc::clone(&counters));
            self.distinct.set_count(known.by_label.len() as u64);
            counters
        } else {
            Arc::clone(&self.other)
        };
        if known.by_name.len() < MAX_NAMES {
            known.by_name.insert(name.into(), Arc::clone(&counters));
        }
        counters
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("distinct", &self.distinct.get()).finish_non_exhaustive()
    }
}

/// The counters of one service. Series appear when they first count, those of `other-services` at once.
pub struct ServiceCounters {
    registry: Registry,
    label: String,
    received: [[OnceLock<Box<Row>>; TRANSPORTS]; FORMATS],
    rejected: [[OnceLock<Box<Row>>; TRANSPORTS]; FORMATS],
    /// [ok, err]
    saved: [OnceLock<Box<Row>>; 2],
}

/// Spans by debug flag, roots by debug flag and sampler.
struct Row {
    spans: [OnceLock<Counter>; 2],
    roots: [[OnceLock<Counter>; SAMPLERS]; 2],
}

impl Row {
    fn new() -> Box<Row> {
        Box::new(Row {
            spans: array::from_fn(|_| OnceLock::new()),
            roots: array::from_fn(|_| array::from_fn(|_| OnceLock::new())),
        })
    }
}

/// What a row's series are called.
struct Naming<'a> {
    spans: (&'static str, &'static str),
    traces: (&'static str, &'static str),
    labels: &'a [(&'a str, &'a str)],
}

impl ServiceCounters {
    fn new(registry: &Registry, label: &str) -> Self {
        ServiceCounters {
            registry: registry.clone(),
            label: label.to_owned(),
            received: array::from_fn(|_| array::from_fn(|_| OnceLock::new())),
            rejected: array::from_fn(|_| array::from_fn(|_| OnceLock::new())),
            saved: array::from_fn(|_| OnceLock::new()),
        }
    }

    /// Counts spans that a receiver decoded.
    pub fn received(&self, format: Format, transport: Transport, tally: &SpanTally) {
        self.count_received(format, transport, tally, false);
    }

    /// Counts spans that were refused before the queue.
    pub fn rejected(&self, format: Format, transport: Transport, tally: &SpanTally) {
        self.count_rejected(format, transport, tally, false);
    }

    /// Counts spans that the store took (`ok`) or did not.
    pub fn saved(&self, ok: bool, tally: &SpanTally) {
        self.count_saved(ok, tally, false);
    }

    fn register_all(&self) {
        let nothing = SpanTally::default();
        for (format, _) in Format::ALL {
            for (transport, _) in Transport::ALL {
                self.count_received(format, transport, &nothing, true);
                self.count_rejected(format, transport, &nothing, true);
            }
        }
        self.count_saved(true, &nothing, true);
        self.count_saved(false, &nothing, true);
    }

    fn count_received(&self, format: Format, transport: Transport, tally: &SpanTally, all: bool) {
        let labels = [
            ("format", name(&Format::ALL, format as usize)),
            ("transport", name(&Transport::ALL, transport as usize)),
            ("svc", self.label.as_str()),
        ];
        let naming = Naming {
            spans: ("jaeger_collector_spans_received_total", "Spans that a receiver decoded."),
            traces: ("jaeger_collector_traces_received_total", "Spans without a parent that a receiver decoded."),
            labels: &labels,
        };
        self.count(cell(&self.received, format, transport), &naming, tally, all);
    }

    fn count_rejected(&self, format: Format, transport: Transport, tally: &SpanTally, all: bool) {
        let labels = [
            ("format", name(&Format::ALL, format as usize)),
            ("transport", name(&Transport::ALL, transport as usize)),
            ("svc", self.label.as_str()),
        ];
        let naming = Naming {
            spans: ("jaeger_collector_spans_rejected_total", "Spans refused before the queue."),
            traces: ("jaeger_collector_traces_rejected_total", "Spans without a parent refused before the queue."),
            labels: &labels,
        };
        self.count(cell(&self.rejected, format, transport), &naming, tally, all);
    }

    fn count_saved(&self, ok: bool, tally: &SpanTally, all: bool) {
        let labels = [("result", if ok { "ok" } else { "err" }), ("svc", self.label.as_str())];
        let naming = Naming {
            spans: ("jaeger_collector_spans_saved_by_svc_total", "Spans that the store took (ok) or did not (err)."),
            traces: (
                "jaeger_collector_traces_saved_by_svc_total",
                "Spans without a parent that the store took (ok) or did not (err).",
            ),
            labels: &labels,
        };
        self.count(self.saved.get(usize::from(!ok)), &naming, tally, all);
    }

    fn count(&self, row: Option<&OnceLock<Box<Row>>>, naming: &Naming<'_>, tally: &SpanTally, all: bool) {
        let Some(row) = row else { return };
        if !all && tally.spans() == 0 {
            return;
        }
        let row = row.get_or_init(Row::new);
        for (debug, (slot, count)) in DEBUG.iter().zip(row.spans.iter().zip(tally.spans)) {
            if all || count > 0 {
                self.counter(slot, naming.spans, naming.labels, &[("debug", debug)]).increment(count);
            }
        }
        for (debug, (slots, counts)) in DEBUG.iter().zip(row.roots.iter().zip(tally.roots)) {
            for ((slot, count), (_, sampler)) in slots.iter().zip(counts).zip(SamplerType::ALL) {
                if all || count > 0 {
                    let more = [("debug", *debug), ("sampler_type", sampler)];
                    self.counter(slot, naming.traces, naming.labels, &more).increment(count);
                }
            }
        }
    }

    fn counter<'a>(
        &self,
        slot: &'a OnceLock<Counter>,
        (name, help): (&str, &str),
        labels: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> &'a Counter {
        slot.get_or_init(|| {
            let labels: Vec<_> = labels.iter().chain(more).copied().collect();
            self.registry.counter(name, help, &labels)
        })
    }
}

fn cell<T>(table: &[[T; TRANSPORTS]; FORMATS], format: Format, transport: Transport) -> Option<&T> {
    table.get(format as usize)?.get(transport as usize)
}

fn name<T>(all: &[(T, &'static str)], index: usize) -> &'static str {
    all.get(index).map_or("unknown", |(_, name)| name)
}

impl fmt::Debug for ServiceCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceCounters").field("label", &self.label).finish_non_exhaustive()
    }
}

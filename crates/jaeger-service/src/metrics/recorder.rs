//! The way of the `metrics` crate's macros into the registry, for libraries that record through them.

use std::sync::Arc;

use ::metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

use super::handles::Cells;
use super::page::Kind;
use super::registry::Registry;

/// Makes the registry the target of the macros; a second registry of one process (tests) does not replace the first.
pub(super) fn install(registry: &Registry) {
    if ::metrics::set_global_recorder(ToRegistry(registry.clone())).is_err() {
        tracing::debug!("the metrics crate's macros already have a registry");
    }
}

pub(super) struct ToRegistry(pub(super) Registry);

impl ToRegistry {
    fn labels(key: &Key) -> Vec<(&str, &str)> {
        key.labels().map(|label| (label.key(), label.value())).collect()
    }
}

impl Recorder for ToRegistry {
    fn describe_counter(&self, key: KeyName, _: Option<Unit>, description: SharedString) {
        self.0.describe(key.as_str(), Kind::Counter, &description);
    }

    fn describe_gauge(&self, key: KeyName, _: Option<Unit>, description: SharedString) {
        self.0.describe(key.as_str(), Kind::Gauge, &description);
    }

    fn describe_histogram(&self, key: KeyName, _: Option<Unit>, description: SharedString) {
        self.0.describe(key.as_str(), Kind::Histogram, &description);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let counter = self.0.counter(key.name(), "", &Self::labels(key));
        Counter::from_arc(Arc::new(counter))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let gauge = self.0.gauge(key.name(), "", &Self::labels(key));
        Gauge::from_arc(Arc::new(gauge))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let histogram = self.0.histogram(key.name(), "", &Self::labels(key));
        Histogram::from_arc(histogram.0)
    }
}

impl CounterFn for super::Counter {
    fn increment(&self, value: u64) {
        CounterFn::increment(self.0.as_ref(), value);
    }

    fn absolute(&self, value: u64) {
        CounterFn::absolute(self.0.as_ref(), value);
    }
}

impl GaugeFn for super::Gauge {
    fn increment(&self, value: f64) {
        GaugeFn::increment(self.0.as_ref(), value);
    }

    fn decrement(&self, value: f64) {
        GaugeFn::decrement(self.0.as_ref(), value);
    }

    fn set(&self, value: f64) {
        GaugeFn::set(self.0.as_ref(), value);
    }
}

impl HistogramFn for Cells {
    fn record(&self, value: f64) {
        self.observe_n(value, 1);
    }

    fn record_many(&self, value: f64, count: usize) {
        self.observe_n(value, count as u64);
    }
}

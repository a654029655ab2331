//! Beside the way: the format in which spans came, since Go's metrics count what became of Jaeger's and Zipkin's apart.

use jaeger_service::metrics::ReporterMetrics;

/// How spans came, by which Go's metrics count them apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    Jaeger,
    Zipkin,
}

/// The counters of both formats.
#[derive(Clone, Debug)]
pub(crate) struct Reporters {
    pub(crate) jaeger: ReporterMetrics,
    pub(crate) zipkin: ReporterMetrics,
}

impl Reporters {
    pub(crate) fn of(&self, format: Format) -> &ReporterMetrics {
        match format {
            Format::Jaeger => &self.jaeger,
            Format::Zipkin => &self.zipkin,
        }
    }
}

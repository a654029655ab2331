//! What a tracer is told: set by the methods here, or read from `JAEGER_*` (`env`). Wrong values are errors that name
//! the variable, never defaults.

mod env;
mod error;
mod value;

use std::time::Duration;

pub use error::ConfigError;

use crate::propagation::Format;
use crate::sampler::Sampling;
use crate::tracer::Tracer;
use crate::transport::Transport;

/// Where spans go.
pub(crate) enum Reporting {
    /// To an agent over UDP.
    Agent { host: String, port: u16 },
    /// To a collector over HTTP, in Thrift.
    Collector { url: String, credentials: crate::http_client::Credentials },
    /// To anybody who takes OTLP over HTTP.
    #[cfg(feature = "otlp")]
    Otlp { url: String },
    /// The user's own.
    Other(Box<dyn Transport>),
}

/// A tracer's settings. [`start`](Self::start) makes the tracer.
///
/// ```no_run
/// use jaeger_client::{Config, Sampling};
///
/// let tracer = Config::new("shop")
///     .sampling(Sampling::Probabilistic(0.1))
///     .agent("jaeger-agent", 6831)
///     .tag("version", "1.4.2")
///     .start()?;
/// # Ok::<(), jaeger_client::ConfigError>(())
/// ```
#[must_use = "nothing is traced until `start`"]
pub struct Config {
    pub(crate) service: String,
    pub(crate) disabled: bool,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) sampling: Sampling,
    pub(crate) reporting: Reporting,
    pub(crate) log_spans: bool,
    pub(crate) queue_size: usize,
    pub(crate) flush_interval: Duration,
    /// How often the agent's host is resolved; never again where there is none.
    pub(crate) resolve_interval: Option<Duration>,
    pub(crate) formats: Vec<Format>,
    pub(crate) wide_ids: bool,
    pub(crate) max_value_bytes: usize,
}

/// Spans that wait, at most, by default.
const QUEUE_SIZE: usize = 100;
/// More is refused: each place is memory from the start.
const MAX_QUEUE_SIZE: usize = 1_000_000;
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);
const RESOLVE_INTERVAL: Duration = Duration::from_secs(30);
const SAMPLER_REFRESH: Duration = Duration::from_secs(60);
const MAX_OPERATIONS: usize = 2000;
const MAX_VALUE_BYTES: usize = 256;
const AGENT_HOST: &str = "localhost";
const AGENT_PORT: u16 = 6831;

impl Config {
    /// The defaults: an agent at `localhost:6831`, and the sampler that it says, 0.001 until it does.
    pub fn new(service: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            disabled: false,
            tags: Vec::new(),
            sampling: Sampling::Remote {
                initial: 0.001,
                endpoint: None,
                refresh: SAMPLER_REFRESH,
                max_operations: MAX_OPERATIONS,
            },
            reporting: Reporting::Agent { host: AGENT_HOST.to_owned(), port: AGENT_PORT },
            log_spans: false,
            queue_size: QUEUE_SIZE,
            flush_interval: FLUSH_INTERVAL,
            resolve_interval: Some(RESOLVE_INTERVAL),
            formats: vec![Format::Jaeger],
            wide_ids: false,
            max_value_bytes: MAX_VALUE_BYTES,
        }
    }

    /// The settings in the environment's `JAEGER_*`; the crate's documentation lists them.
    ///
    /// # Errors
    /// [`ConfigError`] for every value that cannot be read, with the variable's name.
    pub fn from_env() -> Result<Self, ConfigError> {
        env::read(|name| std::env::var_os(name))
    }

    /// The same for a service that has a name of its own, which is taken where `JAEGER_SERVICE_NAME` is not set.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn from_env_or(service: &str) -> Result<Self, ConfigError> {
        let name = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        env::read(|variable| name(variable).or_else(|| (variable == "JAEGER_SERVICE_NAME").then(|| service.into())))
    }

    /// What this service is called.
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = service.into();
        self
    }

    /// Traces nothing; contexts of others are handed on as they came.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// A tag of the process, which stands with each of its spans.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// How traces that begin here are sampled.
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Sends spans to an agent over UDP. The host is resolved again every 30 seconds.
    pub fn agent(mut self, host: impl Into<String>, port: u16) -> Self {
        self.reporting = Reporting::Agent { host: host.into(), port };
        self
    }

    /// Sends spans to a collector, such as `http://jaeger-collector:14268/api/traces`.
    pub fn collector(mut self, url: impl Into<String>, credentials: crate::Credentials) -> Self {
        self.reporting = Reporting::Collector { url: url.into(), credentials };
        self
    }

    /// Sends spans as OTLP over HTTP, such as to `http://jaeger-collector:4318/v1/traces`.
    #[cfg(feature = "otlp")]
    pub fn otlp(mut self, url: impl Into<String>) -> Self {
        self.reporting = Reporting::Otlp { url: url.into() };
        self
    }

    /// Hands spans to a transport of the caller's, such as [`Memory`](crate::Memory) in tests.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.reporting = Reporting::Other(Box::new(transport));
        self
    }

    /// How many ended spans wait at most (100), 1 to 1,000,000; more are dropped and counted.
    pub fn queue_size(mut self, spans: usize) -> Self {
        self.queue_size = spans;
        self
    }

    /// How long an ended span waits at most before it is sent (1 s).
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = interval;
        self
    }

    /// The formats in which contexts travel: all are written, and the first that is found is read.
    pub fn propagation(mut self, formats: impl IntoIterator<Item = Format>) -> Self {
        self.formats = formats.into_iter().collect();
        self
    }

    /// Trace ids of 128 bits instead of 64.
    pub fn wide_trace_ids(mut self, wide: bool) -> Self {
        self.wide_ids = wide;
        self
    }

    /// Where values of tags are cut (256 bytes). Logs are cut nowhere, a whole span at 64,000 bytes.
    pub fn max_tag_value_bytes(mut self, bytes: usize) -> Self {
        self.max_value_bytes = bytes;
        self
    }

    /// Logs the id of every span that is sent.
    pub fn log_spans(mut self, log: bool) -> Self {
        self.log_spans = log;
        self
    }

    /// Starts the tracer and its threads.
    ///
    /// # Errors
    /// [`ConfigError`] where a setting cannot be followed, or a thread cannot be started.
    pub fn start(self) -> Result<Tracer, ConfigError> {
        self.check()?;
        Tracer::start(self)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.disabled {
            return Ok(());
        }
        if self.service.is_empty() {
            return Err(ConfigError::MissingService);
        }
        let wrong = |variable, value: String, expected| Err(ConfigError::Invalid { variable, value, expected });
        if !(1..=MAX_QUEUE_SIZE).contains(&self.queue_size) {
            return wrong("JAEGER_REPORTER_MAX_QUEUE_SIZE", self.queue_size.to_string(), "1 to 1000000 spans");
        }
        if self.flush_interval.is_zero() {
            return wrong("JAEGER_REPORTER_FLUSH_INTERVAL", "0".into(), "a time above 0, such as 1s");
        }
        let parameter = |value: f64, expected| wrong("JAEGER_SAMPLER_PARAM", value.to_string(), expected);
        match &self.sampling {
            Sampling::Probabilistic(share) | Sampling::Remote { initial: share, .. }
                if !(0.0..=1.0).contains(share) =>
            {
                parameter(*share, "a probability from 0 to 1")
            }
            Sampling::RateLimiting(rate) if !rate.is_finite() || *rate < 0.0 => {
                parameter(*rate, "traces a second, 0 or more")
            }
            Sampling::Remote { refresh, .. } if refresh.is_zero() => {
                wrong("JAEGER_SAMPLER_REFRESH_INTERVAL", "0".into(), "a time above 0, such as 1m")
            }
            _ => Ok(()),
        }
    }
}

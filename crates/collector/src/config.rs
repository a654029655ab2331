//! The collector's settings, resolved once from flags, environment and file.

use std::time::Duration;

use jaeger_service::listen::Listeners;
use jaeger_service::ports;
use jaeger_service::settings::{Problem, SettingError, Settings};

use crate::acknowledge::Acknowledge;
use crate::downsample::Downsampling;
use crate::receive::Cors;
use crate::sampling::SamplingSettings;

const MIB: u64 = 1 << 20;

/// What a collector does, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `--collector.num-workers`: writes under way at the same time.
    pub workers: usize,
    /// `--collector.queue-size`: spans that wait at most.
    pub queue_spans: u64,
    /// `--collector.queue-size-memory`, in bytes: what is in hand at most.
    pub queue_bytes: u64,
    /// `--collector.acknowledge`
    pub acknowledge: Acknowledge,
    /// `--collector.tags`
    pub tags: Vec<(String, String)>,
    /// `--downsampling.*`
    pub downsampling: Downsampling,
    /// `--collector.span-metrics`
    pub span_metrics: bool,
    /// `--collector.enable-span-size-metrics`
    pub span_size_metrics: bool,
    /// 14250.
    pub grpc: GrpcSettings,
    /// 14267; `None` where nobody listens there.
    pub tchannel: Option<String>,
    /// The largest call there.
    pub tchannel_max_call_bytes: usize,
    /// 14268.
    pub http: HttpSettings,
    /// The largest body on 14268.
    pub max_http_body_bytes: usize,
    /// 9411, where that is asked for.
    pub zipkin: ZipkinSettings,
    /// 4317 and 4318 are served.
    pub otlp: bool,
    /// 4317.
    pub otlp_grpc: GrpcSettings,
    /// 4318.
    pub otlp_http: OtlpHttpSettings,
    /// Where sampling strategies come from.
    pub sampling: SamplingSettings,
}

/// A gRPC port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrpcSettings {
    /// `host:port`
    pub address: String,
    /// The largest message, after decompression.
    pub max_message_bytes: usize,
    /// After this a connection takes no more requests; zero never.
    pub max_age: Duration,
    /// How long its last requests have then; zero has no limit.
    pub max_age_grace: Duration,
}

/// An HTTP port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// `host:port`
    pub address: String,
    /// Until a request's head is whole.
    pub read_header_timeout: Option<Duration>,
    /// Until a request's body is whole.
    pub read_timeout: Option<Duration>,
    /// Without a request for so long a connection is closed.
    pub idle_timeout: Option<Duration>,
}

/// 4318.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpHttpSettings {
    /// As any HTTP port.
    pub http: HttpSettings,
    /// The largest body, compressed or not.
    pub max_body_bytes: usize,
    /// What browsers may do.
    pub cors: Cors,
}

/// 9411.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipkinSettings {
    /// `host:port`, where it is served.
    pub address: Option<String>,
    /// Connections stay open between requests.
    pub keep_alive: bool,
    /// The largest body, compressed or not.
    pub max_body_bytes: usize,
    /// What browsers may do.
    pub cors: Cors,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn from_settings(settings: &Settings) -> Result<Self, Vec<Problem>> {
        let mut read = Read { settings, problems: Vec::new() };
        let config = Self {
            workers: read.value("collector.num-workers", Settings::integer).unwrap_or(1),
            queue_spans: read.value("collector.queue-size", Settings::integer).unwrap_or(1),
            queue_bytes: read
                .value("collector.queue-size-memory", Settings::integer::<u32>)
                .map_or(MIB, |mib| u64::from(mib) * MIB),
            acknowledge: match read.text("collector.acknowledge").as_str() {
                "queued" => Acknowledge::Queued,
                _ => Acknowledge::Stored,
            },
            tags: read.value("collector.tags", Settings::tags).unwrap_or_default(),
            downsampling: Downsampling {
                ratio: read.ratio("downsampling.ratio"),
                salt: read.text("downsampling.hashsalt"),
            },
            span_metrics: read.value("collector.span-metrics", Settings::boolean).unwrap_or_default(),
            span_size_metrics: read.value("collector.enable-span-size-metrics", Settings::boolean).unwrap_or_default(),
            grpc: read.grpc(ports::COLLECTOR_GRPC.flag, "collector.grpc-server"),
            tchannel: read.optional(ports::COLLECTOR_TCHANNEL.flag),
            tchannel_max_call_bytes: read
                .value("collector.tchan-server.max-message-size", Settings::integer)
                .unwrap_or(1),
            http: read.http(ports::COLLECTOR_HTTP.flag, "collector.http-server"),
            max_http_body_bytes: read.value("collector.http-server.max-body-size", Settings::integer).unwrap_or(1),
            zipkin: ZipkinSettings {
                address: read.optional(ports::COLLECTOR_ZIPKIN.flag),
                keep_alive: read.value("collector.zipkin.keep-alive", Settings::boolean).unwrap_or(true),
                max_body_bytes: read.value("collector.zipkin.max-body-size", Settings::integer).unwrap_or(1),
                cors: Cors {
                    origins: read.list("collector.zipkin.cors.allowed-origins"),
                    headers: read.list("collector.zipkin.cors.allowed-headers"),
                },
            },
            otlp: read.value("collector.otlp.enabled", Settings::boolean).unwrap_or(true),
            otlp_grpc: read.grpc(ports::COLLECTOR_OTLP_GRPC.flag, "collector.otlp.grpc"),
            otlp_http: OtlpHttpSettings {
                http: read.http(ports::COLLECTOR_OTLP_HTTP.flag, "collector.otlp.http"),
                max_body_bytes: read.value("collector.otlp.http.max-body-size", Settings::integer).unwrap_or(1),
                cors: Cors {
                    origins: read.list("collector.otlp.http.cors.allowed-origins"),
                    headers: read.list("collector.otlp.http.cors.allowed-headers"),
                },
            },
            sampling: SamplingSettings {
                file: read.text("sampling.strategies-file"),
                reload_interval: read.duration("sampling.strategies-reload-interval"),
                all_inherit: read.value("sampling.strategies.bugfix-5270", Settings::boolean).unwrap_or_default(),
            },
        };
        if read.problems.is_empty() { Ok(config) } else { Err(read.problems) }
    }

    /// Wants the listeners that this collector serves; [`Sockets::take`](crate::Sockets::take) takes them when bound.
    pub fn listen(&self, listeners: &mut Listeners) {
        let mut want = |port: ports::Port, address: &str| listeners.tcp(port.name, port.flag, address);
        want(ports::COLLECTOR_GRPC, &self.grpc.address);
        want(ports::COLLECTOR_HTTP, &self.http.address);
        if let Some(address) = &self.tchannel {
            want(ports::COLLECTOR_TCHANNEL, address);
        }
        if let Some(address) = &self.zipkin.address {
            want(ports::COLLECTOR_ZIPKIN, address);
        }
        if self.otlp {
            want(ports::COLLECTOR_OTLP_GRPC, &self.otlp_grpc.address);
            want(ports::COLLECTOR_OTLP_HTTP, &self.otlp_http.http.address);
        }
    }
}

/// Reads settings and collects what is wrong.
struct Read<'s> {
    settings: &'s Settings,
    problems: Vec<Problem>,
}

impl Read<'_> {
    fn value<'n, T>(
        &mut self,
        name: &'n str,
        get: impl Fn(&Settings, &'n str) -> Result<T, SettingError>,
    ) -> Option<T> {
        get(self.settings, name).map_err(|error| self.problems.push(error.into())).ok()
    }

    fn text(&mut self, name: &str) -> String {
        self.value(name, |settings, name| settings.string(name).map(str::to_owned)).unwrap_or_default()
    }

    fn list(&mut self, name: &str) -> Vec<String> {
        self.value(name, |settings, name| Ok(settings.list(name)?.into_iter().map(str::to_owned).collect()))
            .unwrap_or_default()
    }

    fn duration(&mut self, name: &str) -> Duration {
        self.value(name, Settings::duration).unwrap_or_default()
    }

    /// From 0 to 1.
    fn ratio(&mut self, name: &str) -> f64 {
        let ratio = self.value(name, Settings::float).unwrap_or(1.0);
        if !(0.0..=1.0).contains(&ratio) {
            self.problems.push(self.settings.problem(name, "no part of a whole", "write a number from 0 to 1"));
        }
        ratio
    }

    /// Zero is "no limit".
    fn limit(&mut self, name: &str) -> Option<Duration> {
        Some(self.duration(name)).filter(|limit| !limit.is_zero())
    }

    fn address(&mut self, flag: &str) -> String {
        self.value(flag, Settings::host_port).map_or_else(String::new, |address| address.to_string())
    }

    /// Empty is "nowhere".
    fn optional(&mut self, flag: &str) -> Option<String> {
        if self.text(flag).is_empty() { None } else { Some(self.address(flag)) }
    }

    fn grpc(&mut self, flag: &str, prefix: &str) -> GrpcSettings {
        GrpcSettings {
            address: self.address(flag),
            max_message_bytes: self.value(&format!("{prefix}.max-message-size"), Settings::integer).unwrap_or(1),
            max_age: self.duration(&format!("{prefix}.max-connection-age")),
            max_age_grace: self.duration(&format!("{prefix}.max-connection-age-grace")),
        }
    }

    fn http(&mut self, flag: &str, prefix: &str) -> HttpSettings {
        let read_timeout = self.limit(&format!("{prefix}.read-timeout"));
        HttpSettings {
            address: self.address(flag),
            read_header_timeout: self.limit(&format!("{prefix}.read-header-timeout")),
            read_timeout,
            // As in Go's HTTP server.
            idle_timeout: self.limit(&format!("{prefix}.idle-timeout")).or(read_timeout),
        }
    }
}

#[cfg(test)]
mod tests {
    use jaeger_service::settings::Component;

    use super::*;

    fn config(flags: &[(&str, &str)]) -> Config {
        Config::from_settings(&Settings::for_test(Component::Collector, flags)).expect("good settings")
    }

    #[test]
    fn defaults_are_those_of_the_table() {
        let config = config(&[]);
        assert_eq!((config.workers, config.queue_spans, config.queue_bytes), (50, 100_000, 64 << 20));
        assert_eq!(config.acknowledge, Acknowledge::Stored);
        assert_eq!((config.grpc.max_message_bytes, config.otlp_http.max_body_bytes), (4 << 20, 20 << 20));
        assert!(config.otlp);
        assert_eq!(config.http.read_header_timeout, Some(Duration::from_secs(2)));
        assert_eq!(config.http.idle_timeout, None);
    }

    #[test]
    fn flags_end_up_where_they_belong() {
        let config = config(&[
            ("collector.queue-size-memory", "2"),
            ("collector.acknowledge", "queued"),
            ("collector.tags", "a=b"),
            ("collector.otlp.enabled", "false"),
            ("collector.http-server.read-timeout", "3s"),
            ("collector.grpc-server.max-connection-age", "1m"),
            ("collector.otlp.http.cors.allowed-origins", "http://a, http://b"),
        ]);
        assert_eq!(config.queue_bytes, 2 << 20);
        assert_eq!(config.acknowledge, Acknowledge::Queued);
        assert_eq!(config.tags, [("a".to_owned(), "b".to_owned())]);
        assert!(!config.otlp);
        assert_eq!(config.http.idle_timeout, Some(Duration::from_secs(3)));
        assert_eq!(config.grpc.max_age, Duration::from_secs(60));
        assert_eq!(config.otlp_http.cors.origins, ["http://a", "http://b"]);
    }
}

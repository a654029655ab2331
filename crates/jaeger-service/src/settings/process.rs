//! What every binary takes from its settings, typed: logs, metrics, admin server, start and stop.

use std::path::PathBuf;
use std::time::Duration;

use super::problem::{Problem, SettingError};
use super::resolved::Settings;
use crate::lifecycle::ShutdownConfig;
use crate::logs::{Encoding, Level};

/// Collects what is wrong while a typed configuration is built, so that all of it is told at once.
///
/// ```
/// use jaeger_service::settings::{Component, Problems, Settings};
/// let settings = Settings::for_test(Component::Collector, &[]);
/// let mut problems = Problems::default();
/// let workers: usize = problems.take(settings.integer("collector.num-workers"));
/// assert_eq!(problems.end_with(workers), Ok(50));
/// ```
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The value, or a stand-in once its problem was noted; [`end_with`](Self::end_with) never lets a stand-in out.
    pub fn take<T: Default>(&mut self, result: Result<T, SettingError>) -> T {
        result.unwrap_or_else(|error| {
            self.0.push(error.into());
            T::default()
        })
    }

    /// Notes a problem.
    pub fn push(&mut self, problem: impl Into<Problem>) {
        self.0.push(problem.into());
    }

    /// Notes several.
    pub fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.0.extend(problems);
    }

    /// The configuration, if nothing was wrong.
    ///
    /// # Errors
    /// Everything that was noted.
    pub fn end_with<T>(self, config: T) -> Result<T, Vec<Problem>> {
        if self.0.is_empty() { Ok(config) } else { Err(self.0) }
    }
}

/// The part of the configuration that every binary has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessConfig {
    /// `--log-level`.
    pub log_level: Level,
    /// `--log-encoding`.
    pub log_encoding: Encoding,
    /// Whether metrics are served: `--metrics-backend`.
    pub metrics: bool,
    /// `--metrics-http-route`.
    pub metrics_route: String,
    /// `host:port` of the admin server.
    pub admin: String,
    /// `--ports-file`, if it is given.
    pub ports_file: Option<PathBuf>,
    /// `--shutdown.*`.
    pub shutdown: ShutdownConfig,
}

impl ProcessConfig {
    /// Reads it off the settings.
    ///
    /// # Errors
    /// Every setting that is wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let log_level = problems.take(settings.string("log-level").map(|text| text.parse().ok()));
        let log_encoding = problems.take(settings.string("log-encoding").map(|text| text.parse().ok()));
        let route = problems.take(settings.string("metrics-http-route"));
        if !route.starts_with('/') {
            problems.push(settings.wrong("metrics-http-route", "not a path", "begin it with /, such as /metrics"));
        }
        let shutdown = ShutdownConfig {
            lame_duck: problems.take(settings.duration("shutdown.lame-duck")),
            quiet: problems.take(settings.duration("shutdown.quiet")),
            deadline: problems.take(settings.duration("shutdown.deadline")),
        };
        for name in ["shutdown.lame-duck", "shutdown.quiet"] {
            if problems.take::<Duration>(settings.duration(name)) > shutdown.deadline {
                problems.push(settings.wrong(
                    name,
                    "longer than --shutdown.deadline",
                    "write less, or raise the deadline",
                ));
            }
        }
        let config = Self {
            log_level: log_level.unwrap_or(Level::Info),
            log_encoding: log_encoding.unwrap_or(Encoding::Json),
            metrics: problems.take(settings.string("metrics-backend")) == "prometheus",
            metrics_route: route.to_owned(),
            admin: problems.take(settings.host_port("admin.http.host-port").map(|address| address.to_string())),
            ports_file: problems.take(settings.file("ports-file")),
            shutdown,
        };
        problems.end_with(config)
    }
}

#[cfg(test)]
mod tests {
    use super::super::component::Component;
    use super::*;

    #[test]
    fn the_defaults_of_every_binary_are_a_configuration() {
        for component in Component::ALL {
            let config = ProcessConfig::from_settings(&Settings::for_test(component, &[])).unwrap();
            assert_eq!(config.shutdown, ShutdownConfig::default());
            assert_eq!((config.log_level, config.log_encoding, config.metrics), (Level::Info, Encoding::Json, true));
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let flags = [("shutdown.lame-duck", "30s"), ("shutdown.quiet", "31s"), ("metrics-http-route", "metrics")];
        let problems = ProcessConfig::from_settings(&Settings::for_test(Component::Agent, &flags)).unwrap_err();
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 3);
        assert!(
            problems[1]
                .contains("--shutdown.lame-duck: wrong value \"30s\" (command line): longer than --shutdown.deadline")
        );
    }
}

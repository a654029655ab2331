//! The environment's `JAEGER_*`, with the names and defaults of Jaeger's clients for Go, and two of Java's.

use std::ffi::OsString;
use std::str::FromStr;
use std::time::Duration;

use super::{AGENT_HOST, AGENT_PORT, Config, ConfigError, MAX_OPERATIONS, Reporting, SAMPLER_REFRESH, value};
use crate::propagation::Format;
use crate::sampler::Sampling;

/// What a variable says, and what it is called in errors.
struct Env<F>(F);

impl<F: Fn(&str) -> Option<OsString>> Env<F> {
    /// Set and not empty.
    fn text(&self, variable: &'static str) -> Result<Option<String>, ConfigError> {
        match (self.0)(variable).filter(|value| !value.is_empty()).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(value)) => Err(ConfigError::Invalid {
                variable,
                value: value.to_string_lossy().into_owned(),
                expected: "text in UTF-8",
            }),
        }
    }

    fn parsed<T>(
        &self,
        variable: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.text(variable)? else { return Ok(None) };
        match parse(value.trim()) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(ConfigError::Invalid { variable, value, expected }),
        }
    }

    fn number<T: FromStr>(&self, variable: &'static str, expected: &'static str) -> Result<Option<T>, ConfigError> {
        self.parsed(variable, expected, |text| text.parse().ok())
    }

    fn boolean(&self, variable: &'static str) -> Result<bool, ConfigError> {
        Ok(self.parsed(variable, "true or false", value::boolean)?.unwrap_or(false))
    }

    fn duration(&self, variable: &'static str) -> Result<Option<Duration>, ConfigError> {
        self.parsed(variable, "a time with its unit, such as 500ms, 1s or 1m", value::duration)
    }
}

pub(super) fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Config, ConfigError> {
    let env = Env(variable);
    let mut config = Config::new(env.text("JAEGER_SERVICE_NAME")?.unwrap_or_default());
    config.disabled = env.boolean("JAEGER_DISABLED")?;
    if env.boolean("JAEGER_RPC_METRICS")? {
        return Err(ConfigError::Invalid {
            variable: "JAEGER_RPC_METRICS",
            value: "true".into(),
            expected: "false: calls, errors and latencies are counted by the collector's span metrics",
        });
    }
    let other = |name: &str| (env.0)(name).and_then(|value| value.into_string().ok());
    let tags = env.parsed("JAEGER_TAGS", "key=value,key2=${VARIABLE:default}", |text| value::tags(text, other))?;
    config.tags = tags.unwrap_or_default();
    config.wide_ids = env.boolean("JAEGER_TRACEID_128BIT")?;
    let formats = env.parsed("JAEGER_PROPAGATION", "a list of jaeger, b3, b3single and w3c", formats)?;
    config.formats = formats.unwrap_or(config.formats);
    let host = env.text("JAEGER_AGENT_HOST")?;
    config.reporting = reporting(&env, host.clone().unwrap_or_else(|| AGENT_HOST.to_owned()))?;
    config.sampling = sampling(&env, host.as_deref())?;
    config.log_spans = env.boolean("JAEGER_REPORTER_LOG_SPANS")?;
    let size = env.number("JAEGER_REPORTER_MAX_QUEUE_SIZE", "1 to 1000000 spans")?;
    config.queue_size = size.unwrap_or(config.queue_size);
    let interval = env.duration("JAEGER_REPORTER_FLUSH_INTERVAL")?;
    config.flush_interval = interval.unwrap_or(config.flush_interval);
    let interval = env.duration("JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL")?;
    config.resolve_interval = interval.filter(|interval| !interval.is_zero()).or(config.resolve_interval);
    if env.boolean("JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED")? {
        config.resolve_interval = None;
    }
    config.check()?;
    Ok(config)
}

fn formats(text: &str) -> Option<Vec<Format>> {
    text.split(',').map(|name| Format::named(name.trim())).collect()
}

fn reporting<F: Fn(&str) -> Option<OsString>>(env: &Env<F>, host: String) -> Result<Reporting, ConfigError> {
    if let Some(url) = env.text("JAEGER_ENDPOINT")? {
        return collector(env, url);
    }
    let port = "JAEGER_AGENT_PORT";
    // A Service of Kubernetes that is called jaeger-agent sets this variable to its address.
    if let Some(address) = env.text(port)?.filter(|value| value.contains("://")) {
        tracing::info!("{port}={address} comes from Kubernetes and is passed over: the port is {AGENT_PORT}");
        return Ok(Reporting::Agent { host, port: AGENT_PORT });
    }
    let port = env.number(port, "a port, 1 to 65535")?.unwrap_or(AGENT_PORT);
    Ok(Reporting::Agent { host, port })
}

fn collector<F: Fn(&str) -> Option<OsString>>(env: &Env<F>, url: String) -> Result<Reporting, ConfigError> {
    use crate::http_client::{Credentials, Url};

    Url::parse(&url).map_err(|error| error.of("JAEGER_ENDPOINT", &url))?;
    let (user, password) = ("JAEGER_USER", "JAEGER_PASSWORD");
    let credentials = match (env.text(user)?, env.text(password)?, env.text("JAEGER_AUTH_TOKEN")?) {
        (Some(name), Some(password), _) => Credentials::Basic { user: name, password },
        (Some(_), None, _) => return Err(ConfigError::HalfCredentials { set: user, missing: password }),
        (None, Some(_), _) => return Err(ConfigError::HalfCredentials { set: password, missing: user }),
        (None, None, Some(token)) => Credentials::Bearer(token),
        (None, None, None) => Credentials::None,
    };
    Ok(Reporting::Collector { url, credentials })
}

fn sampling<F: Fn(&str) -> Option<OsString>>(env: &Env<F>, host: Option<&str>) -> Result<Sampling, ConfigError> {
    let parameter = env.number("JAEGER_SAMPLER_PARAM", "a number")?.unwrap_or(0.0);
    let kind = env.text("JAEGER_SAMPLER_TYPE")?.unwrap_or_default();
    Ok(match kind.to_ascii_lowercase().as_str() {
        "const" => Sampling::Const(parameter != 0.0),
        "probabilistic" => Sampling::Probabilistic(parameter),
        "ratelimiting" => Sampling::RateLimiting(parameter),
        "" | "remote" => {
            let older = || env.text("JAEGER_SAMPLER_MANAGER_HOST_PORT");
            let endpoint = env.text("JAEGER_SAMPLING_ENDPOINT")?.map_or_else(older, |url| Ok(Some(url)))?;
            if let Some(url) = &endpoint {
                crate::http_client::Url::parse(url).map_err(|error| error.of("JAEGER_SAMPLING_ENDPOINT", url))?;
            }
            Sampling::Remote {
                initial: parameter,
                endpoint: endpoint.or_else(|| host.map(crate::upkeep::sampling_page)),
                refresh: env.duration("JAEGER_SAMPLER_REFRESH_INTERVAL")?.unwrap_or(SAMPLER_REFRESH),
                max_operations: env
                    .number("JAEGER_SAMPLER_MAX_OPERATIONS", "a number of operations")?
                    .unwrap_or(MAX_OPERATIONS),
            }
        }
        _ => {
            return Err(ConfigError::Invalid {
                variable: "JAEGER_SAMPLER_TYPE",
                value: kind,
                expected: "const, probabilistic, ratelimiting or remote",
            });
        }
    })
}

#[cfg(test)]
mod tests;

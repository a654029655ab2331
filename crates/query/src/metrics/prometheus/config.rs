//! `METRICS_STORAGE_TYPE` and `--prometheus.*`, resolved once.

use std::path::PathBuf;
use std::time::Duration;

use http::Uri;
use jaeger_service::settings::{Problem, Settings};
use jaeger_service::tls::ClientConfig;

const TYPE: &str = "METRICS_STORAGE_TYPE";
const URL: &str = "prometheus.server-url";
const UNIT: &str = "prometheus.query.duration-unit";

/// The unit of the histogram of durations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DurationUnit {
    /// `ms`
    Milliseconds,
    /// `s`
    Seconds,
}

/// How a Prometheus is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrometheusConfig {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// As it stands in the URL, for the header `Host`.
    pub authority: String,
    /// TLS, of an `https://` URL.
    pub tls: Option<ClientConfig>,
    /// In front of `/api/v1`, without a slash at its end.
    pub path: String,
    /// Until a connection is there.
    pub connect_timeout: Duration,
    /// A bearer token, read anew for each question since tokens are renewed.
    pub token_file: Option<PathBuf>,
    /// The caller's own token goes before that.
    pub token_of_caller: bool,
    /// In front of the metrics' names.
    pub namespace: String,
    /// The unit of durations.
    pub unit: DurationUnit,
    /// The name of the calls ends in `_total`.
    pub normalize_calls: bool,
    /// The name of the durations has their unit in it.
    pub normalize_duration: bool,
}

impl PrometheusConfig {
    /// Reads the settings; `None` where another source is asked.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn from_settings(settings: &Settings) -> Result<Option<Self>, Problem> {
        match settings.string(TYPE)? {
            "" => return Ok(None),
            "prometheus" => {}
            _ => {
                let next = "write prometheus, or leave it out and the store's own counts are shown";
                return Err(settings.problem(TYPE, "no place that metrics are read from", next));
            }
        }
        Ok(Some(Self::of_prometheus(settings)?))
    }

    fn of_prometheus(settings: &Settings) -> Result<Self, Problem> {
        let url = settings.string(URL)?;
        let wrong = |reason: &str| settings.problem(URL, reason, "write it as http://prometheus:9090");
        let uri: Uri = url.trim_end_matches('/').parse().map_err(|_| wrong("no URL"))?;
        let tls = ClientConfig::from_settings(settings, "prometheus")?;
        let tls = match (uri.scheme_str(), tls) {
            (Some("https"), Some(tls)) => Some(tls),
            (Some("https"), None) => Some(ClientConfig::of_system().map_err(|reason| wrong(&reason))?),
            (Some("http"), tls) => {
                if tls.is_some() {
                    tracing::warn!(url, "--prometheus.tls.* have no effect: the URL begins with http://");
                }
                None
            }
            _ => return Err(wrong("no URL with http:// or https:// in front")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("no host"))?;
        if authority.as_str().contains('@') {
            let next = "put a bearer token into --prometheus.token-file";
            return Err(settings.problem(URL, "a user in a URL is not passed on", next));
        }
        if uri.query().is_some() {
            return Err(wrong("a URL with a query"));
        }
        let unit = match settings.string(UNIT)? {
            "ms" => DurationUnit::Milliseconds,
            "s" => DurationUnit::Seconds,
            _ => return Err(settings.problem(UNIT, "neither ms nor s", "write ms or s")),
        };
        let propagated = settings.boolean("query.bearer-token-propagation")?;
        Ok(Self {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(if tls.is_some() { 443 } else { 80 }),
            authority: authority.to_string(),
            tls,
            path: uri.path().trim_end_matches('/').to_owned(),
            connect_timeout: settings.duration("prometheus.connect-timeout")?,
            token_file: settings.file("prometheus.token-file")?,
            token_of_caller: propagated && settings.boolean("prometheus.token-override-from-context")?,
            namespace: settings.string("prometheus.query.namespace")?.to_owned(),
            unit,
            normalize_calls: settings.boolean("prometheus.query.normalize-calls")?,
            normalize_duration: settings.boolean("prometheus.query.normalize-duration")?,
        })
    }
}

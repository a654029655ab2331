//! The query service's configuration, out of flags, environment and file.

use http::header::{HeaderName, HeaderValue};
use jaeger_model::Duration;
use jaeger_service::settings::{Problem, Settings};

use crate::metrics::prometheus::PrometheusConfig;
use crate::ui::{Known, Ui, UiError, UiFiles};

/// What the service needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// In front of every path: `/`, or with a slash in front and none at its end.
    pub base_path: String,
    /// Added to every answer.
    pub additional_headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether remote storage is asked with the caller's bearer token.
    pub pass_token_on: bool,
    /// Where the page lies.
    pub ui: UiFiles,
    /// How far a span is moved to repair its host's clock; 0 moves none.
    pub max_clock_skew: Duration,
    /// The most bytes of one trace that are held in memory.
    pub max_trace_bytes: usize,
    /// The most bytes that all answers under way hold together.
    pub max_answer_bytes: usize,
    /// Where series of calls come from, if not from the store.
    pub prometheus: Option<PrometheusConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base_path: "/".to_owned(),
            additional_headers: Vec::new(),
            pass_token_on: false,
            ui: UiFiles::default(),
            max_clock_skew: Duration::ZERO,
            max_trace_bytes: 256 << 20,
            max_answer_bytes: 512 << 20,
            prometheus: None,
        }
    }
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn from_settings(settings: &Settings) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let base_path = keep(base_path(settings), &mut problems);
        let additional_headers = keep(headers(settings), &mut problems);
        let skew = keep(settings.duration("query.max-clock-skew-adjustment").map_err(Problem::from), &mut problems);
        let prometheus = keep(PrometheusConfig::from_settings(settings), &mut problems);
        let ui = keep(ui(settings), &mut problems);
        let token = settings.boolean("query.bearer-token-propagation");
        let token = keep(token.map_err(Problem::from), &mut problems);
        let mut bytes = |name| keep(settings.integer(name).map_err(Problem::from), &mut problems);
        let bytes = bytes("query.max-trace-bytes").zip(bytes("query.max-answer-bytes"));
        match (base_path, additional_headers, skew, bytes, prometheus, ui, token) {
            (
                Some(base_path),
                Some(additional_headers),
                Some(skew),
                Some(bytes),
                Some(prometheus),
                Some(ui),
                Some(pass_token_on),
            ) => {
                let (max_trace_bytes, max_answer_bytes) = bytes;
                Ok(Self {
                    base_path,
                    additional_headers,
                    max_clock_skew: Duration::from_nanos(i64::try_from(skew.as_nanos()).unwrap_or(i64::MAX)),
                    max_trace_bytes,
                    max_answer_bytes,
                    prometheus,
                    ui,
                    pass_token_on,
                })
            }
            _ => Err(problems),
        }
    }
}

fn keep<T>(value: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    value.map_err(|problem| problems.push(problem)).ok()
}

fn base_path(settings: &Settings) -> Result<String, Problem> {
    let name = "query.base-path";
    let path = settings.string(name)?;
    if !path.starts_with('/') {
        return Err(settings.problem(name, "a path without a slash in front", "write it as /jaeger"));
    }
    if path.len() > 1 && path.ends_with('/') {
        return Err(settings.problem(name, "a path with a slash at its end", "write it as /jaeger"));
    }
    if crate::path::clean(path) != path {
        return Err(settings.problem(name, "a path with empty or dotted parts", "write it as /jaeger"));
    }
    Ok(path.to_owned())
}

/// The page's files, read once so that what is wrong with them is said at the start.
fn ui(settings: &Settings) -> Result<UiFiles, Problem> {
    let name = "query.static-files";
    let folder = settings.string(name)?;
    let folder = if folder.is_empty() { None } else { Some(folder.into()) };
    let config = settings.file("query.ui-config")?;
    let files = UiFiles { folder, config, log_access: settings.boolean("query.log-static-assets-access")? };
    match Ui::new(files.clone(), Known::default()).index() {
        Ok(_) => Ok(files),
        Err(UiError::Config(error)) => {
            Err(settings.problem("query.ui-config", &error.to_string(), "correct the file, or leave the flag out"))
        }
        Err(error @ UiError::Read(..)) if files.folder.is_none() => {
            Err(settings.problem("query.ui-config", &error.to_string(), "name a file, or leave the flag out"))
        }
        Err(error) => {
            let next = "name the folder that holds index.html and static/, or leave the flag out";
            Err(settings.problem(name, &error.to_string(), next))
        }
    }
}

fn headers(settings: &Settings) -> Result<Vec<(HeaderName, HeaderValue)>, Problem> {
    let name = "query.additional-headers";
    let header = |line: &str| {
        let (key, value) = line.split_once(':')?;
        let key = HeaderName::from_bytes(key.trim().as_bytes()).ok()?;
        Some((key, HeaderValue::from_str(value.trim()).ok()?))
    };
    let lines = settings.lines(name)?;
    let headers = lines.into_iter().map(|line| {
        let reason = format!("{line:?} is no header");
        header(line).ok_or_else(|| settings.problem(name, &reason, "write it as \"Key: Value\""))
    });
    headers.collect()
}

#[cfg(test)]
mod tests {
    use jaeger_service::settings::Component;

    use super::*;

    fn config(flags: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let config = Config::from_settings(&Settings::for_test(Component::Query, flags));
        config.map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn defaults_are_those_of_the_table() {
        assert_eq!(config(&[]), Ok(Config::default()));
    }

    #[test]
    fn headers_and_times_are_read() {
        let config = config(&[
            ("query.base-path", "/jaeger"),
            ("query.additional-headers", "Access-Control-Allow-Origin: https://a:1"),
            ("query.max-clock-skew-adjustment", "1s"),
            ("query.max-trace-bytes", "1000"),
            ("query.max-answer-bytes", "2000"),
        ])
        .expect("good settings");
        assert_eq!(config.base_path, "/jaeger");
        assert_eq!(
            config.additional_headers,
            [(HeaderName::from_static("access-control-allow-origin"), HeaderValue::from_static("https://a:1"))]
        );
        assert_eq!(config.max_clock_skew, Duration::from_nanos(1_000_000_000));
        assert_eq!((config.max_trace_bytes, config.max_answer_bytes), (1000, 2000));
    }

    #[test]
    fn every_problem_is_told_with_its_flag() {
        for path in ["jaeger", "/jaeger/", "/a//b", "/a/../b"] {
            let problems = config(&[("query.base-path", path), ("query.additional-headers", "nonsense")]);
            let problems = problems.expect_err("two problems");
            assert_eq!(problems.len(), 2, "{problems:?}");
            assert!(problems.iter().any(|p| p.contains("--query.base-path") && p.contains(path)), "{problems:?}");
            assert!(problems.iter().any(|p| p.contains("--query.additional-headers")), "{problems:?}");
        }
    }
}

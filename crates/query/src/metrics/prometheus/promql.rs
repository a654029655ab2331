//! The questions in PromQL: those of Go Jaeger, but for services, which are compared as text and not as regular expressions.

use std::fmt::Write as _;

use super::config::{DurationUnit, PrometheusConfig};
use crate::params::RateParams;

/// The questions for one set of parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queries<'a> {
    pub(super) config: &'a PrometheusConfig,
    pub(super) params: &'a RateParams,
}

impl Queries<'_> {
    pub(super) fn calls(&self) -> String {
        self.rate(&self.calls_name(), "", self.grouping())
    }

    pub(super) fn errors(&self) -> String {
        let failed = self.rate(&self.calls_name(), "status_code = \"STATUS_CODE_ERROR\", ", self.grouping());
        format!("{failed} / {}", self.calls())
    }

    pub(super) fn latencies(&self, part: f64) -> String {
        let grouping = if self.params.by_operation { "service_name,span_name,le" } else { "service_name,le" };
        format!("histogram_quantile({part}, {})", self.rate(&self.buckets_name(), "", grouping))
    }

    fn grouping(&self) -> &'static str {
        if self.params.by_operation { "service_name,span_name" } else { "service_name" }
    }

    fn rate(&self, name: &str, more: &str, grouping: &str) -> String {
        let services: Vec<String> = self.params.services.iter().map(|service| literally(service)).collect();
        let kinds: Vec<String> =
            self.params.kinds.iter().map(|kind| format!("SPAN_KIND_{}", kind.to_ascii_uppercase())).collect();
        format!(
            "sum(rate({name}{{service_name =~ \"{}\", {more}span_kind =~ \"{}\"}}[{}])) by ({grouping})",
            services.join("|"),
            kinds.join("|"),
            window(self.params.rate_per),
        )
    }

    fn calls_name(&self) -> String {
        self.name(if self.config.normalize_calls { "calls_total" } else { "calls" })
    }

    fn buckets_name(&self) -> String {
        self.name(match (self.config.normalize_duration, self.config.unit) {
            (false, _) => "duration_bucket",
            (true, DurationUnit::Milliseconds) => "duration_milliseconds_bucket",
            (true, DurationUnit::Seconds) => "duration_seconds_bucket",
        })
    }

    fn name(&self, name: &str) -> String {
        let namespace = &self.config.namespace;
        if namespace.is_empty() { name.to_owned() } else { format!("{namespace}_{name}") }
    }
}

/// A regular expression that only this text matches, as it stands within quotes.
fn literally(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                out.push_str("\\\\");
                out.push(character);
            }
            '\\' => out.push_str("\\\\\\\\"),
            '"' => out.push_str("\\\""),
            control if control.is_control() => {
                // Writing into a String cannot fail.
                let written = write!(out, "\\u{:04x}", control as u32);
                debug_assert!(written.is_ok());
            }
            other => out.push(other),
        }
    }
    out
}

/// A length of time in the largest unit that has no rest.
fn window(millis: i64) -> String {
    for (unit, name) in [(3_600_000, "h"), (60_000, "m"), (1_000, "s")] {
        if millis % unit == 0 {
            return format!("{}{name}", millis / unit);
        }
    }
    format!("{millis}ms")
}

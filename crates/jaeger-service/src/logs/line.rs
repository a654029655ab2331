//! One event as a line of text.

use std::fmt::{self, Write as _};
use std::time::Duration;

use tracing::Event;
use tracing::field::{Field, Visit};

use super::Level;
use super::layer::level_of;

/// What an event says.
pub(super) struct Line {
    level: Level,
    caller: String,
    message: String,
    /// Name, and the value as JSON.
    fields: Vec<(&'static str, String)>,
}

impl Line {
    pub(super) fn of(event: &Event<'_>) -> Line {
        let metadata = event.metadata();
        let mut line = Line {
            level: level_of(metadata.level()),
            caller: caller(metadata.file().unwrap_or(metadata.target()), metadata.line()),
            message: String::new(),
            fields: Vec::new(),
        };
        event.record(&mut line);
        line
    }

    /// Go Jaeger's shape: `level`, `ts` (seconds with a fraction), `caller`, `msg`, then the fields.
    pub(super) fn json(&self, now: Duration) -> String {
        let mut out = String::with_capacity(256);
        put(
            &mut out,
            format_args!(
                "{{\"level\":\"{}\",\"ts\":{}.{:06},\"caller\":{},\"msg\":{}",
                self.level_name(),
                now.as_secs(),
                now.subsec_micros(),
                quoted(&self.caller),
                quoted(&self.message)
            ),
        );
        for (name, value) in &self.fields {
            put(&mut out, format_args!(",{}:{value}", quoted(name)));
        }
        out.push_str("}\n");
        out
    }

    /// Parted by tabs: `2026-11-24T08:00:00.000Z  INFO  agent/forward.rs:7  message  {"name": value, ...}`
    pub(super) fn console(&self, now: Duration) -> String {
        let mut out = String::with_capacity(256);
        put(
            &mut out,
            format_args!(
                "{}\t{}\t{}\t{}",
                crate::clock::rfc3339(now, 3),
                self.level_name().to_ascii_uppercase(),
                self.caller,
                self.message.replace('\n', "\\n"),
            ),
        );
        if !self.fields.is_empty() {
            out.push('\t');
            let mut before = "{";
            for (name, value) in &self.fields {
                out.push_str(before);
                put(&mut out, format_args!("{}: {value}", quoted(name)));
                before = ", ";
            }
            out.push('}');
        }
        out.push('\n');
        out
    }

    fn level_name(&self) -> &'static str {
        match self.level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }

    fn field(&mut self, field: &Field, value: String) {
        self.fields.push((field.name(), value));
    }
}

/// `folder/file.rs:line`, the last two parts of the path, as Go's short caller.
fn caller(file: &str, line: Option<u32>) -> String {
    let mut start = 0;
    for (place, _) in file.rmatch_indices('/').skip(1).take(1) {
        start = place + 1;
    }
    // `src` says nothing: show the crate's folder instead.
    let short = file.get(start..).unwrap_or(file);
    let short = match short.strip_prefix("src/") {
        Some(name) => {
            let before = file.get(..start.saturating_sub(1)).unwrap_or("");
            let folder = before.rsplit('/').next().unwrap_or("");
            if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
        }
        None => short.to_owned(),
    };
    match line {
        Some(line) => format!("{short}:{line}"),
        None => short,
    }
}

fn quoted(text: &str) -> String {
    // Text always has a JSON form.
    serde_json::to_string(text).unwrap_or_default()
}

fn put(out: &mut String, text: fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    // Writing into a String cannot fail.
    debug_assert!(written.is_ok());
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.field(field, quoted(&text));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.field(field, quoted(value));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(inner) = cause {
            put(&mut text, format_args!(": {inner}"));
            cause = inner.source();
        }
        self.field(field, quoted(&text));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, value.to_string());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, value.to_string());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, value.to_string());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        let text = if value.is_finite() { value.to_string() } else { quoted(&value.to_string()) };
        self.field(field, text);
    }
}

#[cfg(test)]
mod tests {
    use super::caller;

    #[test]
    fn the_caller_is_short_and_names_the_crate() {
        assert_eq!(caller("crates/agent/src/forward.rs", Some(7)), "agent/forward.rs:7");
        assert_eq!(caller("crates/agent/src/udp/read.rs", Some(7)), "udp/read.rs:7");
        assert_eq!(caller("src/main.rs", None), "main.rs");
        assert_eq!(caller("main.rs", None), "main.rs");
    }
}

//! What the tags of a v1 span say about how it went: several keys may, and one of them has the word.

use super::v1::TagValue;
use crate::otlp::finish::{STATUS_ERROR, STATUS_OK};

const CENSUS_CODE: &[u8] = b"census.status_code";
const CENSUS_MESSAGE: &[u8] = b"census.status_description";
const OPENCENSUS_MESSAGE: &[u8] = b"opencensus.status_description";
const CODE: &[u8] = b"otel.status_code";
const MESSAGE: &[u8] = b"otel.status_description";
const ERROR: &[u8] = b"error";

/// A source of a status.
#[derive(Debug, Default)]
struct Source {
    code: Option<u32>,
    message: Vec<u8>,
}

/// The status, gathered tag by tag.
#[derive(Debug, Default)]
pub(super) struct Status {
    census: Source,
    own: Source,
    http: Source,
    failed: bool,
}

impl Status {
    /// Whether a tag becomes the status and is no tag any more.
    pub(super) fn takes(key: &[u8]) -> bool {
        matches!(key, CENSUS_CODE | CENSUS_MESSAGE | OPENCENSUS_MESSAGE | CODE | MESSAGE | ERROR)
    }

    pub(super) fn see(&mut self, key: &[u8], value: &TagValue<'_>) {
        match key {
            CENSUS_CODE => {
                if let Some(code) = number(value) {
                    self.census.code = Some(if code == 0 { STATUS_OK } else { STATUS_ERROR });
                }
            }
            CENSUS_MESSAGE | OPENCENSUS_MESSAGE => self.census.message = text(value),
            CODE => {
                // Codes that OpenTelemetry does not have are none.
                self.own.code = number(value).map(|code| u32::try_from(code).unwrap_or(0)).or(self.own.code);
            }
            MESSAGE => self.own.message = text(value),
            b"http.status_code" => {
                if let Some(code) = number(value) {
                    self.http.code = Some(if (100..400).contains(&code) { 0 } else { STATUS_ERROR });
                }
            }
            b"http.status_message" => self.http.message = text(value),
            ERROR => self.failed = true,
            _ => {}
        }
    }

    /// The code and the message of the source that has the word.
    pub(super) fn said(&self) -> (u32, &[u8]) {
        if let Some(code) = self.census.code {
            return (code, &self.census.message);
        }
        if let Some(code) = self.own.code {
            return (code, &self.own.message);
        }
        if self.failed {
            let message = if self.census.message.is_empty() { &self.own.message } else { &self.census.message };
            return (STATUS_ERROR, message);
        }
        match self.http.code {
            Some(code) => (code, &self.http.message),
            None => (0, &[]),
        }
    }
}

fn text(value: &TagValue<'_>) -> Vec<u8> {
    if let TagValue::Str(text) = value { text.to_vec() } else { Vec::new() }
}

fn number(value: &TagValue<'_>) -> Option<i32> {
    match value {
        TagValue::I64(number) => i32::try_from(*number).ok(),
        TagValue::Str(text) => str::from_utf8(text).ok()?.parse().ok(),
        TagValue::Bool(_) | TagValue::F64(_) => None,
    }
}

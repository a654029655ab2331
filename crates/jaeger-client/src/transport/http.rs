//! HTTP to a collector: Thrift as clients of Jaeger send it, or OTLP. A batch is sent once the server said yes.
//!
//! What a busy or missing server did not take is sent again, a few times; a span that came twice is one span.

use std::time::Duration;

use jaeger_model::Batch;

use super::{Outcome, Sending, Told, Transport};
use crate::http_client::{CallError, Client, Credentials, Post, Url};

/// How long one try may take.
const CALL: Duration = Duration::from_secs(5);
/// Pauses between tries; a server may ask for a longer one, up to the longest here.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];

/// What the server is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Body {
    Thrift,
    #[cfg(feature = "otlp")]
    Otlp,
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("it answered {status}: {text}")]
    Status { status: u16, text: String, retry_after: Option<u64> },
}

pub(crate) struct Http {
    client: Client,
    url: Url,
    authorization: Option<String>,
    body: Body,
    seq_no: i64,
    told: Told,
    bytes: Vec<u8>,
}

impl Http {
    /// Thrift to a collector's `/api/traces`.
    pub(crate) fn thrift(url: Url, credentials: Credentials) -> Self {
        Self::new(url, credentials, Body::Thrift)
    }

    /// OTLP to `/v1/traces`.
    #[cfg(feature = "otlp")]
    pub(crate) fn otlp(url: Url) -> Self {
        Self::new(url, Credentials::None, Body::Otlp)
    }

    fn new(url: Url, credentials: Credentials, body: Body) -> Self {
        let authorization = match credentials {
            Credentials::None => None,
            Credentials::Basic { user, password } => {
                Some(format!("Basic {}", base64(format!("{user}:{password}").as_bytes())))
            }
            Credentials::Bearer(token) => Some(format!("Bearer {token}")),
        };
        Self {
            client: Client::default(),
            url,
            authorization,
            body,
            seq_no: 0,
            told: Told::default(),
            bytes: Vec::new(),
        }
    }

    fn encode(&mut self, batch: &Batch, sending: &Sending<'_>) -> &'static str {
        self.bytes.clear();
        match self.body {
            Body::Thrift => {
                use jaeger_wire::jaeger::{BatchMeta, encode_batch};
                use jaeger_wire::thrift::Protocol;

                self.seq_no += 1;
                let meta = BatchMeta { seq_no: Some(self.seq_no), stats: Some(sending.stats) };
                if let Some(process) = batch.process(0) {
                    encode_batch(process, batch.spans(), &meta, Protocol::Binary, &mut self.bytes);
                }
                "application/x-thrift"
            }
            #[cfg(feature = "otlp")]
            Body::Otlp => {
                let _ = sending.stats;
                jaeger_wire::otlp::encode_protobuf(batch.spans(), &mut self.bytes);
                "application/x-protobuf"
            }
        }
    }

    fn try_once(&mut self, content_type: &'static str, within: Duration) -> Result<(), Refused> {
        let post = Post { content_type, authorization: self.authorization.as_deref(), body: &self.bytes };
        let answer = self.client.post(&self.url, &post, within)?;
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&answer.body);
        let text = crate::context::cut_at(text.trim(), 200).to_owned();
        Err(Refused::Status { status: answer.status, text, retry_after: answer.retry_after })
    }

    fn send_batch(&mut self, batch: &Batch, sending: &Sending<'_>) -> Result<(), Refused> {
        let content_type = self.encode(batch, sending);
        let mut pauses = PAUSES.into_iter();
        loop {
            let refused = match self.try_once(content_type, sending.time(CALL)) {
                Ok(()) => return Ok(()),
                Err(refused) => refused,
            };
            let Some(pause) = refused.pause(pauses.next()) else { return Err(refused) };
            if !sending.pause(pause) {
                return Err(refused);
            }
        }
    }
}

impl Refused {
    /// How long to wait before the next try, where one makes sense and there was a `pause` left.
    fn pause(&self, pause: Option<Duration>) -> Option<Duration> {
        let longest = PAUSES.into_iter().max()?;
        match self {
            Self::Call(_) => pause,
            Self::Status { status: 429 | 502 | 503 | 504, retry_after, .. } => {
                let asked = retry_after.map_or(Duration::ZERO, Duration::from_secs);
                pause.map(|pause| pause.max(asked.min(longest)))
            }
            Self::Status { .. } => None,
        }
    }
}

impl Transport for Http {
    fn send(&mut self, batch: &Batch, sending: &Sending<'_>) -> Outcome {
        let spans = batch.len() as u64;
        let name = format!("collector {}", self.url);
        match self.send_batch(batch, sending) {
            Ok(()) => {
                self.told.sent(&name);
                Outcome { sent: spans, ..Outcome::default() }
            }
            Err(refused) => {
                self.told.failed(&name, &refused);
                Outcome { failed: spans, ..Outcome::default() }
            }
        }
    }
}

/// Base64 of a header's few bytes.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let of = (word >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit > chunk.len() { '=' } else { char::from(DIGITS[of]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        let texts = ["", "f", "fo", "foo", "foob", "user:p\u{e4}ss"].map(|text| base64(text.as_bytes()));
        assert_eq!(texts, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "dXNlcjpww6Rzcw=="]);
    }
}

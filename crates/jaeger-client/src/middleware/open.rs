//! A call under way: its span, and what it is told when the call ends one way or another.

use std::fmt;

use http::{HeaderMap, StatusCode};

use super::layer::Side;
use crate::propagation::percent;
use crate::{Span, SpanHandle, Value};

/// A call's span. Dropped before its end, it says that.
#[derive(Debug)]
pub(super) struct Open {
    /// None once it has ended.
    span: Option<Span>,
    handle: SpanHandle,
    side: Side,
    grpc: bool,
    /// The answer's head is all of it.
    head_only: bool,
}

/// Codes of gRPC that a server is to blame for: unknown, deadline exceeded, unimplemented, internal, unavailable, data
/// loss.
const SERVER_FAULTS: [i64; 6] = [2, 4, 12, 13, 14, 15];

impl Open {
    pub(super) fn new(span: Span, side: Side, grpc: bool, head_only: bool) -> Self {
        Self { handle: span.handle(), span: Some(span), side, grpc, head_only }
    }

    pub(super) fn handle(&self) -> &SpanHandle {
        &self.handle
    }

    pub(super) fn is_grpc(&self) -> bool {
        self.grpc
    }

    /// The answer's head.
    pub(super) fn status(&mut self, status: StatusCode, headers: &HeaderMap) {
        if self.grpc {
            // An answer without messages has its trailers here.
            if self.trailers(headers) || status.is_success() {
                return;
            }
        }
        self.handle.tag("http.status_code", status.as_u16());
        let failed = match self.side {
            Side::Server => status.is_server_error(),
            Side::Client => status.is_client_error() || status.is_server_error(),
        };
        if failed {
            self.handle.tag("error", true);
        }
        if self.head_only {
            self.end();
        }
    }

    /// The answer's trailers; whether they had a status, and the call has ended with it.
    pub(super) fn trailers(&mut self, trailers: &HeaderMap) -> bool {
        let text = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok());
        let Some(code) = text("grpc-status").and_then(|text| text.trim().parse::<i64>().ok()) else { return false };
        self.handle.tag("grpc.status_code", code);
        if code != 0 {
            let message = text("grpc-message").map(percent::decode_path).unwrap_or_default();
            self.handle.log(&[("event", "error".into()), ("message", Value::Str(&message))]);
            if self.side == Side::Client || SERVER_FAULTS.contains(&code) {
                self.handle.tag("error", true);
            }
        }
        self.end();
        true
    }

    pub(super) fn failed(&mut self, error: &dyn fmt::Display) {
        self.handle.error(error);
        self.end();
    }

    /// The answer is whole. One of gRPC that ends without a status did not go well.
    pub(super) fn whole(&mut self) {
        if self.grpc && self.span.is_some() {
            self.handle.error(&"the answer ended without a status");
        }
        self.end();
    }

    fn end(&mut self) {
        drop(self.span.take());
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(span) = self.span.take() {
            span.tag("cancelled", true);
            span.log(&[("event", "cancelled".into()), ("message", "dropped before the answer's end".into())]);
        }
    }
}

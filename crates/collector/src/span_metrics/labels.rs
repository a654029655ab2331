//! The labels that a span's tags decide: which side of a call it is, and how it ended.

use jaeger_model::{Batch, Cell, SpanView, keys};

const STATUS: &str = "otel.status_code";

/// The label `span_kind`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// The label `status_code`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    Unset,
    Ok,
    Error,
}

/// How many pairs of the two there are.
pub(super) const PAIRS: usize = 6 * 3;

impl Kind {
    fn of(text: &[u8]) -> Self {
        match text {
            b"internal" => Self::Internal,
            b"server" => Self::Server,
            b"client" => Self::Client,
            b"producer" => Self::Producer,
            b"consumer" => Self::Consumer,
            _ => Self::Unspecified,
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Unspecified => "SPAN_KIND_UNSPECIFIED",
            Self::Internal => "SPAN_KIND_INTERNAL",
            Self::Server => "SPAN_KIND_SERVER",
            Self::Client => "SPAN_KIND_CLIENT",
            Self::Producer => "SPAN_KIND_PRODUCER",
            Self::Consumer => "SPAN_KIND_CONSUMER",
        }
    }
}

impl Status {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Unset => "STATUS_CODE_UNSET",
            Self::Ok => "STATUS_CODE_OK",
            Self::Error => "STATUS_CODE_ERROR",
        }
    }
}

/// What one look over a span's tags finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Outcome {
    pub(super) kind: Kind,
    pub(super) status: Status,
}

/// By the rules of the counts that stores keep: the first `span.kind`, if it is text, and the last `error`, if its text is `true`.
#[inline]
pub(super) fn kind_and_status(batch: &Batch, span: &SpanView<'_>) -> Outcome {
    const KIND_BYTES: usize = keys::SPAN_KIND.len();
    const ERROR_BYTES: usize = keys::ERROR.len();
    const STATUS_BYTES: usize = STATUS.len();
    let (mut kind, mut failed, mut ok) = (None, false, false);
    for row in span.tag_rows() {
        let is = |key: &str| batch.text_bytes(row.key) == key.as_bytes();
        // Few keys are as long as one of these, so most are passed by without a look at their text.
        match row.key.len as usize {
            KIND_BYTES if kind.is_none() && is(keys::SPAN_KIND) => {
                kind = Some(match row.value {
                    Cell::Str(text) => Kind::of(batch.text_bytes(text)),
                    _ => Kind::Unspecified,
                });
            }
            ERROR_BYTES if is(keys::ERROR) => {
                failed = match row.value {
                    Cell::Bool(value) => value,
                    Cell::Str(text) => batch.text_bytes(text) == b"true",
                    _ => false,
                };
            }
            STATUS_BYTES if is(STATUS) => {
                ok = matches!(row.value, Cell::Str(text) if batch.text_bytes(text) == b"OK");
            }
            _ => {}
        }
    }
    let status = match (failed, ok) {
        (true, _) => Status::Error,
        (false, true) => Status::Ok,
        (false, false) => Status::Unset,
    };
    Outcome { kind: kind.unwrap_or(Kind::Unspecified), status }
}

//! The answer to a bulk request: a status for each document, in the order of the request.

use jaeger_storage::ErrorKind;
use serde::Deserialize;

use crate::failure::{self, Cause};

/// Only what is read here: an answer to a thousand documents is 25 kB instead of 200.
pub(crate) const QUERY: &str = "filter_path=errors,items.*.status,items.*.error";

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    items: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, rename = "create", alias = "index")]
    result: Became<'a>,
}

#[derive(Deserialize)]
struct Became<'a> {
    status: u16,
    #[serde(borrow, default)]
    error: Option<Cause<'a>>,
}

/// What the server says of one document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Stored,
    /// There is one with its id.
    Copy,
    /// It may be taken later (`true`), or never.
    Refused(ErrorKind, bool, String),
}

/// What it says of each.
pub(crate) fn read(body: &[u8]) -> Result<Vec<Said>, serde_json::Error> {
    let answer: Answer<'_> = serde_json::from_slice(body)?;
    Ok(answer.items.iter().map(|item| said(item.result.status, item.result.error.as_ref())).collect())
}

fn said(status: u16, cause: Option<&Cause<'_>>) -> Said {
    match status {
        200..=299 => Said::Stored,
        409 => Said::Copy,
        _ => {
            let kind = failure::kind(status, cause);
            let words = cause.map_or_else(String::new, Cause::words);
            let next = failure::next_step(status);
            let message = format!("elasticsearch refused a document with {status}: {words}{next}");
            Said::Refused(kind, kind != ErrorKind::Invalid, message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_has_its_own_answer() {
        let body = br#"{"errors":true,"items":[{"create":{"status":201}},{"index":{"status":200}},{"create":{"status":409,"error":
            {"type":"version_conflict_engine_exception","reason":"[x]: version conflict, document already exists"}}},
            {"create":{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"rejected execution"}}},
            {"create":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to parse field [startTime]",
            "caused_by":{"type":"illegal_argument_exception","reason":"For input string: \"x\""}}}},
            {"create":{"status":403,"error":{"type":"cluster_block_exception","reason":"index [x] blocked by: [FORBIDDEN/8/index write (api)];"}}},
            {"create":{"status":503,"error":{"type":"unavailable_shards_exception","reason":"primary shard is not active"}}}]}"#;
        let said = read(body).unwrap();
        assert_eq!(said[..3], [Said::Stored, Said::Stored, Said::Copy]);
        let of = |at: usize| match &said[at] {
            Said::Refused(kind, again, words) => (*kind, *again, words.clone()),
            other => panic!("{other:?}"),
        };
        assert_eq!((of(3).0, of(3).1), (ErrorKind::Throttled, true));
        assert_eq!((of(4).0, of(4).1), (ErrorKind::Invalid, false));
        assert!(
            of(4).2.contains("failed to parse field [startTime] (illegal_argument_exception: For input"),
            "{}",
            of(4).2
        );
        assert_eq!((of(5).0, of(5).1), (ErrorKind::Unavailable, true));
        assert_eq!((of(6).0, of(6).1), (ErrorKind::Unavailable, true));
    }
}

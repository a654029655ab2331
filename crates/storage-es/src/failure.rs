//! What an answer that is no success means to who waits for it.

use jaeger_storage::{ErrorKind, StorageError};
use serde::Deserialize;

use crate::document::text::Text;

/// An index takes no writes.
const BLOCKED: &str = "cluster_block_exception";

/// We are not let in.
#[derive(Debug, thiserror::Error)]
#[error("access is denied")]
pub(crate) struct Denied;

/// Why Elasticsearch refused a request, a search or a document.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Cause<'a> {
    /// As it always is.
    Full {
        #[serde(borrow, default)]
        r#type: Text<'a>,
        #[serde(borrow, default)]
        reason: Text<'a>,
        #[serde(borrow, default)]
        caused_by: Option<Under<'a>>,
        #[serde(borrow, default)]
        root_cause: Vec<Under<'a>>,
        #[serde(borrow, default)]
        failed_shards: Vec<Shard<'a>>,
    },
    /// As a proxy or an old server may say it.
    Text(#[serde(borrow)] Text<'a>),
}

/// One cause under another.
#[derive(Debug, Deserialize)]
pub(crate) struct Under<'a> {
    #[serde(borrow, default)]
    r#type: Text<'a>,
    #[serde(borrow, default)]
    reason: Text<'a>,
}

/// What one shard said.
#[derive(Debug, Deserialize)]
pub(crate) struct Shard<'a> {
    #[serde(borrow)]
    reason: Under<'a>,
}

impl Cause<'_> {
    /// Its type and words, with what is under it where that says more.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Text(text) => text.0.to_string(),
            Self::Full { r#type, reason, caused_by, root_cause, failed_shards } => {
                let shards = failed_shards.iter().map(|shard| &shard.reason);
                let under = caused_by.iter().chain(shards).chain(root_cause);
                let under = under.into_iter().find(|under| under.reason.0 != reason.0 && !under.reason.0.is_empty());
                match under {
                    Some(under) => format!("{}: {} ({}: {})", r#type.0, reason.0, under.r#type.0, under.reason.0),
                    None => format!("{}: {}", r#type.0, reason.0),
                }
            }
        }
    }

    fn is(&self, name: &str) -> bool {
        matches!(self, Self::Full { r#type, .. } if r#type.0 == name)
    }
}

/// What can be done about a status and its cause.
pub(crate) fn kind(status: u16, cause: Option<&Cause<'_>>) -> ErrorKind {
    // An index that was made read-only by hand or by a full disk takes writes again when somebody sees to it.
    if cause.is_some_and(|cause| cause.is(BLOCKED)) {
        return if status == 429 { ErrorKind::Throttled } else { ErrorKind::Unavailable };
    }
    match status {
        429 => ErrorKind::Throttled,
        // Of 400 it is the document or the search that is wrong; 413 is a document that alone is too long.
        400 | 413 => ErrorKind::Invalid,
        _ => ErrorKind::Unavailable,
    }
}

/// What to do next, where the status says.
pub(crate) fn next_step(status: u16) -> &'static str {
    match status {
        401 => "; see --es.username and --es.password, or --es.token-file",
        403 => "; give the user the privileges that docs/elasticsearch.md lists, or see whether the index is read-only",
        404 => "; see whether the index or its alias was made, as es-rollover init does",
        429 => "; Elasticsearch has too much to do or its disk is full",
        _ => "",
    }
}

/// The error of an answer with this status and body.
pub(crate) fn of_answer(what: &str, address: &str, status: u16, body: &[u8]) -> StorageError {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        error: Cause<'a>,
    }
    let answer: Option<Answer<'_>> = serde_json::from_slice(body).ok();
    let cause = answer.map(|answer| answer.error);
    let words = match &cause {
        Some(cause) => cause.words(),
        None => String::from_utf8_lossy(body.get(..200).unwrap_or(body)).trim().to_owned(),
    };
    let next = next_step(status);
    let message = format!("elasticsearch at {address} answered {status} to {what}: {words}{next}");
    let error = StorageError::new(kind(status, cause.as_ref()), message);
    if status == 401 { error.caused_by(Denied) } else { error }
}

//! `--memory.load`: fills a memory store from a file of OTLP JSON, for a jaeger-query that has no collector beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jaeger_model::BatchBuilder;
use jaeger_storage::Store;
use jaeger_wire::otlp;

/// Why the store is not filled.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("--memory.load: cannot read {path}: {reason}; name a file of OTLP JSON")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// The file is something else.
    #[error("--memory.load: {path} is no OTLP JSON: {reason}; name a file that has \"resourceSpans\"")]
    NotOtlp {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The store did not take all of it.
    #[error("--memory.load: the store took {stored} of {spans} spans: {reason}")]
    Refused {
        /// Spans that are stored.
        stored: usize,
        /// Spans of the file.
        spans: usize,
        /// Why not all.
        reason: String,
    },
}

/// Writes the file's spans into the store and gives their number. Several requests may stand in the file, one a line.
///
/// # Errors
/// [`LoadError`]; what was written before stays.
pub async fn load(store: &dyn Store, path: &Path) -> Result<usize, LoadError> {
    let text = std::fs::read(path).map_err(|reason| LoadError::Unreadable { path: path.to_owned(), reason })?;
    // As a collector would have written them.
    let mut builder = BatchBuilder::new().with_format("otlp");
    // A file that is one request is tried first: it may have line breaks of its own.
    if otlp::decode_json(&text, &mut builder).is_err() {
        for (line, request) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            if request.trim_ascii().is_empty() {
                continue;
            }
            otlp::decode_json(request, &mut builder).map_err(|error| {
                let reason = format!("line {line}: {error}");
                LoadError::NotOtlp { path: path.to_owned(), reason }
            })?;
        }
    }
    let batch = Arc::new(builder.finish());
    let spans = batch.len();
    let written = store.write(batch).await;
    if let Some(refused) = written.refused.first() {
        return Err(LoadError::Refused { stored: written.stored, spans, reason: refused.message.clone() });
    }
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use jaeger_storage::{MemoryConfig, MemoryStore, TraceQuery};

    use super::*;

    const SPAN: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"000000000000000000000000000000aa",
        "spanId":"000000000000000N","name":"x"}]}]}]}"#;

    async fn loaded(text: &str) -> Result<usize, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("spans.json");
        std::fs::write(&path, text).expect("a file");
        let store = MemoryStore::new(MemoryConfig::default());
        let spans = load(&store, &path).await.map_err(|error| error.to_string())?;
        let (ids, _) = jaeger_storage::SpanReader::find_trace_ids(&store, &TraceQuery::default()).await.expect("ids");
        assert_eq!(ids.len(), usize::from(spans > 0));
        Ok(spans)
    }

    #[tokio::test]
    async fn a_file_is_one_request_or_one_a_line() {
        let one = SPAN.replace('N', "1");
        let lines = format!("{}\n\n{}\n", one.replace('\n', ""), SPAN.replace('N', "2").replace('\n', ""));
        assert_eq!(loaded(&one).await, Ok(1));
        assert_eq!(loaded(&lines).await, Ok(2));
    }

    #[tokio::test]
    async fn a_file_that_is_something_else_is_named_with_the_line() {
        let lines = format!("{}\nnonsense\n", SPAN.replace('N', "1").replace('\n', ""));
        let error = loaded(&lines).await.expect_err("no OTLP");
        assert!(
            error.starts_with("--memory.load: ") && error.contains("spans.json is no OTLP JSON: line 2: "),
            "{error}"
        );
        let store = MemoryStore::new(MemoryConfig::default());
        let error = load(&store, Path::new("/nowhere/at/all")).await.expect_err("no file").to_string();
        assert!(error.starts_with("--memory.load: cannot read /nowhere/at/all: "), "{error}");
    }
}

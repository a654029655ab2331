//! Between the storage contract and the messages of `jaeger.storage.v1` and `jaeger.embedded.v1`, both ways.

mod kinds;
mod links;
mod query;
mod spans;
mod status;
mod written;

pub use kinds::{code_of, error_of, kind_of};
pub use links::{
    calls_of, calls_query_of, calls_query_to, calls_to, embedded_links_of, embedded_links_to, v1_links_of, v1_links_to,
};
pub use query::{
    DEFAULT_LIMIT, embedded_query_of, embedded_query_to, v1_query_of, v1_query_to, v1_range_of, v1_time_to,
};
pub use spans::{
    Chunk, chunk_of, failure_to, trace_id_of, trace_id_to, truncated_to, write_request, write_request_is_archive,
};
pub use status::{capabilities_of, status_of, status_to};
pub use written::{written_of, written_to};

/// Go's words for a trace that is not there; its clients know them.
pub const TRACE_NOT_FOUND: &str = "trace not found";

/// Names of services.
pub mod services {
    /// Writes one span a call.
    pub const WRITER: &str = "jaeger.storage.v1.SpanWriterPlugin";
    /// Writes many spans a call.
    pub const STREAMING_WRITER: &str = "jaeger.storage.v1.StreamingSpanWriterPlugin";
    /// Reads.
    pub const READER: &str = "jaeger.storage.v1.SpanReaderPlugin";
    /// Writes into the archive.
    pub const ARCHIVE_WRITER: &str = "jaeger.storage.v1.ArchiveSpanWriterPlugin";
    /// Reads the archive.
    pub const ARCHIVE_READER: &str = "jaeger.storage.v1.ArchiveSpanReaderPlugin";
    /// Links between services.
    pub const DEPENDENCIES: &str = "jaeger.storage.v1.DependenciesReaderPlugin";
    /// Which of the former are there.
    pub const CAPABILITIES: &str = "jaeger.storage.v1.PluginCapabilities";
    /// Ours.
    pub const EMBEDDED: &str = "jaeger.embedded.v1.Storage";
}

/// Paths of calls.
#[allow(missing_docs, reason = "each is named as the call in proto/")]
pub mod paths {
    pub const WRITE_SPAN: &str = "/jaeger.storage.v1.SpanWriterPlugin/WriteSpan";
    pub const CLOSE: &str = "/jaeger.storage.v1.SpanWriterPlugin/Close";
    pub const WRITE_SPAN_STREAM: &str = "/jaeger.storage.v1.StreamingSpanWriterPlugin/WriteSpanStream";
    pub const GET_TRACE: &str = "/jaeger.storage.v1.SpanReaderPlugin/GetTrace";
    pub const GET_SERVICES: &str = "/jaeger.storage.v1.SpanReaderPlugin/GetServices";
    pub const GET_OPERATIONS: &str = "/jaeger.storage.v1.SpanReaderPlugin/GetOperations";
    pub const FIND_TRACES: &str = "/jaeger.storage.v1.SpanReaderPlugin/FindTraces";
    pub const FIND_TRACE_IDS: &str = "/jaeger.storage.v1.SpanReaderPlugin/FindTraceIDs";
    pub const WRITE_ARCHIVE_SPAN: &str = "/jaeger.storage.v1.ArchiveSpanWriterPlugin/WriteArchiveSpan";
    pub const GET_ARCHIVE_TRACE: &str = "/jaeger.storage.v1.ArchiveSpanReaderPlugin/GetArchiveTrace";
    pub const GET_DEPENDENCIES: &str = "/jaeger.storage.v1.DependenciesReaderPlugin/GetDependencies";
    pub const CAPABILITIES: &str = "/jaeger.storage.v1.PluginCapabilities/Capabilities";
    pub const EMBEDDED_WRITE: &str = "/jaeger.embedded.v1.Storage/Write";
    pub const EMBEDDED_FIND_TRACES: &str = "/jaeger.embedded.v1.Storage/FindTraces";
    pub const EMBEDDED_FIND_TRACE_IDS: &str = "/jaeger.embedded.v1.Storage/FindTraceIDs";
    pub const EMBEDDED_GET_DEPENDENCIES: &str = "/jaeger.embedded.v1.Storage/GetDependencies";
    pub const EMBEDDED_GET_CALLS: &str = "/jaeger.embedded.v1.Storage/GetCalls";
    pub const EMBEDDED_GET_STATUS: &str = "/jaeger.embedded.v1.Storage/GetStatus";
}

#[cfg(test)]
mod tests;

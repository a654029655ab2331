//! The store: what its parts share.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::linker::{Linker, Mode};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

use crate::archive::Archive;
use crate::bulk::Bulk;
use crate::client::{Client, ConnectError};
use crate::config::{Config, DocumentIds, TagMatch, TagsAsFields, TemplateConfig};
use crate::failure::Denied;
use crate::figures::Figures;
use crate::known_names::KnownNames;
use crate::names::Names;
use crate::once::Once;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Longer values are stored and not found.
pub(crate) const MAX_TAG_VALUE: usize = 256;

/// Spans in Elasticsearch. Nothing is asked of it before the first call; while it is away every call says so.
pub struct ElasticsearchStore {
    pub(crate) inner: Arc<Inner>,
    archive: Option<Arc<Archive>>,
}

/// One set of indices: the store's, or its archive's.
pub(crate) struct Inner {
    pub(crate) client: Arc<Client>,
    pub(crate) bulk: Arc<Bulk>,
    pub(crate) names: Names,
    pub(crate) known_names: KnownNames,
    pub(crate) tags_as_fields: TagsAsFields,
    pub(crate) tag_match: TagMatch,
    pub(crate) document_ids: DocumentIds,
    pub(crate) max_documents: usize,
    pub(crate) max_span_age: Duration,
    pub(crate) timeout: Option<Duration>,
    pub(crate) templates: Option<TemplateConfig>,
    pub(crate) templates_written: Once,
    pub(crate) archive: bool,
    pub(crate) linker: Linker,
}

impl Inner {
    fn new(config: &Config, archive: bool) -> Result<Self, ConnectError> {
        let client = Arc::new(Client::new(config)?);
        Ok(Self {
            bulk: Bulk::new(Arc::clone(&client), config, Arc::new(Figures::new())),
            client,
            names: Names::new(&config.index, &config.remote_clusters, archive),
            known_names: KnownNames::new(config.service_cache),
            tags_as_fields: config.tags_as_fields.clone(),
            tag_match: config.tag_match,
            document_ids: config.document_ids,
            max_documents: config.max_documents.clamp(1, 10_000),
            max_span_age: config.max_span_age,
            timeout: config.timeout,
            templates: config.templates.clone(),
            templates_written: Once::default(),
            archive,
            linker: Linker::new(if archive { Mode::Off } else { config.links }),
        })
    }
}

impl ElasticsearchStore {
    /// Prepares the connections of a store, and of its archive where it keeps one.
    ///
    /// # Errors
    /// An address, a file or a certificate that is none.
    pub fn connect(config: &Config, archive: Option<&Config>) -> Result<Self, ConnectError> {
        let archive = archive.map(|config| Inner::new(config, true)).transpose()?;
        let inner = Arc::new(Inner::new(config, false)?);
        Ok(Self { inner, archive: archive.map(|inner| Arc::new(Archive(Arc::new(inner)))) })
    }
}

impl ElasticsearchStore {
    /// Waits until it has answered once: the reason, where that is one that waiting does not change.
    pub async fn denied(&self) -> Option<StorageError> {
        let mut pause = FIRST_PAUSE;
        loop {
            // Where its version is told, `GET /` is not asked, and says nothing of who we are.
            let error = match self.inner.client.version().await {
                Err(error) if error.kind() == ErrorKind::Invalid => return Some(error),
                Err(error) => error,
                Ok(_) => self.inner.services().await.err()?,
            };
            if error.source().is_some_and(|source| source.is::<Denied>()) {
                return Some(error);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

impl std::fmt::Debug for ElasticsearchStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ElasticsearchStore").field("address", &self.inner.client.address()).finish_non_exhaustive()
    }
}

impl SpanWriter for ElasticsearchStore {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        let inner = Arc::downgrade(&self.inner);
        self.inner.linker.begin(move || {
            let inner = inner.upgrade()?;
            Some(async move { inner.linker.settle(&*inner, false).await })
        });
        Box::pin(async move { self.inner.write(&batch).await })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async move {
            self.inner.bulk.drained().await;
            self.inner.linker.settle(&*self.inner, true).await
        })
    }
}

impl SpanReader for ElasticsearchStore {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(self.inner.get_trace(id))
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(self.inner.find_traces(query))
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        Box::pin(self.inner.find_ids(query))
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        Box::pin(self.inner.services())
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        _kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        Box::pin(self.inner.operations(service))
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        Box::pin(self.inner.dependencies(range))
    }

    fn calls<'a>(&'a self, _query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        let message = "elasticsearch counts no calls by the minute; set METRICS_STORAGE_TYPE=prometheus";
        Box::pin(std::future::ready(Err(StorageError::new(ErrorKind::Invalid, message))))
    }
}

impl Store for ElasticsearchStore {
    fn name(&self) -> &'static str {
        "elasticsearch"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    /// As Go Jaeger's collector does when it starts: the version, and the templates.
    fn answers(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(self.inner.ready_to_write())
    }

    fn status(&self) -> StoreStatus {
        let servers = match self.inner.client.servers() {
            1 => String::new(),
            several => format!(" and {} more", several - 1),
        };
        let description = format!("elasticsearch at {}{servers}", self.inner.client.address());
        StoreStatus { description, ..StoreStatus::default() }
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        self.archive.clone().map(|archive| archive as Arc<dyn Store>)
    }
}

/// What Go Jaeger's documents hold, and no more.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    max_tag_value_bytes: Some(MAX_TAG_VALUE),
    link_errors: false,
    minute_calls: false,
    arrival_order: false,
    operation_kinds: false,
    ..Capabilities::ALL
};

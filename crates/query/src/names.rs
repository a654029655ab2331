//! Services, operations and dependencies: short answers out of the store's summaries.

use std::time::Instant;

use jaeger_model::Timestamp;
use jaeger_service::metrics::Operation as Read;
use jaeger_storage::{DependencyLink, Operation};

use crate::envelope;
use crate::error::ApiError;
use crate::params::{Form, dependency_range, required_service, unescape};
use crate::render::json;
use crate::search::Search;

/// What Go Jaeger calls the kind of spans without one.
pub(crate) const NO_KIND: &str = "unspecified";

/// The kind to ask a store for: none for every kind, an empty one for spans without.
pub(crate) fn kind_asked(kind: &str) -> Option<&str> {
    match kind {
        "" => None,
        NO_KIND => Some(""),
        kind => Some(kind),
    }
}

impl Search {
    /// `/api/services`.
    ///
    /// # Errors
    /// The store's.
    pub async fn services(&self) -> Result<Vec<u8>, ApiError> {
        Ok(envelope::texts(&self.service_names().await?))
    }

    pub(crate) async fn service_names(&self) -> Result<Vec<String>, ApiError> {
        let since = Instant::now();
        let services = self.store.services().await;
        let found = services.as_ref().map_or(0, Vec::len) as u64;
        self.metrics.finished(Read::GetServices, services.is_ok(), since.elapsed(), found);
        Ok(services?)
    }

    /// `/api/services/{service}/operations`: each name once, whatever kinds it has.
    ///
    /// # Errors
    /// The store's.
    pub async fn operation_names(&self, service: &str) -> Result<Vec<u8>, ApiError> {
        let service = unescape(service, true);
        let mut names: Vec<String> = match service {
            Some(service) => self.operations_of(&service, None).await?.into_iter().map(|o| o.name).collect(),
            None => Vec::new(),
        };
        // They come sorted by name.
        names.dedup();
        Ok(envelope::texts(&names))
    }

    /// `/api/operations`.
    ///
    /// # Errors
    /// A parameter's, or the store's.
    pub async fn operations(&self, form: &Form<'_>) -> Result<Vec<u8>, ApiError> {
        let service = required_service(form)?;
        let operations = self.operations_of(service, kind_asked(form.first("spanKind"))).await?;
        Ok(envelope::list(operations.iter(), operations.len(), |out, operation| {
            out.extend_from_slice(b"{\"name\":");
            json::string(out, &operation.name);
            out.extend_from_slice(b",\"spanKind\":");
            json::string(out, if operation.kind.is_empty() { NO_KIND } else { &operation.kind });
            out.push(b'}');
        }))
    }

    pub(crate) async fn operations_of(&self, service: &str, kind: Option<&str>) -> Result<Vec<Operation>, ApiError> {
        let since = Instant::now();
        let operations = self.store.operations(service, kind).await;
        let found = operations.as_ref().map_or(0, Vec::len) as u64;
        self.metrics.finished(Read::GetOperations, operations.is_ok(), since.elapsed(), found);
        Ok(operations?)
    }

    /// `/api/dependencies`.
    ///
    /// # Errors
    /// A parameter's, or the store's.
    pub async fn dependencies(&self, form: &Form<'_>, now: Timestamp) -> Result<Vec<u8>, ApiError> {
        let range = dependency_range(form, now)?;
        let service = form.first("service");
        let mut links = if range.start <= range.end { self.store.dependencies(range).await? } else { Vec::new() };
        links.retain(|link| service.is_empty() || link.parent == service || link.child == service);
        Ok(envelope::list(links.iter(), 0, push_link))
    }
}

fn push_link(out: &mut Vec<u8>, link: &DependencyLink) {
    out.extend_from_slice(b"{\"parent\":");
    json::string(out, &link.parent);
    out.extend_from_slice(b",\"child\":");
    json::string(out, &link.child);
    out.extend_from_slice(b",\"callCount\":");
    json::unsigned(out, link.call_count);
    out.extend_from_slice(b",\"errorCount\":");
    json::unsigned(out, link.error_count);
    out.push(b'}');
}

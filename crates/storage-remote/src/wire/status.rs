//! What a store says of itself.

use jaeger_storage::{Capabilities, LATENCY_BOUNDS_MICROS, Store, StoreStatus};
use jaeger_wire::generated::embedded_v1;

/// The answer of a server over `store` that takes messages of at most `max_message_bytes`.
#[must_use]
pub fn status_to(store: &dyn Store, max_message_bytes: usize) -> embedded_v1::GetStatusResponse {
    let (can, status) = (store.capabilities(), store.status());
    embedded_v1::GetStatusResponse {
        store: store.name().to_owned(),
        capabilities: Some(embedded_v1::Capabilities {
            search_without_service: can.search_without_service,
            tags_with_duration: can.tags_with_duration,
            max_tag_value_bytes: can.max_tag_value_bytes.map(|bytes| bytes as u64),
            dependencies: can.dependencies,
            minute_calls: can.minute_calls,
            arrival_order: can.arrival_order,
            archive: store.archive().is_some(),
            link_errors: can.link_errors,
        }),
        spans: status.spans,
        bytes: status.bytes,
        max_bytes: status.max_bytes,
        evicted_spans: status.evicted_spans,
        description: status.description,
        max_message_bytes: max_message_bytes as u64,
        latency_bounds_micros: LATENCY_BOUNDS_MICROS.to_vec(),
    }
}

/// What the server's store can do. Calls in other buckets than ours are none that we could show.
#[must_use]
pub fn capabilities_of(response: &embedded_v1::GetStatusResponse) -> Capabilities {
    let can = response.capabilities.unwrap_or_default();
    Capabilities {
        search: true,
        search_without_service: can.search_without_service,
        tags_with_duration: can.tags_with_duration,
        max_tag_value_bytes: can.max_tag_value_bytes.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)),
        dependencies: can.dependencies,
        link_errors: can.link_errors,
        minute_calls: can.minute_calls && response.latency_bounds_micros == LATENCY_BOUNDS_MICROS,
        arrival_order: can.arrival_order,
        // Not told on this wire; only Cassandra's index lacks it.
        operation_kinds: true,
        equal_starts: true,
    }
}

/// What the server's store holds; `address` is where that is.
#[must_use]
pub fn status_of(response: &embedded_v1::GetStatusResponse, address: &str) -> StoreStatus {
    StoreStatus {
        spans: response.spans,
        bytes: response.bytes,
        max_bytes: response.max_bytes,
        evicted_spans: response.evicted_spans,
        description: format!("the {} store at {address}: {}", response.store, response.description),
    }
}

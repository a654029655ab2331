//! Code made from `proto/` by `make codegen`: the messages that hold no spans, and the services that carry them.

/// Package `jaeger.api_v2`: how services sample.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::cast_possible_truncation,
    clippy::let_underscore_must_use,
    clippy::semicolon_if_nothing_returned
)]
pub mod api_v2 {
    include!("gen/jaeger.api_v2.rs");
}

/// Package `jaeger.api_v2`: questions of its query service, without the messages that hold spans.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::cast_possible_truncation,
    clippy::let_underscore_must_use,
    clippy::semicolon_if_nothing_returned
)]
pub mod api_v2_query {
    include!("gen/jaeger.api_v2.query.rs");
}

/// Package `jaeger.api_v2.metrics`: calls, errors and latencies.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::cast_possible_truncation,
    clippy::let_underscore_must_use,
    clippy::semicolon_if_nothing_returned
)]
pub mod api_v2_metrics {
    include!("gen/jaeger.api_v2.metrics.rs");
}

/// Package `jaeger.api_v3`: questions of its query service, and summaries.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::cast_possible_truncation,
    clippy::let_underscore_must_use,
    clippy::semicolon_if_nothing_returned
)]
pub mod api_v3 {
    include!("gen/jaeger.api_v3.rs");
}

/// Package `jaeger.storage.v1`: a store in another process, without the messages that hold spans.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::cast_possible_truncation,
    clippy::let_underscore_must_use,
    clippy::semicolon_if_nothing_returned
)]
pub mod storage_v1 {
    include!("gen/jaeger.storage.v1.rs");
}

/// Package `jaeger.embedded.v1`: what the former cannot say, without the messages that hold spans.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::cast_possible_truncation,
    clippy::let_underscore_must_use,
    clippy::semicolon_if_nothing_returned
)]
pub mod embedded_v1 {
    include!("gen/jaeger.embedded.v1.rs");
}

/// The definitions of `proto/storage_v1` and what they import, for server reflection.
pub const STORAGE_V1_DESCRIPTORS: &[u8] = include_bytes!("gen/jaeger.storage.v1.descriptors");

/// The definitions of `proto/embedded_v1` and what they import, for server reflection.
pub const EMBEDDED_V1_DESCRIPTORS: &[u8] = include_bytes!("gen/jaeger.embedded.v1.descriptors");

/// The definitions of `proto/api_v2` and what they import, for server reflection.
pub const API_V2_DESCRIPTORS: &[u8] = include_bytes!("gen/jaeger.api_v2.descriptors");

/// The definitions of `proto/api_v2/query.proto` and what it imports, for server reflection.
pub const API_V2_QUERY_DESCRIPTORS: &[u8] = include_bytes!("gen/jaeger.api_v2.query.descriptors");

/// The definitions of `proto/api_v2_metrics` and what they import, for server reflection.
pub const API_V2_METRICS_DESCRIPTORS: &[u8] = include_bytes!("gen/jaeger.api_v2.metrics.descriptors");

/// The definitions of `proto/api_v3` and what they import, for server reflection.
pub const API_V3_DESCRIPTORS: &[u8] = include_bytes!("gen/jaeger.api_v3.descriptors");

#[cfg(test)]
mod tests {
    use prost::Message as _;

    #[test]
    fn the_descriptors_name_the_services() {
        let services = |descriptors: &[u8]| {
            let all = prost_types::FileDescriptorSet::decode(descriptors).expect("descriptors");
            let services = all.file.iter().flat_map(|file| &file.service).map(|service| service.name().to_owned());
            let mut services: Vec<String> = services.collect();
            services.sort_unstable();
            services
        };
        assert_eq!(services(super::API_V2_DESCRIPTORS), ["CollectorService", "SamplingManager"]);
        assert_eq!(services(super::STORAGE_V1_DESCRIPTORS).len(), 7);
        assert_eq!(services(super::API_V2_QUERY_DESCRIPTORS), ["QueryService"]);
        assert_eq!(services(super::API_V2_METRICS_DESCRIPTORS), ["MetricsQueryService"]);
        assert_eq!(services(super::API_V3_DESCRIPTORS), ["QueryService"]);
        assert_eq!(services(super::EMBEDDED_V1_DESCRIPTORS), ["Storage"]);
    }
}

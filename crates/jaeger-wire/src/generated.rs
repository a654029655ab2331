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

/// The definitions of `proto/api_v2` and what they import, for server reflection.
pub const API_V2_DESCRIPTORS: &[u8] = include_bytes!("gen/jaeger.api_v2.descriptors");

#[cfg(test)]
mod tests {
    use prost::Message as _;

    #[test]
    fn the_descriptors_name_the_services() {
        let all = prost_types::FileDescriptorSet::decode(super::API_V2_DESCRIPTORS).expect("descriptors");
        let mut services: Vec<_> =
            all.file.iter().flat_map(|file| &file.service).map(|service| service.name()).collect();
        services.sort_unstable();
        assert_eq!(services, ["CollectorService", "SamplingManager"]);
    }
}

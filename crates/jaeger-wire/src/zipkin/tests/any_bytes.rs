//! Any bytes: no panic, nothing left behind by an error, and no more memory than the bytes can account for.

use proptest::prelude::*;

use crate::testing::recorded::body;
use crate::testing::zipkin;

/// Each decoder; whether it takes the bytes does not matter.
fn check(bytes: &[u8]) {
    for decoder in [zipkin::v1_thrift, zipkin::v1_json, zipkin::v2_json, zipkin::v2_protobuf] {
        let _taken = decoder(bytes);
    }
}

/// Text that is likely to be Zipkin's JSON.
fn likely_json() -> impl Strategy<Value = String> {
    let pieces: Vec<String> = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "null",
        "true",
        "0",
        "7",
        "-1",
        "1e3",
        "1700000000000000",
        "\"\"",
        "\"cs\"",
        "\"CLIENT\"",
        "\"1.2.3.4\"",
        "\"::1\"",
        "\"0000000000000001\"",
        "\"a|{\\\"k\\\":1}|0\"",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain(
        [
            "traceId",
            "id",
            "parentId",
            "name",
            "kind",
            "timestamp",
            "duration",
            "localEndpoint",
            "remoteEndpoint",
            "serviceName",
            "ipv4",
            "ipv6",
            "port",
            "annotations",
            "binaryAnnotations",
            "value",
            "key",
            "endpoint",
            "tags",
            "service.name",
            "error",
            "otlp.link.0",
        ]
        .into_iter()
        .map(|member| format!("\"{member}\":")),
    )
    .collect();
    prop::collection::vec(prop::sample::select(pieces), 0..60).prop_map(|pieces| format!("[{{{}", pieces.concat()))
}

/// A good body with some bytes changed, and cut.
fn damaged(body: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let len = body.len();
    let changes = prop::collection::vec((0..len, any::<u8>()), 0..4);
    (changes, 0..=len).prop_map(move |(changes, cut)| {
        let mut body = body.clone();
        for (place, byte) in changes {
            body[place] = byte;
        }
        body.truncate(cut.max(1));
        body
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
    }

    #[test]
    fn likely_json_is_read_or_refused(text in likely_json()) {
        check(text.as_bytes());
    }

    #[test]
    fn damaged_thrift_is_read_or_refused(bytes in damaged(body("zipkin-v1-thrift"))) {
        check(&bytes);
    }

    #[test]
    fn damaged_v1_json_is_read_or_refused(bytes in damaged(body("zipkin-v1-json"))) {
        check(&bytes);
    }

    #[test]
    fn damaged_v2_json_is_read_or_refused(bytes in damaged(body("zipkin-v2-json"))) {
        check(&bytes);
    }

    #[test]
    fn damaged_protobuf_is_read_or_refused(bytes in damaged(body("zipkin-v2-proto"))) {
        check(&bytes);
    }
}

//! What Go Jaeger made of the same bodies and packets.

use jaeger_model::{Batch, BatchBuilder, Timestamp};
use serde_json::Value as Json;

use crate::jaeger::{Message, calls_zipkin, decode_message};
use crate::testing::recorded::{body, file, packets, raw_spans, shown};
use crate::thrift::Protocol;
use crate::zipkin::{decode_thrift, decode_v1_json, decode_v2_json, decode_v2_protobuf};

/// Finds each span of `batch` in the raw answers of the case of that name. Spans share ids here, so they are put
/// in order by their whole text; keys whose tags Go has in no order are compared sorted.
fn check(name: &str, batch: &Batch, tags_are_ordered: bool) {
    let mut expected = raw_spans(&file(&format!("cases/{name}.json")));
    let mut got: Vec<Json> = batch.spans().map(shown).collect();
    for spans in [&mut expected, &mut got] {
        for span in spans.iter_mut() {
            span.as_object_mut().expect("a span").remove("flags");
            let tags = span["tags"].as_array_mut().expect("tags");
            if !tags_are_ordered {
                tags.sort_by_key(ToString::to_string);
            }
        }
        spans.sort_by_key(|span| (span["spanID"].to_string(), span["startTime"].to_string(), span.to_string()));
    }
    expected.dedup();
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(&expected) {
        assert_eq!(got, expected);
    }
}

#[test]
fn compact_packets_are_read_as_an_agent_of_gos_reads_them() {
    let mut builder = BatchBuilder::new().with_format("proto");
    for packet in packets("udp-zipkin-compact") {
        assert!(calls_zipkin(&packet));
        let message = decode_message(&packet, Protocol::Compact, &mut builder);
        assert_eq!(message, Ok(Message::EmitZipkinBatch { spans: 6 }));
    }
    let batch = builder.finish();
    check("udp-zipkin-compact", &batch, true);
    let debug: Vec<u32> = batch.spans().filter(|span| span.span_id().0 == 0x52).map(|span| span.flags()).collect();
    assert_eq!(debug, [2, 2]);
}

#[test]
fn a_span_without_a_service_does_not_take_the_others_with_it() {
    let mut builder = BatchBuilder::new().with_format("proto");
    for packet in packets("udp-zipkin-compact-no-service") {
        decode_message(&packet, Protocol::Compact, &mut builder).expect("a message");
    }
    let batch = builder.finish();
    assert_eq!(batch.len(), 8);
    let nameless: Vec<_> = batch.spans().filter(|span| span.operation() == "nothing").collect();
    assert_eq!(nameless.len(), 1);
    assert_eq!(nameless[0].process().map(|process| process.service()), Some("unknown-service-name"));
}

/// A body as the collector reads it.
fn read(decode: impl FnOnce(&mut BatchBuilder) -> Result<usize, crate::DecodeError>) -> Batch {
    let mut builder = BatchBuilder::new().with_format("zipkin");
    let count = decode(&mut builder).expect("spans");
    let batch = builder.finish();
    assert_eq!(batch.len(), count);
    batch
}

#[test]
fn v1_in_thrift_is_read_as_gos_collector_reads_it() {
    check("zipkin-v1-thrift", &read(|builder| decode_thrift(&body("zipkin-v1-thrift"), builder)), true);
}

#[test]
fn v1_in_json_is_read_as_gos_collector_reads_it() {
    check("zipkin-v1-json", &read(|builder| decode_v1_json(&body("zipkin-v1-json"), Timestamp::MAX, builder)), true);
}

#[test]
fn v2_in_json_is_read_as_gos_collector_reads_it() {
    check("zipkin-v2-json", &read(|builder| decode_v2_json(&body("zipkin-v2-json"), builder)), false);
    check("zipkin-v2-json-deflate", &read(|builder| decode_v2_json(&body("zipkin-v2-json-deflate"), builder)), false);
}

#[test]
fn v2_in_protobuf_is_read_as_gos_collector_reads_it() {
    check("zipkin-v2-proto", &read(|builder| decode_v2_protobuf(&body("zipkin-v2-proto"), builder)), false);
}

/// The body, the content type and the error's text of every request to 9411 that Go refused.
#[test]
fn what_go_refuses_is_refused_in_its_words() {
    let case = file("cases/errors.json");
    let mut refused = 0;
    for exchange in case["exchanges"].as_array().expect("exchanges") {
        let request = &exchange["request"];
        let url = request["url"].as_str().expect("a url");
        if !url.contains(":9411/")
            || exchange["response"]["status"] != 400
            || !request["headers"]["Content-Encoding"].is_null()
        {
            continue;
        }
        let body = crate::testing::recorded::body_of(request);
        let thrift = request["headers"]["Content-Type"] == "application/x-thrift";
        let protobuf = request["headers"]["Content-Type"] == "application/x-protobuf";
        let builder = &mut BatchBuilder::new();
        let read = match url.contains("api/v1/spans") {
            true if thrift => decode_thrift(&body, builder),
            true => decode_v1_json(&body, Timestamp::default(), builder),
            false if protobuf => decode_v2_protobuf(&body, builder),
            false => decode_v2_json(&body, builder),
        };
        let error = read.expect_err("Go refuses it").to_string();
        assert_eq!(format!("{error}\n"), exchange["response"]["body"].as_str().expect("text"), "{request}");
        refused += 1;
    }
    assert!(refused >= 20, "{refused}");
}

#[test]
fn a_packet_says_in_its_head_which_method_it_calls() {
    let name = b"emitZipkinBatch";
    assert!(calls_zipkin(&[&b"\x80\x01\0\x04\0\0\0\x0f"[..], name, &[0; 20]].concat()), "strict");
    assert!(calls_zipkin(&[&b"\0\0\0\x0f"[..], name, &[0; 20]].concat()), "old");
    assert!(calls_zipkin(&[&b"\x82\x21\xff\xff\xff\xff\x0f\x0f"[..], name].concat()), "a long sequence number");
    assert!(!calls_zipkin(b"\x82\x81\x01\x09emitBatch"));
    assert!(!calls_zipkin(&[&[0; 40][..], name].concat()), "a text far behind is no method");
    assert!(!calls_zipkin(b""));
}

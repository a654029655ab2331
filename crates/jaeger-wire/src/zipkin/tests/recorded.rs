//! What Go Jaeger made of the same bodies and packets.

use jaeger_model::{Batch, BatchBuilder};
use serde_json::Value as Json;

use crate::jaeger::{Message, decode_message};
use crate::testing::recorded::{file, packets, raw_spans, shown};
use crate::thrift::Protocol;

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

//! prost as a second opinion: the same messages by its derive, read from our bytes and written to us.

use std::collections::BTreeMap;

use proptest::prelude::*;
use prost::Message;

use super::read_post;
use super::round_trip::SHAPE;
use crate::api_v2::encode_post_spans;
use crate::testing::{batches, describe};

#[derive(Clone, PartialEq, Message)]
struct PostSpansRequest {
    #[prost(message, optional, tag = "1")]
    batch: Option<Batch>,
}

#[derive(Clone, PartialEq, Message)]
struct Batch {
    #[prost(message, repeated, tag = "1")]
    spans: Vec<Span>,
    #[prost(message, optional, tag = "2")]
    process: Option<Process>,
}

#[derive(Clone, PartialEq, Message)]
struct Span {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    operation_name: String,
    #[prost(message, repeated, tag = "4")]
    references: Vec<SpanRef>,
    #[prost(uint32, tag = "5")]
    flags: u32,
    #[prost(message, optional, tag = "6")]
    start_time: Option<prost_types::Timestamp>,
    #[prost(message, optional, tag = "7")]
    duration: Option<prost_types::Duration>,
    #[prost(message, repeated, tag = "8")]
    tags: Vec<KeyValue>,
    #[prost(message, repeated, tag = "9")]
    logs: Vec<Log>,
    #[prost(message, optional, tag = "10")]
    process: Option<Process>,
    #[prost(string, tag = "11")]
    process_id: String,
    #[prost(string, repeated, tag = "12")]
    warnings: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
struct SpanRef {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(int32, tag = "3")]
    ref_type: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Process {
    #[prost(string, tag = "1")]
    service_name: String,
    #[prost(message, repeated, tag = "2")]
    tags: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct Log {
    #[prost(message, optional, tag = "1")]
    timestamp: Option<prost_types::Timestamp>,
    #[prost(message, repeated, tag = "2")]
    fields: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(int32, tag = "2")]
    v_type: i32,
    #[prost(string, tag = "3")]
    v_str: String,
    #[prost(bool, tag = "4")]
    v_bool: bool,
    #[prost(int64, tag = "5")]
    v_int64: i64,
    #[prost(double, tag = "6")]
    v_float64: f64,
    #[prost(bytes = "vec", tag = "7")]
    v_binary: Vec<u8>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn prost_agrees(batch in batches(SHAPE)) {
        let mut ours = Vec::new();
        encode_post_spans(None, batch.spans(), &mut ours);
        let read = PostSpansRequest::decode(&*ours).expect("a request");
        let spans = read.batch.as_ref().map_or(&[][..], |batch| &batch.spans);
        prop_assert_eq!(spans.len(), batch.len());
        for (theirs, ours) in spans.iter().zip(batch.spans()) {
            prop_assert_eq!(&theirs.operation_name, ours.operation());
            prop_assert_eq!(theirs.tags.len(), ours.tags().len());
            prop_assert_eq!(theirs.process.as_ref().map(|process| &*process.service_name), ours.process().map(|process| process.service()));
        }
        // What prost makes of it says the same. It writes no -0.0, and no `false` that is the value: neither do we lose.
        let theirs = read.encode_to_vec();
        let plain = describe(&batch).replace("F64(-0.0)", "F64(0.0)");
        prop_assert_eq!(describe(&read_post(&theirs).expect("a request")).replace("F64(-0.0)", "F64(0.0)"), plain);
        prop_assert_eq!(counts(&ours), counts(&theirs));
    }
}

/// How often each field of the batch's messages stands there.
fn counts(body: &[u8]) -> BTreeMap<u32, usize> {
    let mut counts = BTreeMap::new();
    let mut request = crate::protobuf::Reader::new(body);
    while let Some(batch) = request.field().expect("fields") {
        let mut batch = batch.wire.message("batch").expect("a message");
        while let Some(field) = batch.field().expect("fields") {
            let mut span = field.wire.message("span").expect("a message");
            while let Some(field) = span.field().expect("fields") {
                *counts.entry(field.number).or_default() += 1;
            }
        }
    }
    counts
}

//! What Go Jaeger's api_v3 answers for bodies that we read: the same resources, scopes and spans.

use jaeger_model::{Batch, BatchBuilder};
use serde_json::Value as Json;

use crate::otlp::{decode_json, decode_protobuf, encode_json};
use crate::testing::recorded::{body, file};

/// The spans as text, each with its resource and scope, sorted.
fn spans(traces: &Json) -> Vec<String> {
    let list = |json: &Json, key: &str| json[key].as_array().cloned().unwrap_or_default();
    let mut spans = Vec::new();
    for resource in list(traces, "resourceSpans") {
        for scope in list(&resource, "scopeSpans") {
            for span in list(&scope, "spans") {
                let ids = [&span["traceId"], &span["spanId"]];
                spans.push(format!("{} {} {} {} {span}", ids[0], ids[1], resource["resource"], scope["scope"]));
            }
        }
    }
    spans.sort();
    spans
}

/// The batch's spans in our words, and in Go's.
fn check(name: &str, batch: &Batch) {
    let mut text = Vec::new();
    encode_json(batch.spans(), &mut text);
    let ours: Json = serde_json::from_slice(&text).expect("JSON");

    let case = file(&format!("cases/{name}.json"));
    let exchanges = case["exchanges"].as_array().expect("exchanges").iter();
    let mut answers: Vec<String> = exchanges
        .filter(|exchange| exchange["request"]["url"].as_str().is_some_and(|url| url.contains("/api/v3/traces/")))
        .filter_map(|exchange| exchange["response"]["body"].as_str())
        .flat_map(|answer| spans(&serde_json::from_str::<Json>(answer).expect("JSON")["result"]))
        .collect();
    answers.sort();
    assert!(!answers.is_empty());
    let trace_of = |span: &String| span.split(' ').next().map(str::to_owned);
    let mut ours = spans(&ours);
    ours.retain(|span| answers.iter().any(|answer| trace_of(answer) == trace_of(span)));
    assert_eq!(ours.len(), answers.len());
    for (ours, answer) in ours.iter().zip(&answers) {
        assert_eq!(ours, answer);
    }
}

fn check_otlp(name: &str) {
    let body = body(name);
    let mut builder = BatchBuilder::new().with_format("otlp");
    let decode = if body.first() == Some(&b'{') { decode_json } else { decode_protobuf };
    decode(&body, &mut builder).expect("decodes");
    check(name, &builder.finish());
}

#[test]
fn spans_of_the_javascript_sdk_are_answered_as_go_answers_them() {
    check_otlp("otlp-js-json");
}

#[test]
fn spans_of_the_python_sdk_are_answered_as_go_answers_them() {
    check_otlp("otlp-py-proto");
}

#[test]
fn bytes_and_nested_and_empty_values_are_answered_as_go_answers_them() {
    check_otlp("otlp-pb-hand-gzip");
}

#[cfg(feature = "grpc")]
#[test]
fn spans_of_api_v2_are_answered_as_go_answers_them() {
    for name in ["apiv2-batch-process", "apiv2-clock-skew", "apiv2-duplicates", "apiv2-refs-warnings"] {
        let mut builder = BatchBuilder::new().with_format("proto");
        crate::api_v2::decode_post_spans(&body(name), &mut builder).expect("decodes");
        check(name, &builder.finish());
    }
}

#[cfg(feature = "thrift")]
#[test]
fn spans_of_thrift_over_http_are_answered_as_go_answers_them() {
    let mut builder = BatchBuilder::new().with_format("jaeger");
    let body = body("thrift-http-types");
    crate::jaeger::decode_batch(&body, crate::thrift::Protocol::Binary, &mut builder).expect("decodes");
    // Go's memory store loses the sign of a zero.
    let mut edit = jaeger_model::BatchEdit::of(builder.finish());
    let zeros: Vec<(usize, usize)> = (0..edit.batch().len())
        .flat_map(|span| {
            let tags = edit.span(span).into_iter().flat_map(|span| span.tags()).enumerate();
            let zeros = tags.filter(|(_, tag)| tag.value == jaeger_model::Value::F64(0.0));
            zeros.map(|(tag, _)| (span, tag)).collect::<Vec<_>>()
        })
        .collect();
    for (span, tag) in zeros {
        edit.set_span_tag(span, tag, jaeger_model::Value::F64(0.0));
    }
    check("thrift-http-types", &edit.into_batch());
}

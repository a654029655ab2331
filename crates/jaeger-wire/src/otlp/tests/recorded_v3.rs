//! What Go Jaeger's api_v3 answers for bodies that we read: the same resources, scopes and spans.

use jaeger_model::BatchBuilder;
use serde_json::Value as Json;

use super::recorded::{body, file};
use crate::otlp::{decode_json, decode_protobuf, encode_json};

/// The spans, each with its resource and scope, in the order of their ids.
fn spans(traces: &Json) -> Vec<(String, Json, Json, Json)> {
    let list = |json: &Json, key: &str| json[key].as_array().cloned().unwrap_or_default();
    let mut spans = Vec::new();
    for resource in list(traces, "resourceSpans") {
        for scope in list(&resource, "scopeSpans") {
            for span in list(&scope, "spans") {
                let id = span["spanId"].as_str().unwrap_or("").to_owned();
                spans.push((id, resource["resource"].clone(), scope["scope"].clone(), span));
            }
        }
    }
    spans.sort_by(|a, b| a.0.cmp(&b.0));
    spans
}

fn check(name: &str) {
    let body = body(name);
    let mut builder = BatchBuilder::new().with_format("otlp");
    let decode = if body.first() == Some(&b'{') { decode_json } else { decode_protobuf };
    decode(&body, &mut builder).expect("decodes");
    let batch = builder.finish();
    let mut text = Vec::new();
    encode_json(batch.spans(), &mut text);
    let ours: Json = serde_json::from_slice(&text).expect("JSON");

    let case = file(&format!("cases/{name}.json"));
    let exchanges = case["exchanges"].as_array().expect("exchanges").iter();
    let answer = exchanges
        .filter(|exchange| exchange["request"]["url"].as_str().is_some_and(|url| url.contains("/api/v3/traces/")))
        .find_map(|exchange| exchange["response"]["body"].as_str())
        .expect("an answer");
    let answer: Json = serde_json::from_str(answer).expect("JSON");
    let expected = spans(&answer["result"]);
    assert_eq!(expected.len(), batch.len());
    for (ours, expected) in spans(&ours).iter().zip(&expected) {
        assert_eq!(ours, expected);
    }
}

#[test]
fn spans_of_the_javascript_sdk_are_answered_as_go_answers_them() {
    check("otlp-js-json");
}

#[test]
fn spans_of_the_python_sdk_are_answered_as_go_answers_them() {
    check("otlp-py-proto");
}

#[test]
fn bytes_and_nested_and_empty_values_are_answered_as_go_answers_them() {
    check("otlp-pb-hand-gzip");
}

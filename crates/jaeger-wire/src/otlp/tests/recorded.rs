//! What Go Jaeger made of the same bodies: `tests/recorded/`, raw answers of `/api/traces`.

use jaeger_model::BatchBuilder;
use serde_json::{Value as Json, json};

use crate::otlp::{count_spans, decode_json, decode_protobuf};
use crate::testing::recorded::{body, file, raw_spans, shown};

/// Decodes `input`, and finds each of its spans in the raw answers of `case`.
fn check(input: &str, case: &Json, format: &'static str, change: impl Fn(&mut Json)) {
    let body = body(input);
    let mut builder = BatchBuilder::new();
    if !format.is_empty() {
        builder = builder.with_format(format);
    }
    let outcome = if body.first() == Some(&b'{') {
        decode_json(&body, &mut builder)
    } else {
        assert_eq!(count_spans(&body), decode_protobuf(&body, &mut BatchBuilder::new()).expect("decodes").accepted);
        decode_protobuf(&body, &mut builder)
    };
    let batch = builder.finish();
    assert_eq!(outcome.map(|outcome| (outcome.accepted, outcome.rejected)), Ok((batch.len(), 0)));

    let mut expected = raw_spans(case);
    let mut got: Vec<Json> = batch.spans().map(shown).collect();
    got.iter_mut().for_each(&change);
    let by_id = |span: &Json| span["spanID"].as_str().unwrap_or("").to_owned();
    expected.sort_by_key(by_id);
    got.sort_by_key(by_id);
    expected.dedup();
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(&expected) {
        assert_eq!(got, expected);
    }
}

fn check_v1(name: &str) {
    check(name, &file(&format!("cases/{name}.json")), "otlp", |_| {});
}

#[test]
fn json_of_the_javascript_sdk_is_read_as_go_reads_it() {
    check_v1("otlp-js-json");
}

#[test]
fn protobuf_of_the_python_sdk_is_read_as_go_reads_it() {
    check_v1("otlp-py-proto");
}

#[test]
fn bytes_and_nested_and_empty_values_are_read_as_go_reads_them() {
    check_v1("otlp-pb-hand-gzip");
}

/// Go Jaeger 2.20 keeps OTLP inside and changes more than 1.62 does; what is left is alike.
#[test]
fn json_with_every_part_is_read_as_go_2_reads_it() {
    let cases = file("cases/v2-otlp.json");
    let cases = cases["cases"].as_array().expect("cases");
    let case = cases.iter().find(|case| case["name"] == "otlp-json-hand").expect("the case");
    check("otlp-json-hand", case, "", |span| {
        let service = span["process"]["serviceName"].as_str().expect("a service").to_owned();
        // Services without a name and operations without one get another name there, and an `ip` is made readable.
        span["process"]["serviceName"] = match (service.as_str(), span["operationName"].as_str()) {
            ("OTLPResourceNoServiceName", _) => json!("missing-service-name"),
            ("", Some("service name is a number")) => json!("service-name-wrong-type"),
            ("", _) => json!("empty-service-name"),
            (service, _) => json!(service),
        };
        if span["operationName"] == "" {
            span["operationName"] = json!("empty-span-name");
        }
        // Its adjusters changed what it stored: sorted, large numbers in quotes, negative durations nearly 0.
        if span["duration"].as_u64() > Some(1 << 60) {
            span["duration"] = json!(0);
        }
        for tags in [span["tags"].as_array_mut()] {
            let tags = tags.expect("tags");
            let kind = |tag: &Json| tag["key"].as_str().map(str::to_owned);
            let own = tags.iter().position(|tag| kind(tag).is_some_and(|key| !key.starts_with("otel.scope")));
            if let Some(own) = own {
                let end = tags.len()
                    - tags
                        .iter()
                        .rev()
                        .take_while(|tag| {
                            ["span.kind", "otel.status_code", "error", "otel.status_description", "w3c.tracestate"]
                                .iter()
                                .any(|key| tag["key"] == *key)
                        })
                        .count();
                if let Some(own) = tags.get_mut(own..end.max(own)) {
                    own.sort_by_key(kind);
                }
            }
            for tag in tags.iter_mut().filter(|tag| tag["key"] == "i") {
                tag["value"] = json!(tag["value"].to_string());
            }
        }
        let process = span["process"]["tags"].as_array_mut().expect("tags");
        process.sort_by_key(|tag| tag["key"].as_str().map(str::to_owned));
        for tag in process.iter_mut().filter(|tag| tag["key"] == "ip") {
            *tag = json!({"key": "ip", "type": "string", "value": "127.0.0.1"});
        }
        let logs = span["logs"].as_array_mut().expect("logs");
        logs.sort_by_key(|log| log["timestamp"].as_i64());
        for fields in logs.iter_mut().filter_map(|log| log["fields"].as_array_mut()) {
            fields.sort_by_key(|field| (field["key"] != "event", field["key"].as_str().map(str::to_owned)));
        }
    });
}

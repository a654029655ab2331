//! Templates as Go Jaeger 1.62 installs them.

use super::*;

fn config() -> TemplateConfig {
    TemplateConfig { shards: 5, replicas: 1, span_priority: 3, service_priority: 4 }
}

#[test]
fn version_7_has_a_pattern_with_a_star_in_front_and_version_8_a_priority() {
    let seven = template(Of::Spans, Version::Seven, "shop-jaeger-span", &config());
    assert_eq!(seven["index_patterns"], "*shop-jaeger-span-*");
    assert_eq!(seven["settings"]["index.number_of_shards"], 5);
    let eight = template(Of::Spans, Version::Eight, "shop-jaeger-span", &config());
    assert_eq!(eight["index_patterns"], "shop-jaeger-span-*");
    assert_eq!(eight["priority"], 3);
    assert_eq!(
        (&eight["template"]["settings"], &eight["template"]["mappings"]),
        (&seven["settings"], &seven["mappings"])
    );
    assert_eq!(template(Of::Services, Version::Eight, "jaeger-service", &config())["priority"], 4);
}

#[test]
fn spans_are_mapped_field_by_field() {
    let keyword = json!({"type": "keyword", "ignore_above": 256});
    let key_values =
        json!({"type": "nested", "dynamic": false, "properties": {"key": keyword, "value": keyword, "type": keyword}});
    let mappings = &template(Of::Spans, Version::Seven, "jaeger-span", &config())["mappings"];
    let of = |name: &str| &mappings["properties"][name];
    for name in ["traceID", "spanID", "parentSpanID", "operationName"] {
        assert_eq!(*of(name), keyword, "{name}");
    }
    assert_eq!(*of("startTime"), json!({"type": "long"}));
    assert_eq!(*of("startTimeMillis"), json!({"type": "date", "format": "epoch_millis"}));
    assert_eq!(*of("flags"), json!({"type": "integer"}));
    assert_eq!(*of("tags"), key_values);
    assert_eq!(of("logs")["properties"]["fields"], key_values);
    assert_eq!(of("process")["properties"]["tags"], key_values);
    assert_eq!(mappings["dynamic_templates"][0]["span_tags_map"]["path_match"], "tag.*");
    assert_eq!(mappings["dynamic_templates"][1]["process_tags_map"]["mapping"], keyword);
    assert_eq!(mappings["properties"].as_object().unwrap().len(), 13);
}

//! What new indices are like: the templates that Go Jaeger's collector writes when it starts. Here they are written before the first span.

use elasticsearch::http::Method;
use jaeger_storage::StorageError;
use serde_json::{Value, json};

use crate::client::Version;
use crate::config::TemplateConfig;
use crate::store::Inner;

/// Longer texts are kept and not indexed.
const MOST: u32 = 256;

/// What a template is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Of {
    Spans,
    Services,
}

impl Inner {
    /// Writes the templates, unless somebody else sees to them.
    pub(crate) async fn write_templates(&self) -> Result<(), StorageError> {
        let version = self.client.version().await?;
        let Some(config) = &self.templates else { return Ok(()) };
        for (of, name) in [(Of::Spans, "jaeger-span"), (Of::Services, "jaeger-service")] {
            let name = self.names.prefixed(name);
            let path = match version {
                Version::Seven => format!("_template/{name}"),
                Version::Eight => format!("_index_template/{name}"),
            };
            let body = template(of, version, &name, config).to_string();
            let body = Some((body.into(), "application/json"));
            self.client.ok(Method::Put, &path, "", body, &format!("PUT {path}")).await?;
        }
        Ok(())
    }
}

fn template(of: Of, version: Version, name: &str, config: &TemplateConfig) -> Value {
    let (mappings, priority) = match of {
        Of::Spans => (span(), config.span_priority),
        Of::Services => (service(), config.service_priority),
    };
    let settings = json!({
        "index.number_of_shards": config.shards,
        "index.number_of_replicas": config.replicas,
        "index.mapping.nested_fields.limit": 50,
        "index.requests.cache.enable": true,
    });
    match version {
        Version::Seven => json!({"index_patterns": format!("*{name}-*"), "settings": settings, "mappings": mappings}),
        Version::Eight => json!({
            "priority": priority,
            "index_patterns": format!("{name}-*"),
            "template": {"settings": settings, "mappings": mappings},
        }),
    }
}

fn keyword() -> Value {
    json!({"type": "keyword", "ignore_above": MOST})
}

/// Tags that are fields: whatever their value, its text.
fn fields() -> Value {
    let any = |name: &str, path: &str| json!({name: {"mapping": keyword(), "path_match": path}});
    json!([any("span_tags_map", "tag.*"), any("process_tags_map", "process.tag.*")])
}

fn key_values() -> Value {
    json!({
        "type": "nested",
        "dynamic": false,
        "properties": {"key": keyword(), "value": keyword(), "type": keyword()},
    })
}

fn span() -> Value {
    json!({
        "dynamic_templates": fields(),
        "properties": {
            "traceID": keyword(),
            "parentSpanID": keyword(),
            "spanID": keyword(),
            "operationName": keyword(),
            "startTime": {"type": "long"},
            "startTimeMillis": {"type": "date", "format": "epoch_millis"},
            "duration": {"type": "long"},
            "flags": {"type": "integer"},
            "logs": {
                "type": "nested",
                "dynamic": false,
                "properties": {"timestamp": {"type": "long"}, "fields": key_values()},
            },
            "process": {
                "properties": {"serviceName": keyword(), "tag": {"type": "object"}, "tags": key_values()},
            },
            "references": {
                "type": "nested",
                "dynamic": false,
                "properties": {"refType": keyword(), "traceID": keyword(), "spanID": keyword()},
            },
            "tag": {"type": "object"},
            "tags": key_values(),
        },
    })
}

fn service() -> Value {
    json!({
        "dynamic_templates": fields(),
        "properties": {"serviceName": keyword(), "operationName": keyword()},
    })
}

#[cfg(test)]
mod tests;

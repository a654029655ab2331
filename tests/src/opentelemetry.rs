//! A span as an OpenTelemetry SDK ended it, and what Jaeger shows of it.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::span::{Log, Process, Reference, Span, Tag};

/// As the programs in `peers/` print it; times are nanoseconds in decimal.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OtelSpan {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
    #[serde(rename = "parentSpanID")]
    parent_span_id: String,
    trace_state: String,
    name: String,
    kind: String,
    start: String,
    end: String,
    status: Status,
    attributes: Vec<Tag>,
    events: Vec<Event>,
    links: Vec<Link>,
    scope: Scope,
    resource: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
struct Status {
    code: String,
    message: String,
}

#[derive(Debug, Deserialize)]
struct Event {
    time: String,
    name: String,
    attributes: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
}

#[derive(Debug, Deserialize)]
struct Scope {
    name: String,
    version: String,
}

/// Resource attributes of the SDK that a reader finds in the process.
const SERVICE_NAME: &str = "service.name";

impl OtelSpan {
    /// The span that `/api/traces` must show.
    pub fn in_jaeger(&self) -> Result<Span> {
        let start: u64 = self.start.parse()?;
        let end: u64 = self.end.parse()?;
        let service =
            self.resource.iter().find(|tag| tag.key == SERVICE_NAME).context("a resource without a service")?;
        let resource = self.resource.iter().filter(|tag| tag.key != SERVICE_NAME).map(tag);
        let span = Span {
            trace_id: self.trace_id.clone(),
            span_id: self.span_id.clone(),
            flags: 0,
            operation_name: self.name.clone(),
            references: self.references(),
            start_time: start / 1000,
            duration: (end - start) / 1000,
            tags: self.tags()?,
            logs: self.events.iter().map(Event::in_jaeger).collect::<Result<_>>()?,
            process: Process {
                service_name: service.value.as_str().context("a service name that is no text")?.to_owned(),
                tags: resource.collect::<Result<_>>()?,
            },
            warnings: None,
        };
        Ok(span.in_order())
    }

    fn references(&self) -> Vec<Reference> {
        let parent = Some(&self.parent_span_id).filter(|id| !id.is_empty());
        let parent = parent.map(|id| Reference {
            ref_type: "CHILD_OF".to_owned(),
            trace_id: self.trace_id.clone(),
            span_id: id.clone(),
        });
        let links = self.links.iter().map(|link| Reference {
            ref_type: "FOLLOWS_FROM".to_owned(),
            trace_id: link.trace_id.clone(),
            span_id: link.span_id.clone(),
        });
        parent.into_iter().chain(links).collect()
    }

    fn tags(&self) -> Result<Vec<Tag>> {
        let mut tags = self.attributes.iter().map(tag).collect::<Result<Vec<_>>>()?;
        let mut text = |key: &str, value: &str| {
            if !value.is_empty() {
                tags.push(Tag::new(key, "string", value));
            }
        };
        text("otel.scope.name", &self.scope.name);
        text("otel.scope.version", &self.scope.version);
        text("span.kind", &self.kind);
        text("otel.status_code", &self.status.code);
        text("otel.status_description", &self.status.message);
        text("w3c.tracestate", &self.trace_state);
        text("internal.span.format", "otlp");
        if self.status.code == "ERROR" {
            tags.push(Tag::new("error", "bool", true));
        }
        Ok(tags)
    }
}

impl Event {
    fn in_jaeger(&self) -> Result<Log> {
        let mut fields = vec![Tag::new("event", "string", self.name.as_str())];
        fields.extend(self.attributes.iter().map(tag).collect::<Result<Vec<_>>>()?);
        Ok(Log { timestamp: self.time.parse::<u64>()? / 1000, fields })
    }
}

/// Integers may be given in decimal text, since JavaScript's numbers end at 2^53; Jaeger's JSON ends there too.
fn tag(given: &Tag) -> Result<Tag> {
    let key = given.key.as_str();
    Ok(match given.kind.as_str() {
        "string" => Tag::new(key, "string", given.value.clone()),
        "none" => Tag::new(key, "string", ""),
        "bool" => Tag::new(key, "bool", given.value.clone()),
        "double" => Tag::new(key, "float64", given.value.clone()),
        "bytes" => Tag::new(key, "binary", given.value.clone()),
        "int" => Tag::new(key, "int64", shown_int(integer(&given.value)?)),
        "array" => Tag::new(key, "string", array(&given.value)?),
        kind => bail!("an attribute {key} of the unknown type {kind}"),
    })
}

fn integer(value: &Value) -> Result<i64> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().with_context(|| format!("{text} is no integer"))
}

fn shown_int(value: i64) -> Value {
    const LAST_EXACT: u64 = (1 << 53) - 1;
    if value.unsigned_abs() > LAST_EXACT { Value::from(value.to_string()) } else { Value::from(value) }
}

/// Lists become their JSON text.
fn array(value: &Value) -> Result<String> {
    let items = value.as_array().context("an array that is no list")?;
    let plain = |item: &Value| {
        let value = item.get("value").cloned().unwrap_or_default();
        let is_int = item.get("type").and_then(Value::as_str) == Some("int");
        if is_int { integer(&value).map(Value::from) } else { Ok(value) }
    };
    let plain = items.iter().map(plain).collect::<Result<Vec<_>>>()?;
    Ok(serde_json::to_string(&plain)?)
}

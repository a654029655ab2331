//! A Jaeger span in OpenTelemetry's shape: which tags become fields, which references become links.
//!
//! As Go Jaeger's api_v3 does it, its habits included: a key that repeats is one attribute (the last value, at the
//! first place), and where a tag is taken out the last one moves into its place.

use std::collections::HashMap;

use jaeger_model::{ProcessView, Reference, ReferenceKind, SpanId, SpanView, TagView, Value, keys};

use super::finish::{
    KINDS, NO_SERVICE, SCOPE_NAME, SCOPE_VERSION, STATUS_CODE, STATUS_DESCRIPTION, STATUS_ERROR, STATUS_OK, TRACE_STATE,
};

/// Tags by key, each once.
#[derive(Debug, Default)]
pub(super) struct Attributes<'a> {
    list: Vec<TagView<'a>>,
}

/// From this many attributes on, their places are found by hash.
const MANY: usize = 24;

impl<'a> Attributes<'a> {
    pub(super) fn fill(&mut self, tags: impl Iterator<Item = TagView<'a>>) {
        self.list.clear();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let many = tags.size_hint().1.is_none_or(|most| most >= MANY);
        for tag in tags {
            let known = if many {
                let place = *places.entry(tag.key).or_insert(self.list.len());
                self.list.get_mut(place)
            } else {
                self.list.iter_mut().find(|known| known.key == tag.key)
            };
            match known {
                Some(known) => known.value = tag.value,
                None => self.list.push(tag),
            }
        }
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, TagView<'a>> {
        self.list.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn get(&self, key: &str) -> Option<Value<'a>> {
        self.list.iter().find(|tag| tag.key == key).map(|tag| tag.value)
    }

    /// Takes an attribute out; the last one moves into its place.
    fn take(&mut self, key: &str) -> Option<Value<'a>> {
        let place = self.list.iter().position(|tag| tag.key == key)?;
        Some(self.list.swap_remove(place).value)
    }

    fn take_text(&mut self, key: &str) -> Option<&'a str> {
        self.take(key).map(text)
    }
}

fn text(value: Value<'_>) -> &str {
    if let Value::Str(text) = value { text } else { "" }
}

/// The name and version of the instrumentation that made a span.
pub(super) fn scope<'a>(span: SpanView<'a>) -> (&'a str, &'a str) {
    let first = |key: &str| span.tag(key).map(text);
    match first(SCOPE_NAME) {
        Some(name) => (name, first(SCOPE_VERSION).unwrap_or("")),
        None => ("", ""),
    }
}

/// What `jaeger.version` becomes.
pub(super) fn exporter_version(process: ProcessView<'_>) -> Option<String> {
    let version = process.tags().filter(|tag| tag.key == "jaeger.version").last()?;
    if let Value::Str(version) = version.value { Some(format!("Jaeger-{version}")) } else { None }
}

/// Fills a process's attributes, service name first. `version` is what [`exporter_version`] says.
pub(super) fn resource<'a>(into: &mut Attributes<'a>, process: ProcessView<'a>, version: Option<&'a str>) {
    if process.service().as_bytes() == NO_SERVICE {
        into.list.clear();
        return;
    }
    into.fill(process.tags());
    if !process.service().is_empty() {
        // A tag of that key has the last word, as everywhere.
        let value = into.get("service.name").unwrap_or(Value::Str(process.service()));
        into.list.retain(|tag| tag.key != "service.name");
        into.list.insert(0, TagView { key: "service.name", value });
    }
    let mut rename = |from: &str, to: &'static str, value: Option<&'a str>| {
        if let Some(value) = value
            && into.get(to).is_none()
            && let Some(tag) = into.list.iter_mut().find(|tag| tag.key == from)
        {
            *tag = TagView { key: to, value: Value::Str(value) };
        }
    };
    let hostname = process.tags().filter(|tag| tag.key == "hostname").last().map(|tag| text(tag.value));
    rename("hostname", "host.name", hostname.filter(|name| !name.is_empty()));
    rename("jaeger.version", "opencensus.exporterversion", version);
}

/// The parts of a span that OTLP keeps in fields; its attributes are those that are left.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) parent: Option<SpanId>,
    pub(super) kind: u32,
    pub(super) start_nanos: u64,
    pub(super) end_nanos: u64,
    pub(super) status_code: u32,
    pub(super) status_message: &'a str,
    pub(super) trace_state: &'a str,
}

/// Fills a span's attributes and gives its fields.
pub(super) fn span<'a>(attributes: &mut Attributes<'a>, span: SpanView<'a>) -> Fields<'a> {
    let (mut name, mut version) = (false, false);
    attributes.fill(span.tags().filter(|tag| match tag.key {
        SCOPE_NAME => std::mem::replace(&mut name, true),
        // Without a name the version is a tag like others.
        SCOPE_VERSION if span.tag(SCOPE_NAME).is_some() => std::mem::replace(&mut version, true),
        _ => true,
    }));
    let mut fields = Fields {
        parent: span.parent().filter(|id| id.0 != 0),
        start_nanos: span.start().as_nanos().cast_unsigned(),
        end_nanos: span.start().saturating_add(span.duration()).as_nanos().cast_unsigned(),
        ..Fields::default()
    };
    let kind = attributes.get(keys::SPAN_KIND).map(text);
    if let Some(place) = kind.and_then(|kind| KINDS.iter().position(|known| *known == kind)) {
        fields.kind = u32::try_from(place + 1).unwrap_or(0);
        attributes.take(keys::SPAN_KIND);
    }
    status(attributes, &mut fields);
    fields.trace_state = attributes.take_text(TRACE_STATE).unwrap_or("");
    fields
}

/// Whether a span says itself that it failed: a status of HTTP alone does not.
#[must_use]
pub fn failed(span: SpanView<'_>) -> bool {
    span.tag(keys::ERROR) == Some(Value::Bool(true))
        || span.tag(STATUS_CODE).is_some_and(|code| text(code).eq_ignore_ascii_case("error"))
}

/// `error` = true has the first word, then `otel.status_code`, then the HTTP status.
fn status<'a>(attributes: &mut Attributes<'a>, fields: &mut Fields<'a>) {
    let failed = attributes.get(keys::ERROR) == Some(Value::Bool(true));
    if failed {
        fields.status_code = STATUS_ERROR;
        attributes.take(keys::ERROR);
        let description = attributes.take_text(STATUS_DESCRIPTION);
        let message = description.or_else(|| attributes.get("http.status_message").map(text));
        fields.status_message = message.unwrap_or("");
    }
    if let Some(code) = attributes.get(STATUS_CODE).map(text) {
        if !failed {
            fields.status_code = match code.to_ascii_uppercase().as_str() {
                "OK" => STATUS_OK,
                "ERROR" => STATUS_ERROR,
                _ => 0,
            };
            fields.status_message = attributes.take_text(STATUS_DESCRIPTION).unwrap_or("");
        }
        attributes.take(STATUS_CODE);
    } else if let Some(status) = attributes.get("http.status_code").filter(|_| !failed)
        && http_failed(status, fields.kind)
    {
        fields.status_code = STATUS_ERROR;
        fields.status_message = attributes.take_text(STATUS_DESCRIPTION).unwrap_or("");
    }
}

/// Whether an HTTP status is the span's failure: 4xx are the caller's.
fn http_failed(status: Value<'_>, kind: u32) -> bool {
    let status = match status {
        Value::I64(status) => Some(status),
        Value::Str(status) => status.parse().ok(),
        _ => None,
    };
    let server = KINDS.iter().position(|known| *known == "server").is_some_and(|at| kind as usize == at + 1);
    match status {
        None | Some(100..=399) => false,
        Some(400..=499) => !server,
        Some(_) => true,
    }
}

/// Fills an event's attributes and gives its name.
pub(super) fn event<'a>(attributes: &mut Attributes<'a>, log: jaeger_model::LogView<'a>) -> &'a str {
    attributes.fill(log.fields());
    attributes.take_text(keys::EVENT).unwrap_or("")
}

/// The references that the parent's id does not already say.
pub(super) fn links<'a>(span: SpanView<'a>, parent: Option<SpanId>) -> impl Iterator<Item = Reference> + 'a {
    span.references().filter(move |reference| {
        reference.kind != ReferenceKind::ChildOf
            || reference.trace_id != span.trace_id()
            || Some(reference.span_id) != parent
    })
}

/// What a link says of its kind.
pub(super) fn ref_type(kind: ReferenceKind) -> &'static str {
    match kind {
        ReferenceKind::ChildOf => "child_of",
        ReferenceKind::FollowsFrom => "follows_from",
    }
}

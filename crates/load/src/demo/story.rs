//! One story of the demo: spans over several services, told as calls within calls.

use jaeger_model::{Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn};

/// A value of a tag.
#[derive(Clone)]
pub(super) enum Tag {
    Text(&'static str, String),
    Number(&'static str, i64),
    Flag(&'static str, bool),
}

/// One call.
#[derive(Clone)]
pub(super) struct Call {
    service: &'static str,
    operation: String,
    id: SpanId,
    parent: Option<SpanId>,
    start_us: i64,
    duration_us: i64,
    tags: Vec<Tag>,
    log: Option<(i64, String)>,
}

/// A story as it is being told.
pub(super) struct Story {
    pub(super) title: &'static str,
    trace_id: TraceId,
    began: Timestamp,
    calls: Vec<Call>,
}

/// A call's place in its story.
#[derive(Clone, Copy)]
pub(super) struct Place(usize);

impl Story {
    pub(super) fn new(title: &'static str, began: Timestamp) -> Self {
        Self { title, trace_id: TraceId(fastrand::u128(1..)), began, calls: Vec::new() }
    }

    pub(super) fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// A call that begins `start_ms` after the story and takes `duration_ms`.
    pub(super) fn call(
        &mut self,
        parent: Option<Place>,
        service: &'static str,
        operation: impl Into<String>,
        start_ms: f64,
        duration_ms: f64,
    ) -> Place {
        let kind = match (parent.is_some(), service) {
            (_, "orders-db") => "client",
            _ => "server",
        };
        self.calls.push(Call {
            service,
            operation: operation.into(),
            id: SpanId(fastrand::u64(1..)),
            parent: parent.and_then(|place| self.calls.get(place.0)).map(|call| call.id),
            start_us: micros(start_ms),
            duration_us: micros(duration_ms),
            tags: vec![Tag::Text("span.kind", kind.into())],
            log: None,
        });
        Place(self.calls.len() - 1)
    }

    pub(super) fn tag(&mut self, place: Place, tag: Tag) -> &mut Self {
        if let Some(call) = self.calls.get_mut(place.0) {
            call.tags.push(tag);
        }
        self
    }

    /// Marks a call as failed, with what it said `after_ms` from its start.
    pub(super) fn failed(&mut self, place: Place, after_ms: f64, message: &str) {
        self.tag(place, Tag::Flag("error", true));
        if let Some(call) = self.calls.get_mut(place.0) {
            call.log = Some((micros(after_ms), message.to_owned()));
        }
    }

    /// The spans by service, as batches of at most `most` spans.
    pub(super) fn batches(&self, most: usize) -> Vec<(&'static str, Batch)> {
        let mut services: Vec<&'static str> = self.calls.iter().map(|call| call.service).collect();
        services.sort_unstable();
        services.dedup();
        let mut batches = Vec::new();
        for service in services {
            let calls: Vec<&Call> = self.calls.iter().filter(|call| call.service == service).collect();
            batches.extend(calls.chunks(most.max(1)).map(|calls| (service, self.batch(service, calls))));
        }
        batches
    }

    fn batch(&self, service: &str, calls: &[&Call]) -> Batch {
        let mut builder = BatchBuilder::new();
        builder.process_tag(b"hostname", format!("{service}-7d9f").as_str().into());
        builder.process_tag(b"ip", "10.0.0.7".into());
        let process = builder.process(service.as_bytes());
        for call in calls {
            builder.begin_span();
            if let Ok(process) = process {
                builder.span_process(process);
            }
            builder.span_ids(self.trace_id, call.id);
            builder.span_flags(1);
            builder.span_operation(call.operation.as_bytes());
            let start = Timestamp::from_micros(self.began.as_micros() + call.start_us);
            builder.span_start(start);
            builder.span_duration(Duration::from_micros(call.duration_us));
            if let Some(parent) = call.parent {
                builder.span_reference(Reference {
                    kind: ReferenceKind::ChildOf,
                    trace_id: self.trace_id,
                    span_id: parent,
                });
            }
            for tag in &call.tags {
                match tag {
                    Tag::Text(key, text) => builder.span_tag(key.as_bytes(), text.as_str().into()),
                    Tag::Number(key, number) => builder.span_tag(key.as_bytes(), ValueIn::I64(*number)),
                    Tag::Flag(key, flag) => builder.span_tag(key.as_bytes(), ValueIn::Bool(*flag)),
                }
            }
            if let Some((after_us, message)) = &call.log {
                builder.begin_log(Timestamp::from_micros(start.as_micros() + after_us));
                builder.log_field(b"event", "error".into());
                builder.log_field(b"message", message.as_str().into());
            }
            // A story is far under a batch's bounds.
            builder.end_span().unwrap_or_default();
        }
        builder.finish()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a story, all small")]
fn micros(ms: f64) -> i64 {
    (ms * 1000.0) as i64
}

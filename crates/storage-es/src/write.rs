//! `collector -> WRITE -> bulk`: a batch becomes documents, and what became of them becomes the answer.

use std::collections::HashSet;
use std::sync::Arc;

use jaeger_model::{Batch, SpanView, Timestamp};
use jaeger_storage::{ErrorKind, Refused, StorageError, Written};
use tokio::sync::oneshot;

use crate::bulk::Outcome;
use crate::bulk::part::Builder;
use crate::config::DocumentIds;
use crate::document::{self, Encoder};
use crate::known_names::Name;
use crate::names::Kind;
use crate::store::Inner;

/// What a document of a part is of.
#[derive(Clone, Copy)]
enum Of {
    Span(u32),
    Service(Name),
}

/// Documents under way, and what they are of.
type Pending = (Vec<Of>, oneshot::Receiver<Vec<Outcome>>);

impl Inner {
    pub(crate) async fn write(&self, batch: &Batch) -> Written {
        if batch.is_empty() {
            return Written::all(0);
        }
        if let Err(error) = self.ready_to_write().await {
            return Written::none(batch.len(), &error);
        }
        // All of it is under way before the first answer is waited for.
        let pending = self.send(batch);
        let mut written = Written::default();
        let mut new = vec![false; batch.len()];
        for (of, outcomes) in pending {
            let outcomes = outcomes.await.unwrap_or_else(|_gone| {
                let why: Arc<str> = "the process is stopping".into();
                vec![Outcome::Refused(ErrorKind::Unavailable, why); of.len()]
            });
            self.note(&of, &outcomes, &mut written, &mut new);
        }
        self.linker.observe(batch, |place| new.get(place).is_some_and(|new| *new));
        written
    }

    fn send(&self, batch: &Batch) -> Vec<Pending> {
        let mut pending = Vec::with_capacity(1);
        let mut encoder = Encoder::new(batch, &self.tags_as_fields);
        let mut index = WrittenIndex::default();
        let mut named = HashSet::new();
        let (mut builder, mut of) = (Builder::default(), Vec::with_capacity(batch.len()));
        for (span, place) in batch.spans().zip(0u32..) {
            if !self.archive {
                let name = self.name_of(span);
                if !self.known_names.contains(name) && named.insert(name) {
                    self.service(&mut builder, span);
                    of.push(Of::Service(name));
                }
            }
            let index = index.of(self, span.start());
            let body = builder.body();
            match self.document_ids {
                DocumentIds::Identity => {
                    body.extend_from_slice(b"{\"create\":{\"_index\":");
                    body.extend_from_slice(index);
                    body.extend_from_slice(b",\"_id\":\"");
                    document::document_id(body, span);
                    body.extend_from_slice(b"\"}}\n");
                }
                DocumentIds::Automatic => {
                    body.extend_from_slice(b"{\"index\":{\"_index\":");
                    body.extend_from_slice(index);
                    body.extend_from_slice(b"}}\n");
                }
            }
            encoder.span(body, span);
            body.push(b'\n');
            builder.end();
            of.push(Of::Span(place));
            if self.bulk.fills(builder.bytes(), builder.documents()) {
                self.push(&mut pending, std::mem::take(&mut builder), std::mem::take(&mut of));
            }
        }
        self.push(&mut pending, builder, of);
        pending
    }

    fn push(&self, pending: &mut Vec<Pending>, builder: Builder, of: Vec<Of>) {
        if !of.is_empty() {
            let (part, outcomes) = builder.finish();
            self.bulk.push(part);
            pending.push((of, outcomes));
        }
    }

    fn name_of(&self, span: SpanView<'_>) -> Name {
        let key = document::service_key(span.service(), span.operation());
        (self.names.period(Kind::Services, span.start()), key)
    }

    fn service(&self, builder: &mut Builder, span: SpanView<'_>) {
        let (service, operation) = (span.service(), span.operation());
        let body = builder.body();
        body.extend_from_slice(b"{\"index\":{\"_index\":");
        document::string(body, &self.names.written(Kind::Services, span.start()));
        body.extend_from_slice(format!(",\"_id\":\"{:x}\"}}}}\n", document::service_id(service, operation)).as_bytes());
        document::service(body, service, operation);
        body.push(b'\n');
        builder.end();
    }

    fn note(&self, of: &[Of], outcomes: &[Outcome], written: &mut Written, new: &mut [bool]) {
        let mut names = Vec::new();
        for (of, outcome) in of.iter().zip(outcomes) {
            match (of, outcome) {
                (Of::Span(place), Outcome::Stored | Outcome::Copy) => {
                    written.stored += 1;
                    if let Some(new) = new.get_mut(*place as usize) {
                        *new = matches!(outcome, Outcome::Stored);
                    }
                }
                (Of::Span(place), Outcome::Refused(kind, why)) => refuse(written, *place, *kind, why),
                (Of::Service(name), Outcome::Stored | Outcome::Copy) => names.push(*name),
                // It is written again with the next span of this name.
                (Of::Service(_), Outcome::Refused(kind, why)) => {
                    tracing::debug!(kind = kind.label(), %why, "A service's name was not written");
                }
            }
        }
        if !names.is_empty() {
            self.known_names.extend(names);
        }
    }

    /// Before the first write the templates must be there.
    pub(crate) async fn ready_to_write(&self) -> Result<(), StorageError> {
        self.templates_written.done(|| self.write_templates()).await
    }
}

/// Spans refused for one reason stand together.
fn refuse(written: &mut Written, place: u32, kind: ErrorKind, why: &Arc<str>) {
    match written.refused.iter_mut().find(|refused| refused.kind == kind) {
        Some(refused) => refused.spans.push(place),
        None => written.refused.push(Refused { kind, message: why.to_string(), spans: vec![place] }),
    }
}

/// The index of the span before, since that of the next is nearly always the same.
#[derive(Default)]
struct WrittenIndex {
    period: Option<i64>,
    name: Vec<u8>,
}

impl WrittenIndex {
    fn of(&mut self, store: &Inner, time: Timestamp) -> &[u8] {
        let period = store.names.period(Kind::Spans, time);
        if self.period != Some(period) {
            self.period = Some(period);
            self.name.clear();
            document::string(&mut self.name, &store.names.written(Kind::Spans, time));
        }
        &self.name
    }
}

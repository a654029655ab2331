//! A trace in the JSON of Go Jaeger's page, written by hand: the order of keys is part of the form, and
//! nothing is built in between.

use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use jaeger_model::{ReferenceKind, TraceId, Value};

use super::{float, json};
use crate::draft::{Draft, DraftProcess, DraftSpan, DraftTag, DraftValue, Rows};

/// Writes one trace in steps.
pub struct TraceWriter<'d, 't> {
    draft: &'d Draft<'t>,
    next: usize,
    processes: ProcessIds,
    scratch: String,
}

impl<'d, 't> TraceWriter<'d, 't> {
    /// Of a draft that is not empty.
    #[must_use]
    pub fn new(draft: &'d Draft<'t>) -> Self {
        Self { draft, next: 0, processes: ProcessIds::of(draft), scratch: String::new() }
    }

    /// Appends to `out` until it holds `enough` bytes or the trace ends; tells whether the trace ended.
    pub fn step(&mut self, out: &mut Vec<u8>, enough: usize) -> bool {
        if self.next == 0 {
            out.extend_from_slice(b"{\"traceID\":\"");
            trace_id(out, self.draft.trace_id());
            out.extend_from_slice(b"\",\"spans\":[");
        }
        while let Some(span) = self.draft.spans.get(self.next) {
            if self.next > 0 {
                if out.len() >= enough {
                    return false;
                }
                out.push(b',');
            }
            self.next += 1;
            self.span(out, span);
        }
        self.close(out);
        true
    }

    fn span(&mut self, out: &mut Vec<u8>, span: &DraftSpan<'_>) {
        out.extend_from_slice(b"{\"traceID\":\"");
        trace_id(out, span.view.trace_id());
        out.extend_from_slice(b"\",\"spanID\":\"");
        json::hex64(out, span.span_id.0);
        if span.view.flags() != 0 {
            out.extend_from_slice(b"\",\"flags\":");
            json::unsigned(out, u64::from(span.view.flags()));
            out.extend_from_slice(b",\"operationName\":");
        } else {
            out.extend_from_slice(b"\",\"operationName\":");
        }
        json::string(out, span.view.operation());
        self.references(out, span.references);
        // Times before 1970 and negative durations are what Go makes of them: unsigned.
        out.extend_from_slice(b"],\"startTime\":");
        json::unsigned(out, span.start.as_micros().cast_unsigned());
        out.extend_from_slice(b",\"duration\":");
        json::unsigned(out, span.duration().as_micros().cast_unsigned());
        out.extend_from_slice(b",\"tags\":");
        tags(out, span.tags.of(&self.draft.tags));
        self.logs(out, span.logs);
        out.extend_from_slice(b"],\"processID\":\"p");
        json::unsigned(out, u64::from(self.processes.use_of(self.draft, span.process)));
        out.extend_from_slice(b"\",\"warnings\":");
        self.warnings(out, span);
        out.push(b'}');
    }

    fn references(&self, out: &mut Vec<u8>, references: Rows) {
        out.extend_from_slice(b",\"references\":[");
        for (place, reference) in references.of(&self.draft.references).iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(match reference.kind {
                ReferenceKind::ChildOf => b"{\"refType\":\"CHILD_OF\",\"traceID\":\"",
                ReferenceKind::FollowsFrom => b"{\"refType\":\"FOLLOWS_FROM\",\"traceID\":\"".as_slice(),
            });
            trace_id(out, reference.trace_id);
            out.extend_from_slice(b"\",\"spanID\":\"");
            json::hex64(out, reference.span_id.0);
            out.extend_from_slice(b"\"}");
        }
    }

    fn logs(&self, out: &mut Vec<u8>, logs: Rows) {
        out.extend_from_slice(b",\"logs\":[");
        for (place, log) in logs.of(&self.draft.logs).iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(b"{\"timestamp\":");
            json::unsigned(out, log.time.as_micros().cast_unsigned());
            out.extend_from_slice(b",\"fields\":");
            tags(out, log.fields.of(&self.draft.tags));
            out.push(b'}');
        }
    }

    fn warnings(&mut self, out: &mut Vec<u8>, span: &DraftSpan<'_>) {
        let before = out.len();
        let mut separator = b'[';
        for warning in span.view.warnings() {
            out.push(separator);
            separator = b',';
            json::string(out, warning);
        }
        for note in &span.notes {
            out.push(separator);
            separator = b',';
            json::display(out, &mut self.scratch, note);
        }
        if out.len() == before {
            out.extend_from_slice(b"null");
        } else {
            out.push(b']');
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"],\"processes\":{");
        for (place, (id, process)) in self.processes.in_order_of_text().into_iter().enumerate() {
            out.extend_from_slice(if place > 0 { b",\"p" } else { b"\"p".as_slice() });
            json::unsigned(out, u64::from(id));
            out.extend_from_slice(b"\":{\"serviceName\":");
            let process = self.draft.processes.get(process as usize);
            json::string(out, process.map_or("", |process| process.service));
            out.extend_from_slice(b",\"tags\":");
            tags(out, process.map_or(&[][..], |process| process.tags.of(&self.draft.tags)));
            out.push(b'}');
        }
        out.extend_from_slice(b"},\"warnings\":null}");
    }
}

fn trace_id(out: &mut Vec<u8>, id: TraceId) {
    if id.high() != 0 {
        json::hex64(out, id.high());
    }
    json::hex64(out, id.low());
}

fn tags(out: &mut Vec<u8>, tags: &[DraftTag<'_>]) {
    out.push(b'[');
    for (place, tag) in tags.iter().enumerate() {
        out.extend_from_slice(if place > 0 { b",{\"key\":" } else { b"{\"key\":".as_slice() });
        json::string(out, tag.key);
        match tag.value {
            DraftValue::Stored(Value::Str(text)) => {
                out.extend_from_slice(b",\"type\":\"string\",\"value\":");
                json::string(out, text);
            }
            DraftValue::Stored(Value::I64(number)) => {
                out.extend_from_slice(b",\"type\":\"int64\",\"value\":");
                json::signed(out, number);
            }
            DraftValue::Stored(Value::Bool(value)) => {
                out.extend_from_slice(b",\"type\":\"bool\",\"value\":");
                out.extend_from_slice(if value { b"true" } else { b"false".as_slice() });
            }
            DraftValue::Stored(Value::F64(number)) => {
                out.extend_from_slice(b",\"type\":\"float64\",\"value\":");
                float::push(out, number);
            }
            DraftValue::Stored(Value::Bytes(bytes)) => {
                out.extend_from_slice(b",\"type\":\"binary\",\"value\":");
                json::base64(out, bytes);
            }
            DraftValue::Ipv4(address) => {
                out.extend_from_slice(b",\"type\":\"string\",\"value\":");
                json::string(out, &address.to_string());
            }
        }
        out.push(b'}');
    }
    out.push(b']');
}

/// Which process is p1, p2, ...: by first appearance; processes of equal service and tags are one.
struct ProcessIds {
    /// By place in the draft; 0 where no span has used it yet.
    ids: Vec<u32>,
    /// Place in the draft of p1, p2, ...
    used: Vec<u32>,
    /// `used` by content, once there are many.
    many: HashTable<u32>,
    state: RandomState,
}

const FEW: usize = 8;

impl ProcessIds {
    fn of(draft: &Draft<'_>) -> Self {
        let ids = vec![0; draft.processes.len()];
        Self { ids, used: Vec::new(), many: HashTable::new(), state: RandomState::default() }
    }

    fn use_of(&mut self, draft: &Draft<'_>, process: u32) -> u32 {
        match self.ids.get(process as usize) {
            Some(0) => {}
            Some(id) => return *id,
            None => return 0,
        }
        let id = self.same(draft, process).unwrap_or_else(|| {
            self.used.push(process);
            u32::try_from(self.used.len()).unwrap_or(u32::MAX)
        });
        if let Some(known) = self.ids.get_mut(process as usize) {
            *known = id;
        }
        id
    }

    /// The id of an equal process that is in use.
    fn same(&mut self, draft: &Draft<'_>, process: u32) -> Option<u32> {
        let id_at = |place: usize| u32::try_from(place + 1).unwrap_or(u32::MAX);
        if draft.processes.len() <= FEW {
            return self.used.iter().position(|used| equal(draft, *used, process)).map(id_at);
        }
        let (used, state) = (&self.used, &self.state);
        let hash = |process: u32| state.hash_one(content_key(draft, process));
        let place_of = |id: u32| used.get((id - 1) as usize).copied().unwrap_or(u32::MAX);
        let found = self.many.find(hash(process), |id| equal(draft, place_of(*id), process)).copied();
        if found.is_none() {
            self.many.insert_unique(hash(process), id_at(used.len()), |id| hash(place_of(*id)));
        }
        found
    }

    /// Ids and places; Go writes p10 before p2.
    fn in_order_of_text(&self) -> Vec<(u32, u32)> {
        let mut all: Vec<(u32, u32)> = (1..).zip(self.used.iter().copied()).collect();
        if all.len() > 9 {
            all.sort_by_cached_key(|(id, _)| id.to_string());
        }
        all
    }
}

fn equal(draft: &Draft<'_>, a: u32, b: u32) -> bool {
    match (draft.processes.get(a as usize), draft.processes.get(b as usize)) {
        (Some(a), Some(b)) => a.service == b.service && a.tags.of(&draft.tags) == b.tags.of(&draft.tags),
        _ => false,
    }
}

/// Hashed for finding equal processes: what differs most often between processes.
fn content_key<'d>(draft: &'d Draft<'_>, process: u32) -> (&'d str, Vec<(&'d str, &'d str)>) {
    let none = DraftProcess { service: "", tags: Rows::default() };
    let process = draft.processes.get(process as usize).unwrap_or(&none);
    let text = |tag: &DraftTag<'d>| match tag.value {
        DraftValue::Stored(Value::Str(text)) => text,
        _ => "",
    };
    (process.service, process.tags.of(&draft.tags).iter().map(|tag| (tag.key, text(tag))).collect())
}

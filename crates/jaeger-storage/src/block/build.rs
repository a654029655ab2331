//! Seals spans into a block.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_model::{Batch, Cell, Slice, SpanView, TraceId, hash_bytes};

use super::column_builder::Scratch;
use super::lists_builder::{Listed, ListsBuilder};
use super::packed::Packed;
use super::references::ReferencesBuilder;
use super::texts::TextsBuilder;
use super::{Block, Logs, Processes};

/// Some spans of a batch, the first of which arrived as number `first`.
pub struct Piece<'b> {
    pub batch: &'b Arc<Batch>,
    pub first: u64,
    pub spans: Range<usize>,
}

/// A block, and the traces that lost copies to it.
pub struct Built {
    pub block: Block,
    pub copies: Vec<TraceId>,
}

/// Seals the spans that `keep` says, by trace and number of arrival; none if no span is left.
pub fn build(pieces: &[Piece<'_>], keep: impl Fn(TraceId, u64) -> bool, scratch: &mut Scratch) -> Option<Built> {
    let mut arrived = Arrived::default();
    let spans = pieces.iter().map(|piece| piece.spans.len()).sum();
    arrived.spans.reserve(spans);
    arrived.numbers.reserve(spans);
    arrived.traces.reserve(spans);
    let mut end = 0;
    for (number, piece) in (0..).zip(pieces) {
        arrived.push(number, piece, &keep);
        end = piece.first + piece.spans.len() as u64;
    }
    if arrived.spans.is_empty() {
        return None;
    }
    let Grouped { trace_ids, mut first_rows, mut arrivals } = arrived.group();
    let mut ids: Vec<u64> = arrivals.iter().map(|at| arrived.numbers[*at as usize].id).collect();
    let copies = arrived.drop_copies(&trace_ids, &mut first_rows, &mut arrivals, &mut ids);
    let traces = (0..).zip(first_rows.windows(2));
    let shared = traces.filter(|(_, range)| !unique(&ids[range[0] as usize..range[1] as usize]));
    let shared = shared.map(|(trace, _)| trace).collect();

    let span = |at: &u32| arrived.spans[*at as usize].1;
    let mut references = ReferencesBuilder::default();
    for (trace, range) in trace_ids.iter().zip(first_rows.windows(2)) {
        let range = range[0] as usize..range[1] as usize;
        references.push_trace(*trace, &ids[range.clone()], arrivals[range].iter().map(|at| span(at).references()));
    }
    let (processes, process) = arrived.processes(&arrivals, scratch);
    let (operations, operation) = arrived.operations(&arrivals);
    let (tags, logs) = arrived.lists(&arrivals, &first_rows, scratch);
    let warned = if arrived.warned { &arrivals[..] } else { &[] };
    let warned = (0..).zip(warned.iter().map(span)).filter(|(_, span)| span.warnings().len() > 0);
    let warnings = warned.map(|(row, span)| (row, span.warnings().map(Box::from).collect())).collect();
    let numbers = || arrivals.iter().map(|at| &arrived.numbers[*at as usize]);

    let mut block = Block {
        number: 0,
        end,
        trace_ids: trace_ids.into_boxed_slice(),
        first_rows: Packed::unsigned(first_rows.iter().map(|row| u64::from(*row))),
        span_ids: ids.into_boxed_slice(),
        starts: Packed::times(numbers().map(|numbers| numbers.start)),
        durations: Packed::times(numbers().map(|numbers| numbers.duration)),
        flags: Packed::unsigned(numbers().map(|numbers| u64::from(numbers.flags))),
        operation,
        operations,
        process,
        processes,
        tags,
        logs,
        references: references.finish(),
        shared,
        warnings,
        order: Box::default(),
        service_ends: Box::default(),
        size: 0,
    };
    block.sort_by_service();
    block.size = block.measure();
    Some(Built { block, copies })
}

/// Spans in order of arrival.
#[derive(Default)]
struct Arrived<'b> {
    /// Each with the number of its batch.
    spans: Vec<(u32, SpanView<'b>)>,
    numbers: Vec<Numbers>,
    /// Whether any span has a warning.
    warned: bool,
    batches: Vec<&'b Batch>,
    /// The number of each span's trace, in order of first arrival.
    traces: Vec<u32>,
    trace_ids: Vec<TraceId>,
    known: HashMap<TraceId, u32, RandomState>,
}

/// The numbers of a span, close together: they are looked at in the order of rows, which jumps about.
struct Numbers {
    id: u64,
    start: i64,
    duration: i64,
    flags: u32,
}

/// The order of a block's rows.
struct Grouped {
    trace_ids: Vec<TraceId>,
    first_rows: Vec<u32>,
    /// For each row its span's place in order of arrival.
    arrivals: Vec<u32>,
}

impl<'b> Arrived<'b> {
    fn push(&mut self, number: u32, piece: &Piece<'b>, keep: impl Fn(TraceId, u64) -> bool) {
        self.batches.push(piece.batch);
        let mut before = (None, 0);
        let spans = piece.batch.spans().skip(piece.spans.start).take(piece.spans.len());
        for (span, arrival) in spans.zip(piece.first..) {
            let id = span.trace_id();
            if !keep(id, arrival) {
                continue;
            }
            if before.0 != Some(id) {
                let Self { known, trace_ids, .. } = self;
                let trace = *known.entry(id).or_insert_with(|| {
                    trace_ids.push(id);
                    narrow(trace_ids.len() - 1)
                });
                before = (Some(id), trace);
            }
            self.spans.push((number, span));
            self.numbers.push(Numbers {
                id: span.span_id().0,
                start: span.start().as_nanos(),
                duration: span.duration().as_nanos(),
                flags: span.flags(),
            });
            self.warned |= span.warnings().len() > 0;
            self.traces.push(before.1);
        }
    }

    /// Groups spans by trace, by counting.
    fn group(&self) -> Grouped {
        let mut sorted: Vec<(TraceId, u32)> = self.trace_ids.iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        let mut place = vec![0u32; sorted.len()];
        for ((_, trace), at) in sorted.iter().zip(0..) {
            place[*trace as usize] = at;
        }
        let mut first_rows = vec![0u32; sorted.len() + 1];
        for trace in &self.traces {
            first_rows[place[*trace as usize] as usize + 1] += 1;
        }
        for at in 1..first_rows.len() {
            first_rows[at] += first_rows[at - 1];
        }
        let mut next = first_rows.clone();
        let mut arrivals = vec![0u32; self.spans.len()];
        for (trace, arrival) in self.traces.iter().zip(0..) {
            let next = &mut next[place[*trace as usize] as usize];
            arrivals[*next as usize] = arrival;
            *next += 1;
        }
        Grouped { trace_ids: sorted.into_iter().map(|(id, _)| id).collect(), first_rows, arrivals }
    }

    /// Drops every span whose identity one before it in its trace has. Only spans that share an id are asked.
    fn drop_copies(
        &self,
        trace_ids: &[TraceId],
        first_rows: &mut [u32],
        arrivals: &mut Vec<u32>,
        ids: &mut Vec<u64>,
    ) -> Vec<TraceId> {
        let mut copies = Vec::new();
        let mut dropped: Vec<usize> = Vec::new();
        for (trace, range) in trace_ids.iter().zip(first_rows.windows(2)) {
            let range = range[0] as usize..range[1] as usize;
            if unique(&ids[range.clone()]) {
                continue;
            }
            let mut known: HashMap<u64, (), RandomState> = HashMap::default();
            for row in range {
                let identity = self.spans[arrivals[row] as usize].1.identity().0;
                if known.insert(identity, ()).is_some() {
                    dropped.push(row);
                    copies.push(*trace);
                }
            }
        }
        if dropped.is_empty() {
            return copies;
        }
        let mut row = 0;
        let mut keep = || {
            row += 1;
            dropped.binary_search(&(row - 1)).is_err()
        };
        arrivals.retain(|_| keep());
        row = 0;
        let mut keep = || {
            row += 1;
            dropped.binary_search(&(row - 1)).is_err()
        };
        ids.retain(|_| keep());
        for first in first_rows {
            *first -= narrow(dropped.partition_point(|row| *row < *first as usize));
        }
        copies
    }

    /// The processes, each once, and that of each row.
    fn processes(&self, arrivals: &[u32], scratch: &mut Scratch) -> (Processes, Packed) {
        let mut services = TextsBuilder::default();
        let mut tags = ListsBuilder::default();
        // Place 0 is no process, which has the empty service.
        let mut service = vec![u64::from(services.number(b""))];
        let mut known: hashbrown::HashTable<(u64, u32, usize, u32)> = hashbrown::HashTable::new();
        // Strangers do not know it.
        let seed = RandomState::default().hash_one(self.spans.len());
        let mut of_batch: Vec<Option<u32>> = Vec::new();
        let mut batch = u32::MAX;
        let mut codes = Vec::with_capacity(self.spans.len());
        for (number, span) in &self.spans {
            if batch != *number {
                batch = *number;
                of_batch.clear();
                of_batch.resize(self.batches[batch as usize].processes().len(), None);
            }
            let Some(code) = span.process_index().and_then(|index| of_batch.get_mut(index)) else {
                codes.push(0);
                continue;
            };
            if code.is_none()
                && let (Some(process), Some(index)) = (span.process(), span.process_index())
            {
                let hash = process_hash(seed, self.batches[batch as usize], process);
                let same = |(other, batch, index, _): &(u64, u32, usize, u32)| {
                    let other = (*other == hash).then(|| self.batches[*batch as usize].process(*index)).flatten();
                    other.is_some_and(|other| same_process(other, process))
                };
                *code = known.find(hash, same).map(|(_, _, _, code)| *code);
                if code.is_none() {
                    let new = narrow(service.len());
                    known.insert_unique(hash, (hash, batch, index, new), |(hash, ..)| *hash);
                    service.push(u64::from(services.number(process.service().as_bytes())));
                    tags.push(Listed { batch: (batch, self.batches[batch as usize]), rows: process.tag_rows() });
                    *code = Some(new);
                }
            }
            codes.push(code.unwrap_or(0));
        }
        let all: Vec<u32> = (0..narrow(service.len() - 1)).collect();
        let processes = Processes {
            services: services.finish(),
            service: Packed::unsigned(service.iter().copied()),
            tags: tags.finish(&all, scratch),
        };
        (processes, Packed::unsigned(arrivals.iter().map(|at| u64::from(codes[*at as usize]))))
    }

    fn operations(&self, arrivals: &[u32]) -> (super::Texts, Packed) {
        let mut operations = TextsBuilder::default();
        let mut before: Option<(u32, Slice, u32)> = None;
        let mut codes = Vec::with_capacity(self.spans.len());
        for (number, span) in &self.spans {
            let place = span.operation_place();
            let code = match before {
                Some((batch, known, code)) if (batch, known) == (*number, place) => code,
                _ => operations.number(self.batches[*number as usize].text_bytes(place)),
            };
            before = Some((*number, place, code));
            codes.push(code);
        }
        let packed = Packed::unsigned(arrivals.iter().map(|at| u64::from(codes[*at as usize])));
        (operations.finish(), packed)
    }

    /// The tags and the logs.
    fn lists(&self, arrivals: &[u32], first_rows: &[u32], scratch: &mut Scratch) -> (super::Lists, Logs) {
        let mut tags = ListsBuilder::default();
        let mut fields = ListsBuilder::default();
        tags.reserve(self.spans.len());
        let mut first_logs = Vec::with_capacity(self.spans.len());
        let mut times = Vec::new();
        for (number, span) in &self.spans {
            let batch = (*number, self.batches[*number as usize]);
            tags.push(Listed { batch, rows: span.tag_rows() });
            first_logs.push(narrow(times.len()));
            for log in span.logs() {
                // Wraps where clients send times at both ends of time, and wraps back when it is read.
                times.push(log.time().as_nanos().wrapping_sub(span.start().as_nanos()));
                fields.push(Listed { batch, rows: log.field_rows() });
            }
        }
        first_logs.push(narrow(times.len()));
        let logs_of = |at: &u32| first_logs[*at as usize]..first_logs[*at as usize + 1];
        let log_arrivals: Vec<u32> = arrivals.iter().flat_map(logs_of).collect();
        let counts = arrivals.iter().map(|at| logs_of(at).len() as u64);
        let mut first = Vec::with_capacity(first_rows.len());
        let mut before = 0;
        for range in first_rows.windows(2) {
            first.push(before);
            let rows = &arrivals[range[0] as usize..range[1] as usize];
            before += rows.iter().map(|at| logs_of(at).len() as u64).sum::<u64>();
        }
        let logs = Logs {
            counts: Packed::unsigned(counts),
            first: Packed::unsigned(first.iter().copied()),
            times: Packed::times(log_arrivals.iter().map(|at| times[*at as usize])),
            fields: fields.finish(&log_arrivals, scratch),
        };
        (tags.finish(arrivals, scratch), logs)
    }
}

/// A hash of all that a process has, the same for equal ones of any batch.
fn process_hash(seed: u64, batch: &Batch, process: jaeger_model::ProcessView<'_>) -> u64 {
    let mut hash = hash_bytes(seed, process.service().as_bytes());
    for row in process.tag_rows() {
        hash = hash_bytes(hash, batch.text_bytes(row.key));
        hash = match row.value {
            Cell::Str(place) => hash_bytes(hash, batch.text_bytes(place)),
            Cell::Bool(value) => hash_bytes(hash, &[u8::from(value)]),
            Cell::I64(value) => hash_bytes(hash, &value.to_le_bytes()),
            Cell::F64(value) => hash_bytes(hash, &value.to_bits().to_le_bytes()),
            Cell::Bytes(place) => hash_bytes(hash, batch.binary(place)),
        };
    }
    hash
}

/// Equal to the bit: a NaN is itself here, and 0.0 is not -0.0.
fn same_process(a: jaeger_model::ProcessView<'_>, b: jaeger_model::ProcessView<'_>) -> bool {
    use jaeger_model::Value;
    a.service() == b.service()
        && a.tags().len() == b.tags().len()
        && a.tags().zip(b.tags()).all(|(a, b)| {
            a.key == b.key
                && match (a.value, b.value) {
                    (Value::F64(a), Value::F64(b)) => a.to_bits() == b.to_bits(),
                    (a, b) => a == b,
                }
        })
}

/// Whether no id comes twice.
fn unique(ids: &[u64]) -> bool {
    if ids.len() <= 24 {
        return ids.iter().enumerate().all(|(at, id)| !ids[..at].contains(id));
    }
    let mut known: hashbrown::HashSet<u64, RandomState> =
        hashbrown::HashSet::with_capacity_and_hasher(ids.len(), RandomState::default());
    ids.iter().all(|id| known.insert(*id))
}

/// A block has at most 32,768 spans out of batches with at most 2^31 rows.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Block {
    /// Sorts the rows by service, newest first; equal starts stay in order of trace ids.
    fn sort_by_service(&mut self) {
        let starts: Vec<i64> = (0..self.len()).map(|row| self.starts.signed_at(row)).collect();
        let newest = starts.iter().copied().max().unwrap_or(0);
        let ages = starts.iter().map(|start| newest.cast_unsigned().wrapping_sub(start.cast_unsigned()));
        let services: Vec<u32> = (0..self.len()).map(|row| narrow(self.service_of(row))).collect();
        // Service, age and row in one number of 64 bits where they fit, as they do unless clients' clocks are years
        // apart: ages in microseconds if all are whole.
        let step = if ages.clone().all(|age| age.is_multiple_of(1000)) { 1000 } else { 1 };
        let age_bits = u64::BITS - (ages.clone().max().unwrap_or(0) / step).leading_zeros();
        let service_bits = usize::BITS - self.processes.services.len().leading_zeros();
        self.order = if age_bits + service_bits + 16 <= u64::BITS {
            let keys = ages.zip(&services).zip(0u64..);
            let mut keys: Vec<u64> = keys
                .map(|((age, service), row)| u64::from(*service) << (age_bits + 16) | ((age / step) << 16) | row)
                .collect();
            keys.sort_unstable();
            #[expect(clippy::cast_possible_truncation, reason = "the lowest 16 bits are the row")]
            keys.iter().map(|key| *key as u16).collect()
        } else {
            let mut keys: Vec<(u32, u64, u16)> =
                ages.zip(&services).zip(0u16..).map(|((age, service), row)| (*service, age, row)).collect();
            keys.sort_unstable();
            keys.iter().map(|(_, _, row)| *row).collect()
        };
        let mut ends = vec![0; self.processes.services.len()];
        for service in services {
            ends[service as usize] += 1;
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        self.service_ends = ends.into_boxed_slice();
    }
}

//! Sorts the spans of a generation by time: traces stay together, and a block has traces whose newest spans began one after
//! the other, so that a search for the newest opens few blocks.

use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_model::{Batch, TraceId};
use jaeger_storage::block::Piece;

/// Spans of one trace that stand together in a batch.
struct Run {
    batch: usize,
    spans: Range<usize>,
    trace: usize,
}

struct Group {
    newest: i64,
    spans: usize,
    /// Where its next spans go, and how many spans that block may still take of it.
    block: usize,
    room: usize,
}

/// The pieces of each block, blocks in order of time, a block's pieces in order of arrival.
pub(crate) fn cluster(batches: &[Arc<Batch>], block_spans: usize) -> Vec<Vec<Piece<'_>>> {
    let block_spans = block_spans.clamp(1, 16_384);
    let (runs, mut groups) = runs(batches, block_spans);
    let blocks = place(&mut groups, block_spans);
    let mut firsts = Vec::with_capacity(batches.len());
    let mut arrived = 0;
    for batch in batches {
        firsts.push(arrived);
        arrived += batch.len() as u64;
    }
    let mut pieces: Vec<Vec<Piece<'_>>> = (0..blocks).map(|_| Vec::new()).collect();
    for Run { batch, spans, trace } in runs {
        let (Some(group), Some(of), Some(first)) = (groups.get_mut(trace), batches.get(batch), firsts.get(batch))
        else {
            continue;
        };
        if group.room < spans.len() {
            group.block += 1;
            group.room = block_spans;
        }
        group.room -= spans.len().min(group.room);
        if let Some(block) = pieces.get_mut(group.block) {
            push(block, Piece { batch: of, first: first + spans.start as u64, spans });
        }
    }
    pieces
}

/// Adds a piece, to the one before where it goes on in the same batch.
fn push<'b>(block: &mut Vec<Piece<'b>>, piece: Piece<'b>) {
    match block.last_mut() {
        Some(last) if Arc::ptr_eq(last.batch, piece.batch) && last.spans.end == piece.spans.start => {
            last.spans.end = piece.spans.end;
        }
        _ => block.push(piece),
    }
}

fn runs(batches: &[Arc<Batch>], most: usize) -> (Vec<Run>, Vec<Group>) {
    let mut numbers: HashMap<TraceId, usize, RandomState> = HashMap::default();
    let mut groups: Vec<Group> = Vec::new();
    let mut runs: Vec<Run> = Vec::new();
    for (batch, spans) in batches.iter().enumerate() {
        let mut before = None;
        for (at, span) in spans.spans().enumerate() {
            let id = span.trace_id();
            let trace = match before {
                Some((known, trace)) if known == id => trace,
                _ => *numbers.entry(id).or_insert_with(|| {
                    groups.push(Group { newest: i64::MIN, spans: 0, block: 0, room: 0 });
                    groups.len() - 1
                }),
            };
            if let Some(group) = groups.get_mut(trace) {
                group.newest = group.newest.max(span.start().as_nanos());
                group.spans += 1;
            }
            match runs.last_mut() {
                Some(run) if before == Some((id, trace)) && run.spans.len() < most => run.spans.end = at + 1,
                _ => runs.push(Run { batch, spans: at..at + 1, trace }),
            }
            before = Some((id, trace));
        }
    }
    (runs, groups)
}

/// Gives each trace its first block; says how many blocks there are.
fn place(groups: &mut [Group], block_spans: usize) -> usize {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|at| groups.get(*at).map(|group| group.newest));
    let (mut block, mut held) = (0, 0);
    for at in order {
        let Some(group) = groups.get_mut(at) else { continue };
        if group.spans > block_spans {
            // Too long for one block: it has some for itself, of which runs may leave each half empty.
            block += usize::from(held > 0);
            group.block = block;
            group.room = block_spans;
            block += (group.spans * 2).div_ceil(block_spans) + 1;
            held = 0;
            continue;
        }
        if held + group.spans > block_spans {
            block += 1;
            held = 0;
        }
        group.block = block;
        group.room = group.spans;
        held += group.spans;
    }
    block + 1
}

//! What it costs to count a block's links and calls by the minute.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jaeger_model::Batch;
use jaeger_storage::block::{Piece, Scratch, build};
use jaeger_storage::minutes::{Counting, Delta, Gatherer, Minutes};

use crate::load::Load;

/// Each is done so often, and the quickest counts: others use the machine too.
const TIMES: usize = 20;

pub(crate) fn measure(load: &mut Load, spans: usize) {
    let mut batches: Vec<Arc<Batch>> = Vec::new();
    while batches.iter().map(|batch| batch.len()).sum::<usize>() < spans {
        batches.push(Arc::new(load.batch()));
    }
    let mut first = 0;
    let piece = |batch| {
        let batch: &Arc<Batch> = batch;
        let piece = Piece { batch, first, spans: 0..batch.len() };
        first += batch.len() as u64;
        piece
    };
    let pieces: Vec<Piece<'_>> = batches.iter().map(piece).collect();
    let Some(built) = build(&pieces, |_, _| true, &mut Scratch::default()) else { return };
    let block = Arc::new(built.block);
    let places: Vec<_> = (0..block.trace_ids().len()).map(|trace| [(Arc::clone(&block), trace)]).collect();
    let count = |counting| {
        let mut gatherer = Gatherer::new(counting);
        places.iter().for_each(|place| gatherer.trace(place, &[], 1));
        gatherer.finish()
    };
    let per_span = |took: Duration| took.as_nanos() as f64 / 1000.0 / block.len() as f64;
    let links = quickest(|| count(Counting::LINKS).rows());
    let calls = quickest(|| count(Counting::CALLS).rows());
    println!("a block of {} spans: links {:.4} us/span, calls {:.4}", block.len(), per_span(links), per_span(calls));
    let delta = count(Counting::ALL);
    let bytes = delta.encode();
    let mut minutes = Minutes::default();
    let apply = quickest(|| {
        minutes.apply(&delta);
        minutes.rows()
    });
    println!(
        "{} rows: applied in {:.4} us/span, {} bytes, read in {:?}; {} bytes held",
        delta.rows(),
        per_span(apply),
        bytes.len(),
        quickest(|| Delta::decode(&bytes).map_or(0, |delta| delta.rows())),
        minutes.size_bytes(),
    );
}

fn quickest(mut work: impl FnMut() -> usize) -> Duration {
    let took = (0..TIMES).map(|_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed()
    });
    took.min().unwrap_or_default()
}

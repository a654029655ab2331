//! What blocks take in a file, and how long they take to write and read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jaeger_model::Batch;
use jaeger_storage::block::{Block, Piece, Scratch, build};

use crate::load::Load;

/// Each is done so often, and the quickest counts: others use the machine too.
const TIMES: usize = 20;

pub(crate) fn measure(load: &mut Load, spans: usize) {
    let mut batches: Vec<Arc<Batch>> = Vec::new();
    let mut made = 0;
    while made < spans {
        batches.push(Arc::new(load.batch()));
        made += batches.last().map_or(0, |batch| batch.len());
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
    let block = built.block;
    let spans = block.len() as f64;
    let mut bytes = Vec::new();
    block.to_bytes(&mut bytes);
    let Ok(sizes) = Block::parts_of_bytes(&bytes) else { return };
    let write = quickest(|| {
        let mut out = Vec::with_capacity(bytes.len());
        block.to_bytes(&mut out);
        out.len()
    });
    let read = quickest(|| Block::from_bytes(&bytes).map_or(0, |block| block.len()));
    let mut count = 0;
    block.terms(&mut |_| count += 1);
    let terms = quickest(|| {
        let mut all = 0u64;
        block.terms(&mut |term| all ^= term);
        all.count_ones() as usize
    });
    let compressed = zstd::bulk::compress(&bytes, 3).map_or(0, |bytes| bytes.len());
    println!(
        "\na block of {spans} spans: {} bytes, {:.1} a span ({:.1} as zstd-3), {:.1} in memory; write {write:?}, read {read:?}; \
         {:.1} terms a span in {:.3} us",
        bytes.len(),
        bytes.len() as f64 / spans,
        compressed as f64 / spans,
        block.size_bytes() as f64 / spans,
        count as f64 / spans,
        terms.as_nanos() as f64 / 1000.0 / spans
    );
    for (part, size) in sizes {
        let held = block.parts().iter().find(|(name, _)| *name == part).map_or(0, |(_, bytes)| *bytes);
        println!("  {part:16} {:6.2} bytes a span, {:6.2} in memory", size as f64 / spans, held as f64 / spans);
    }
}

fn quickest(mut work: impl FnMut() -> usize) -> Duration {
    let took = (0..TIMES).map(|_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed()
    });
    took.min().unwrap_or_default()
}

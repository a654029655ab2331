//! Byte strings that share little: compressed, some dozens at a time, with a fingerprint each by which a search
//! passes over nearly all of them.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use jaeger_model::hash_bytes;

use super::packed::{Packed, scan};

/// A chunk is closed when it has this many bytes or texts: reading one text decompresses a chunk.
const CHUNK_BYTES: usize = 16 << 10;
pub(super) const CHUNK_TEXTS: usize = 256;
/// Larger chunks, of one text alone, are compressed to no less than a part of them: a reader of bytes that may be
/// anything allocates by it.
const LARGE: usize = 1 << 20;
const MOST_A_BYTE: usize = 256;
/// The fastest level: higher ones cost the ingest more than they save here.
const LEVEL: i32 = 1;

/// Byte strings that never change, in compressed chunks.
#[derive(Debug)]
pub(crate) struct Chunks {
    /// By which a cache knows them: an address would come again.
    pub(super) id: u64,
    pub(super) lens: Packed,
    pub(super) fingerprints: Box<[u16]>,
    pub(super) chunks: Box<[Chunk]>,
    pub(super) data: Box<[u8]>,
}

/// A number that no other chunks of this process have.
pub(super) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    /// The number of its first text.
    pub(super) first: u32,
    /// Where its data begin.
    pub(super) data: u32,
    /// Its bytes when decompressed; equal to its data's length where it is not compressed.
    pub(super) bytes: u32,
}

impl Chunks {
    pub(crate) fn len(&self) -> usize {
        self.fingerprints.len()
    }

    /// Calls `with` with text `at`; `last` holds the chunk decompressed last.
    pub(crate) fn with<R>(&self, at: usize, last: &ChunkCache, with: impl FnOnce(&[u8]) -> R) -> R {
        let mut cache = last.0.borrow_mut();
        let number = self.chunks.partition_point(|chunk| chunk.first as usize <= at).saturating_sub(1);
        let key = (self.id, number);
        if cache.key != Some(key) {
            cache.key = Some(key);
            cache.bytes = self.decompress(number);
        }
        let first = self.chunks.get(number).map_or(0, |chunk| chunk.first as usize);
        let start: usize = (first..at).map(|before| self.lens.index_at(before)).sum();
        let text = cache.bytes.get(start..start.saturating_add(self.lens.index_at(at)));
        with(text.unwrap_or(&[]))
    }

    fn decompress(&self, number: usize) -> Vec<u8> {
        let Some(chunk) = self.chunks.get(number) else { return Vec::new() };
        let end = self.chunks.get(number + 1).map_or(self.data.len(), |next| next.data as usize);
        let data = self.data.get(chunk.data as usize..end).unwrap_or(&[]);
        if data.len() == chunk.bytes as usize {
            return data.to_vec();
        }
        zstd::bulk::decompress(data, chunk.bytes as usize).unwrap_or_default()
    }

    /// Calls `each` with every text, in order.
    pub(crate) fn each(&self, mut each: impl FnMut(&[u8])) {
        let mut at = 0;
        for number in 0..self.chunks.len() {
            let end = self.chunks.get(number + 1).map_or(self.len(), |next| next.first as usize);
            let bytes = self.decompress(number);
            let mut rest = bytes.as_slice();
            while at < end {
                let (text, after) = rest.split_at_checked(self.lens.index_at(at)).unwrap_or((&[], rest));
                each(text);
                rest = after;
                at += 1;
            }
        }
    }

    /// Calls `hit` with the place of every text equal to `wanted`.
    pub(crate) fn find(&self, wanted: &[u8], last: &ChunkCache, mut hit: impl FnMut(usize)) {
        scan(&self.fingerprints, Some(fingerprint(wanted)), &mut |at| {
            if self.with(at, last, |text| text == wanted) {
                hit(at);
            }
        });
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.lens.heap_bytes()
            + self.fingerprints.len() * size_of::<u16>()
            + self.chunks.len() * size_of::<Chunk>()
            + self.data.len()
    }
}

/// Whether a chunk of `bytes` may be held as `compressed` ones.
pub(super) fn may_shrink(bytes: usize, compressed: usize) -> bool {
    bytes <= LARGE.max(compressed.saturating_mul(MOST_A_BYTE))
}

#[expect(clippy::cast_possible_truncation, reason = "some bits of a hash")]
fn fingerprint(text: &[u8]) -> u16 {
    (hash_bytes(0, text) >> 24) as u16
}

/// The chunk that was decompressed last: neighbours are mostly asked for together.
#[derive(Debug, Default)]
pub(crate) struct ChunkCache(RefCell<Decompressed>);

#[derive(Debug, Default)]
struct Decompressed {
    key: Option<(u64, usize)>,
    bytes: Vec<u8>,
}

/// Compresses chunks with one context.
pub(crate) struct Compressor(Option<zstd::bulk::Compressor<'static>>);

impl Default for Compressor {
    fn default() -> Self {
        Self(zstd::bulk::Compressor::new(LEVEL).ok())
    }
}

/// Takes texts in their order.
#[derive(Default)]
pub(crate) struct ChunksBuilder {
    lens: Vec<u64>,
    fingerprints: Vec<u16>,
    chunks: Vec<Chunk>,
    data: Vec<u8>,
    open: Vec<u8>,
    open_texts: usize,
}

impl ChunksBuilder {
    pub(crate) fn push(&mut self, text: &[u8], compressor: &mut Compressor) {
        if self.open_texts == CHUNK_TEXTS || self.open_texts > 0 && self.open.len() + text.len() > CHUNK_BYTES {
            self.close(compressor);
        }
        self.open.extend_from_slice(text);
        self.open_texts += 1;
        self.lens.push(text.len() as u64);
        self.fingerprints.push(fingerprint(text));
    }

    fn close(&mut self, compressor: &mut Compressor) {
        let first = self.lens.len() - std::mem::take(&mut self.open_texts);
        // A block's texts came out of batches that are far smaller than four GiB.
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.chunks.push(Chunk { first: narrow(first), data: narrow(self.data.len()), bytes: narrow(self.open.len()) });
        let compressed = compressor.0.as_mut().and_then(|compressor| compressor.compress(&self.open).ok());
        match compressed {
            Some(smaller) if smaller.len() < self.open.len() && may_shrink(self.open.len(), smaller.len()) => {
                self.data.extend_from_slice(&smaller);
            }
            _ => self.data.extend_from_slice(&self.open),
        }
        self.open.clear();
    }

    pub(crate) fn finish(mut self, compressor: &mut Compressor) -> Chunks {
        if self.open_texts > 0 {
            self.close(compressor);
        }
        Chunks {
            id: next_id(),
            lens: Packed::unsigned(self.lens.iter().copied()),
            fingerprints: self.fingerprints.into_boxed_slice(),
            chunks: self.chunks.into_boxed_slice(),
            data: self.data.into_boxed_slice(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_and_are_found() {
        let texts: Vec<Vec<u8>> = (0..3000usize)
            .map(|n| match n % 100 {
                0 => Vec::new(),
                1 => vec![b'x'; n * 20],
                _ => format!("text number {n} of many").into_bytes(),
            })
            .collect();
        let mut compressor = Compressor::default();
        let mut builder = ChunksBuilder::default();
        for text in &texts {
            builder.push(text, &mut compressor);
        }
        let chunks = builder.finish(&mut compressor);
        let cache = ChunkCache::default();
        for at in (0..texts.len()).chain([2999, 0, 1501]) {
            chunks.with(at, &cache, |text| assert_eq!(text, texts[at]));
        }
        for (wanted, expected) in [(&b"text number 1234 of many"[..], vec![1234]), (b"no such text", vec![])] {
            let mut hits = Vec::new();
            chunks.find(wanted, &cache, |at| hits.push(at));
            assert_eq!(hits, expected);
        }
        assert!(chunks.heap_bytes() < texts.iter().map(Vec::len).sum::<usize>() / 2);
    }
}

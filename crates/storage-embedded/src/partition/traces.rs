//! In which block of a partition a trace is: entries sorted by a hash of the trace's id, in pages with a CRC each.
//!
//! | bytes | what |
//! |---|---|
//! | up to 511 x 8 | entries: hash of the id in the upper 48 bits, block in the lower 16 |
//! | 4 | CRC of the page's entries |

use jaeger_model::{TraceId, hash_bytes};

/// Entries of a page but the last.
const PAGE_ENTRIES: usize = 511;
const PAGE_BYTES: usize = PAGE_ENTRIES * 8 + 4;

/// A trace's hash, in the upper 48 bits.
pub(crate) fn hash(trace: TraceId) -> u64 {
    hash_bytes(0, &trace.0.to_le_bytes()) & !0xffff
}

/// One entry.
pub(crate) fn entry(trace: TraceId, block: usize) -> u64 {
    hash(trace) | u64::try_from(block).unwrap_or(0xffff).min(0xffff)
}

/// The section, of sorted entries, and the first entry of each page.
pub(crate) fn encode(entries: &[u64]) -> (Vec<u8>, Vec<u64>) {
    let mut out = Vec::with_capacity(entries.len() * 8 + entries.len() / 100 + 8);
    let mut fences = Vec::new();
    for page in entries.chunks(PAGE_ENTRIES) {
        let start = out.len();
        fences.extend(page.first());
        for entry in page {
            out.extend(entry.to_le_bytes());
        }
        let crc = crc32c::crc32c(out.get(start..).unwrap_or(&[]));
        out.extend(crc.to_le_bytes());
    }
    (out, fences)
}

/// Where the pages lie that may have the hash: offset in the section and length.
pub(crate) fn pages_of(hash: u64, fences: &[u64], section_len: u64) -> (u64, usize) {
    // A hash may begin on the page before the first that begins with it.
    let first = fences.partition_point(|fence| *fence < hash).saturating_sub(1);
    let end = fences.partition_point(|fence| *fence <= hash | 0xffff);
    let start = (first * PAGE_BYTES) as u64;
    let end = ((end * PAGE_BYTES) as u64).min(section_len);
    (start, usize::try_from(end.saturating_sub(start)).unwrap_or(0))
}

/// The entries of some whole pages, in order; none where one is damaged.
pub(crate) fn entries(pages: &[u8]) -> Option<Vec<u64>> {
    let mut all = Vec::with_capacity(pages.len() / 8);
    for page in pages.chunks(PAGE_BYTES) {
        let (entries, crc) = page.split_last_chunk::<4>()?;
        if *crc != crc32c::crc32c(entries).to_le_bytes() {
            return None;
        }
        let (entries, rest) = entries.as_chunks::<8>();
        if !rest.is_empty() {
            return None;
        }
        all.extend(entries.iter().map(|entry| u64::from_le_bytes(*entry)));
    }
    Some(all)
}

/// The blocks of a hash among sorted entries.
pub(crate) fn blocks_of(hash: u64, entries: &[u64]) -> impl Iterator<Item = usize> {
    let first = entries.partition_point(|entry| *entry < hash);
    let of = entries.get(first..).unwrap_or(&[]).iter().take_while(move |entry| *entry & !0xffff == hash);
    of.map(|entry| usize::try_from(entry & 0xffff).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trace_is_found_by_one_short_read() {
        let mut all: Vec<u64> = (0..3000u128).map(|trace| entry(TraceId(trace), (trace % 20) as usize)).collect();
        // One trace in very many blocks, over several pages.
        all.extend((0..1500).map(|block| entry(TraceId(77_777), block)));
        all.sort_unstable();
        let (section, fences) = encode(&all);
        let find = |trace| {
            let (start, len) = pages_of(hash(trace), &fences, section.len() as u64);
            let start = usize::try_from(start).expect("small");
            let entries = entries(&section[start..start + len]).expect("sound");
            blocks_of(hash(trace), &entries).collect::<Vec<_>>()
        };
        for trace in 0..3000u128 {
            assert_eq!(find(TraceId(trace)), [(trace % 20) as usize]);
        }
        assert_eq!(find(TraceId(77_777)), (0..1500).collect::<Vec<_>>());
        assert_eq!(find(TraceId(5_000_000)), [] as [usize; 0]);
        let mut damaged = section.clone();
        damaged[9] ^= 1;
        assert_eq!(entries(&damaged), None);
        let (empty, fences) = encode(&[]);
        assert_eq!(pages_of(hash(TraceId(1)), &fences, empty.len() as u64), (0, 0));
    }
}

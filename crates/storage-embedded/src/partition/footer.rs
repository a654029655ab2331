//! What a partition file says of itself at its end: read once when it is opened.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | the first generation that it holds |
//! | 8 | the last one |
//! | 8 | when its last span arrived, milliseconds since 1970 |
//! | 8 | spans |
//! | 4, then 64 each | blocks: offset 8, length 4, CRC 4, spans 4, traces 4, least and greatest start in nanoseconds 8 + 8, least and greatest duration 8 + 8, reserved 8 |
//! | 4, then 21 each | sections: kind 1, offset 8, length 8, CRC 4 |
//! | 4, then 8 each | the first entry of each page of the traces |
//! | 4 | stripes of the terms |
//!
//! Behind it the trailer:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | offset of the footer |
//! | 4 | its length |
//! | 4 | its CRC |
//! | 4 | CRC of these 16 bytes |
//! | 4 | `TRPJ` |

use crate::bytes::Bytes;

/// The trailer's length.
pub(crate) const TRAILER_BYTES: usize = 24;
const TRAILER_MAGIC: [u8; 4] = *b"TRPJ";
const BLOCK_BYTES: usize = 64;
const SECTION_BYTES: usize = 21;
/// No footer is longer; a larger number is damage.
const MAX_FOOTER_BYTES: u32 = 64 << 20;

/// What a section holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SectionKind {
    Terms = 1,
    Traces = 2,
    TraceFilter = 3,
    Minutes = 4,
    Names = 5,
    Times = 6,
    Lists = 7,
}

/// Where a section is. The CRC of terms, traces, times and lists is 0: their pages have each its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Section {
    pub(crate) kind: u8,
    pub(crate) offset: u64,
    pub(crate) len: u64,
    pub(crate) crc: u32,
}

/// Where a block is, and what is in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct BlockEntry {
    pub(crate) offset: u64,
    pub(crate) len: u32,
    pub(crate) crc: u32,
    pub(crate) spans: u32,
    pub(crate) traces: u32,
    pub(crate) start: (i64, i64),
    pub(crate) duration: (i64, i64),
}

/// All of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Footer {
    pub(crate) generations: (u64, u64),
    pub(crate) last_arrival_ms: i64,
    pub(crate) spans: u64,
    pub(crate) blocks: Vec<BlockEntry>,
    pub(crate) sections: Vec<Section>,
    pub(crate) trace_fences: Vec<u64>,
    pub(crate) term_stripes: u32,
}

fn push_len(out: &mut Vec<u8>, len: usize) {
    out.extend(u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
}

impl Footer {
    /// Footer and trailer, for the place `offset` of the file.
    pub(crate) fn encode(&self, offset: u64) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(self.generations.0.to_le_bytes());
        out.extend(self.generations.1.to_le_bytes());
        out.extend(self.last_arrival_ms.to_le_bytes());
        out.extend(self.spans.to_le_bytes());
        push_len(&mut out, self.blocks.len());
        for block in &self.blocks {
            out.extend(block.offset.to_le_bytes());
            for number in [block.len, block.crc, block.spans, block.traces] {
                out.extend(number.to_le_bytes());
            }
            for number in [block.start.0, block.start.1, block.duration.0, block.duration.1, 0] {
                out.extend(number.to_le_bytes());
            }
        }
        push_len(&mut out, self.sections.len());
        for section in &self.sections {
            out.push(section.kind);
            out.extend(section.offset.to_le_bytes());
            out.extend(section.len.to_le_bytes());
            out.extend(section.crc.to_le_bytes());
        }
        push_len(&mut out, self.trace_fences.len());
        for fence in &self.trace_fences {
            out.extend(fence.to_le_bytes());
        }
        out.extend(self.term_stripes.to_le_bytes());
        let crc = crc32c::crc32c(&out);
        let mut trailer = Vec::with_capacity(TRAILER_BYTES);
        trailer.extend(offset.to_le_bytes());
        push_len(&mut trailer, out.len());
        trailer.extend(crc.to_le_bytes());
        let crc = crc32c::crc32c(&trailer);
        trailer.extend(crc.to_le_bytes());
        trailer.extend(TRAILER_MAGIC);
        out.extend(trailer);
        out
    }

    /// Where the footer is: its offset, length and CRC.
    pub(crate) fn decode_trailer(trailer: &[u8]) -> Option<(u64, u32, u32)> {
        let mut bytes = Bytes(trailer);
        let (offset, len, crc) = (bytes.u64()?, bytes.u32()?, bytes.u32()?);
        let own = bytes.u32()?;
        let sound = own == crc32c::crc32c(trailer.get(..16)?) && bytes.0 == TRAILER_MAGIC && len <= MAX_FOOTER_BYTES;
        sound.then_some((offset, len, crc))
    }

    pub(crate) fn decode(footer: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(footer);
        let generations = (bytes.u64()?, bytes.u64()?);
        let last_arrival_ms = bytes.i64()?;
        let spans = bytes.u64()?;
        let mut decoded = Self { generations, last_arrival_ms, spans, ..Self::default() };
        for mut block in rows(&mut bytes, BLOCK_BYTES)?.map(Bytes) {
            decoded.blocks.push(BlockEntry {
                offset: block.u64()?,
                len: block.u32()?,
                crc: block.u32()?,
                spans: block.u32()?,
                traces: block.u32()?,
                start: (block.i64()?, block.i64()?),
                duration: (block.i64()?, block.i64()?),
            });
        }
        for mut section in rows(&mut bytes, SECTION_BYTES)?.map(Bytes) {
            let section =
                Section { kind: section.u8()?, offset: section.u64()?, len: section.u64()?, crc: section.u32()? };
            decoded.sections.push(section);
        }
        for mut fence in rows(&mut bytes, 8)?.map(Bytes) {
            decoded.trace_fences.push(fence.u64()?);
        }
        decoded.term_stripes = bytes.u32()?;
        Some(decoded)
    }

    pub(crate) fn section(&self, kind: SectionKind) -> Option<&Section> {
        self.sections.iter().find(|section| section.kind == kind as u8)
    }
}

/// A number of rows in four bytes, and the rows.
fn rows<'a>(bytes: &mut Bytes<'a>, width: usize) -> Option<std::slice::ChunksExact<'a, u8>> {
    let rows = usize::try_from(bytes.u32()?).ok()?;
    Some(bytes.take(rows.checked_mul(width)?)?.chunks_exact(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was_and_shorter_is_none() {
        let footer = Footer {
            generations: (3, 5),
            last_arrival_ms: 77,
            spans: 9,
            blocks: vec![
                BlockEntry {
                    offset: 32,
                    len: 4,
                    crc: 5,
                    spans: 6,
                    traces: 7,
                    start: (-1, i64::MAX),
                    duration: (0, 3)
                };
                2
            ],
            sections: vec![Section { kind: SectionKind::Names as u8, offset: 1, len: 2, crc: 3 }],
            trace_fences: vec![u64::MAX, 4],
            term_stripes: 12,
        };
        let encoded = footer.encode(1234);
        let (body, trailer) = encoded.split_at(encoded.len() - TRAILER_BYTES);
        let (offset, len, crc) = Footer::decode_trailer(trailer).expect("sound");
        assert_eq!((offset, len as usize, crc), (1234, body.len(), crc32c::crc32c(body)));
        assert_eq!(Footer::decode(body), Some(footer));
        for end in 0..body.len() {
            assert_eq!(Footer::decode(&body[..end]), None);
        }
        for at in 0..TRAILER_BYTES {
            let mut trailer = trailer.to_vec();
            trailer[at] ^= 1;
            assert_eq!(Footer::decode_trailer(&trailer), None);
        }
    }
}

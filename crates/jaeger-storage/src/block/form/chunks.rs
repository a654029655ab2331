//! Compressed texts as bytes: lengths and fingerprints of the texts, then how many texts and bytes each chunk has,
//! then the bytes.

use super::super::chunks::{CHUNK_TEXTS, Chunk, Chunks, may_shrink, next_id};
use super::super::packed::Packed;
use super::BlockFormatError;
use super::reader::Reader;
use super::writer::Writer;

impl Chunks {
    pub(super) fn write(&self, out: &mut Writer<'_>) {
        out.count(self.len());
        if self.len() == 0 {
            return;
        }
        self.lens.write(out, self.len());
        out.halves(&self.fingerprints);
        out.count(self.chunks.len());
        for (at, chunk) in self.chunks.iter().enumerate() {
            let next = self.chunks.get(at + 1);
            let first = next.map_or(self.len(), |next| next.first as usize);
            let data = next.map_or(self.data.len(), |next| next.data as usize);
            out.count(first.saturating_sub(chunk.first as usize));
            out.count(data.saturating_sub(chunk.data as usize));
        }
        out.bytes(&self.data);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, BlockFormatError> {
        // A fingerprint each.
        let count = reader.count_left()?;
        if count == 0 {
            let (lens, none) = (Packed::same(0), Box::default());
            return Ok(Self { id: next_id(), lens, fingerprints: Box::default(), chunks: Box::default(), data: none });
        }
        let lens = Packed::read(reader, count)?;
        let sums = lens.sums(count, u64::from(u32::MAX)).ok_or(reader.wrong())?;
        let sum = |at: usize| sums.get(at).map_or(0, |sum| *sum as usize);
        let fingerprints = reader.halves(count)?;
        let of_chunks = reader.count_left()?;
        let mut chunks = Vec::with_capacity(of_chunks);
        let (mut first, mut data) = (0usize, 0usize);
        for _ in 0..of_chunks {
            let texts = reader.count(CHUNK_TEXTS as u64)?;
            let len = reader.count(u64::from(u32::MAX))?;
            if texts == 0 || first + texts > count {
                return Err(reader.wrong());
            }
            let bytes = sum(first + texts).saturating_sub(sum(first));
            if len != bytes && (len > bytes || !may_shrink(bytes, len)) {
                return Err(reader.wrong());
            }
            let narrow = |number: usize| u32::try_from(number).map_err(|_| reader.wrong());
            chunks.push(Chunk { first: narrow(first)?, data: narrow(data)?, bytes: narrow(bytes)? });
            (first, data) = (first + texts, data + len);
        }
        if first != count {
            return Err(reader.wrong());
        }
        let data = reader.bytes(data)?.into();
        Ok(Self { id: next_id(), lens, fingerprints, chunks: chunks.into_boxed_slice(), data })
    }
}

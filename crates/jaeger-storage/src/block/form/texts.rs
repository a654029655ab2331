//! Dictionaries as bytes: how many texts, their lengths; the texts stand with all others of the block.

use super::super::packed::Packed;
use super::super::texts::Texts;
use super::BlockFormatError;
use super::reader::Reader;
use super::writer::Writer;

impl Texts {
    pub(super) fn write(&self, out: &mut Writer<'_>) {
        out.count(self.len());
        Packed::unsigned((0..self.len()).map(|at| self.get(at).len() as u64)).write(out, self.len());
        out.aside(&self.bytes);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, BlockFormatError> {
        let count = reader.count(u64::from(u32::MAX))?;
        let lens = Packed::read(reader, count)?;
        // Of many texts of one length none is empty but one.
        if lens.width() == 0 && count > 1 && (lens.at(0) == 0 || count > reader.left_aside()) {
            return Err(reader.wrong());
        }
        let most = reader.left_aside() as u64;
        let sums = lens.sums(count, most).ok_or(reader.wrong())?;
        let bytes = reader.aside(sums.last().map_or(0, |len| *len as usize))?;
        Ok(Self { bytes: bytes.into(), ends: sums.get(1..).unwrap_or(&[]).into() })
    }
}

//! References as bytes: counts by row, the codes, the ids of those that are no rows.

use jaeger_model::{Reference, ReferenceKind, SpanId, TraceId};

use super::super::packed::Packed;
use super::super::references::{LOCAL, References};
use super::reader::Reader;
use super::writer::Writer;
use super::{BlockFormatError, MAX_ROWS, PARTS_A_BYTE};

impl References {
    /// How many there are, of `rows` rows.
    pub(super) fn total(&self, rows: usize) -> usize {
        let mut total = 0usize;
        self.counts.each(rows, |count| total = total.saturating_add(usize::try_from(count).unwrap_or(usize::MAX)));
        total
    }

    pub(super) fn write(&self, out: &mut Writer<'_>, rows: usize) {
        self.counts.write(out, rows);
        self.codes.write(out, self.total(rows));
        let places: Vec<u32> = self.own.iter().map(|(at, _)| *at).collect();
        out.ascending(&places);
        let ids: Vec<u64> = self.own.iter().map(|(_, id)| *id).collect();
        out.words(&ids);
        let places: Vec<u32> = self.foreign.iter().map(|(at, _)| *at).collect();
        out.ascending(&places);
        for (_, reference) in &self.foreign {
            out.byte(u8::from(reference.kind == ReferenceKind::FollowsFrom));
            out.wide(std::iter::once(reference.trace_id.0));
            out.words(&[reference.span_id.0]);
        }
    }

    pub(super) fn read(
        reader: &mut Reader<'_>,
        rows: usize,
        first_rows: &[u32],
        bytes: usize,
    ) -> Result<Self, BlockFormatError> {
        let counts = Packed::read(reader, rows)?;
        let most = bytes.saturating_mul(PARTS_A_BYTE) as u64;
        let (first, total) = counts.sums_at(first_rows, most).ok_or(reader.wrong())?;
        let codes = Packed::read(reader, total)?;
        if total > 0 && codes.most().is_none_or(|most| most > LOCAL + 2 * MAX_ROWS) {
            return Err(reader.wrong());
        }
        let places = reader.ascending(total)?;
        let ids = reader.words(places.len())?;
        let own = places.into_iter().zip(ids).collect();
        let places = reader.ascending(total)?;
        let mut foreign = Vec::with_capacity(places.len());
        for place in places {
            let kind = match reader.byte()? {
                0 => ReferenceKind::ChildOf,
                1 => ReferenceKind::FollowsFrom,
                _ => return Err(reader.wrong()),
            };
            let trace_id = TraceId(reader.wide(1)?.next().unwrap_or(0));
            let span_id = SpanId(reader.words(1)?.first().copied().unwrap_or(0));
            foreign.push((place, Reference { kind, trace_id, span_id }));
        }
        Ok(Self { counts, first: Packed::small(first), codes, own, foreign: foreign.into_boxed_slice() })
    }
}

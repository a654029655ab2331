//! All spans of a partition, newest first: for each when it began, where it is and how long it took about, so that a
//! search opens a block only for a span that it needs.
//!
//! A page has 512 spans:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | CRC of the rest of the page |
//! | 8 | the newest start, nanoseconds since 1970 |
//! | 1 | 1 where ages are whole microseconds, else 0 |
//! | 4 | widths in bits of the columns |
//! | the rest | four columns of bits: age below the newest, block, row, class of the duration; each fills its last byte |
//!
//! Behind the pages a table: for each its newest start (8) and its offset in the section (4), then the CRC of these (4).

use super::bitpack::{bytes_of, get, pack, width_of};
use crate::bytes::Bytes;

/// Spans of a page.
pub(crate) const PAGE_SPANS: usize = 512;
const ENTRY_BYTES: usize = 12;
const HEAD_BYTES: usize = 17;
const COLUMNS: usize = 4;

/// A span in the order of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Timed {
    /// Nanoseconds since 1970.
    pub(crate) start: i64,
    pub(crate) block: u16,
    pub(crate) row: u16,
    /// [`class`] of the duration.
    pub(crate) class: u8,
}

/// A number that grows with the duration, about four for each doubling.
pub(crate) fn class(duration: i64) -> u8 {
    let duration = u64::try_from(duration).unwrap_or(0);
    let class = match duration.checked_ilog2() {
        Some(exponent @ 2..) => u64::from(exponent) * 4 + ((duration >> (exponent - 2)) & 3),
        _ => duration,
    };
    // At most 62 * 4 + 3.
    u8::try_from(class).unwrap_or(u8::MAX)
}

/// The section of spans that stand newest first.
pub(crate) fn encode(spans: &[Timed]) -> Vec<u8> {
    let mut out = Vec::with_capacity(spans.len() * 8);
    let mut table = Vec::new();
    for page in spans.chunks(PAGE_SPANS) {
        table.extend(page.first().map_or(0, |span| span.start).to_le_bytes());
        table.extend(u32::try_from(out.len()).unwrap_or(u32::MAX).to_le_bytes());
        encode_page(page, &mut out);
    }
    let crc = crc32c::crc32c(&table);
    out.extend(table);
    out.extend(crc.to_le_bytes());
    out
}

fn encode_page(page: &[Timed], out: &mut Vec<u8>) {
    let newest = page.first().map_or(0, |span| span.start);
    let age = |span: &Timed| newest.wrapping_sub(span.start).cast_unsigned();
    let micros = page.iter().all(|span| age(span).is_multiple_of(1000));
    let ages = page.iter().map(|span| if micros { age(span) / 1000 } else { age(span) });
    let [blocks, rows, classes] = [
        |span: &Timed| u64::from(span.block),
        |span: &Timed| u64::from(span.row),
        |span: &Timed| u64::from(span.class),
    ];
    let most = |column: fn(&Timed) -> u64| page.iter().map(column).max().unwrap_or(0);
    let widths = [
        width_of(ages.clone().max().unwrap_or(0)),
        width_of(most(blocks)),
        width_of(most(rows)),
        width_of(most(classes)),
    ];
    let at = out.len();
    out.extend([0; 4]);
    out.extend(newest.to_le_bytes());
    out.push(u8::from(micros));
    out.extend(widths);
    pack(out, ages, widths[0]);
    pack(out, page.iter().map(blocks), widths[1]);
    pack(out, page.iter().map(rows), widths[2]);
    pack(out, page.iter().map(classes), widths[3]);
    if let Some((crc, page)) = out.get_mut(at..).and_then(<[u8]>::split_first_chunk_mut::<4>) {
        *crc = crc32c::crc32c(page).to_le_bytes();
    }
}

/// Where the pages are, and when each begins.
#[derive(Debug)]
pub(crate) struct Pages {
    spans: usize,
    /// The newest start of each page, and where it is in the section; the table's own place at the end.
    pages: Vec<(i64, usize)>,
}

impl Pages {
    /// The bytes of the table behind the pages of so many spans.
    pub(crate) fn table_bytes(spans: u64) -> u64 {
        spans.div_ceil(PAGE_SPANS as u64).saturating_mul(ENTRY_BYTES as u64).saturating_add(4)
    }

    /// From the table at the end of a section of so many bytes.
    pub(crate) fn decode(table: &[u8], section: u64, spans: u64) -> Option<Self> {
        let (entries, crc) = table.split_last_chunk::<4>()?;
        if *crc != crc32c::crc32c(entries).to_le_bytes() {
            return None;
        }
        let mut pages = Vec::with_capacity(entries.len() / ENTRY_BYTES + 1);
        for mut entry in entries.chunks_exact(ENTRY_BYTES).map(Bytes) {
            pages.push((entry.i64()?, usize::try_from(entry.u32()?).ok()?));
        }
        pages.push((i64::MIN, usize::try_from(section).ok()?.checked_sub(table.len())?));
        let sound = pages.windows(2).all(|pair| pair[0].1 <= pair[1].1);
        sound.then_some(Self { spans: usize::try_from(spans).ok()?, pages })
    }

    pub(crate) fn spans(&self) -> usize {
        self.spans
    }

    /// Where page `number` is in the section.
    pub(crate) fn place(&self, number: usize) -> Option<std::ops::Range<usize>> {
        Some(self.pages.get(number)?.1..self.pages.get(number + 1)?.1)
    }

    /// How many pages there are.
    pub(crate) fn count(&self) -> usize {
        self.pages.len() - 1
    }

    /// The page with the newest span that began at `end` or before, if that is not the first of the next one.
    pub(crate) fn page_before(&self, end: i64) -> usize {
        let pages = self.pages.get(..self.count()).unwrap_or(&[]);
        pages.partition_point(|(newest, _)| *newest > end).saturating_sub(1)
    }

    /// The spans of page `number`.
    pub(crate) fn spans_of(&self, number: usize) -> usize {
        self.spans.saturating_sub(number * PAGE_SPANS).min(PAGE_SPANS)
    }
}

/// A page that was read.
#[derive(Debug)]
pub(crate) struct Page {
    bytes: Vec<u8>,
    len: usize,
    newest: i64,
    unit: i64,
    widths: [u8; COLUMNS],
    /// Where the columns begin.
    columns: [usize; COLUMNS],
}

impl Page {
    /// None if it is not what was written, with `len` spans.
    pub(crate) fn decode(bytes: Vec<u8>, len: usize) -> Option<Self> {
        let mut head = Bytes(&bytes);
        if head.u32()? != crc32c::crc32c(head.0) {
            return None;
        }
        let newest = head.i64()?;
        let unit = if head.u8()? == 1 { 1000 } else { 1 };
        let widths: [u8; COLUMNS] = head.take(COLUMNS)?.try_into().ok()?;
        let (mut columns, mut at) = ([0; COLUMNS], HEAD_BYTES);
        for (column, width) in columns.iter_mut().zip(widths) {
            *column = at;
            at += bytes_of(len, width);
        }
        let sound = at == bytes.len() && widths.iter().all(|width| *width <= 64);
        sound.then_some(Self { bytes, len, newest, unit, widths, columns })
    }

    fn column(&self, column: usize, at: usize) -> u64 {
        let (from, width) = (self.columns.get(column).copied(), self.widths.get(column).copied());
        let bytes = from.and_then(|from| self.bytes.get(from..));
        get(bytes.unwrap_or(&[]), at, width.unwrap_or(0))
    }

    pub(crate) fn start(&self, at: usize) -> i64 {
        self.newest.wrapping_sub(self.column(0, at).cast_signed().wrapping_mul(self.unit))
    }

    /// Span `at` of the page.
    pub(crate) fn get(&self, at: usize) -> Timed {
        let narrow = |number: u64| u16::try_from(number).unwrap_or(u16::MAX);
        Timed {
            start: self.start(at),
            block: narrow(self.column(1, at)),
            row: narrow(self.column(2, at)),
            class: u8::try_from(self.column(3, at)).unwrap_or(u8::MAX),
        }
    }

    /// How many of its spans began after `end`.
    pub(crate) fn after(&self, end: i64) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.start(middle) > end {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans() -> Vec<Timed> {
        let mut random = fastrand::Rng::with_seed(5);
        let mut spans: Vec<Timed> = (0..1500)
            .map(|n| Timed {
                start: 1_795_478_400_000_000_000 - random.i64(0..3_600_000_000) * if n < 1000 { 1000 } else { 999 },
                block: random.u16(..25),
                row: random.u16(..8192),
                class: random.u8(..),
            })
            .chain([Timed { start: i64::MIN, block: u16::MAX, row: 1, class: 0 }])
            .chain([Timed { start: i64::MAX, block: 0, row: u16::MAX, class: 255 }])
            .collect();
        spans.sort_by_key(|span| std::cmp::Reverse(span.start));
        spans
    }

    fn open(section: &[u8], spans: u64) -> Option<Pages> {
        let table = section.len().checked_sub(usize::try_from(Pages::table_bytes(spans)).ok()?)?;
        Pages::decode(section.get(table..)?, section.len() as u64, spans)
    }

    fn page(section: &[u8], pages: &Pages, number: usize) -> Option<Page> {
        Page::decode(section.get(pages.place(number)?)?.to_vec(), pages.spans_of(number))
    }

    #[test]
    fn comes_back_newest_first_from_any_time() {
        let spans = spans();
        let section = encode(&spans);
        let pages = open(&section, spans.len() as u64).expect("sound");
        assert_eq!((pages.count(), pages.spans()), (3, 1502));
        let read: Vec<Page> = (0..3).map(|number| page(&section, &pages, number).expect("sound")).collect();
        let got: Vec<Timed> = (0..1502).map(|at| read[at / PAGE_SPANS].get(at % PAGE_SPANS)).collect();
        assert_eq!(got, spans);
        for end in spans.iter().map(|span| span.start).chain([i64::MAX, i64::MIN, spans[700].start + 1]) {
            let number = pages.page_before(end);
            let at = number * PAGE_SPANS + read[number].after(end);
            assert_eq!(at, spans.partition_point(|span| span.start > end));
        }
    }

    #[test]
    fn a_flipped_bit_is_told() {
        let spans = spans();
        let section = encode(&spans);
        for at in (0..section.len()).step_by(7).chain(section.len() - 40..section.len()) {
            let mut damaged = section.clone();
            damaged[at] ^= 1 << (at % 8);
            let sound = open(&damaged, 1502)
                .and_then(|pages| (0..3).map(|number| page(&damaged, &pages, number)).collect::<Option<Vec<_>>>());
            assert!(sound.is_none(), "byte {at}");
        }
    }

    #[test]
    fn a_longer_duration_has_no_lower_class() {
        let mut durations: Vec<i64> = (0..63).flat_map(|bit| [(1_i64 << bit) - 1, 1 << bit, (1 << bit) + 1]).collect();
        durations.extend([i64::MIN, -1, i64::MAX]);
        durations.extend(0..5000);
        durations.sort_unstable();
        assert!(durations.windows(2).all(|pair| class(pair[0]) <= class(pair[1])));
        assert!(class(1_900_000_000) > class(1_500_000_000));
    }
}

//! Where in the order of time the spans with a term are: a list for each term that so many spans have that a filter by
//! blocks says nothing, and so few that looking at every span takes long.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | terms |
//! | 4 | CRC of the fences and, before them, the terms again |
//! | 8 each | fences: the first term of each page |
//! | 20 each, then 4 | pages of 64: term 8, offset of its list in the section 4, bytes 4, CRC of the list 4; behind each page its CRC |
//! | the rest | lists |
//!
//! A list:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | how many spans |
//! | 9 each | for each 128 of them: the first one's place 4, offset of the others behind these 4, width 1 |
//! | the rest | for each 128, in bits, how much further than the one before each other one is, less one |

use std::ops::Range;

use super::bitpack::{bytes_of, get, pack, width_of};
use crate::bytes::Bytes;

const PAGE_TERMS: usize = 64;
const ENTRY_BYTES: usize = 20;
const HEAD_BYTES: usize = 8;
const GROUP: usize = 128;
const GROUP_BYTES: usize = 9;

/// The section of some terms, each with its places in rising order.
pub(crate) fn encode(mut lists: Vec<(u64, Vec<u32>)>) -> Vec<u8> {
    lists.sort_unstable_by_key(|(term, _)| *term);
    let pages = lists.len().div_ceil(PAGE_TERMS);
    let mut body = Vec::new();
    // A page has a fence and a CRC.
    let mut at = HEAD_BYTES + pages * 12 + lists.len() * ENTRY_BYTES;
    let (mut fences, mut table) = (Vec::new(), Vec::new());
    for page in lists.chunks(PAGE_TERMS) {
        let first = table.len();
        fences.extend(page.first().map_or(0, |(term, _)| *term).to_le_bytes());
        for (term, places) in page {
            let from = body.len();
            encode_list(places, &mut body);
            let list = body.get(from..).unwrap_or(&[]);
            table.extend(term.to_le_bytes());
            table.extend(u32::try_from(at).unwrap_or(u32::MAX).to_le_bytes());
            table.extend(u32::try_from(list.len()).unwrap_or(u32::MAX).to_le_bytes());
            table.extend(crc32c::crc32c(list).to_le_bytes());
            at += list.len();
        }
        let crc = crc32c::crc32c(table.get(first..).unwrap_or(&[]));
        table.extend(crc.to_le_bytes());
    }
    let terms = u32::try_from(lists.len()).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(at);
    out.extend(terms.to_le_bytes());
    out.extend(head_crc(terms, &fences).to_le_bytes());
    out.extend(fences);
    out.extend(table);
    out.extend(body);
    out
}

fn encode_list(places: &[u32], out: &mut Vec<u8>) {
    out.extend(u32::try_from(places.len()).unwrap_or(u32::MAX).to_le_bytes());
    let mut packed = Vec::new();
    for group in places.chunks(GROUP) {
        let steps = group.windows(2).map(|pair| u64::from(pair[1].saturating_sub(pair[0]).saturating_sub(1)));
        let width = width_of(steps.clone().max().unwrap_or(0));
        out.extend(group.first().copied().unwrap_or(0).to_le_bytes());
        out.extend(u32::try_from(packed.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.push(width);
        pack(&mut packed, steps, width);
    }
    out.extend(packed);
}

fn head_crc(terms: u32, fences: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&terms.to_le_bytes()), fences)
}

/// The terms that have lists.
#[derive(Debug)]
pub(crate) struct Terms {
    terms: usize,
    fences: Vec<u64>,
}

/// A list's place in the section, and its CRC.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ListPlace {
    pub(crate) place: Range<usize>,
    crc: u32,
}

impl Terms {
    /// How many bytes of the section the fences end at, by its first eight.
    pub(crate) fn head_bytes(head: &[u8], section: u64) -> Option<usize> {
        let terms = usize::try_from(Bytes(head).u32()?).ok()?;
        let bytes = terms.div_ceil(PAGE_TERMS) * 8 + HEAD_BYTES;
        (bytes as u64 <= section).then_some(bytes)
    }

    /// From the section's first bytes; further ones may follow.
    pub(crate) fn decode(head: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(head);
        let (terms, crc) = (bytes.u32()?, bytes.u32()?);
        let count = usize::try_from(terms).ok()?;
        let fences = bytes.take(count.div_ceil(PAGE_TERMS) * 8)?;
        if crc != head_crc(terms, fences) {
            return None;
        }
        let fences = fences.as_chunks::<8>().0.iter().map(|fence| u64::from_le_bytes(*fence)).collect();
        Some(Self { terms: count, fences })
    }

    /// Where in the section the page is that the term would stand on.
    pub(crate) fn page_of(&self, term: u64) -> Option<Range<usize>> {
        let page = self.fences.partition_point(|fence| *fence <= term).checked_sub(1)?;
        Some(self.page(page))
    }

    fn page(&self, page: usize) -> Range<usize> {
        let from = HEAD_BYTES + self.fences.len() * 8 + page * (PAGE_TERMS * ENTRY_BYTES + 4);
        let terms = self.terms.saturating_sub(page * PAGE_TERMS).min(PAGE_TERMS);
        from..from + terms * ENTRY_BYTES + 4
    }

    /// Where all pages are.
    pub(crate) fn pages(&self) -> impl Iterator<Item = Range<usize>> {
        (0..self.fences.len()).map(|page| self.page(page))
    }
}

/// The terms on a page and their lists; none if it is damaged.
pub(crate) fn page_entries(page: &[u8]) -> Option<Vec<(u64, ListPlace)>> {
    let (entries, crc) = page.split_last_chunk::<4>()?;
    if *crc != crc32c::crc32c(entries).to_le_bytes() {
        return None;
    }
    let mut read = Vec::with_capacity(PAGE_TERMS);
    for mut entry in entries.chunks_exact(ENTRY_BYTES).map(Bytes) {
        let term = entry.u64()?;
        let (offset, len) = (usize::try_from(entry.u32()?).ok()?, usize::try_from(entry.u32()?).ok()?);
        read.push((term, ListPlace { place: offset..offset.checked_add(len)?, crc: entry.u32()? }));
    }
    Some(read)
}

/// The places of one term, in rising order: newest first.
#[derive(Debug)]
pub(crate) struct List {
    bytes: Vec<u8>,
    count: usize,
    /// The group that is unpacked, and its places.
    group: Option<usize>,
    places: Vec<u32>,
}

impl List {
    /// None if it is not what was written.
    pub(crate) fn decode(bytes: Vec<u8>, place: &ListPlace) -> Option<Self> {
        if crc32c::crc32c(&bytes) != place.crc {
            return None;
        }
        let count = usize::try_from(Bytes(&bytes).u32()?).ok()?;
        let list = Self { bytes, count, group: None, places: Vec::with_capacity(GROUP) };
        let groups = list.groups();
        let sound = list.bytes.len() >= 4 + groups.checked_mul(GROUP_BYTES)?
            && (0..groups).all(|group| list.head(group).is_some_and(|(_, _, width)| width <= 32));
        sound.then_some(list)
    }

    /// How many places there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    fn groups(&self) -> usize {
        self.count.div_ceil(GROUP)
    }

    /// The first place of a group, the offset of its others and their width.
    fn head(&self, group: usize) -> Option<(u32, usize, u8)> {
        let mut head = Bytes(self.bytes.get(4 + group * GROUP_BYTES..)?);
        Some((head.u32()?, usize::try_from(head.u32()?).ok()?, head.u8()?))
    }

    /// The first place that is `from` or greater.
    pub(crate) fn seek(&mut self, from: u32) -> Option<u32> {
        let (mut low, mut high) = (0, self.groups());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.head(middle).is_some_and(|(first, ..)| first <= from) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let group = low.saturating_sub(1);
        self.unpack(group);
        let within = self.places.get(self.places.partition_point(|place| *place < from)).copied();
        within.or_else(|| Some(self.head(group + 1).filter(|_| group + 1 < self.groups())?.0))
    }

    fn unpack(&mut self, group: usize) {
        if self.group == Some(group) {
            return;
        }
        self.group = Some(group);
        self.places.clear();
        let Some((first, offset, width)) = self.head(group).filter(|_| group < self.groups()) else { return };
        let steps = self.count.saturating_sub(group * GROUP).min(GROUP) - 1;
        let from = (4 + self.groups() * GROUP_BYTES).saturating_add(offset);
        let packed = self.bytes.get(from..).and_then(|bytes| bytes.get(..bytes_of(steps, width))).unwrap_or(&[]);
        let mut place = first;
        self.places.push(place);
        for step in 0..steps {
            let step = u32::try_from(get(packed, step, width)).unwrap_or(u32::MAX);
            place = place.saturating_add(step).saturating_add(1);
            self.places.push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists() -> Vec<(u64, Vec<u32>)> {
        let mut random = fastrand::Rng::with_seed(9);
        let mut lists: Vec<(u64, Vec<u32>)> = (0..150)
            .map(|n| {
                let few = random.u32(1..1000);
                (random.u64(..), (0..200_000).filter(|_| random.u32(..few) == 0).chain([200_000 + n]).collect())
            })
            .collect();
        lists.push((7, vec![u32::MAX]));
        lists.push((8, vec![0, u32::MAX - 1, u32::MAX]));
        lists
    }

    fn find(section: &[u8], term: u64) -> Option<Option<List>> {
        let head = Terms::head_bytes(section, section.len() as u64)?;
        let terms = Terms::decode(section.get(..head)?)?;
        let Some(page) = terms.page_of(term) else { return Some(None) };
        let entries = page_entries(section.get(page)?)?;
        let Some((_, place)) = entries.into_iter().find(|(other, _)| *other == term) else { return Some(None) };
        Some(Some(List::decode(section.get(place.place.clone())?.to_vec(), &place)?))
    }

    #[test]
    fn gives_every_place_and_the_next_from_any() {
        let section = encode(lists());
        for (term, places) in lists() {
            let mut list = find(&section, term).expect("sound").expect("there");
            assert_eq!(list.len(), places.len());
            let mut got = Vec::new();
            let mut next = list.seek(0);
            while let Some(place) = next {
                got.push(place);
                next = place.checked_add(1).and_then(|from| list.seek(from));
            }
            assert_eq!(got, places);
            for from in (0..210_000).step_by(997) {
                let at = places.partition_point(|place| *place < from);
                assert_eq!(list.seek(from), places.get(at).copied());
            }
        }
        assert!(find(&section, 3).expect("sound").is_none());
        assert!(find(&section, u64::MAX).expect("sound").is_none());
        assert!(find(&encode(Vec::new()), 3).expect("sound").is_none());
    }

    #[test]
    fn damage_never_hides_a_term() {
        let section = encode(lists());
        let (term, places) = lists().swap_remove(40);
        for at in 0..section.len().min(6000) {
            let mut damaged = section.clone();
            damaged[at] ^= 1 << (at % 8);
            if let Some(list) = find(&damaged, term) {
                assert_eq!(list.expect("the term").seek(0), Some(places[0]), "byte {at}");
            }
        }
    }
}

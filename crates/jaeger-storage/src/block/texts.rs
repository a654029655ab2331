//! Byte strings by number: the dictionary of a block's column.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Byte strings that never change.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(super) bytes: Box<[u8]>,
    pub(super) ends: Box<[u32]>,
}

impl Texts {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { Some(0) } else { self.ends.get(at - 1).copied() };
        let range = start.zip(self.ends.get(at)).map(|(start, end)| start as usize..*end as usize);
        range.and_then(|range| self.bytes.get(range)).unwrap_or(&[])
    }

    /// Texts of a block were checked when they came; what is no UTF-8 is binary and not asked for as text.
    pub(crate) fn text(&self, at: usize) -> &str {
        str::from_utf8(self.get(at)).unwrap_or("")
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|at| self.get(at))
    }

    pub(crate) fn find(&self, wanted: &[u8]) -> Option<usize> {
        self.iter().position(|text| text == wanted)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<u32>()
    }
}

/// Numbers byte strings as they come, equal ones alike.
#[derive(Debug, Default)]
pub(crate) struct TextsBuilder {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    table: HashTable<(u32, u32)>,
    hasher: RandomState,
}

impl TextsBuilder {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, at: u32) -> &[u8] {
        slice(&self.bytes, &self.ends, at)
    }

    pub(crate) fn number(&mut self, text: &[u8]) -> u32 {
        match self.number_if(text, true) {
            Some((number, _)) => number,
            // Only a full dictionary refuses, at four GiB of names in one block.
            None => 0,
        }
    }

    /// The number of `text` and whether it is new; a new one only if `may_add`.
    #[expect(clippy::cast_possible_truncation, reason = "some bits of a hash")]
    pub(crate) fn number_if(&mut self, text: &[u8], may_add: bool) -> Option<(u32, bool)> {
        let hash = self.hasher.hash_one(text);
        let short = hash as u32;
        let Self { bytes, ends, table, .. } = self;
        let same = |(known, at): &(u32, u32)| *known == short && slice(bytes, ends, *at) == text;
        if let Some((_, at)) = table.find(spread(short), same) {
            return Some((*at, false));
        }
        if !may_add {
            return None;
        }
        let end = u32::try_from(bytes.len() + text.len()).ok()?;
        let at = u32::try_from(ends.len()).ok()?;
        bytes.extend_from_slice(text);
        ends.push(end);
        table.insert_unique(spread(short), (short, at), |(known, _)| spread(*known));
        Some((at, true))
    }

    pub(crate) fn finish(self) -> Texts {
        Texts { bytes: self.bytes.into_boxed_slice(), ends: self.ends.into_boxed_slice() }
    }
}

/// A table looks at the highest and the lowest bits of a hash.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

fn slice<'a>(bytes: &'a [u8], ends: &[u32], at: u32) -> &'a [u8] {
    let at = at as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] as usize };
    &bytes[start..ends[at] as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_number() {
        let mut builder = TextsBuilder::default();
        assert_eq!(builder.number(b"a"), 0);
        assert_eq!(builder.number(b""), 1);
        assert_eq!(builder.number(b"a"), 0);
        assert_eq!(builder.number_if(b"b", false), None);
        for n in 0..1000u32 {
            builder.number(n.to_string().as_bytes());
        }
        assert_eq!(builder.number(b"999"), 1001);
        let texts = builder.finish();
        assert_eq!((texts.get(0), texts.get(1), texts.get(1001)), (&b"a"[..], &b""[..], &b"999"[..]));
        assert_eq!(texts.find(b"999"), Some(1001));
        assert_eq!(texts.find(b"x"), None);
        assert_eq!(texts.get(5000), b"");
    }
}

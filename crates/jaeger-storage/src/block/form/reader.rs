//! Reads the parts of a block: nothing is allocated that the bytes at hand do not account for.

use std::borrow::Cow;

use super::writer::MOST_A_BYTE;
use super::{BlockFormatError, LAYOUT};

/// The rest of a part, and of the texts that its dictionaries take.
pub(super) struct Reader<'b> {
    rest: &'b [u8],
    texts: &'b [u8],
    part: &'static str,
    /// Whether a part was left with bytes that nobody asked for.
    left_over: Option<&'static str>,
}

impl<'b> Reader<'b> {
    /// Of a whole block, its layout read.
    pub(super) fn new(bytes: &'b [u8]) -> Result<Self, BlockFormatError> {
        let part = "head";
        // Places are kept in 32 bits.
        if u32::try_from(bytes.len()).is_err() {
            return Err(BlockFormatError::Wrong { part });
        }
        match bytes.split_first() {
            None => Err(BlockFormatError::Short { part }),
            Some((&LAYOUT, rest)) => Ok(Self { rest, texts: &[], part, left_over: None }),
            Some((layout, _)) => Err(BlockFormatError::Layout(*layout)),
        }
    }

    pub(super) fn of_parts(texts: &'b [u8]) -> Self {
        Self { rest: &[], texts, part: "texts", left_over: None }
    }

    /// Goes on with a part, of which the one before must be read to its end.
    pub(super) fn enter(&mut self, part: &'b [u8], name: &'static str) {
        if !self.rest.is_empty() {
            self.left_over.get_or_insert(self.part);
        }
        self.rest = part;
        self.part = name;
    }

    /// Whether everything was read.
    pub(super) fn done(&self) -> Result<(), BlockFormatError> {
        match self.left_over {
            Some(part) => Err(BlockFormatError::Wrong { part }),
            None if !self.rest.is_empty() => Err(self.wrong()),
            None if !self.texts.is_empty() => Err(BlockFormatError::Wrong { part: "texts" }),
            None => Ok(()),
        }
    }

    pub(super) fn wrong(&self) -> BlockFormatError {
        BlockFormatError::Wrong { part: self.part }
    }

    fn short(&self) -> BlockFormatError {
        BlockFormatError::Short { part: self.part }
    }

    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// How many bytes of texts nobody has taken.
    pub(super) fn left_aside(&self) -> usize {
        self.texts.len()
    }

    /// A part behind its length.
    pub(super) fn part(&mut self, name: &'static str) -> Result<&'b [u8], BlockFormatError> {
        self.part = name;
        let (len, rest) = self.rest.split_first_chunk::<4>().ok_or(self.short())?;
        self.rest = rest;
        self.bytes(u32::from_le_bytes(*len) as usize)
    }

    pub(super) fn bytes(&mut self, len: usize) -> Result<&'b [u8], BlockFormatError> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(self.short())?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, BlockFormatError> {
        let (byte, rest) = self.rest.split_first().ok_or(self.short())?;
        self.rest = rest;
        Ok(*byte)
    }

    /// LEB128.
    pub(super) fn number(&mut self) -> Result<u64, BlockFormatError> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.wrong())
    }

    /// A number of things, of which there are `most`.
    pub(super) fn count(&mut self, most: u64) -> Result<usize, BlockFormatError> {
        let count = self.number()?;
        usize::try_from(count).ok().filter(|_| count <= most).ok_or(self.wrong())
    }

    /// A number of things that take a byte each at least.
    pub(super) fn count_left(&mut self) -> Result<usize, BlockFormatError> {
        let count = self.count(u64::from(u32::MAX))?;
        if count > self.left() { Err(self.short()) } else { Ok(count) }
    }

    fn many(&mut self, count: usize, width: usize) -> Result<&'b [u8], BlockFormatError> {
        let len = count.checked_mul(width).ok_or(self.wrong())?;
        self.bytes(len)
    }

    pub(super) fn halves(&mut self, count: usize) -> Result<Box<[u16]>, BlockFormatError> {
        let bytes = self.many(count, 2)?;
        Ok(bytes.as_chunks().0.iter().map(|half| u16::from_le_bytes(*half)).collect())
    }

    pub(super) fn singles(&mut self, count: usize) -> Result<Box<[u32]>, BlockFormatError> {
        let bytes = self.many(count, 4)?;
        Ok(bytes.as_chunks().0.iter().map(|single| u32::from_le_bytes(*single)).collect())
    }

    pub(super) fn words(&mut self, count: usize) -> Result<Box<[u64]>, BlockFormatError> {
        let bytes = self.many(count, 8)?;
        Ok(bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }

    pub(super) fn wide(&mut self, count: usize) -> Result<impl Iterator<Item = u128> + use<'b>, BlockFormatError> {
        let bytes = self.many(count, 16)?;
        Ok(bytes.as_chunks().0.iter().map(|wide| u128::from_le_bytes(*wide)))
    }

    /// Numbers below `end` of which none is smaller than the one before.
    pub(super) fn ascending(&mut self, end: usize) -> Result<Box<[u32]>, BlockFormatError> {
        let count = self.count_left()?;
        let mut numbers = Vec::with_capacity(count);
        let mut before = 0u32;
        for _ in 0..count {
            let number = u64::from(before).checked_add(self.number()?).ok_or(self.wrong())?;
            before = u32::try_from(number).ok().filter(|number| (*number as usize) < end).ok_or(self.wrong())?;
            numbers.push(before);
        }
        Ok(numbers.into_boxed_slice())
    }

    /// A text among those that stand together.
    pub(super) fn text(&mut self) -> Result<&'b str, BlockFormatError> {
        let len = self.count(u64::from(u32::MAX))?;
        let text = self.aside(len)?;
        str::from_utf8(text).map_err(|_| self.wrong())
    }

    /// The next bytes that stand with the texts.
    pub(super) fn aside(&mut self, len: usize) -> Result<&'b [u8], BlockFormatError> {
        let (bytes, rest) = self.texts.split_at_checked(len).ok_or(self.short())?;
        self.texts = rest;
        Ok(bytes)
    }

    /// `count` numbers of so many bits each.
    #[inline]
    pub(super) fn bits<T>(
        &mut self,
        bits: u32,
        count: usize,
        narrow: impl Fn(u64) -> T,
    ) -> Result<Box<[T]>, BlockFormatError> {
        let width = bits as usize;
        let len = count.checked_mul(width).ok_or(self.wrong())?.div_ceil(8);
        let bytes = self.bytes(len)?;
        if width == 64 {
            return Ok(bytes.as_chunks().0.iter().map(|word| narrow(u64::from_le_bytes(*word))).collect());
        }
        let mask = (1u64 << width) - 1;
        // Numbers of up to 56 bits lie within eight bytes, of which there may be fewer at the end.
        let last = bytes.len().saturating_sub(8);
        let whole = if bytes.len() < 8 { 0 } else { count.min(last * 8 / width.max(1) + 1) };
        let place = |number: usize| (number * width / 8, number * width % 8);
        let mut numbers = Vec::with_capacity(count);
        numbers.extend((0..whole).map(|number| {
            let (byte, shift) = place(number);
            let word = bytes.get(byte..byte + 8).and_then(|word| word.first_chunk()).copied().unwrap_or_default();
            narrow(u64::from_le_bytes(word) >> shift & mask)
        }));
        numbers.extend((whole..count).map(|number| {
            let (byte, shift) = place(number);
            narrow(tail(bytes, byte) >> shift & mask)
        }));
        Ok(numbers.into_boxed_slice())
    }
}

/// Eight bytes, or the last ones.
fn tail(bytes: &[u8], from: usize) -> u64 {
    let mut word = [0; 8];
    for (to, byte) in word.iter_mut().zip(bytes.iter().skip(from)) {
        *to = *byte;
    }
    u64::from_le_bytes(word)
}

/// The texts that stand together.
pub(super) fn unpack_texts(part: &[u8]) -> Result<Cow<'_, [u8]>, BlockFormatError> {
    let mut reader = Reader::of_parts(&[]);
    reader.enter(part, "texts");
    let len = reader.count(u64::from(u32::MAX))?;
    if reader.rest.len() == len {
        return Ok(Cow::Borrowed(reader.rest));
    }
    if len / MOST_A_BYTE > reader.rest.len() {
        return Err(reader.wrong());
    }
    match zstd::bulk::decompress(reader.rest, len) {
        Ok(texts) if texts.len() == len => Ok(Cow::Owned(texts)),
        _ => Err(reader.wrong()),
    }
}

//! Writes the parts of a block.

/// Smaller texts are not worth a frame.
const WORTH_COMPRESSING: usize = 512;
/// The fastest level.
const LEVEL: i32 = 1;
/// No more than so many bytes of text are made of one: a reader allocates by it.
pub(super) const MOST_A_BYTE: usize = 64;

/// Bytes at the end of a buffer, and the texts that go behind them.
pub(super) struct Writer<'o> {
    out: &'o mut Vec<u8>,
    texts: Vec<u8>,
}

impl<'o> Writer<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        Self { out, texts: Vec::new() }
    }

    pub(super) fn written(&self) -> usize {
        self.out.len()
    }

    /// Writes a part behind its length, which is given back. Parts are far smaller than four GiB.
    pub(super) fn part(&mut self, write: &dyn Fn(&mut Self)) -> usize {
        let place = self.out.len();
        self.out.extend([0; 4]);
        write(self);
        let len = self.out.len() - place - 4;
        let prefix = u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
        if let Some(to) = self.out.get_mut(place..place + 4) {
            to.copy_from_slice(&prefix);
        }
        len
    }

    /// The texts that were put aside: their length, and themselves or, where that is shorter, their compressed form.
    pub(super) fn write_texts(&mut self) -> usize {
        let texts = std::mem::take(&mut self.texts);
        let worth = texts.len() >= WORTH_COMPRESSING;
        let frame = worth.then(|| zstd::bulk::compress(&texts, LEVEL).ok()).flatten();
        let frame = frame.filter(|frame| frame.len() < texts.len() / 8 * 7 && texts.len() / MOST_A_BYTE <= frame.len());
        self.part(&|out| {
            out.count(texts.len());
            out.bytes(frame.as_deref().unwrap_or(&texts));
        })
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn zeros(&mut self, count: usize) {
        self.out.resize(self.out.len() + count, 0);
    }

    /// LEB128.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.out.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.out.push((number & 0x7f) as u8);
    }

    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    pub(super) fn halves(&mut self, halves: &[u16]) {
        self.out.extend(halves.iter().flat_map(|number| number.to_le_bytes()));
    }

    pub(super) fn singles(&mut self, singles: &[u32]) {
        self.out.extend(singles.iter().flat_map(|number| number.to_le_bytes()));
    }

    pub(super) fn words(&mut self, words: &[u64]) {
        self.out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }

    pub(super) fn wide(&mut self, wide: impl Iterator<Item = u128>) {
        self.out.extend(wide.flat_map(u128::to_le_bytes));
    }

    /// Numbers none of which is smaller than the one before.
    pub(super) fn ascending(&mut self, numbers: &[u32]) {
        self.count(numbers.len());
        let mut before = 0;
        for number in numbers {
            self.number(u64::from(number.wrapping_sub(before)));
            before = *number;
        }
    }

    /// A text among those that stand together.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.count(text.len());
        self.aside(text);
    }

    /// Bytes that stand with the texts, whose number the reader knows.
    pub(super) fn aside(&mut self, bytes: &[u8]) {
        self.texts.extend_from_slice(bytes);
    }

    /// The low `bits` of each number, one behind the other.
    pub(super) fn bits(&mut self, bits: u32, numbers: impl Iterator<Item = u64>) {
        let mut word = 0u64;
        let mut filled = 0;
        for number in numbers {
            word |= number << filled;
            filled += bits;
            if filled >= u64::BITS {
                self.out.extend_from_slice(&word.to_le_bytes());
                filled -= u64::BITS;
                word = number.checked_shr(bits - filled).unwrap_or(0);
            }
        }
        let rest = (filled as usize).div_ceil(8);
        self.out.extend(word.to_le_bytes().into_iter().take(rest));
    }
}

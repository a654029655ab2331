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

    /// Writes a part behind its length. Parts are far smaller than four GiB.
    pub(super) fn part(&mut self, write: impl FnOnce(&mut Self)) {
        let place = self.out.len();
        self.out.extend([0; 4]);
        write(self);
        let len = self.out.len() - place - 4;
        let prefix = u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
        if let Some(to) = self.out.get_mut(place..place + 4) {
            to.copy_from_slice(&prefix);
        }
    }

    /// The texts that were put aside: their length, and themselves or, where that is shorter, their compressed form.
    pub(super) fn write_texts(&mut self) {
        let texts = std::mem::take(&mut self.texts);
        let worth = texts.len() >= WORTH_COMPRESSING;
        let frame = worth.then(|| zstd::bulk::compress(&texts, LEVEL).ok()).flatten();
        let frame = frame.filter(|frame| frame.len() < texts.len() / 8 * 7 && texts.len() / MOST_A_BYTE <= frame.len());
        self.part(|out| {
            out.count(texts.len());
            out.bytes(frame.as_deref().unwrap_or(&texts));
        });
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
        self.all(halves, u16::to_le_bytes);
    }

    pub(super) fn singles(&mut self, singles: &[u32]) {
        self.all(singles, u32::to_le_bytes);
    }

    pub(super) fn words(&mut self, words: &[u64]) {
        self.all(words, u64::to_le_bytes);
    }

    /// Into room made before, which the compiler turns into one copy.
    fn all<T: Copy, const N: usize>(&mut self, numbers: &[T], bytes: impl Fn(T) -> [u8; N]) {
        let start = self.out.len();
        self.out.resize(start + numbers.len() * N, 0);
        let room = self.out.get_mut(start..).unwrap_or_default();
        for (to, number) in room.as_chunks_mut().0.iter_mut().zip(numbers) {
            *to = bytes(*number);
        }
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

    /// The low `bits` of each of `count` numbers, one behind the other.
    pub(super) fn bits(&mut self, bits: u32, count: usize, numbers: impl Iterator<Item = u64>) {
        let start = self.out.len();
        let bytes = (count * bits as usize).div_ceil(8);
        // Written eight at a time.
        self.out.resize(start + bytes + 8, 0);
        let mut room = self.out.get_mut(start..).unwrap_or_default().as_chunks_mut::<8>().0.iter_mut();
        let mut word = 0u64;
        let mut filled = 0;
        for number in numbers {
            word |= number << filled;
            filled += bits;
            if filled >= u64::BITS {
                if let Some(to) = room.next() {
                    *to = word.to_le_bytes();
                }
                filled -= u64::BITS;
                word = number.checked_shr(bits - filled).unwrap_or(0);
            }
        }
        if let Some(to) = room.next() {
            *to = word.to_le_bytes();
        }
        self.out.truncate(start + bytes);
    }
}

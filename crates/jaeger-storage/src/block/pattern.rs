//! A text as a pattern and numbers: `/orders/4711/items/3` is `/orders/#/items/#` with 4711 and 3. Many texts share
//! few patterns, and numbers pack well.
//!
//! A pattern is the text with each run of digits replaced by a mark that no UTF-8 text contains:
//! 0xFF a decimal number without leading zeros, 0xFE and a width a decimal number with leading zeros, 0xFD and a
//! width a lower-case hex number, 0xFC a UUID (two numbers).

const DECIMAL: u8 = 0xff;
const PADDED: u8 = 0xfe;
const HEX: u8 = 0xfd;
const UUID: u8 = 0xfc;

/// The most numbers of one text; digits beyond stay in the pattern.
pub(crate) const MAX_NUMBERS: usize = 6;
/// 19 digits fit in 64 bits, whatever they are.
const MAX_DIGITS: usize = 19;
/// Runs of hex digits are numbers from this length on: shorter ones are words more often than not.
const MIN_HEX: usize = 8;

/// Splits `text`; both outputs are cleared first.
pub(crate) fn split(text: &[u8], pattern: &mut Vec<u8>, numbers: &mut Vec<u64>) {
    pattern.clear();
    numbers.clear();
    if text.len() == 36
        && let Some((high, low)) = uuid(text)
    {
        pattern.push(UUID);
        numbers.extend([high, low]);
        return;
    }
    // What stands before `copied` is in the pattern.
    let mut copied = 0;
    let mut at = 0;
    while numbers.len() < MAX_NUMBERS {
        let Some(start) = next_digit(text, at) else { break };
        let mut end = start + 1;
        while text.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        let hex = hex_run(text, copied, start, end);
        if hex.len() >= MIN_HEX {
            at = hex.end;
            for piece in 0..hex.len().div_ceil(16) {
                let piece = hex.start + piece * 16..hex.end.min(hex.start + (piece + 1) * 16);
                if numbers.len() < MAX_NUMBERS && piece.len() >= MIN_HEX {
                    pattern.extend_from_slice(&text[copied..piece.start]);
                    pattern.extend([HEX, width(&text[piece.clone()])]);
                    numbers.push(text[piece.clone()].iter().fold(0, |number, digit| number << 4 | nibble(*digit)));
                    copied = piece.end;
                }
            }
        } else {
            at = end;
            if end - start <= MAX_DIGITS {
                pattern.extend_from_slice(&text[copied..start]);
                push_decimal(&text[start..end], pattern, numbers);
                copied = end;
            }
        }
    }
    pattern.extend_from_slice(&text[copied..]);
}

/// The first digit from `at` on, eight bytes at a time.
fn next_digit(text: &[u8], at: usize) -> Option<usize> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let rest = text.get(at..)?;
    let (words, tail) = rest.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        // A digit becomes 0 to 9: its high bit is clear, and is so when 0x76 is added to the rest of it.
        let less = u64::from_le_bytes(*word) ^ 0x3030_3030_3030_3030;
        let over = (less & !HIGH) + 0x7676_7676_7676_7676;
        let digits = !(over | less) & HIGH;
        if digits != 0 {
            return Some(at + place * 8 + digits.trailing_zeros() as usize / 8);
        }
    }
    let place = tail.iter().position(u8::is_ascii_digit)?;
    Some(at + words.len() * 8 + place)
}

/// The run of hex digits around the decimal digits `start..end`, if it holds a letter or too many digits and is no
/// part of a word; else nothing. It begins at `from` at the earliest.
fn hex_run(text: &[u8], from: usize, start: usize, end: usize) -> std::ops::Range<usize> {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let mut first = start;
    while first > from && is_hex(&text[first - 1]) {
        first -= 1;
    }
    let mut last = end;
    while text.get(last).is_some_and(is_hex) {
        last += 1;
    }
    let plain = first == start && last == end && end - start <= MAX_DIGITS;
    let in_word =
        first > from && text[first - 1].is_ascii_alphabetic() || text.get(last).is_some_and(u8::is_ascii_alphabetic);
    if plain || in_word { 0..0 } else { first..last }
}

fn push_decimal(digits: &[u8], pattern: &mut Vec<u8>, numbers: &mut Vec<u64>) {
    if digits.len() > 1 && digits[0] == b'0' {
        pattern.extend([PADDED, width(digits)]);
    } else {
        pattern.push(DECIMAL);
    }
    numbers.push(digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')));
}

/// Widths are under 20: as bytes they are no mark.
fn width(digits: &[u8]) -> u8 {
    u8::try_from(digits.len()).unwrap_or(0)
}

fn nibble(digit: u8) -> u64 {
    u64::from(if digit <= b'9' { digit.wrapping_sub(b'0') } else { digit.wrapping_sub(b'a').wrapping_add(10) })
}

/// The digits' values; 0xFF for what is no lower-case hex digit.
static NIBBLES: [u8; 256] = nibbles();

const fn nibbles() -> [u8; 256] {
    let mut nibbles = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        nibbles[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    nibbles
}

fn uuid(text: &[u8]) -> Option<(u64, u64)> {
    let text: &[u8; 36] = text.try_into().ok()?;
    if text[8] != b'-' || text[13] != b'-' || text[18] != b'-' || text[23] != b'-' {
        return None;
    }
    let mut wrong = 0;
    let mut run = |from: usize, to: usize| {
        text[from..to].iter().fold(0u64, |number, byte| {
            let nibble = NIBBLES[*byte as usize];
            wrong |= nibble;
            number << 4 | u64::from(nibble)
        })
    };
    let high = run(0, 8) << 32 | run(9, 13) << 16 | run(14, 18);
    let low = run(19, 23) << 48 | run(24, 36);
    (wrong < 16).then_some((high, low))
}

/// What stands before a number of a pattern, and how the number is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    literal: u32,
    /// 0 for a number without leading zeros.
    width: u8,
}

/// The numbers of a pattern that [`again`] can read: decimal ones, with nothing beside them that could be read as
/// hex, and no digits elsewhere.
pub(crate) fn parts(pattern: &[u8]) -> Option<Vec<Part>> {
    let beside = |byte: Option<&u8>| !matches!(byte, Some(b'a'..=b'f'));
    let mut parts = Vec::new();
    let mut literal = 0;
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        let (width, next) = match *byte {
            DECIMAL => (0, at + 1),
            PADDED => (*pattern.get(at + 1)?, at + 2),
            b'0'..=b'9' | HEX | UUID => return None,
            _ => {
                literal += 1;
                at += 1;
                continue;
            }
        };
        let before = if literal == 0 { None } else { pattern.get(at - 1) };
        if !beside(before) || !beside(pattern.get(next)) {
            return None;
        }
        parts.push(Part { literal, width });
        literal = 0;
        at = next;
    }
    Some(parts)
}

/// Reads a text that may have the pattern with these parts, which most texts have that the one before had: false
/// where it has not, and [`split`] says what it has.
pub(crate) fn again(pattern: &[u8], parts: &[Part], text: &[u8], numbers: &mut Vec<u64>) -> bool {
    numbers.clear();
    let (mut pattern, mut text) = (pattern, text);
    for part in parts {
        let literal = part.literal as usize;
        let (Some((expected, marks)), Some((found, rest))) =
            (pattern.split_at_checked(literal), text.split_at_checked(literal))
        else {
            return false;
        };
        if expected != found {
            return false;
        }
        let mut number = 0u64;
        let mut digits = 0;
        while let Some(digit @ b'0'..=b'9') = rest.get(digits) {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            digits += 1;
        }
        let padded = digits > 1 && rest[0] == b'0';
        let as_written = if part.width == 0 { !padded } else { padded && digits == usize::from(part.width) };
        if digits == 0 || digits > MAX_DIGITS || !as_written {
            return false;
        }
        numbers.push(number);
        text = &rest[digits..];
        pattern = &marks[if part.width == 0 { 1 } else { 2 }..];
    }
    pattern == text
}

/// Whether a pattern takes numbers.
pub(crate) fn has_numbers(pattern: &[u8]) -> bool {
    next_mark(pattern).is_some()
}

/// Appends an integer as it is written.
pub(crate) fn push_integer(number: i64, text: &mut Vec<u8>) {
    if number < 0 {
        text.push(b'-');
    }
    push_digits(number.unsigned_abs(), 1, text);
}

/// How many numbers a pattern takes.
#[cfg(test)]
fn numbers_of(pattern: &[u8]) -> usize {
    pattern
        .iter()
        .map(|byte| match *byte {
            DECIMAL | PADDED | HEX => 1,
            UUID => 2,
            _ => 0,
        })
        .sum()
}

/// Appends the text of `pattern` and `numbers` to `text`.
pub(crate) fn join(pattern: &[u8], mut number: impl FnMut(usize) -> u64, text: &mut Vec<u8>) {
    let mut next = 0;
    let mut take = || {
        next += 1;
        number(next - 1)
    };
    let mut rest = pattern;
    while let Some(mark) = next_mark(rest) {
        text.extend_from_slice(&rest[..mark]);
        let width = usize::from(rest.get(mark + 1).copied().unwrap_or(0));
        let taken = match rest[mark] {
            DECIMAL => {
                push_digits(take(), 1, text);
                1
            }
            PADDED => {
                push_digits(take(), width, text);
                2
            }
            HEX => {
                push_hex(take(), width, text);
                2
            }
            _ => {
                let (high, low) = (take(), take());
                push_hex(high >> 32, 8, text);
                for (number, width) in [(high >> 16, 4), (high, 4), (low >> 48, 4), (low, 12)] {
                    text.push(b'-');
                    push_hex(number, width, text);
                }
                1
            }
        };
        rest = rest.get(mark + taken..).unwrap_or(&[]);
    }
    text.extend_from_slice(rest);
}

/// The first mark, eight bytes at a time.
fn next_mark(pattern: &[u8]) -> Option<usize> {
    const FOURS: u64 = 0x0404_0404_0404_0404;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, tail) = pattern.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        // A mark becomes 0 to 3: four less than it borrows. Bytes before the first mark borrow nothing.
        let other = !u64::from_le_bytes(*word);
        let marks = other.wrapping_sub(FOURS) & !other & HIGH;
        if marks != 0 {
            return Some(place * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    let place = tail.iter().position(|byte| *byte >= UUID)?;
    Some(pattern.len() - tail.len() + place)
}

fn push_digits(mut number: u64, width: usize, text: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[at.min(digits.len() - width.min(digits.len()))..]);
}

fn push_hex(number: u64, width: usize, text: &mut Vec<u8>) {
    let mut digits = [b'0'; 16];
    let width = width.min(digits.len());
    let mut rest = number;
    for digit in digits.iter_mut().take(width).rev() {
        *digit = b"0123456789abcdef"[(rest & 0xf) as usize];
        rest >>= 4;
    }
    text.extend_from_slice(&digits[..width]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round(text: &[u8]) -> (Vec<u8>, Vec<u64>) {
        let (mut pattern, mut numbers) = (Vec::new(), Vec::new());
        split(text, &mut pattern, &mut numbers);
        assert_eq!(numbers_of(&pattern), numbers.len());
        // What reads the same pattern again finds the same.
        if let Some(parts) = parts(&pattern) {
            let mut same = Vec::new();
            assert!(again(&pattern, &parts, text, &mut same));
            assert_eq!(same, numbers);
        }
        let mut back = Vec::new();
        join(&pattern, |at| numbers[at], &mut back);
        assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(text));
        (pattern, numbers)
    }

    #[test]
    fn a_mark_is_found_wherever_it_stands() {
        for len in 0..30 {
            let mut pattern = vec![0xf4; len];
            assert_eq!(next_mark(&pattern), None);
            for (at, mark) in (0..len).zip([UUID, HEX, PADDED, DECIMAL].into_iter().cycle()) {
                pattern[at..].fill(mark);
                assert_eq!(next_mark(&pattern), Some(at));
                pattern[at..].fill(b'x');
                pattern[at] = mark;
                assert_eq!(next_mark(&pattern), Some(at));
                pattern.fill(0);
            }
        }
    }

    #[test]
    fn numbers_leave_the_text() {
        assert_eq!(round(b"http://svc-007/api/v1/9").1, [7, 1, 9]);
        assert_eq!(round(b"10.2.0.14").0, b"\xff.\xff.\xff.\xff");
        assert_eq!(round(b"0").1, [0]);
        assert_eq!(round(b"5c1e6f0000000001").1, [0x5c1e_6f00_0000_0001]);
        assert_eq!(round(b"5c1e6f00-0000-4000-8000-00000000000f").1.len(), 2);
        assert_eq!(round(b"deadbeef").1, [] as [u64; 0]);
        assert_eq!(round(b"18446744073709551616").1.len(), 1);
        assert_eq!(round(b"9999999999999999999").1, [9_999_999_999_999_999_999]);
        assert_eq!(round(b"1 2 3 4 5 6 7 8").1.len(), MAX_NUMBERS);
        assert_eq!(round("käse1".as_bytes()).1, [1]);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "[ -~0-9a-f\u{80}-\u{fff}]{0,60}") {
            round(text.as_bytes());
        }

        #[test]
        fn reading_a_pattern_again_is_splitting(a in "[a-h0-9./-]{0,12}", b in "[a-h0-9./-]{0,12}", c in "[0-9]{1,22}") {
            let (mut pattern, mut numbers) = (Vec::new(), Vec::new());
            split(a.as_bytes(), &mut pattern, &mut numbers);
            let parts = parts(&pattern);
            let first = a.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
            let last = a[first..].find(|c: char| !c.is_ascii_digit()).map_or(a.len(), |end| first + end);
            for text in [b, format!("{}{c}{}", &a[..first], &a[last..])] {
                let (mut other, mut others, mut read) = (Vec::new(), Vec::new(), Vec::new());
                split(text.as_bytes(), &mut other, &mut others);
                if let Some(parts) = &parts && again(&pattern, parts, text.as_bytes(), &mut read) {
                    prop_assert_eq!((&other, &others), (&pattern, &read), "{} after {}", text, a);
                }
            }
        }

        #[test]
        fn any_digits_come_back(text in "[0-9a-f]{0,70}") {
            round(text.as_bytes());
        }
    }
}

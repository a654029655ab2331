//! A text as a pattern and numbers: `/orders/4711/items/3` is `/orders/#/items/#` with 4711 and 3. Many texts share
//! few patterns, and numbers pack well.
//!
//! A pattern is the text with each run of digits replaced by a mark that no UTF-8 text contains:
//! 0xFF a decimal number without leading zeros, 0xFE and a width a decimal number with leading zeros, 0xFD and a
//! width a lower-case hex number, 0xFC a UUID (two numbers).

use std::io::Write as _;

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
    let mut at = 0;
    // What stands before `at` and is not in the pattern yet.
    let mut copied = 0;
    while at < text.len() {
        let class = CLASS[text[at] as usize];
        if class == OTHER {
            at += 1;
            continue;
        }
        let start = at;
        let mut all = class;
        at += 1;
        while at < text.len() && CLASS[text[at] as usize] != OTHER {
            all |= CLASS[text[at] as usize];
            at += 1;
        }
        if all & DIGIT == 0 {
            continue;
        }
        let run = &text[start..at];
        if all == DIGIT && run.len() <= MAX_DIGITS {
            if numbers.len() < MAX_NUMBERS {
                pattern.extend_from_slice(&text[copied..start]);
                push_decimal(run, pattern, numbers);
                copied = at;
            }
        } else if all & WORD == 0 && run.len() >= MIN_HEX {
            for piece in run.chunks(16) {
                if numbers.len() < MAX_NUMBERS && piece.len() >= MIN_HEX {
                    let start = piece.as_ptr().addr() - text.as_ptr().addr();
                    pattern.extend_from_slice(&text[copied..start]);
                    pattern.extend([HEX, width(piece)]);
                    numbers.push(piece.iter().fold(0, |number, digit| number << 4 | hex(*digit)));
                    copied = start + piece.len();
                }
            }
        } else {
            // Digits within a word: each run of them is a number.
            let mut from = start;
            while from < at {
                let digits = text[from..at].iter().take_while(|byte| byte.is_ascii_digit()).count();
                if digits == 0 {
                    from += 1;
                    continue;
                }
                if digits <= MAX_DIGITS && numbers.len() < MAX_NUMBERS {
                    pattern.extend_from_slice(&text[copied..from]);
                    push_decimal(&text[from..from + digits], pattern, numbers);
                    copied = from + digits;
                }
                from += digits;
            }
        }
    }
    pattern.extend_from_slice(&text[copied..]);
}

const OTHER: u8 = 0;
const DIGIT: u8 = 1;
const HEX_LETTER: u8 = 2;
const WORD: u8 = 4;

/// What a byte is: other, digit, a to f, another letter.
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "under 256")]
        let ascii = byte as u8;
        classes[byte] = match ascii {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' => HEX_LETTER,
            b'g'..=b'z' | b'A'..=b'Z' => WORD,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
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

fn hex(digit: u8) -> u64 {
    u64::from(if digit <= b'9' { digit.wrapping_sub(b'0') } else { digit.wrapping_sub(b'a').wrapping_add(10) })
}

fn uuid(text: &[u8]) -> Option<(u64, u64)> {
    let mut bits = 0u128;
    for (at, byte) in text.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return None;
            }
        } else if matches!(byte, b'0'..=b'9' | b'a'..=b'f') {
            bits = bits << 4 | u128::from(hex(*byte));
        } else {
            return None;
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    Some(((bits >> 64) as u64, bits as u64))
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
    while let Some(mark) = rest.iter().position(|byte| *byte >= UUID) {
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
                // Writing to a Vec cannot fail.
                let _infallible = write!(
                    text,
                    "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                    high >> 32,
                    high >> 16 & 0xffff,
                    high & 0xffff,
                    low >> 48,
                    low & 0xffff_ffff_ffff
                );
                1
            }
        };
        rest = rest.get(mark + taken..).unwrap_or(&[]);
    }
    text.extend_from_slice(rest);
}

#[expect(clippy::cast_possible_truncation, reason = "a digit")]
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
    for digit in (0..width).rev() {
        let nibble = usize::try_from(number >> (4 * digit.min(15)) & 0xf).unwrap_or(0);
        text.push(b"0123456789abcdef"[nibble]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round(text: &[u8]) -> (Vec<u8>, Vec<u64>) {
        let (mut pattern, mut numbers) = (Vec::new(), Vec::new());
        split(text, &mut pattern, &mut numbers);
        assert_eq!(numbers_of(&pattern), numbers.len());
        let mut back = Vec::new();
        join(&pattern, |at| numbers[at], &mut back);
        assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(text));
        (pattern, numbers)
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
        fn any_digits_come_back(text in "[0-9a-f]{0,70}") {
            round(text.as_bytes());
        }
    }
}

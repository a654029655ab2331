//! When a certificate begins and ends, read off its bytes: the two times stand behind the issuer.

use rustls::pki_types::CertificateDer;

/// Seconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dates {
    pub(super) not_before: u64,
    pub(super) not_after: u64,
}

const SEQUENCE: u8 = 0x30;
/// The version, which a certificate of version 1 does not have.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// `None` for what is no certificate.
pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Dates> {
    let (mut inside, _) = inside_of(SEQUENCE, certificate)?;
    let (mut tbs, _) = inside_of(SEQUENCE, inside)?;
    if tbs.first() == Some(&VERSION) {
        tbs = any(tbs)?.2;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        tbs = any(tbs)?.2;
    }
    (inside, _) = inside_of(SEQUENCE, tbs)?;
    let (tag, text, rest) = any(inside)?;
    let not_before = seconds(tag, text)?;
    let (tag, text, _) = any(rest)?;
    Some(Dates { not_before, not_after: seconds(tag, text)? })
}

/// The contents of the first element and what follows it, if it has this tag.
fn inside_of(wanted: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (tag, inside, rest) = any(bytes)?;
    (tag == wanted).then_some((inside, rest))
}

/// The first element: its tag and contents, and what follows.
fn any(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // One to four bytes of length.
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (inside, rest) = rest.split_at_checked(length)?;
    Some((tag, inside, rest))
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn seconds(tag: u8, text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let year: i64 = text.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        GENERALIZED_TIME => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<i64>().ok();
    let (month, day) = (part(0)?, part(2)?);
    let of_day = part(4)? * 3600 + part(6)? * 60 + part(8)?;
    if !(1..=12).contains(&month) {
        return None;
    }
    // Days since the epoch of a date: years begin in March, so that the leap day is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = days + (month * 153 + 2) / 5 + day - 1 - 719_468;
    u64::try_from(days * 86_400 + of_day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_time_are_read() {
        for (tag, text, wanted) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "261124141519Z", Some(1_795_529_719)),
            (GENERALIZED_TIME, "20000229235959Z", Some(951_868_799)),
            (GENERALIZED_TIME, "99991231235959Z", Some(253_402_300_799)),
            // Before the epoch.
            (UTC_TIME, "690101000000Z", None),
        ] {
            assert_eq!(seconds(tag, text.as_bytes()), wanted, "{text}");
        }
        for text in ["", "Z", "26112414151", "261324141519Z", "xx1124141519Z", "2611241415é"] {
            assert_eq!(seconds(UTC_TIME, text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_certificate_have_no_dates() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x02, 0x30, 0x00]] {
            assert_eq!(of(&CertificateDer::from(bytes)), None);
        }
    }
}

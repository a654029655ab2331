//! A delta as bytes, to stand in a file: names, then rows in order of minute, numbers in as many bytes as they need.
//!
//! ```text
//! 1 | names: count, (length, bytes)... | links: count, (minute since the row before, parent, child, calls, errors)...
//!   | calls: count, (minute since the row before, service, operation, kind, errors, set of buckets, count...)...
//! ```
//!
//! Signed numbers are folded (0, -1, 1, -2, ...). Names are numbered from 1; 0 is the empty one.

use std::collections::BTreeMap;

use super::Delta;
use super::count::{CallCount, CallKey, LinkCount, LinkKey};

/// The first byte.
const FORM: u8 = 1;

/// Why bytes are no delta.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// A form that only a later version knows.
    #[error("counts by the minute are in form {0}, which this version does not know; a newer one reads them")]
    Form(u8),
    /// The bytes end too early.
    #[error("counts by the minute end within {0}; count them again from the spans")]
    Ends(&'static str),
    /// A number that cannot be.
    #[error("counts by the minute have {0} out of range; count them again from the spans")]
    Range(&'static str),
    /// Bytes that nothing says of.
    #[error("counts by the minute are followed by {0} more bytes; count them again from the spans")]
    More(usize),
}

impl Delta {
    /// The bytes: the same for the same changes, whatever order they were found in.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut names = BTreeMap::new();
        let links = self.links.iter().filter(|(_, count)| !count.is_zero());
        let calls = self.calls.iter().filter(|(_, count)| !count.is_zero());
        let of_links = links.clone().flat_map(|(key, _)| [key.parent, key.child]);
        let of_calls = calls.clone().flat_map(|(key, _)| [key.service, key.operation, key.kind]);
        for number in of_links.chain(of_calls) {
            names.insert(self.names.text(number), 0);
        }
        names.remove("");
        for (number, (_, new)) in (1..).zip(&mut names) {
            *new = number;
        }
        let number = |of: u32| names.get(self.names.text(of)).copied().unwrap_or(0);
        let mut bytes = vec![FORM];
        push(&mut bytes, names.len() as u64);
        for name in names.keys() {
            push(&mut bytes, name.len() as u64);
            bytes.extend_from_slice(name.as_bytes());
        }
        let mut rows: Vec<_> = links
            .map(|(key, count)| {
                (LinkKey { minute: key.minute, parent: number(key.parent), child: number(key.child) }, *count)
            })
            .collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        push(&mut bytes, rows.len() as u64);
        let mut before = 0;
        for (key, count) in rows {
            push_signed(&mut bytes, i64::from(key.minute) - before);
            before = i64::from(key.minute);
            push(&mut bytes, u64::from(key.parent));
            push(&mut bytes, u64::from(key.child));
            push_signed(&mut bytes, i64::from(count.calls));
            push_signed(&mut bytes, i64::from(count.errors));
        }
        let mut rows: Vec<_> = calls
            .map(|(key, count)| {
                let (service, operation, kind) = (number(key.service), number(key.operation), number(key.kind));
                (CallKey { minute: key.minute, service, operation, kind }, count)
            })
            .collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        push(&mut bytes, rows.len() as u64);
        let mut before = 0;
        for (key, count) in rows {
            push_signed(&mut bytes, i64::from(key.minute) - before);
            before = i64::from(key.minute);
            push(&mut bytes, u64::from(key.service));
            push(&mut bytes, u64::from(key.operation));
            push(&mut bytes, u64::from(key.kind));
            push_signed(&mut bytes, i64::from(count.errors));
            let set = count.latencies.iter().enumerate().filter(|(_, count)| **count != 0);
            push(&mut bytes, set.clone().fold(0, |set, (at, _)| set | 1 << at));
            set.for_each(|(_, count)| push_signed(&mut bytes, i64::from(*count)));
        }
        bytes
    }

    /// The changes in these bytes, which may be any: nothing is held that is not in them.
    ///
    /// # Errors
    /// Where they are no delta.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut rest = bytes;
        let mut delta = Self::default();
        let form = take_byte(&mut rest, "their form")?;
        if form != FORM {
            return Err(DecodeError::Form(form));
        }
        let mut numbers = vec![0];
        for _ in 0..take(&mut rest, "the number of names")? {
            let len = usize::try_from(take(&mut rest, "the length of a name")?);
            let name = len.ok().and_then(|len| rest.split_at_checked(len)).ok_or(DecodeError::Ends("a name"))?;
            rest = name.1;
            let name = str::from_utf8(name.0).map_err(|_| DecodeError::Range("a name"))?;
            numbers.push(delta.names.number(name));
        }
        let named = |rest: &mut &[u8]| {
            let number = usize::try_from(take(rest, "a name's number")?).ok();
            number.and_then(|number| numbers.get(number)).copied().ok_or(DecodeError::Range("a name's number"))
        };
        let mut before = 0;
        for _ in 0..take(&mut rest, "the number of links")? {
            before = minute(&mut rest, before)?;
            let key = LinkKey { minute: before, parent: named(&mut rest)?, child: named(&mut rest)? };
            let count = LinkCount { calls: count(&mut rest)?, errors: count(&mut rest)? };
            delta.links.entry(key).or_default().add(&count, 1);
        }
        let mut before = 0;
        for _ in 0..take(&mut rest, "the number of calls")? {
            before = minute(&mut rest, before)?;
            let (service, operation, kind) = (named(&mut rest)?, named(&mut rest)?, named(&mut rest)?);
            let mut counts = CallCount { errors: count(&mut rest)?, ..CallCount::default() };
            let set = take(&mut rest, "a set of buckets")?;
            if set >> counts.latencies.len() != 0 {
                return Err(DecodeError::Range("a set of buckets"));
            }
            for (at, latency) in counts.latencies.iter_mut().enumerate() {
                if set >> at & 1 == 1 {
                    *latency = count(&mut rest)?;
                }
            }
            delta.calls.entry(CallKey { minute: before, service, operation, kind }).or_default().add(&counts, 1);
        }
        if rest.is_empty() { Ok(delta) } else { Err(DecodeError::More(rest.len())) }
    }
}

fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn push_signed(bytes: &mut Vec<u8>, number: i64) {
    push(bytes, (number << 1 ^ number >> 63).cast_unsigned());
}

fn take_byte(rest: &mut &[u8], what: &'static str) -> Result<u8, DecodeError> {
    let (byte, after) = rest.split_first().ok_or(DecodeError::Ends(what))?;
    *rest = after;
    Ok(*byte)
}

fn take(rest: &mut &[u8], what: &'static str) -> Result<u64, DecodeError> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(rest, what)?;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            break;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(DecodeError::Range(what))
}

fn take_signed(rest: &mut &[u8], what: &'static str) -> Result<i64, DecodeError> {
    let folded = take(rest, what)?;
    Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
}

fn count(rest: &mut &[u8]) -> Result<i32, DecodeError> {
    i32::try_from(take_signed(rest, "a count")?).map_err(|_| DecodeError::Range("a count"))
}

fn minute(rest: &mut &[u8], before: i32) -> Result<i32, DecodeError> {
    let minute = i64::from(before).checked_add(take_signed(rest, "a minute")?);
    minute.and_then(|minute| i32::try_from(minute).ok()).ok_or(DecodeError::Range("a minute"))
}

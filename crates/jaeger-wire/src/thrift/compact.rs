//! `TCompactProtocol`: field numbers as differences, integers as zigzag varints, doubles little-endian.

use super::{Field, Header, Kind, Reader, Usual, Writer, fits, length, no_kind, no_number_of};
use crate::DecodeError;
use crate::error::Fault;
use crate::input::Input;
use crate::varint;

const PROTOCOL_ID: u8 = 0x82;
const VERSION: u8 = 1;
const ONEWAY: u8 = 4;

/// Reads the compact protocol.
#[derive(Clone, Debug)]
pub(crate) struct CompactReader<'a> {
    input: Input<'a>,
}

/// A type's four bits in the header of a field.
#[inline(always)]
fn kind_of(code: u8, what: &'static str) -> Result<Kind, Fault> {
    Ok(match code {
        1 => Kind::True,
        2 => Kind::False,
        3 => Kind::I8,
        4 => Kind::I16,
        5 => Kind::I32,
        6 => Kind::I64,
        7 => Kind::Double,
        8 => Kind::Binary,
        9 => Kind::List,
        10 => Kind::Set,
        11 => Kind::Map,
        12 => Kind::Struct,
        13 => Kind::Uuid,
        _ => return Err(no_kind(code, what)),
    })
}

/// The same for elements, where a bool is a byte of its own.
#[inline]
fn element_kind(code: u8, what: &'static str) -> Result<Kind, Fault> {
    kind_of(code, what).map(|kind| if matches!(kind, Kind::True | Kind::False) { Kind::Bool } else { kind })
}

fn smallest(kind: Kind) -> usize {
    match kind {
        Kind::Double => 8,
        Kind::Uuid => 16,
        _ => 1,
    }
}

#[inline(always)]
fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

impl CompactReader<'_> {
    #[inline]
    fn signed(&mut self, what: &'static str) -> Result<i64, Fault> {
        self.input.varint(what).map(zigzag)
    }
}

impl<'a> Reader<'a> for CompactReader<'a> {
    #[inline]
    fn new(bytes: &'a [u8]) -> Self {
        Self { input: Input::new(bytes) }
    }

    #[inline]
    fn offset(&self) -> usize {
        self.input.offset()
    }

    #[inline]
    fn remaining(&self) -> usize {
        self.input.remaining()
    }

    fn header(&mut self) -> Result<Header<'a>, Fault> {
        const WHAT: &str = "message header";
        let [id, version] = self.input.array(WHAT)?;
        if id != PROTOCOL_ID || version & 0x1f != VERSION {
            let why =
                format!("it begins with {id:#04x} {version:#04x}, not with the compact protocol's 0x82 and version 1");
            return Err(DecodeError::malformed(WHAT, why).into());
        }
        // Clients with a negative number send it as 64 bits.
        #[expect(clippy::cast_possible_truncation, reason = "the number is 32 bits wide")]
        let sequence = (self.input.varint(WHAT)? as u32).cast_signed();
        let method = self.binary("method name")?;
        Ok(Header { method, sequence })
    }

    #[inline(always)]
    fn field(&mut self, before: i16) -> Result<Option<Field>, Fault> {
        const WHAT: &str = "field header";
        let byte = self.input.byte(WHAT)?;
        if byte == 0 {
            return Ok(None);
        }
        let kind = kind_of(byte & 0x0f, WHAT)?;
        let id = match byte >> 4 {
            0 => self.i16(WHAT)?,
            step => before.wrapping_add(i16::from(step)),
        };
        Ok(Some(Field { id, kind }))
    }

    #[inline]
    fn bool(&mut self, kind: Kind, what: &'static str) -> Result<bool, Fault> {
        match kind {
            Kind::True => Ok(true),
            Kind::False => Ok(false),
            _ => self.input.byte(what).map(|byte| byte == 1),
        }
    }

    #[inline]
    fn i16(&mut self, what: &'static str) -> Result<i16, Fault> {
        let value = self.signed(what)?;
        i16::try_from(value).map_err(|_| no_number_of(16, value, what))
    }

    #[inline]
    fn i32(&mut self, what: &'static str) -> Result<i32, Fault> {
        let value = self.signed(what)?;
        i32::try_from(value).map_err(|_| no_number_of(32, value, what))
    }

    #[inline]
    fn i64(&mut self, what: &'static str) -> Result<i64, Fault> {
        self.signed(what)
    }

    #[inline]
    fn double(&mut self, what: &'static str) -> Result<f64, Fault> {
        self.input.array(what).map(f64::from_le_bytes)
    }

    #[inline(always)]
    fn binary(&mut self, what: &'static str) -> Result<&'a [u8], Fault> {
        let len = length(self.input.varint(what)?, what)?;
        self.input.take(len, what)
    }

    #[inline]
    fn list(&mut self, what: &'static str) -> Result<(Kind, usize), Fault> {
        let byte = self.input.byte(what)?;
        let len = match byte >> 4 {
            15 => length(self.input.varint(what)?, what)?,
            short => usize::from(short),
        };
        // Some clients leave the type of an empty list empty.
        if len == 0 {
            return Ok((Kind::Struct, 0));
        }
        let kind = element_kind(byte & 0x0f, what)?;
        Ok((kind, fits(len, smallest(kind), self.remaining(), what)?))
    }

    fn map(&mut self, what: &'static str) -> Result<(Kind, Kind, usize), Fault> {
        let len = length(self.input.varint(what)?, what)?;
        if len == 0 {
            return Ok((Kind::Struct, Kind::Struct, 0));
        }
        let kinds = self.input.byte(what)?;
        let (key, value) = (element_kind(kinds >> 4, what)?, element_kind(kinds & 0x0f, what)?);
        let len = fits(len, smallest(key) + smallest(value), self.remaining(), what)?;
        Ok((key, value, len))
    }

    #[inline(always)]
    fn usual_pair(&mut self) -> Option<(&'a [u8], Usual<'a>)> {
        /// A length of one byte.
        const SHORT: std::ops::Range<u8> = 0..0x80;
        let ([0x18, len], rest) = self.input.rest().split_first_chunk()? else { return None };
        let (key, rest) = rest.split_at_checked(usize::from(*len)).filter(|_| SHORT.contains(len))?;
        // The second field, its value as a zigzag of one byte, and the header of the third.
        let ([0x15, kind, third], rest) = rest.split_first_chunk()? else { return None };
        let (value, rest) = match (kind, third) {
            (0, 0x18) => {
                let (len, rest) = rest.split_first().filter(|(len, _)| SHORT.contains(len))?;
                let (value, rest) = rest.split_at_checked(usize::from(*len))?;
                (Usual::Binary(value), rest)
            }
            (4, 0x31) => (Usual::Bool(true), rest),
            (4, 0x32) => (Usual::Bool(false), rest),
            (6, 0x46) => {
                let mut input = Input::new(rest);
                (Usual::I64(zigzag(input.varint("").ok()?)), input.rest())
            }
            _ => return None,
        };
        let (0, rest) = rest.split_first().map(|(stop, rest)| (*stop, rest))? else { return None };
        self.input.go_on_at(rest);
        Some((key, value))
    }

    fn pass(&mut self, len: usize, what: &'static str) -> Result<(), Fault> {
        self.input.take(len, what).map(drop)
    }

    fn pass_number(&mut self, kind: Kind, what: &'static str) -> Result<(), Fault> {
        match kind {
            Kind::Double => self.pass(8, what),
            _ => self.input.varint(what).map(drop),
        }
    }
}

/// Writes the compact protocol.
#[derive(Debug)]
pub(crate) struct CompactWriter;

fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Bool | Kind::True => 1,
        Kind::False => 2,
        Kind::I8 => 3,
        Kind::I16 => 4,
        Kind::I32 => 5,
        Kind::I64 => 6,
        Kind::Double => 7,
        Kind::Binary => 8,
        Kind::List => 9,
        Kind::Set => 10,
        Kind::Map => 11,
        Kind::Struct => 12,
        Kind::Uuid => 13,
    }
}

#[inline]
fn put_signed(out: &mut Vec<u8>, value: i64) {
    varint::put(out, (value << 1 ^ value >> 63).cast_unsigned());
}

impl Writer for CompactWriter {
    fn header(out: &mut Vec<u8>, method: &str, sequence: i32) {
        out.extend_from_slice(&[PROTOCOL_ID, ONEWAY << 5 | VERSION]);
        varint::put(out, u64::from(sequence.cast_unsigned()));
        Self::binary(out, method.as_bytes());
    }

    #[inline]
    fn field(out: &mut Vec<u8>, before: i16, id: i16, kind: Kind) {
        match u8::try_from(id.wrapping_sub(before)) {
            Ok(step @ 1..=15) => out.push(step << 4 | code(kind)),
            _ => {
                out.push(code(kind));
                put_signed(out, i64::from(id));
            }
        }
    }

    #[inline]
    fn bool_field(out: &mut Vec<u8>, before: i16, id: i16, value: bool) {
        Self::field(out, before, id, if value { Kind::True } else { Kind::False });
    }

    #[inline]
    fn stop(out: &mut Vec<u8>) {
        out.push(0);
    }

    #[inline]
    fn i32(out: &mut Vec<u8>, value: i32) {
        put_signed(out, i64::from(value));
    }

    #[inline]
    fn i64(out: &mut Vec<u8>, value: i64) {
        put_signed(out, value);
    }

    #[inline]
    fn double(out: &mut Vec<u8>, value: f64) {
        out.extend_from_slice(&value.to_le_bytes());
    }

    #[inline]
    fn binary(out: &mut Vec<u8>, value: &[u8]) {
        varint::put(out, value.len() as u64);
        out.extend_from_slice(value);
    }

    #[inline]
    fn list(out: &mut Vec<u8>, kind: Kind, len: usize) {
        match u8::try_from(len) {
            Ok(short @ 0..=14) => out.push(short << 4 | code(kind)),
            _ => {
                out.push(0xf0 | code(kind));
                varint::put(out, len as u64);
            }
        }
    }
}

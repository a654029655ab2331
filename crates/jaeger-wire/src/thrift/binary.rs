//! `TBinaryProtocol`: everything at its full width, big-endian.

use super::{Field, Header, Kind, Reader, Usual, Writer, fits, no_kind};
use crate::DecodeError;
use crate::error::Fault;
use crate::input::Input;

const STRICT: u32 = 0x8001_0000;
const ONEWAY: u32 = 4;

/// Reads the binary protocol.
#[derive(Clone, Debug)]
pub(crate) struct BinaryReader<'a> {
    input: Input<'a>,
}

#[inline(always)]
fn kind_of(code: u8, what: &'static str) -> Result<Kind, Fault> {
    Ok(match code {
        2 => Kind::Bool,
        3 => Kind::I8,
        4 => Kind::Double,
        6 => Kind::I16,
        8 => Kind::I32,
        10 => Kind::I64,
        11 => Kind::Binary,
        12 => Kind::Struct,
        13 => Kind::Map,
        14 => Kind::Set,
        15 => Kind::List,
        16 => Kind::Uuid,
        _ => return Err(no_kind(code, what)),
    })
}

fn smallest(kind: Kind) -> usize {
    match kind {
        Kind::Bool | Kind::True | Kind::False | Kind::I8 | Kind::Struct => 1,
        Kind::I16 => 2,
        Kind::I32 | Kind::Binary => 4,
        Kind::Set | Kind::List => 5,
        Kind::Map => 6,
        Kind::I64 | Kind::Double => 8,
        Kind::Uuid => 16,
    }
}

/// So many bytes and the others; a negative length is more than there are.
#[inline(always)]
fn split(len: [u8; 4], bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(u32::from_be_bytes(len) as usize)
}

#[cold]
fn negative(len: i32, what: &'static str) -> Fault {
    DecodeError::malformed(what, format!("a length of {len}")).into()
}

impl BinaryReader<'_> {
    #[inline(always)]
    fn len(&mut self, what: &'static str) -> Result<usize, Fault> {
        let len = self.i32(what)?;
        usize::try_from(len).map_err(|_| negative(len, what))
    }
}

impl<'a> Reader<'a> for BinaryReader<'a> {
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
        const NAME: &str = "method name";
        let first = self.input.array(WHAT).map(u32::from_be_bytes)?;
        let method = match i32::try_from(first) {
            // The old form begins with the name's length and has the type behind the name.
            Ok(len) => {
                let name = self.input.take(len.cast_unsigned() as usize, NAME)?;
                self.pass(1, WHAT)?;
                name
            }
            Err(_) if first & 0xffff_0000 == STRICT => self.binary(NAME)?,
            Err(_) => {
                let why =
                    format!("it begins with {first:#010x}, not with the binary protocol's 0x8001 or a name's length");
                return Err(DecodeError::malformed(WHAT, why).into());
            }
        };
        Ok(Header { method, sequence: self.i32(WHAT)? })
    }

    #[inline(always)]
    fn field(&mut self, _before: i16) -> Result<Option<Field>, Fault> {
        const WHAT: &str = "field header";
        let code = self.input.byte(WHAT)?;
        if code == 0 {
            return Ok(None);
        }
        let kind = kind_of(code, WHAT)?;
        Ok(Some(Field { id: self.i16(WHAT)?, kind }))
    }

    #[inline]
    fn bool(&mut self, _kind: Kind, what: &'static str) -> Result<bool, Fault> {
        self.input.byte(what).map(|byte| byte == 1)
    }

    #[inline]
    fn i16(&mut self, what: &'static str) -> Result<i16, Fault> {
        self.input.array(what).map(i16::from_be_bytes)
    }

    #[inline]
    fn i32(&mut self, what: &'static str) -> Result<i32, Fault> {
        self.input.array(what).map(i32::from_be_bytes)
    }

    #[inline]
    fn i64(&mut self, what: &'static str) -> Result<i64, Fault> {
        self.input.array(what).map(i64::from_be_bytes)
    }

    #[inline]
    fn double(&mut self, what: &'static str) -> Result<f64, Fault> {
        self.input.array(what).map(f64::from_be_bytes)
    }

    #[inline(always)]
    fn binary(&mut self, what: &'static str) -> Result<&'a [u8], Fault> {
        let len = self.len(what)?;
        self.input.take(len, what)
    }

    #[inline]
    fn list(&mut self, what: &'static str) -> Result<(Kind, usize), Fault> {
        let code = self.input.byte(what)?;
        let len = self.len(what)?;
        // Some clients leave the type of an empty list empty.
        if len == 0 {
            return Ok((Kind::Struct, 0));
        }
        let kind = kind_of(code, what)?;
        Ok((kind, fits(len, smallest(kind), self.remaining(), what)?))
    }

    fn map(&mut self, what: &'static str) -> Result<(Kind, Kind, usize), Fault> {
        let [key, value] = self.input.array(what)?;
        let len = self.len(what)?;
        if len == 0 {
            return Ok((Kind::Struct, Kind::Struct, 0));
        }
        let (key, value) = (kind_of(key, what)?, kind_of(value, what)?);
        let len = fits(len, smallest(key) + smallest(value), self.remaining(), what)?;
        Ok((key, value, len))
    }

    #[inline(always)]
    fn usual_pair(&mut self) -> Option<(&'a [u8], Usual<'a>)> {
        let ([11, 0, 1, len @ ..], rest) = self.input.rest().split_first_chunk::<7>()? else { return None };
        let (key, rest) = split(*len, rest)?;
        let ([8, 0, 2, 0, 0, 0, kind, code, 0, third], rest) = rest.split_first_chunk()? else { return None };
        let (value, rest) = match (kind, code, third) {
            (0, 11, 3) => {
                let (len, rest) = rest.split_first_chunk()?;
                let (value, rest) = split(*len, rest)?;
                (Usual::Binary(value), rest)
            }
            (2, 2, 5) => {
                let (value, rest) = rest.split_first()?;
                (Usual::Bool(*value == 1), rest)
            }
            (3, 10, 6) => {
                let (value, rest) = rest.split_first_chunk()?;
                (Usual::I64(i64::from_be_bytes(*value)), rest)
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
        self.pass(smallest(kind), what)
    }
}

/// Writes the binary protocol.
#[derive(Debug)]
pub(crate) struct BinaryWriter;

fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Bool | Kind::True | Kind::False => 2,
        Kind::I8 => 3,
        Kind::Double => 4,
        Kind::I16 => 6,
        Kind::I32 => 8,
        Kind::I64 => 10,
        Kind::Binary => 11,
        Kind::Struct => 12,
        Kind::Map => 13,
        Kind::Set => 14,
        Kind::List => 15,
        Kind::Uuid => 16,
    }
}

/// A length in four bytes; a batch's text ends at 2^30 and its tables at 2^31.
#[inline]
fn put_len(out: &mut Vec<u8>, len: usize) {
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
}

impl Writer for BinaryWriter {
    fn header(out: &mut Vec<u8>, method: &str, sequence: i32) {
        out.extend_from_slice(&(STRICT | ONEWAY).to_be_bytes());
        Self::binary(out, method.as_bytes());
        Self::i32(out, sequence);
    }

    #[inline]
    fn field(out: &mut Vec<u8>, _before: i16, id: i16, kind: Kind) {
        let [high, low] = id.to_be_bytes();
        out.extend_from_slice(&[code(kind), high, low]);
    }

    #[inline]
    fn bool_field(out: &mut Vec<u8>, before: i16, id: i16, value: bool) {
        Self::field(out, before, id, Kind::Bool);
        out.push(u8::from(value));
    }

    #[inline]
    fn stop(out: &mut Vec<u8>) {
        out.push(0);
    }

    #[inline]
    fn i32(out: &mut Vec<u8>, value: i32) {
        out.extend_from_slice(&value.to_be_bytes());
    }

    #[inline]
    fn i64(out: &mut Vec<u8>, value: i64) {
        out.extend_from_slice(&value.to_be_bytes());
    }

    #[inline]
    fn double(out: &mut Vec<u8>, value: f64) {
        out.extend_from_slice(&value.to_be_bytes());
    }

    #[inline]
    fn binary(out: &mut Vec<u8>, value: &[u8]) {
        put_len(out, value.len());
        out.extend_from_slice(value);
    }

    #[inline]
    fn list(out: &mut Vec<u8>, kind: Kind, len: usize) {
        out.push(code(kind));
        put_len(out, len);
    }
}

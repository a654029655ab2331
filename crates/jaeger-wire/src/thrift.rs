//! Thrift's two protocols over a slice: what the jaeger and zipkin formats are written in.
//!
//! A reader borrows everything and allocates nothing; a writer appends to a buffer.

mod binary;
mod compact;
mod skip;

pub(crate) use binary::{BinaryReader, BinaryWriter};
pub(crate) use compact::{CompactReader, CompactWriter};
pub(crate) use skip::skip;

use crate::DecodeError;
use crate::error::Fault;

/// The two protocols.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Protocol {
    /// `TCompactProtocol`: ports 6831 and 5775.
    Compact,
    /// `TBinaryProtocol`: port 6832, HTTP bodies, TChannel.
    Binary = 8,
}

/// A value's type, numbered as in the compact protocol, which has a bool's value in a field's type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A bool that stands as a byte.
    Bool = 14,
    /// A field that is true.
    True = 1,
    /// A field that is false.
    False = 2,
    /// One byte.
    I8 = 3,
    /// Two bytes, signed.
    I16 = 4,
    /// Four bytes, signed; enums.
    I32 = 5,
    /// Eight bytes, signed.
    I64 = 6,
    /// A floating-point number.
    Double = 7,
    /// Text or bytes.
    Binary,
    /// Fields up to a stop.
    Struct = 12,
    /// Keys and values of one kind each.
    Map = 11,
    /// Elements of one kind.
    Set = 10,
    /// Elements of one kind.
    List = 9,
    /// Sixteen bytes.
    Uuid = 13,
}

/// A field's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Field {
    /// Its number in the struct.
    pub(crate) id: i16,
    /// Its value's type.
    pub(crate) kind: Kind,
}

/// The value of a struct in its usual form.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Usual<'a> {
    /// Kind 0, field 3.
    Binary(&'a [u8]),
    /// Kind 2, field 5.
    Bool(bool),
    /// Kind 3, field 6.
    I64(i64),
}

/// A message's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header<'a> {
    /// The method called.
    pub(crate) method: &'a [u8],
    /// Which call it is; clients count it up.
    pub(crate) sequence: i32,
}

/// Reads values off a slice.
///
/// # Errors
/// Every method fails with [`DecodeError::Truncated`] where the bytes end, and with [`DecodeError::Malformed`] where
/// they are no value; `what` names the value in the error.
pub(crate) trait Reader<'a>: Clone {
    /// Reads from the start of `bytes`.
    fn new(bytes: &'a [u8]) -> Self;
    /// How many bytes were read.
    fn offset(&self) -> usize;
    /// How many bytes are left.
    fn remaining(&self) -> usize;
    /// A message's header.
    fn header(&mut self) -> Result<Header<'a>, Fault>;
    /// The next field of a struct whose last field was `before` (0 at its start); `None` at the struct's end.
    fn field(&mut self, before: i16) -> Result<Option<Field>, Fault>;
    /// The value of a bool whose type stood as `kind`.
    fn bool(&mut self, kind: Kind, what: &'static str) -> Result<bool, Fault>;
    /// An i16.
    fn i16(&mut self, what: &'static str) -> Result<i16, Fault>;
    /// An i32.
    fn i32(&mut self, what: &'static str) -> Result<i32, Fault>;
    /// An i64.
    fn i64(&mut self, what: &'static str) -> Result<i64, Fault>;
    /// A double.
    fn double(&mut self, what: &'static str) -> Result<f64, Fault>;
    /// Text or bytes.
    fn binary(&mut self, what: &'static str) -> Result<&'a [u8], Fault>;
    /// A list's or set's header: what its elements are and how many. So many can stand in what is left.
    fn list(&mut self, what: &'static str) -> Result<(Kind, usize), Fault>;
    /// A map's header: what its keys and values are and how many. So many can stand in what is left.
    fn map(&mut self, what: &'static str) -> Result<(Kind, Kind, usize), Fault>;
    /// A whole struct of a key, a kind and a value, where it stands in the form that nearly all have: fields 1, 2 and
    /// one of 3, 5 and 6 in this order, as `kind` says, and nothing else. `None` reads nothing.
    fn usual_pair(&mut self) -> Option<(&'a [u8], Usual<'a>)>;
    /// Passes over `len` bytes.
    fn pass(&mut self, len: usize, what: &'static str) -> Result<(), Fault>;
    /// Passes over a number of this kind that is no struct, container, text or bool.
    fn pass_number(&mut self, kind: Kind, what: &'static str) -> Result<(), Fault>;
}

/// Appends values to a buffer.
pub(crate) trait Writer {
    /// A one-way message's header.
    fn header(out: &mut Vec<u8>, method: &str, sequence: i32);
    /// The header of field `id` of a struct whose last field was `before` (0 at its start); not for bools.
    fn field(out: &mut Vec<u8>, before: i16, id: i16, kind: Kind);
    /// A field that is a bool, with its value.
    fn bool_field(out: &mut Vec<u8>, before: i16, id: i16, value: bool);
    /// A struct's end.
    fn stop(out: &mut Vec<u8>);
    /// An i32.
    fn i32(out: &mut Vec<u8>, value: i32);
    /// An i64.
    fn i64(out: &mut Vec<u8>, value: i64);
    /// A double.
    fn double(out: &mut Vec<u8>, value: f64);
    /// Text or bytes; at most 2^31 - 1, which a batch's own bound ensures.
    fn binary(out: &mut Vec<u8>, value: &[u8]);
    /// A list's header.
    fn list(out: &mut Vec<u8>, kind: Kind, len: usize);
}

/// Compares the length of a list or map with what is left, so that nobody counts to 2^31 over ten bytes.
#[inline]
fn fits(len: usize, smallest: usize, left: usize, what: &'static str) -> Result<usize, Fault> {
    let needed = len.saturating_mul(smallest);
    if needed > left {
        return Err(DecodeError::truncated(what, needed as u64, left).into());
    }
    Ok(len)
}

/// A length that the wire has in 32 bits.
#[inline]
fn length(len: u64, what: &'static str) -> Result<usize, Fault> {
    match i32::try_from(len) {
        Ok(len) => Ok(len.cast_unsigned() as usize),
        Err(_) => Err(too_long(len, what)),
    }
}

#[cold]
fn too_long(len: u64, what: &'static str) -> Fault {
    DecodeError::malformed(what, format!("a length of {len}; 2147483647 is the most")).into()
}

#[cold]
fn no_number_of(bits: u32, value: i64, what: &'static str) -> Fault {
    DecodeError::malformed(what, format!("{value} does not fit {bits} bits")).into()
}

#[cold]
fn no_kind(code: u8, what: &'static str) -> Fault {
    DecodeError::malformed(what, format!("type {code} is none of the protocol's")).into()
}

#[cfg(test)]
mod tests;

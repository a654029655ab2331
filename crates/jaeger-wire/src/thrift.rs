//! Thrift's two protocols over a slice: what the jaeger and zipkin formats are written in.
//!
//! A reader borrows everything and allocates nothing; a writer appends to a buffer.

mod binary;
mod compact;
mod skip;

pub use binary::{BinaryReader, BinaryWriter};
pub use compact::{CompactReader, CompactWriter};
pub use skip::skip;

use crate::DecodeError;

/// The two protocols.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Protocol {
    /// `TCompactProtocol`: ports 6831 and 5775.
    Compact,
    /// `TBinaryProtocol`: port 6832, HTTP bodies, TChannel.
    Binary,
}

/// A value's type. The compact protocol has a bool's value in a field's type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A bool that stands as a byte.
    Bool,
    /// A field that is true.
    True,
    /// A field that is false.
    False,
    /// One byte.
    I8,
    /// Two bytes, signed.
    I16,
    /// Four bytes, signed; enums.
    I32,
    /// Eight bytes, signed.
    I64,
    /// A floating-point number.
    Double,
    /// Text or bytes.
    Binary,
    /// Fields up to a stop.
    Struct,
    /// Keys and values of one kind each.
    Map,
    /// Elements of one kind.
    Set,
    /// Elements of one kind.
    List,
    /// Sixteen bytes.
    Uuid,
}

/// A field's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its number in the struct.
    pub id: i16,
    /// Its value's type.
    pub kind: Kind,
}

/// A message's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header<'a> {
    /// The method called.
    pub method: &'a [u8],
    /// Which call it is; clients count it up.
    pub sequence: i32,
}

/// Reads values off a slice.
///
/// # Errors
/// Every method fails with [`DecodeError::Truncated`] where the bytes end, and with [`DecodeError::Malformed`] where
/// they are no value; `what` names the value in the error.
pub trait Reader<'a>: Clone {
    /// Reads from the start of `bytes`.
    fn new(bytes: &'a [u8]) -> Self;
    /// How many bytes were read.
    fn offset(&self) -> usize;
    /// How many bytes are left.
    fn remaining(&self) -> usize;
    /// A message's header.
    fn header(&mut self) -> Result<Header<'a>, DecodeError>;
    /// The next field of a struct whose last field was `before` (0 at its start); `None` at the struct's end.
    fn field(&mut self, before: i16) -> Result<Option<Field>, DecodeError>;
    /// The value of a bool whose type stood as `kind`.
    fn bool(&mut self, kind: Kind, what: &'static str) -> Result<bool, DecodeError>;
    /// An i16.
    fn i16(&mut self, what: &'static str) -> Result<i16, DecodeError>;
    /// An i32.
    fn i32(&mut self, what: &'static str) -> Result<i32, DecodeError>;
    /// An i64.
    fn i64(&mut self, what: &'static str) -> Result<i64, DecodeError>;
    /// A double.
    fn double(&mut self, what: &'static str) -> Result<f64, DecodeError>;
    /// Text or bytes.
    fn binary(&mut self, what: &'static str) -> Result<&'a [u8], DecodeError>;
    /// A list's or set's header: what its elements are and how many. So many can stand in what is left.
    fn list(&mut self, what: &'static str) -> Result<(Kind, usize), DecodeError>;
    /// A map's header: what its keys and values are and how many. So many can stand in what is left.
    fn map(&mut self, what: &'static str) -> Result<(Kind, Kind, usize), DecodeError>;
    /// Passes over `len` bytes.
    fn pass(&mut self, len: usize, what: &'static str) -> Result<(), DecodeError>;
    /// Passes over a number of this kind that is no struct, container, text or bool.
    fn pass_number(&mut self, kind: Kind, what: &'static str) -> Result<(), DecodeError>;
}

/// Appends values to a buffer.
pub trait Writer {
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
fn fits(len: usize, smallest: usize, left: usize, what: &'static str) -> Result<usize, DecodeError> {
    let needed = len.saturating_mul(smallest);
    if needed > left {
        return Err(DecodeError::truncated(what, needed as u64, left));
    }
    Ok(len)
}

/// A length that the wire has in 32 bits.
#[inline]
fn length(len: u64, what: &'static str) -> Result<usize, DecodeError> {
    match i32::try_from(len) {
        Ok(len) => Ok(len.cast_unsigned() as usize),
        Err(_) => Err(DecodeError::malformed(what, format!("a length of {len}; 2147483647 is the most"))),
    }
}

#[cfg(test)]
mod tests;

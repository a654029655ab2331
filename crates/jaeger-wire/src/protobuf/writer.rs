//! Writes fields behind each other; messages get their length put in once they are complete.

use crate::varint;

/// Appends protobuf fields to a buffer. Fields with the default value are not special: the caller leaves them out.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Appends to `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// bool, enum, uint32, uint64.
    #[inline]
    pub fn varint(&mut self, number: u32, value: u64) {
        self.key(number, 0);
        self.put_varint(value);
    }

    /// int64 or int32.
    #[inline]
    pub fn int64(&mut self, number: u32, value: i64) {
        self.varint(number, value.cast_unsigned());
    }

    /// fixed64.
    #[inline]
    pub fn fixed64(&mut self, number: u32, value: u64) {
        self.key(number, 1);
        self.out.extend_from_slice(&value.to_le_bytes());
    }

    /// double.
    #[inline]
    pub fn double(&mut self, number: u32, value: f64) {
        self.fixed64(number, value.to_bits());
    }

    /// fixed32.
    #[inline]
    pub fn fixed32(&mut self, number: u32, value: u32) {
        self.key(number, 5);
        self.out.extend_from_slice(&value.to_le_bytes());
    }

    /// string or bytes.
    #[inline]
    pub fn bytes(&mut self, number: u32, value: &[u8]) {
        self.key(number, 2);
        self.put_varint(value.len() as u64);
        self.out.extend_from_slice(value);
    }

    /// A message, whose fields `fill` writes.
    #[inline]
    pub fn message(&mut self, number: u32, fill: impl FnOnce(&mut Writer<'_>)) {
        self.key(number, 2);
        // Most messages are under 128 bytes and have a length of one byte; longer ones are moved up.
        let at = self.out.len();
        self.out.push(0);
        fill(&mut Writer { out: self.out });
        let len = self.out.len() - at - 1;
        if let (Ok(short @ 0..=0x7f), Some(byte)) = (u8::try_from(len), self.out.get_mut(at)) {
            *byte = short;
        } else {
            self.move_up(at, len as u64);
        }
    }

    /// Makes the one byte at `at` room for a longer length.
    fn move_up(&mut self, at: usize, len: u64) {
        let (length, used) = varint::bytes_of(len);
        let end = self.out.len();
        self.out.resize(end + used - 1, 0);
        self.out.copy_within(at + 1..end, at + used);
        for (to, from) in self.out.iter_mut().skip(at).zip(length).take(used) {
            *to = from;
        }
    }

    /// Bytes of fields that the caller laid out.
    #[inline]
    pub(crate) fn raw(&mut self, fields: &[u8]) {
        self.out.extend_from_slice(fields);
    }

    #[inline]
    fn key(&mut self, number: u32, kind: u8) {
        self.put_varint(u64::from(number) << 3 | u64::from(kind));
    }

    #[inline]
    fn put_varint(&mut self, value: u64) {
        varint::put(self.out, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protobuf::{Reader, Wire};

    #[test]
    fn writes_what_is_read() {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        writer.varint(1, u64::MAX);
        writer.double(2, 1.5);
        writer.message(3, |inner| inner.message(4, |deep| deep.bytes(5, &[7; 300])));
        let mut reader = Reader::new(&out);
        let mut next = || reader.field().expect("fields").map(|field| field.wire);
        assert_eq!(next(), Some(Wire::Varint(u64::MAX)));
        assert_eq!(next(), Some(Wire::Fixed64(1.5f64.to_bits())));
        let mut inner = next().expect("a field").message("inner").expect("a message");
        let mut deep = inner.field().expect("fields").expect("a field").wire.message("deep").expect("a message");
        assert_eq!(deep.field().expect("fields").expect("a field").wire, Wire::Len(&[7; 300]));
        assert_eq!(next(), None);
    }
}

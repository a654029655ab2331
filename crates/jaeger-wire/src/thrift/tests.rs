//! Headers, lists and skipping, byte by byte.

use super::*;
use crate::DecodeErrorKind;

fn compact(bytes: &[u8]) -> CompactReader<'_> {
    CompactReader::new(bytes)
}

fn binary(bytes: &[u8]) -> BinaryReader<'_> {
    BinaryReader::new(bytes)
}

fn kind<T>(result: Result<T, Fault>) -> Option<DecodeErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn every_form_of_header_is_taken() {
    let header = Header { method: b"m", sequence: 300 };
    assert_eq!(compact(b"\x82\x81\xac\x02\x01m").header(), Ok(header));
    assert_eq!(compact(b"\x82\x21\xac\x02\x01m").header(), Ok(header));
    assert_eq!(binary(b"\x80\x01\x00\x04\0\0\0\x01m\0\0\x01\x2c").header(), Ok(header));
    assert_eq!(binary(b"\x80\x01\x00\x01\0\0\0\x01m\0\0\x01\x2c").header(), Ok(header));
    assert_eq!(binary(b"\0\0\0\x01m\x04\0\0\x01\x2c").header(), Ok(header));
    assert_eq!(binary(b"\0\0\0\x01m\x01\0\0\x01\x2c").header(), Ok(header));
}

#[test]
fn a_packet_of_the_other_protocol_is_malformed() {
    assert_eq!(kind(compact(b"\x80\x01\x00\x04\0\0\0\x01m\0\0\0\0").header()), Some(DecodeErrorKind::Malformed));
    assert_eq!(kind(binary(b"\x82\x81\x01\x01m").header()), Some(DecodeErrorKind::Malformed));
    assert_eq!(kind(compact(b"\x82\x82\x01\x01m").header()), Some(DecodeErrorKind::Malformed));
}

#[test]
fn compact_fields_step_or_name_their_number() {
    let field = |id, kind| Ok(Some(Field { id, kind }));
    assert_eq!(compact(&[0x16]).field(0), field(1, Kind::I64));
    assert_eq!(compact(&[0xf5]).field(20), field(35, Kind::I32));
    assert_eq!(compact(&[0x06, 0xc8, 0x01]).field(0), field(100, Kind::I64));
    assert_eq!(compact(&[0x11]).field(4), field(5, Kind::True));
    assert_eq!(compact(&[0]).field(4), Ok(None));
    assert_eq!(kind(compact(&[0x1f]).field(0)), Some(DecodeErrorKind::Malformed));
    assert_eq!(binary(&[10, 0, 100]).field(0), field(100, Kind::I64));
    assert_eq!(kind(binary(&[103, 0, 1]).field(0)), Some(DecodeErrorKind::Malformed));
}

#[test]
fn compact_bools_of_a_list_are_a_byte_each() {
    let mut reader = compact(&[0x32, 1, 0, 2]);
    assert_eq!(reader.list("bools"), Ok((Kind::Bool, 3)));
    let mut next = || reader.bool(Kind::Bool, "bool");
    assert_eq!([next(), next(), next()], [Ok(true), Ok(false), Ok(false)]);
}

#[test]
fn doubles_stand_in_each_protocols_own_order() {
    assert_eq!(compact(&(-2.5_f64).to_le_bytes()).double("d"), Ok(-2.5));
    assert_eq!(binary(&(-2.5_f64).to_be_bytes()).double("d"), Ok(-2.5));
}

#[test]
fn a_length_beyond_31_bits_is_malformed_and_one_beyond_the_bytes_truncated() {
    assert_eq!(kind(compact(&[0x80, 0x80, 0x80, 0x80, 0x08]).binary("text")), Some(DecodeErrorKind::Malformed));
    assert_eq!(kind(compact(&[0xff, 0xff, 0xff, 0xff, 0x07]).binary("text")), Some(DecodeErrorKind::Truncated));
    assert_eq!(kind(binary(&[0x80, 0, 0, 0]).binary("text")), Some(DecodeErrorKind::Malformed));
    assert_eq!(kind(binary(&[0x7f, 0xff, 0xff, 0xff]).binary("text")), Some(DecodeErrorKind::Truncated));
}

#[test]
fn a_list_of_more_than_the_bytes_hold_is_refused_at_its_header() {
    assert_eq!(kind(compact(&[0xfc, 0xff, 0xff, 0xff, 0xff, 0x07]).list("l")), Some(DecodeErrorKind::Truncated));
    assert_eq!(kind(compact(&[0xfc, 0x80, 0x80, 0x80, 0x80, 0x08]).list("l")), Some(DecodeErrorKind::Malformed));
    assert_eq!(kind(binary(&[12, 0x7f, 0xff, 0xff, 0xff]).list("l")), Some(DecodeErrorKind::Truncated));
    assert_eq!(kind(binary(&[12, 0x80, 0, 0, 0]).list("l")), Some(DecodeErrorKind::Malformed));
    // Elements that would take no byte at all are of no known type.
    assert_eq!(kind(binary(&[1, 0, 0, 0, 1]).list("l")), Some(DecodeErrorKind::Malformed));
    assert_eq!(kind(binary(&[13, 10, 0, 0, 0, 2, 0]).map("m")), Some(DecodeErrorKind::Truncated));
}

#[test]
fn skipping_passes_over_every_kind() {
    let mut bytes = Vec::new();
    let mut before = 0;
    let mut id = 0;
    let mut field = |out: &mut Vec<u8>, kind| {
        id += 1;
        CompactWriter::field(out, before, id, kind);
        before = id;
    };
    for (kind, value) in [
        (Kind::True, &[][..]),
        (Kind::I8, &[0x80]),
        (Kind::I16, &[0xff, 0x03]),
        (Kind::I64, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
        (Kind::Double, &[0xff; 8]),
        (Kind::Binary, &[2, 1, 1]),
        (Kind::Uuid, &[0xff; 16]),
        (Kind::Set, &[0x28, 1, 1, 0]),
        (Kind::Map, &[2, 0x8c, 1, 1, 0, 0, 0x11, 0]),
        (Kind::Map, &[0]),
        (Kind::List, &[0x2c, 0x15, 2, 0, 0]),
    ] {
        field(&mut bytes, kind);
        bytes.extend_from_slice(value);
    }
    bytes.push(0);
    let mut reader = compact(&bytes);
    assert_eq!(skip(&mut reader, Kind::Struct), Ok(()));
    assert_eq!(reader.remaining(), 0);
}

#[test]
fn skipping_ends_at_64_levels() {
    let nested = |levels: usize| {
        let mut bytes = vec![0x1c; levels - 1];
        bytes.extend(vec![0; levels]);
        let mut reader = CompactReader::new(&bytes);
        skip(&mut reader, Kind::Struct)
    };
    assert_eq!(nested(64), Ok(()));
    assert_eq!(kind(nested(65)), Some(DecodeErrorKind::TooDeep));
    assert_eq!(kind(nested(100_000)), Some(DecodeErrorKind::TooDeep));
}

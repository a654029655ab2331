//! The service `Meta` that every TChannel server has: is it well, what does it speak, which version is it.

use super::batches::whole;
use crate::DecodeError;
use crate::thrift::{BinaryReader, BinaryWriter, Kind, Reader as _, Writer as _, skip};

/// The definitions that `Meta::thriftIDL` gives, by file; the first includes what it needs of the others.
const DEFINITIONS: [(&str, &str); 3] = [
    ("jaeger.thrift", include_str!("../gen/jaeger.thrift")),
    ("sampling.thrift", include_str!("../gen/sampling.thrift")),
    ("zipkincore.thrift", include_str!("../gen/zipkincore.thrift")),
];

/// Whether somebody asks for the process or for traffic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HealthQuestion {
    /// Is the process up?
    Process,
    /// Does it want traffic?
    Traffic,
}

/// Reads the question of `Meta::health`, which may be empty.
///
/// # Errors
/// [`DecodeError`] with the place in the arguments.
pub fn decode_health_question(body: &[u8]) -> Result<HealthQuestion, DecodeError> {
    whole(body, |reader| {
        let mut question = HealthQuestion::Process;
        let mut id = 0;
        while let Some(field) = reader.field(id)? {
            id = field.id;
            match (field.id, field.kind) {
                (1, Kind::Struct) => {
                    let mut inner = 0;
                    while let Some(field) = reader.field(inner)? {
                        inner = field.id;
                        match (field.id, field.kind) {
                            (1, Kind::I32) if reader.i32("HealthRequest.type")? == 1 => {
                                question = HealthQuestion::Traffic;
                            }
                            (1, Kind::I32) => {}
                            _ => skip(reader, field.kind)?,
                        }
                    }
                }
                _ => skip(reader, field.kind)?,
            }
        }
        Ok(question)
    })
}

/// Writes the answer of `Meta::health`; `why` where it is not well.
pub fn encode_health(why: Option<&str>, out: &mut Vec<u8>) {
    BinaryWriter::field(out, 0, 0, Kind::Struct);
    BinaryWriter::bool_field(out, 0, 1, why.is_none());
    if let Some(why) = why {
        text(out, 1, 2, why);
    }
    BinaryWriter::stop(out);
    BinaryWriter::stop(out);
}

/// Reads the answer of `Meta::health`: whether it is well.
///
/// # Errors
/// [`DecodeError`] with the place in the answer.
pub fn decode_health(body: &[u8]) -> Result<bool, DecodeError> {
    whole(body, |reader| {
        let mut ok = false;
        let mut id = 0;
        while let Some(field) = reader.field(id)? {
            id = field.id;
            match (field.id, field.kind) {
                (0, Kind::Struct) => {
                    let mut inner = 0;
                    while let Some(field) = reader.field(inner)? {
                        inner = field.id;
                        match (field.id, field.kind) {
                            (1, Kind::Bool) => ok = reader.bool(field.kind, "HealthStatus.ok")?,
                            _ => skip(reader, field.kind)?,
                        }
                    }
                }
                _ => skip(reader, field.kind)?,
            }
        }
        Ok(ok)
    })
}

/// Reads the arguments of a method that has none.
///
/// # Errors
/// [`DecodeError`] with the place in the arguments.
pub fn decode_nothing(body: &[u8]) -> Result<(), DecodeError> {
    whole(body, |reader: &mut BinaryReader<'_>| {
        let mut id = 0;
        while let Some(field) = reader.field(id)? {
            id = field.id;
            skip(reader, field.kind)?;
        }
        Ok(())
    })
}

/// Writes the answer of `Meta::thriftIDL`.
pub fn encode_definitions(out: &mut Vec<u8>) {
    BinaryWriter::field(out, 0, 0, Kind::Struct);
    BinaryWriter::field(out, 0, 1, Kind::Map);
    // A map of texts by texts: the type of both, and how many.
    out.extend_from_slice(&[11, 11, 0, 0, 0, 3]);
    for (file, definition) in DEFINITIONS {
        BinaryWriter::binary(out, file.as_bytes());
        BinaryWriter::binary(out, definition.as_bytes());
    }
    text(out, 1, 2, "jaeger.thrift");
    BinaryWriter::stop(out);
    BinaryWriter::stop(out);
}

/// Writes the answer of `Meta::versionInfo`.
pub fn encode_version(out: &mut Vec<u8>) {
    BinaryWriter::field(out, 0, 0, Kind::Struct);
    text(out, 0, 1, "rust");
    text(out, 1, 2, env!("CARGO_PKG_RUST_VERSION"));
    text(out, 2, 3, env!("CARGO_PKG_VERSION"));
    BinaryWriter::stop(out);
    BinaryWriter::stop(out);
}

fn text(out: &mut Vec<u8>, before: i16, id: i16, value: &str) {
    BinaryWriter::field(out, before, id, Kind::Binary);
    BinaryWriter::binary(out, value.as_bytes());
}

//! Passing over fields that nobody here knows.

use super::{Kind, Reader};
use crate::DecodeError;
use crate::error::{Fault, MAX_DEPTH};

const WHAT: &str = "unknown field";

/// Passes over a value of `kind`, at most 64 levels deep and never more steps than bytes.
///
/// # Errors
/// [`DecodeError::TooDeep`], or what the reader finds.
#[cold]
pub(crate) fn skip<'a, R: Reader<'a>>(reader: &mut R, kind: Kind) -> Result<(), Fault> {
    skip_within(reader, kind, MAX_DEPTH)
}

fn skip_within<'a, R: Reader<'a>>(reader: &mut R, kind: Kind, levels: usize) -> Result<(), Fault> {
    let Some(below) = levels.checked_sub(1) else {
        return Err(DecodeError::TooDeep { what: WHAT }.into());
    };
    match kind {
        Kind::True | Kind::False => Ok(()),
        Kind::Bool | Kind::I8 => reader.pass(1, WHAT),
        Kind::I16 | Kind::I32 | Kind::I64 | Kind::Double => reader.pass_number(kind, WHAT),
        Kind::Uuid => reader.pass(16, WHAT),
        Kind::Binary => reader.binary(WHAT).map(drop),
        Kind::Struct => {
            let mut before = 0;
            while let Some(field) = reader.field(before)? {
                before = field.id;
                skip_within(reader, field.kind, below)?;
            }
            Ok(())
        }
        Kind::List | Kind::Set => {
            let (kind, len) = reader.list(WHAT)?;
            // Each element has at least a byte, so that the bytes at hand end this.
            for _ in 0..len {
                skip_within(reader, kind, below)?;
            }
            Ok(())
        }
        Kind::Map => {
            let (key, value, len) = reader.map(WHAT)?;
            for _ in 0..len {
                skip_within(reader, key, below)?;
                skip_within(reader, value, below)?;
            }
            Ok(())
        }
    }
}

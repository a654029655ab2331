//! A column as its bytes, whatever its type: lists and user-defined types are read by [`cells`](super::cells).

use scylla::cluster::metadata::ColumnType;
use scylla::deserialize::value::DeserializeValue;
use scylla::deserialize::{DeserializationError, FrameSlice, TypeCheckError};

/// Bytes of the answer's own frame.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'a>(pub(crate) &'a [u8]);

impl<'frame, 'metadata> DeserializeValue<'frame, 'metadata> for Raw<'frame> {
    fn type_check(_: &ColumnType<'_>) -> Result<(), TypeCheckError> {
        Ok(())
    }

    fn deserialize(
        _: &'metadata ColumnType<'metadata>,
        value: Option<FrameSlice<'frame>>,
    ) -> Result<Self, DeserializationError> {
        Ok(Self(value.map_or(&[], |value| value.as_slice())))
    }
}

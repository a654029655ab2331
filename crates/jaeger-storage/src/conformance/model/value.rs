//! Values that own what they hold, for spans and searches that are made up.

use jaeger_model::{Value, ValueIn};

pub(super) enum Owned {
    Str(String),
    Bool(bool),
    I64(i64),
    F64(f64),
    Bytes(Vec<u8>),
}

impl Owned {
    pub(super) fn value(&self) -> ValueIn<'_> {
        match self {
            Self::Str(text) => ValueIn::Str(text.as_bytes()),
            Self::Bool(value) => ValueIn::Bool(*value),
            Self::I64(value) => ValueIn::I64(*value),
            Self::F64(value) => ValueIn::F64(*value),
            Self::Bytes(bytes) => ValueIn::Bytes(bytes),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Str(text) => text.clone(),
            Self::Bool(value) => Value::Bool(*value).text().into(),
            Self::I64(value) => Value::I64(*value).text().into(),
            Self::F64(value) => Value::F64(*value).text().into(),
            Self::Bytes(bytes) => Value::Bytes(bytes).text().into(),
        }
    }
}

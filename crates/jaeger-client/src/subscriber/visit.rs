//! Fields of `tracing` as tags and log fields.

use std::fmt;

use tracing_core::Field;
use tracing_core::field::Visit;

use crate::{SpanHandle, Value};

/// The field that names a span.
const OPERATION: &str = "jaeger.operation";

/// Sets fields as tags of a span.
pub(super) struct Tags<'a>(pub(super) &'a SpanHandle);

impl Tags<'_> {
    fn set(&self, field: &Field, value: Value<'_>) {
        match (field.name(), value) {
            (OPERATION, Value::Str(name)) => self.0.rename(name),
            (name, value) => self.0.tag(name, value),
        };
    }
}

impl Visit for Tags<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, Value::Str(&format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value.into());
    }
}

/// A value that is kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Owned {
    Str(String),
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
}

impl Owned {
    pub(super) fn borrow(&self) -> Value<'_> {
        match self {
            Self::Str(text) => Value::Str(text),
            Self::Bool(value) => Value::Bool(*value),
            Self::I64(number) => Value::I64(*number),
            Self::U64(number) => (*number).into(),
            Self::F64(number) => Value::F64(*number),
        }
    }
}

/// Keeps the fields of an event.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) all: Vec<(&'static str, Owned)>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.all.push((field.name(), Owned::Str(format!("{value:?}"))));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.all.push((field.name(), Owned::Str(value.to_owned())));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.all.push((field.name(), Owned::Bool(value)));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.all.push((field.name(), Owned::I64(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.all.push((field.name(), Owned::U64(value)));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.all.push((field.name(), Owned::F64(value)));
    }
}

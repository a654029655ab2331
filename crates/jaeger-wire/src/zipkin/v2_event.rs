//! Annotations of a v2 span become logs. OpenTelemetry's exporters write an event as `name|{attributes}|dropped`.

use jaeger_model::{BatchBuilder, Timestamp, ValueIn, keys};

use crate::json::Reader;

const EVENT: &[u8] = keys::EVENT.as_bytes();

/// Writes an annotation.
pub(super) fn write(time: Timestamp, text: &[u8], builder: &mut BatchBuilder) {
    builder.begin_log(time);
    let (name, attributes) = match parts(text) {
        Some((name, attributes)) => (name, attributes),
        None => (text, &b"{}"[..]),
    };
    let mut named = false;
    fields(attributes, |key, _| named |= key == EVENT);
    if !name.is_empty() && !named {
        builder.log_field(EVENT, ValueIn::Str(name));
    }
    fields(attributes, |key, value| builder.log_field(key, value));
}

/// Name and attributes, where the text is an event that an exporter wrote.
fn parts(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let bar = |byte: &u8| *byte == b'|';
    let first = text.iter().position(bar)?;
    let last = text.iter().rposition(bar).filter(|last| *last > first)?;
    let attributes = text.get(first + 1..last)?;
    let dropped = str::from_utf8(text.get(last + 1..)?).ok()?;
    dropped.parse::<u32>().ok()?;
    fields(attributes, |_, _| {}).then_some((text.get(..first)?, attributes))
}

/// Gives each member of a JSON object to `each`, and says whether it is one. Numbers are numbers; what has parts of
/// its own stays JSON.
pub(super) fn fields(json: &[u8], mut each: impl FnMut(&[u8], ValueIn<'_>)) -> bool {
    let mut reader = Reader::new(json);
    if reader.peek() != Some(b'{') {
        return false;
    }
    let read = reader.object(|reader, key| {
        match reader.peek() {
            Some(b'"') => each(key, ValueIn::Str(&reader.text()?)),
            Some(b't' | b'f') => each(key, ValueIn::Bool(reader.bool()?)),
            Some(b'-' | b'0'..=b'9') => each(key, number(reader.number()?)),
            Some(b'n') => drop(reader.null()?),
            _ => each(key, ValueIn::Str(reader.raw()?)),
        }
        Ok(())
    });
    read.and_then(|()| reader.end()).is_ok()
}

/// `7` and `7.0` are integers, as Go has them here.
fn number(text: &str) -> ValueIn<'_> {
    const TWO_TO_63: f64 = (1u64 << 63) as f64;
    if let Ok(number) = text.parse() {
        return ValueIn::I64(number);
    }
    match text.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "checked to lie within")]
        Ok(number) if number.fract() == 0.0 && (-TWO_TO_63..TWO_TO_63).contains(&number) => ValueIn::I64(number as i64),
        Ok(number) => ValueIn::F64(number),
        Err(_) => ValueIn::Str(text.as_bytes()),
    }
}

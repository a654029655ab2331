//! `google.protobuf.Timestamp` and `Duration`: seconds and nanoseconds, of which "not set" is year 1.

use jaeger_model::{Duration, Timestamp};

use crate::DecodeError;
use crate::protobuf::{Reader, Writer};

const NANOS: i64 = 1_000_000_000;
/// The second at which Go's empty time stands: 0001-01-01T00:00:00Z.
const YEAR_ONE: i64 = -62_135_596_800;

pub(super) fn timestamp(message: Reader<'_>) -> Result<Timestamp, DecodeError> {
    let (seconds, nanos) = seconds_and_nanos(message, "Timestamp")?;
    if seconds == YEAR_ONE && nanos == 0 {
        return Ok(Timestamp::UNSET);
    }
    Ok(Timestamp::from_nanos(saturate(seconds, nanos)))
}

pub(super) fn duration(message: Reader<'_>) -> Result<Duration, DecodeError> {
    let (seconds, nanos) = seconds_and_nanos(message, "Duration")?;
    Ok(Duration::from_nanos(saturate(seconds, nanos)))
}

#[inline]
fn seconds_and_nanos(mut message: Reader<'_>, what: &'static str) -> Result<(i64, i32), DecodeError> {
    let (mut seconds, mut nanos) = (0, 0);
    while let Some(field) = message.field()? {
        match field.number {
            1 => seconds = field.wire.int64(what)?,
            2 => nanos = field.wire.uint32(what)?.cast_signed(),
            _ => {}
        }
    }
    Ok((seconds, nanos))
}

/// Times that 64 bits of nanoseconds don't hold become the first or last that they do.
#[inline]
fn saturate(seconds: i64, nanos: i32) -> i64 {
    let exact = i128::from(seconds) * i128::from(NANOS) + i128::from(nanos);
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

pub(super) fn put_timestamp(writer: &mut Writer<'_>, time: Timestamp) {
    if time == Timestamp::UNSET {
        return put(writer, YEAR_ONE, 0);
    }
    // A timestamp's nanoseconds count forward, also before 1970.
    put(writer, time.as_nanos().div_euclid(NANOS), time.as_nanos().rem_euclid(NANOS));
}

pub(super) fn put_duration(writer: &mut Writer<'_>, duration: Duration) {
    put(writer, duration.as_nanos() / NANOS, duration.as_nanos() % NANOS);
}

#[inline]
fn put(writer: &mut Writer<'_>, seconds: i64, nanos: i64) {
    if seconds != 0 {
        writer.int64(1, seconds);
    }
    if nanos != 0 {
        writer.int64(2, nanos);
    }
}

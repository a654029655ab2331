//! W3C's Trace Context and Baggage: `traceparent: 00-<trace>-<span>-<flags>`, `tracestate` handed on as it came,
//! `baggage: k1=v1,k2=v2`.

use jaeger_model::{SpanId, TraceId};

use super::{Extract, ExtractError, Found, Inject, percent};
use crate::context::{SAMPLED, SpanContext, cut_at};

const PARENT: &str = "traceparent";
const STATE: &str = "tracestate";
const BAGGAGE: &str = "baggage";

/// The most bytes of state and of baggage that are carried, as the standard asks at least.
const MAX_STATE_BYTES: usize = 512;
const MAX_BAGGAGE_BYTES: usize = 8192;

pub(super) fn inject(context: &SpanContext, into: &mut dyn Inject) {
    let (TraceId(trace), SpanId(span)) = (context.trace_id(), context.span_id());
    let sampled = u8::from(context.is_sampled());
    into.set(PARENT, format!("00-{trace:032x}-{span:016x}-{sampled:02x}"));
    if let Some(state) = context.trace_state() {
        into.set(STATE, state.to_owned());
    }
    let mut all = String::new();
    for (key, value) in context.baggage() {
        let pair = format!("{}={}", percent::encode(key), percent::encode(value));
        if all.len() + pair.len() < MAX_BAGGAGE_BYTES {
            if !all.is_empty() {
                all.push(',');
            }
            all += &pair;
        }
    }
    if !all.is_empty() {
        into.set(BAGGAGE, all);
    }
}

pub(super) fn extract(from: &dyn Extract) -> Result<Option<SpanContext>, ExtractError> {
    let mut found = Found::default();
    let mut state = None;
    let mut wrong = None;
    from.each(&mut |key, value| {
        if key.eq_ignore_ascii_case(PARENT) {
            if let Err(why) = read(value.trim(), &mut found) {
                wrong = Some(ExtractError::new(PARENT, value, why));
            }
        } else if key.eq_ignore_ascii_case(STATE) {
            // Printable ASCII, as it has to be to be handed on.
            let clean = !value.is_empty() && value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            state = clean.then(|| cut_at(value, MAX_STATE_BYTES).to_owned());
        } else if key.eq_ignore_ascii_case(BAGGAGE) {
            for pair in cut_at(value, MAX_BAGGAGE_BYTES).split(',') {
                // What stands behind a semicolon says something of the pair.
                let pair = pair.split(';').next().unwrap_or_default();
                if let Some((key, value)) = pair.split_once('=') {
                    found.baggage(&percent::decode_path(key.trim()), &percent::decode_path(value.trim()));
                }
            }
        }
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    if found.trace_id.0 != 0 {
        found.carried.trace_state = state;
    }
    Ok(found.finish())
}

fn read(text: &str, found: &mut Found) -> Result<(), &'static str> {
    let mut parts = text.split('-');
    let (Some(version), Some(trace), Some(span), Some(flags)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("four parts with dashes between them are expected");
    };
    let hex = |text: &str, digits: usize| {
        let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() == digits && lower { u128::from_str_radix(text, 16).ok() } else { None }
    };
    match hex(version, 2) {
        Some(0) if parts.next().is_some() => return Err("version 00 has four parts"),
        None | Some(0xff) => return Err("a version is two lower-case hex digits, not ff"),
        // A later version begins with the same four parts.
        Some(_) => {}
    }
    let trace = hex(trace, 32).filter(|id| *id != 0).ok_or("a trace id is 32 lower-case hex digits, not all 0")?;
    let span = hex(span, 16).filter(|id| *id != 0).ok_or("a span id is 16 lower-case hex digits, not all 0")?;
    let flags = hex(flags, 2).ok_or("flags are two lower-case hex digits")?;
    found.trace_id = TraceId(trace);
    found.span_id = SpanId(u64::try_from(span).unwrap_or_default());
    found.flags = if flags & u128::from(SAMPLED) == 0 { 0 } else { SAMPLED };
    Ok(())
}

//! `uber-trace-id: <trace>:<span>:<parent>:<flags>`, `uberctx-<key>: <baggage>`, and by hand `jaeger-debug-id` and
//! `jaeger-baggage: k1=v1, k2=v2`.

use std::borrow::Cow;

use super::{Extract, ExtractError, Found, Inject, percent, span_id, trace_id};
use crate::context::SpanContext;

const TRACE: &str = "uber-trace-id";
const BAGGAGE: &str = "uberctx-";
const DEBUG_ID: &str = "jaeger-debug-id";
const BAGGAGE_BY_HAND: &str = "jaeger-baggage";

pub(super) fn inject(context: &SpanContext, into: &mut dyn Inject) {
    let SpanContext { trace_id, span_id, parent_id, flags, .. } = context;
    into.set(TRACE, format!("{trace_id}:{span_id}:{parent_id}:{flags:x}"));
    let escapes = into.escapes();
    for (key, value) in context.baggage() {
        let value = if escapes { percent::encode(value) } else { Cow::Borrowed(value) };
        into.set(&format!("{BAGGAGE}{key}"), value.into_owned());
    }
}

pub(super) fn extract(from: &dyn Extract) -> Result<Option<SpanContext>, ExtractError> {
    let escapes = from.escapes();
    let text = |value: &str| if escapes { percent::decode(value).into_owned() } else { value.to_owned() };
    let mut found = Found::default();
    let mut wrong = None;
    from.each(&mut |key, value| {
        if key.eq_ignore_ascii_case(TRACE) {
            let value = text(value);
            if let Err(why) = read(&value, &mut found) {
                wrong = Some(ExtractError::new(TRACE, &value, why));
            }
        } else if key.eq_ignore_ascii_case(DEBUG_ID) {
            found.carried.debug_id = Some(crate::context::cut_at(&text(value), 256).to_owned());
        } else if key.eq_ignore_ascii_case(BAGGAGE_BY_HAND) {
            for pair in text(value).split(',') {
                if let Some((key, value)) = pair.trim().split_once('=') {
                    found.baggage(key, value);
                }
            }
        } else if let Some(key) = without_prefix(key, BAGGAGE) {
            found.baggage(&key.to_ascii_lowercase(), &text(value));
        }
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    if found.trace_id.0 != 0 {
        // Who has a trace needs none by debug id.
        found.carried.debug_id = None;
    }
    Ok(found.finish())
}

fn read(text: &str, found: &mut Found) -> Result<(), &'static str> {
    let mut parts = text.split(':');
    let (Some(trace), Some(span), Some(parent), Some(flags), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("four parts with colons between them are expected");
    };
    let (trace, span) = (trace_id(trace)?, span_id(span)?);
    if span.0 == 0 {
        return Err("a span id of zero");
    }
    (found.trace_id, found.span_id, found.parent_id) = (trace, span, span_id(parent)?);
    found.flags = u8::from_str_radix(flags, 16).map_err(|_| "flags are one or two hex digits")?;
    Ok(())
}

/// The rest of a key with this prefix in any case.
pub(super) fn without_prefix<'k>(key: &'k str, prefix: &str) -> Option<&'k str> {
    let start = key.get(..prefix.len())?;
    if start.eq_ignore_ascii_case(prefix) { key.get(prefix.len()..) } else { None }
}

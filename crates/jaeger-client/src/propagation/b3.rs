//! B3, Zipkin's: four headers, or `b3: <trace>-<span>-<1|0|d>-<parent>`.

use std::borrow::Cow;

use super::jaeger::without_prefix;
use super::{Extract, ExtractError, Found, Inject, percent, span_id, trace_id};
use crate::context::{self, SpanContext};

const TRACE: &str = "x-b3-traceid";
const SPAN: &str = "x-b3-spanid";
const PARENT: &str = "x-b3-parentspanid";
const SAMPLED: &str = "x-b3-sampled";
const FLAGS: &str = "x-b3-flags";
const SINGLE: &str = "b3";
const BAGGAGE: &str = "baggage-";

const KEPT: u8 = context::SAMPLED;
const DEBUG: u8 = context::SAMPLED | context::DEBUG;

pub(super) fn inject(context: &SpanContext, into: &mut dyn Inject) {
    into.set(TRACE, context.trace_id().to_string());
    into.set(SPAN, context.span_id().to_string());
    if context.parent_id().0 != 0 {
        into.set(PARENT, context.parent_id().to_string());
    }
    // Debug says sampled by itself, which readers of one of the two want.
    into.set(SAMPLED, if context.is_sampled() { "1" } else { "0" }.to_owned());
    if context.is_debug() {
        into.set(FLAGS, "1".to_owned());
    }
    baggage(context, into);
}

pub(super) fn inject_single(context: &SpanContext, into: &mut dyn Inject) {
    let state = match (context.is_debug(), context.is_sampled()) {
        (true, _) => "d",
        (false, true) => "1",
        (false, false) => "0",
    };
    let mut text = format!("{}-{}-{state}", context.trace_id(), context.span_id());
    if context.parent_id().0 != 0 {
        text += &format!("-{}", context.parent_id());
    }
    into.set(SINGLE, text);
    baggage(context, into);
}

fn baggage(context: &SpanContext, into: &mut dyn Inject) {
    let escapes = into.escapes();
    for (key, value) in context.baggage() {
        let value = if escapes { percent::encode(value) } else { Cow::Borrowed(value) };
        into.set(&format!("{BAGGAGE}{key}"), value.into_owned());
    }
}

pub(super) fn extract(from: &dyn Extract) -> Result<Option<SpanContext>, ExtractError> {
    let escapes = from.escapes();
    let (mut single, mut several) = (Found::default(), Found::default());
    let mut wrong = None;
    from.each(&mut |key, value| {
        let value = value.trim();
        let mut read = |header: &'static str, result: Result<(), &'static str>| {
            if let Err(why) = result {
                wrong = Some(ExtractError::new(header, value, why));
            }
        };
        if key.eq_ignore_ascii_case(SINGLE) {
            read(SINGLE, read_single(value, &mut single));
        } else if key.eq_ignore_ascii_case(TRACE) {
            read(TRACE, trace_id(value).map(|id| several.trace_id = id));
        } else if key.eq_ignore_ascii_case(SPAN) {
            read(SPAN, span_id(value).map(|id| several.span_id = id));
        } else if key.eq_ignore_ascii_case(PARENT) {
            read(PARENT, span_id(value).map(|id| several.parent_id = id));
        } else if key.eq_ignore_ascii_case(SAMPLED) {
            if value == "1" || value.eq_ignore_ascii_case("true") {
                several.flags |= KEPT;
            }
        } else if key.eq_ignore_ascii_case(FLAGS) {
            if value == "1" {
                several.flags |= DEBUG;
            }
        } else if let Some(key) = without_prefix(key, BAGGAGE) {
            let value = if escapes { percent::decode(value) } else { Cow::Borrowed(value) };
            several.baggage(&key.to_ascii_lowercase(), &value);
        }
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    if single.trace_id.0 != 0 {
        single.carried = several.carried;
        return Ok(single.finish());
    }
    if several.trace_id.0 != 0 && several.span_id.0 == 0 {
        return Err(ExtractError::new(SPAN, "", "a trace id without a span id"));
    }
    Ok(several.finish())
}

/// A lone state ("0": do not sample) names no trace, and there is none to keep then.
fn read_single(text: &str, found: &mut Found) -> Result<(), &'static str> {
    let mut parts = text.split('-');
    let trace = parts.next().unwrap_or_default();
    let Some(span) = parts.next() else {
        return if matches!(trace, "0" | "1" | "d") { Ok(()) } else { Err("a trace id without a span id") };
    };
    let (trace, span) = (trace_id(trace)?, span_id(span)?);
    if span.0 == 0 {
        return Err("a span id of zero");
    }
    found.flags = match parts.next() {
        Some("1") => KEPT,
        Some("d") => DEBUG,
        Some("0") | None => 0,
        Some(_) => return Err("a state is 0, 1 or d"),
    };
    found.parent_id = parts.next().map(span_id).transpose()?.unwrap_or_default();
    if parts.next().is_some() {
        return Err("at most four parts are expected");
    }
    (found.trace_id, found.span_id) = (trace, span);
    Ok(())
}

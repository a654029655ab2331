//! How a service's clients sample: api_v2's answer, and the two JSON forms in which agents and collectors give it to
//! clients, byte for byte as Go's encoder writes them.

use std::fmt::Write as _;

pub use crate::generated::api_v2::{
    OperationSamplingStrategy, PerOperationSamplingStrategies, ProbabilisticSamplingStrategy,
    RateLimitingSamplingStrategy, SamplingStrategyParameters, SamplingStrategyResponse, SamplingStrategyType,
};

/// The two JSON forms.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// `/sampling?service=`, `/api/sampling?service=`: the type by its name.
    Named,
    /// `/?service=`, for clients of Thrift 0.9.2: the type by its number, 16 bits for a rate.
    Numbered,
}

/// A rate that the numbered form has no room for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("maxTracesPerSecond of {0} does not fit 16 bits; ask /sampling, or set 32767 or less")]
pub struct RateTooLarge(pub i32);

/// Writes an answer as JSON without a line's end.
///
/// # Errors
/// [`RateTooLarge`] in the numbered form.
pub fn to_json(answer: &SamplingStrategyResponse, form: Form) -> Result<String, RateTooLarge> {
    let mut out = String::with_capacity(128);
    out.push_str("{\"strategyType\":");
    let name = SamplingStrategyType::try_from(answer.strategy_type).map(|kind| kind.as_str_name());
    match (form, name) {
        (Form::Named, Ok(name)) => push_text(&mut out, name),
        _ => push(&mut out, answer.strategy_type),
    }
    if let Some(strategy) = &answer.probabilistic_sampling {
        out.push(',');
        push_probabilistic(&mut out, strategy);
    }
    if let Some(strategy) = &answer.rate_limiting_sampling {
        let rate = strategy.max_traces_per_second;
        if form == Form::Numbered && i16::try_from(rate).is_err() {
            return Err(RateTooLarge(rate));
        }
        out.push_str(",\"rateLimitingSampling\":{\"maxTracesPerSecond\":");
        push(&mut out, rate);
        out.push('}');
    }
    if let Some(strategies) = &answer.operation_sampling {
        out.push_str(",\"operationSampling\":{\"defaultSamplingProbability\":");
        push_number(&mut out, strategies.default_sampling_probability);
        out.push_str(",\"defaultLowerBoundTracesPerSecond\":");
        push_number(&mut out, strategies.default_lower_bound_traces_per_second);
        out.push_str(",\"perOperationStrategies\":[");
        for (index, strategy) in strategies.per_operation_strategies.iter().enumerate() {
            out.push_str(if index == 0 { "{\"operation\":" } else { ",{\"operation\":" });
            push_text(&mut out, &strategy.operation);
            if let Some(strategy) = &strategy.probabilistic_sampling {
                out.push(',');
                push_probabilistic(&mut out, strategy);
            }
            out.push('}');
        }
        out.push_str("],\"defaultUpperBoundTracesPerSecond\":");
        push_number(&mut out, strategies.default_upper_bound_traces_per_second);
        out.push('}');
    }
    out.push('}');
    Ok(out)
}

fn push_probabilistic(out: &mut String, strategy: &ProbabilisticSamplingStrategy) {
    out.push_str("\"probabilisticSampling\":{\"samplingRate\":");
    push_number(out, strategy.sampling_rate);
    out.push('}');
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _infallible = write!(out, "{value}");
}

/// The shortest digits that read back as the same number, with an exponent below 1e-6 and from 1e21 on.
fn push_number(out: &mut String, number: f64) {
    let size = number.abs();
    if !number.is_finite() {
        // JSON has no such number; protobuf's JSON has a text.
        let text = if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        push_text(out, text);
    } else if size != 0.0 && size < 1e-6 {
        push(out, format_args!("{number:e}"));
    } else if size >= 1e21 {
        out.push_str(&format!("{number:e}").replace('e', "e+"));
    } else {
        push(out, number);
    }
}

/// Text as Go's encoder escapes it, safe within HTML.
fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                push(out, format_args!("\\u{:04x}", u32::from(character)));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;

//! The parameters of `/api/metrics/*`. There is no metrics store yet: they are checked, so that a caller hears of a wrong one first.

use super::{Form, ParamError};
use crate::go::{number, quote::quote};

const KINDS: [&str; 6] = ["unspecified", "internal", "server", "client", "producer", "consumer"];

/// Checks what `calls` and `errors` take.
///
/// # Errors
/// The first parameter that cannot be used, in Go's order.
pub fn check_rates(form: &Form<'_>) -> Result<(), ParamError> {
    if form.all("service").next().is_none() {
        let reason = "please provide at least one service name".to_owned();
        return Err(ParamError::Unreadable { name: "service", reason });
    }
    let grouped = form.first("groupByOperation");
    if !grouped.is_empty() && number::boolean(grouped).is_none() {
        let reason = format!("strconv.ParseBool: parsing {}: invalid syntax", quote(grouped));
        return Err(ParamError::Unreadable { name: "groupByOperation", reason });
    }
    if let Some(kind) = form.all("spanKind").find(|kind| !KINDS.contains(kind)) {
        let reason = format!("unsupported span kind: '{kind}'");
        return Err(ParamError::Unreadable { name: "spanKind", reason });
    }
    for name in ["endTs", "lookback", "step", "ratePer"] {
        let text = form.first(name);
        if !text.is_empty() {
            number::int64(text).map_err(ParamError::unreadable(name))?;
        }
    }
    Ok(())
}

/// Checks what `latencies` takes: a quantile first.
///
/// # Errors
/// As [`check_rates`].
pub fn check_latencies(form: &Form<'_>) -> Result<(), ParamError> {
    let quantile = form.first("quantile");
    if quantile.parse::<f64>().is_err() {
        let reason = format!("strconv.ParseFloat: parsing {}: invalid syntax", quote(quantile));
        return Err(ParamError::Unreadable { name: "quantile", reason });
    }
    check_rates(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_parameters_are_refused_in_gos_words() {
        for (query, expected) in [
            ("", "unable to parse param 'service': please provide at least one service name"),
            ("service=a&spanKind=nope", "unable to parse param 'spanKind': unsupported span kind: 'nope'"),
            (
                "service=a&groupByOperation=z",
                "unable to parse param 'groupByOperation': strconv.ParseBool: parsing \"z\": invalid syntax",
            ),
            ("service=a&step=x", "unable to parse param 'step': strconv.ParseInt: parsing \"x\": invalid syntax"),
        ] {
            assert_eq!(check_rates(&Form::parse(query)).map_err(|e| e.to_string()), Err(expected.to_owned()));
        }
        let error = check_latencies(&Form::parse("service=a")).map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("unable to parse param 'quantile': strconv.ParseFloat: parsing \"\": invalid syntax".to_owned())
        );
        assert_eq!(check_latencies(&Form::parse("service=a&quantile=0.5")), Ok(()));
    }
}

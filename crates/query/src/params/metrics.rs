//! The parameters of `/api/metrics/*`.

use jaeger_model::Timestamp;

use super::{Form, ParamError};
use crate::go::{number, quote::quote};

const KINDS: [&str; 6] = [UNSPECIFIED, "internal", "server", "client", "producer", "consumer"];
/// Every kind that is none of the others, and no kind.
const UNSPECIFIED: &str = "unspecified";
/// As many points as Prometheus gives of one series.
const MAX_POINTS: i64 = 11_000;

/// What `calls` and `errors` take, and `latencies` beside a quantile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RateParams {
    /// The services, at least one.
    pub services: Vec<String>,
    /// Whether each operation has a series of its own.
    pub by_operation: bool,
    /// The kinds of spans that count.
    pub kinds: Vec<String>,
    /// The last point, in milliseconds since 1970.
    pub end: i64,
    /// From the first point to the end, in milliseconds.
    pub lookback: i64,
    /// Between two points, in milliseconds; above 0.
    pub step: i64,
    /// Over how many milliseconds a rate is taken; above 0.
    pub rate_per: i64,
}

impl RateParams {
    /// Reads them; the end is `now` where none is given.
    ///
    /// # Errors
    /// The first parameter that cannot be used, in Go's order; then those that Prometheus would refuse.
    pub fn parse(form: &Form<'_>, now: Timestamp) -> Result<Self, ParamError> {
        let services: Vec<String> = form.all("service").map(String::from).collect();
        if services.is_empty() {
            return Err(unreadable("service", "please provide at least one service name"));
        }
        let grouped = form.first("groupByOperation");
        let by_operation = match number::boolean(grouped) {
            None if !grouped.is_empty() => {
                let reason = format!("strconv.ParseBool: parsing {}: invalid syntax", quote(grouped));
                return Err(unreadable("groupByOperation", &reason));
            }
            by_operation => by_operation.unwrap_or(false),
        };
        if let Some(kind) = form.all("spanKind").find(|kind| !KINDS.contains(kind)) {
            return Err(unreadable("spanKind", &format!("unsupported span kind: '{kind}'")));
        }
        let mut kinds: Vec<String> = form.all("spanKind").map(String::from).collect();
        if kinds.is_empty() {
            kinds.push("server".into());
        }
        let millis = |name, default| match form.first(name) {
            "" => Ok(default),
            text => number::int64(text).map_err(ParamError::unreadable(name)),
        };
        let end = millis("endTs", now.as_micros() / 1000)?;
        let lookback = millis("lookback", 3_600_000)?;
        let step = millis("step", 5_000)?;
        let rate_per = millis("ratePer", 600_000)?;
        Self { services, by_operation, kinds, end, lookback, step, rate_per }.checked()
    }

    /// Itself, if a source can answer it.
    ///
    /// # Errors
    /// A step or a time that is not above 0, and more points than Prometheus gives.
    pub fn checked(self) -> Result<Self, ParamError> {
        let Self { step, rate_per, lookback, .. } = self;
        for (name, value) in [("step", step), ("ratePer", rate_per)] {
            if value <= 0 {
                return Err(unreadable(name, &format!("{value} ms are not above 0, send 1 or more")));
            }
        }
        if lookback / step >= MAX_POINTS {
            let reason = format!(
                "a point every {step} ms for {lookback} ms is more than {MAX_POINTS} points, send a larger one"
            );
            return Err(unreadable("step", &reason));
        }
        Ok(self)
    }

    /// Whether spans of this `span.kind` (empty for none) count.
    #[must_use]
    pub fn counts(&self, kind: &str) -> bool {
        let known = KINDS.iter().any(|known| *known != UNSPECIFIED && *known == kind);
        let kind = if known { kind } else { UNSPECIFIED };
        self.kinds.iter().any(|wanted| wanted == kind)
    }

    /// The kinds to ask a store for; all where it cannot be told by name.
    #[must_use]
    pub fn kinds_by_name(&self) -> Vec<String> {
        if self.kinds.iter().any(|kind| kind == UNSPECIFIED) { Vec::new() } else { self.kinds.clone() }
    }
}

/// Reads what `latencies` takes: a quantile first.
///
/// # Errors
/// As [`RateParams::parse`].
pub fn latency_params(form: &Form<'_>, now: Timestamp) -> Result<(f64, RateParams), ParamError> {
    let quantile = form.first("quantile");
    let Ok(parsed) = quantile.parse::<f64>() else {
        let reason = format!("strconv.ParseFloat: parsing {}: invalid syntax", quote(quantile));
        return Err(unreadable("quantile", &reason));
    };
    Ok((parsed, RateParams::parse(form, now)?))
}

fn unreadable(name: &'static str, reason: &str) -> ParamError {
    ParamError::Unreadable { name, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_478_400_000_000);

    fn parse(query: &str) -> Result<RateParams, String> {
        RateParams::parse(&Form::parse(query), NOW).map_err(|error| error.to_string())
    }

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
            ("service=a&step=0", "unable to parse param 'step': 0 ms are not above 0, send 1 or more"),
            ("service=a&ratePer=-5", "unable to parse param 'ratePer': -5 ms are not above 0, send 1 or more"),
            (
                "service=a&step=1",
                "unable to parse param 'step': a point every 1 ms for 3600000 ms is more than 11000 points, send a larger one",
            ),
        ] {
            assert_eq!(parse(query), Err(expected.to_owned()));
        }
        let of = |query| latency_params(&Form::parse(query), NOW).map(|of| of.0).map_err(|e| e.to_string());
        assert_eq!(
            of("service=a"),
            Err("unable to parse param 'quantile': strconv.ParseFloat: parsing \"\": invalid syntax".to_owned())
        );
        assert_eq!(of("service=a&quantile=0.5"), Ok(0.5));
    }

    #[test]
    fn what_is_not_given_is_as_in_go() {
        let params = parse("service=a&service=b").expect("they are right");
        let expected = RateParams {
            services: vec!["a".into(), "b".into()],
            by_operation: false,
            kinds: vec!["server".into()],
            end: 1_795_478_400_000,
            lookback: 3_600_000,
            step: 5_000,
            rate_per: 600_000,
        };
        assert_eq!(params, expected);
        assert!(params.counts("server") && !params.counts("") && !params.counts("client"));
        let params = parse("service=a&spanKind=unspecified&spanKind=client").expect("they are right");
        assert!(params.counts("") && params.counts("other") && params.counts("client") && !params.counts("server"));
        assert!(params.kinds_by_name().is_empty());
    }
}

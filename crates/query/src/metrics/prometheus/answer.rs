//! What Prometheus answers to `query_range`.

use serde::Deserialize;
use std::borrow::Cow;

use super::super::{Point, RateSeries};
use super::error::PrometheusError;

#[derive(Deserialize)]
struct Reply<'a> {
    status: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
    error: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "resultType")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    result: Vec<Line<'a>>,
}

#[derive(Deserialize)]
struct Line<'a> {
    metric: Metric,
    #[serde(borrow)]
    values: Vec<(f64, &'a str)>,
}

#[derive(Deserialize)]
struct Metric {
    #[serde(default)]
    service_name: String,
    #[serde(default)]
    span_name: String,
}

/// An answer.
pub(super) struct Matrix<'a>(Vec<Line<'a>>);

impl<'a> Matrix<'a> {
    /// Reads an answer that came with status 200.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, PrometheusError> {
        let malformed = |why: &str| PrometheusError::Malformed(why.to_owned());
        let reply: Reply<'a> = serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))?;
        match reply.data {
            Some(data) if reply.status == "success" && data.kind == "matrix" => Ok(Self(data.result)),
            Some(data) if reply.status == "success" => Err(malformed(&format!("a {} instead of a matrix", data.kind))),
            _ => Err(malformed(reply.error.as_deref().unwrap_or("no data"))),
        }
    }

    /// The series in order of their names.
    pub(super) fn series(self, by_operation: bool) -> Vec<RateSeries> {
        let mut series: Vec<RateSeries> = self
            .0
            .into_iter()
            .map(|line| RateSeries {
                service: line.metric.service_name,
                operation: if by_operation { line.metric.span_name } else { String::new() },
                points: line.values.into_iter().filter_map(point).collect(),
            })
            .filter(|series| !series.points.is_empty())
            .collect();
        series.sort_by(|a, b| (&a.service, &a.operation).cmp(&(&b.service, &b.operation)));
        series
    }
}

/// What is no number in text is left out; `NaN` and `+Inf` are some.
fn point((seconds, value): (f64, &str)) -> Option<Point> {
    #[expect(clippy::cast_possible_truncation, reason = "a time beyond i64 is the last one")]
    let millis = (seconds * 1000.0).round() as i64;
    Some(Point { millis, value: value.parse().ok()? })
}

/// The words of an error in Prometheus's form, or the begin of whatever it is.
pub(super) fn words_of(body: &[u8]) -> String {
    const SHOWN: usize = 200;
    match serde_json::from_slice::<Reply<'_>>(body) {
        Ok(Reply { error: Some(error), .. }) => error.into_owned(),
        _ => String::from_utf8_lossy(body.get(..SHOWN).unwrap_or(body)).trim().to_owned(),
    }
}

//! `jaeger.api_v2.metrics.MetricsQueryService`: what `/api/metrics/*` answers, as messages.

use jaeger_grpc::{Status, reply};
use jaeger_model::Duration;
use jaeger_wire::generated::api_v2_metrics as pb;
use prost::Message as _;

use super::question::{self, Question};
use super::{Answered, query, refusal};
use crate::metrics::{Point, RateSeries, Wanted};
use crate::params::RateParams;
use crate::rates::Family;
use crate::search::Search;
use crate::server::now;

pub(super) const SERVICE: &str = "jaeger.api_v2.metrics.MetricsQueryService";

pub(super) async fn answer(search: &Search, method: &str, asked: Question) -> Option<Answered> {
    Some(match method {
        "GetLatencies" => latencies(search, asked).await,
        "GetCallRates" => match question::read::<pb::GetCallRatesRequest>(asked).await {
            Ok(request) => rates(search, Wanted::Calls, request.base_request).await,
            Err(status) => Err(status),
        },
        "GetErrorRates" => match question::read::<pb::GetErrorRatesRequest>(asked).await {
            Ok(request) => rates(search, Wanted::Errors, request.base_request).await,
            Err(status) => Err(status),
        },
        "GetMinStepDuration" => min_step(search, asked).await,
        _ => return None,
    })
}

async fn latencies(search: &Search, asked: Question) -> Answered {
    let request: pb::GetLatenciesRequest = question::read(asked).await?;
    if request.quantile == 0.0 {
        return Err(Status::invalid_argument("please provide a quantile value between (0, 1]"));
    }
    rates(search, Wanted::Latencies(request.quantile), request.base_request).await
}

async fn rates(search: &Search, wanted: Wanted, asked: Option<pb::MetricsQueryBaseRequest>) -> Answered {
    let params = params(asked.unwrap_or_default())?;
    // The caller's own, with --query.bearer-token-propagation.
    let token = jaeger_grpc::token();
    let bearer = token.as_ref().and_then(|token| token.to_str().ok());
    let rates = search.rate_series(wanted, &params, bearer).await.map_err(|error| refusal::of(&error))?;
    let family = Family { wanted, by_operation: params.by_operation };
    let label = |name: &str, value: &String| pb::Label { name: name.to_owned(), value: value.clone() };
    let metric = |series: &RateSeries| {
        let mut labels = vec![label("service_name", &series.service)];
        if params.by_operation {
            labels.push(label("operation", &series.operation));
        }
        pb::Metric { labels, metric_points: series.points.iter().map(point).collect() }
    };
    let metrics = pb::MetricFamily {
        name: family.name(),
        r#type: pb::MetricType::Gauge.into(),
        unit: String::new(),
        help: family.help(),
        metrics: rates.series.iter().map(metric).collect(),
    };
    Ok(reply(&pb::GetMetricsResponse { metrics: Some(metrics) }.encode_to_vec()))
}

fn point(point: &Point) -> pb::MetricPoint {
    let nanos = i32::try_from(point.millis.rem_euclid(1000)).unwrap_or_default() * 1_000_000;
    let timestamp = Some(prost_types::Timestamp { seconds: point.millis.div_euclid(1000), nanos });
    let gauge_value = Some(pb::GaugeValue { value: Some(pb::gauge_value::Value::DoubleValue(point.value)) });
    pb::MetricPoint { gauge_value, timestamp }
}

async fn min_step(search: &Search, asked: Question) -> Answered {
    let _: pb::GetMinStepDurationRequest = question::read(asked).await?;
    let millis = search.rates.min_step().map_err(|error| refusal::of(&error))?;
    let nanos = i32::try_from(millis.rem_euclid(1000)).unwrap_or_default() * 1_000_000;
    let min_step = Some(prost_types::Duration { seconds: millis.div_euclid(1000), nanos });
    Ok(reply(&pb::GetMinStepDurationResponse { min_step }.encode_to_vec()))
}

/// What is not set is as over HTTP.
fn params(asked: pb::MetricsQueryBaseRequest) -> Result<RateParams, Status> {
    if asked.service_names.is_empty() {
        return Err(Status::invalid_argument("please provide at least one service name"));
    }
    let mut kinds = Vec::new();
    for kind in &asked.span_kinds {
        let kind = pb::SpanKind::try_from(*kind);
        let kind = kind.map_err(|_| Status::invalid_argument("unsupported span kind; send one of SpanKind"))?;
        kinds.push(kind.as_str_name().trim_start_matches("SPAN_KIND_").to_ascii_lowercase());
    }
    if kinds.is_empty() {
        kinds.push("server".to_owned());
    }
    let end = query::time(asked.end_time).unwrap_or_else(now).as_micros() / 1000;
    let millis = |length: Option<Duration>, default| length.map_or(default, |length| length.as_nanos() / 1_000_000);
    let params = RateParams {
        services: asked.service_names,
        by_operation: asked.group_by_operation,
        kinds,
        end,
        lookback: millis(query::duration(asked.lookback), 3_600_000),
        step: millis(query::duration(asked.step), 5_000),
        rate_per: millis(query::duration(asked.rate_per), 600_000),
    };
    params.checked().map_err(|error| Status::invalid_argument(error.to_string()))
}

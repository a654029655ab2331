use std::net::SocketAddr;

use jaeger_model::Timestamp;
use jaeger_service::settings::{Component, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::params::{Form, RateParams};

const ON: (&str, &str) = ("METRICS_STORAGE_TYPE", "prometheus");

fn config(flags: &[(&str, &str)]) -> PrometheusConfig {
    let flags: Vec<_> = std::iter::once(ON).chain(flags.iter().copied()).collect();
    let config = PrometheusConfig::from_settings(&Settings::for_test(Component::Query, &flags));
    config.expect("good settings").expect("it is on")
}

fn problem(flags: &[(&str, &str)]) -> String {
    let flags: Vec<_> = std::iter::once(ON).chain(flags.iter().copied()).collect();
    let config = PrometheusConfig::from_settings(&Settings::for_test(Component::Query, &flags));
    config.expect_err("a wrong setting").to_string()
}

fn params(query: &str) -> RateParams {
    RateParams::parse(&Form::parse(query), Timestamp::from_nanos(0)).expect("they are right")
}

#[test]
fn questions_are_gos() {
    let (config, params) =
        (config(&[]), params("service=a&service=b.c&spanKind=server&spanKind=client&ratePer=600000"));
    let queries = Queries { config: &config, params: &params };
    let of = "service_name =~ \"a|b\\\\.c\", ";
    let kinds = "span_kind =~ \"SPAN_KIND_SERVER|SPAN_KIND_CLIENT\"";
    let calls = format!("sum(rate(traces_span_metrics_calls{{{of}{kinds}}}[10m])) by (service_name)");
    assert_eq!(queries.calls(), calls);
    assert_eq!(
        queries.errors(),
        format!(
            "sum(rate(traces_span_metrics_calls{{{of}status_code = \"STATUS_CODE_ERROR\", {kinds}}}[10m])) by (service_name) / {calls}"
        )
    );
    assert_eq!(
        queries.latencies(0.95),
        format!(
            "histogram_quantile(0.95, sum(rate(traces_span_metrics_duration_bucket{{{of}{kinds}}}[10m])) by (service_name,le))"
        )
    );
}

#[test]
fn names_follow_the_flags_and_windows_their_unit() {
    let params = params("service=a&groupByOperation=true&ratePer=5000");
    let normalized = config(&[
        ("prometheus.query.normalize-calls", "true"),
        ("prometheus.query.normalize-duration", "true"),
        ("prometheus.query.duration-unit", "s"),
        ("prometheus.query.namespace", ""),
    ]);
    let queries = Queries { config: &normalized, params: &params };
    assert!(queries.calls().starts_with("sum(rate(calls_total{"), "{}", queries.calls());
    assert!(queries.calls().ends_with("[5s])) by (service_name,span_name)"), "{}", queries.calls());
    let latencies = queries.latencies(0.5);
    assert!(latencies.contains("(duration_seconds_bucket{") && latencies.contains("by (service_name,span_name,le)"));
    for (rate_per, expected) in [("3600000", "[1h]"), ("90000", "[90s]"), ("1500", "[1500ms]")] {
        let params = super::tests::params(&format!("service=a&ratePer={rate_per}"));
        let calls = Queries { config: &normalized, params: &params }.calls();
        assert!(calls.contains(expected), "{calls}");
    }
}

#[test]
fn a_service_cannot_break_out_of_its_question() {
    let params = RateParams { services: vec!["a\"} or up{x=\"\\".into(), "b|c\n".into()], ..params("service=a") };
    let calls = Queries { config: &config(&[]), params: &params }.calls();
    let services = r#"service_name =~ "a\"\\} or up\\{x=\"\\\\|b\\|c\u000a", "#;
    assert!(calls.contains(services), "{calls} has no {services}");
}

#[test]
fn wrong_settings_are_told_with_their_name() {
    for (flag, value, said) in [
        ("prometheus.server-url", "prometheus:9090", "no URL"),
        ("prometheus.server-url", "http://user:secret@prometheus", "a user in a URL"),
        ("prometheus.query.duration-unit", "us", "neither ms nor s"),
    ] {
        let problem = problem(&[(flag, value)]);
        assert!(problem.contains(flag) && problem.contains(said), "{problem}");
    }
    let settings = Settings::for_test(Component::Query, &[("METRICS_STORAGE_TYPE", "graphite")]);
    let problem = PrometheusConfig::from_settings(&settings).expect_err("no such source").to_string();
    assert!(problem.contains("graphite") && problem.contains("write prometheus"), "{problem}");
    let config = config(&[("prometheus.server-url", "http://[::1]:9/prom/")]);
    assert_eq!((config.host.as_str(), config.port, config.path.as_str()), ("::1", 9, "/prom"));
}

#[test]
fn what_never_failed_has_zeros() {
    let series = |service: &str, points: &[(i64, f64)]| RateSeries {
        service: service.into(),
        operation: String::new(),
        points: points.iter().map(|(millis, value)| Point { millis: *millis, value: *value }).collect(),
    };
    let calls = vec![series("good", &[(0, 1.0), (1, 0.0)]), series("late", &[(0, 2.0), (1, 0.0), (2, 2.0), (3, 0.0)])];
    let filled = with_zeros(vec![series("late", &[(2, 0.5), (3, f64::NAN)])], calls);
    assert_eq!(filled[0], series("good", &[(0, 0.0), (1, 0.0)]));
    let values: Vec<String> = filled[1].points.iter().map(|point| point.value.to_string()).collect();
    assert_eq!(values, ["0", "NaN", "0.5", "NaN"]);
}

#[test]
fn answers_are_read_or_refused() {
    let body = br#"{"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"service_name":"b","span_name":"x"},"values":[[1.5,"0.25"],[2,"NaN"],[3,"+Inf"]]},
        {"metric":{"service_name":"a"},"values":[[1,"1"]]},{"metric":{},"values":[]}]}}"#;
    let series = Matrix::read(body).expect("a matrix").series(true);
    let names: Vec<_> = series.iter().map(|of| (of.service.as_str(), of.operation.as_str())).collect();
    assert_eq!(names, [("a", ""), ("b", "x")]);
    assert_eq!(series[1].points[0], Point { millis: 1500, value: 0.25 });
    assert!(series[1].points[1].value.is_nan() && series[1].points[2].value.is_infinite());
    for wrong in [
        &b"<html>"[..],
        b"{}",
        br#"{"status":"error","error":"no"}"#,
        br#"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
    ] {
        assert!(matches!(Matrix::read(wrong), Err(PrometheusError::Malformed(_))));
    }
}

/// A server that gives these answers, one a connection; what it was asked comes out.
async fn fake(answers: &'static [&'static str]) -> (SocketAddr, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let address = listener.local_addr().expect("bound");
    let serving = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("accepted");
            let mut request = vec![0; 8 << 10];
            let mut length = 0;
            // The form ends with the step.
            while !String::from_utf8_lossy(&request[..length]).contains("&step=") {
                let read = stream.read(&mut request[length..]).await.expect("read");
                assert!(read > 0, "the request ends too early");
                length += read;
            }
            asked.push(String::from_utf8_lossy(&request[..length]).into_owned());
            stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await.expect("sent");
        }
        asked
    });
    (address, serving)
}

async fn ask(address: SocketAddr, flags: &[(&str, &str)], bearer: Option<&str>) -> Result<Rates, String> {
    let url = format!("http://{address}/prom");
    let flags: Vec<_> = std::iter::once(("prometheus.server-url", url.as_str())).chain(flags.iter().copied()).collect();
    let source = Prometheus::new(config(&flags), Budget::new(1 << 20));
    let params = params("service=a&endTs=60500&lookback=60000&step=60000&ratePer=60000");
    let asked = Asked { wanted: Wanted::Calls, params: &params, bearer };
    source.rates(asked).await.map_err(|error| format!("{} {error}", error.status().as_u16()))
}

#[tokio::test]
async fn a_question_goes_by_post_with_the_token_of_the_file_and_by_get_where_post_is_not_taken() {
    const OK: &str = "200 OK\r\ncontent-length: 63\r\n\r\n{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "secret\n").expect("written");
    let (address, serving) = fake(&["405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n", OK]).await;
    let file = file.display().to_string();
    let rates = ask(address, &[("prometheus.token-file", &file)], Some("of the caller")).await.expect("an answer");
    assert!(rates.series.is_empty());
    let asked = serving.await.expect("both came");
    assert!(asked[0].starts_with("POST /prom/api/v1/query_range HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[1].starts_with("GET /prom/api/v1/query_range?query=sum%28rate%28"), "{}", asked[1]);
    for request in &asked {
        assert!(request.contains("authorization: Bearer secret\r\n"), "{request}");
        assert!(request.contains("&start=0.500&end=60.500&step=60.000"), "{request}");
    }
}

#[tokio::test]
async fn what_went_wrong_is_said() {
    let (address, _serving) =
        fake(&["400 Bad Request\r\ncontent-length: 43\r\n\r\n{\"status\":\"error\",\"error\":\"exceeded 11000\"}"])
            .await;
    let said = ask(address, &[], None).await.expect_err("refused");
    assert!(said.starts_with("400 prometheus answered 400 Bad Request: exceeded 11000"), "{said}");
    let (address, _serving) = fake(&["401 Unauthorized\r\ncontent-length: 2\r\n\r\nno"]).await;
    let said = ask(address, &[], None).await.expect_err("refused");
    assert_eq!(said, "503 prometheus answered 401 Unauthorized: no; check --prometheus.token-file");
    let said = ask(address, &[("prometheus.token-file", "/nowhere/token")], None).await.expect_err("no token");
    assert!(said.contains("--prometheus.token-file /nowhere/token: "), "{said}");
    // Nobody listens on a port that was just given back.
    let gone = TcpListener::bind("127.0.0.1:0").await.and_then(|listener| listener.local_addr()).expect("a port");
    let said = ask(gone, &[], None).await.expect_err("nobody there");
    assert!(said.contains("does not take connections") && said.ends_with("check --prometheus.server-url"), "{said}");
}

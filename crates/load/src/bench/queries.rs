//! Questions to a filled server: 200 requests over 200 keys on one connection, from the request to the last byte.

use std::time::Duration;

use anyhow::bail;

use crate::profile::Profile;
use crate::send::http::Connection;
use crate::server::Server;

pub(super) const REQUESTS: usize = 200;
/// The large search is asked this often: each answer has some 14 MB.
const LARGE_REQUESTS: usize = 20;

pub(super) struct Query {
    pub(super) name: String,
    pub(super) goal_ms: Option<f64>,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) kilobytes: f64,
    /// Answers without a trace in them.
    pub(super) empty: usize,
}

pub(super) async fn measure(server: &Server, profile: Profile) -> anyhow::Result<Vec<Query>> {
    let mut connection = Connection::open(&server.port("query.http")?).await?;
    let services = match profile {
        Profile::Plain => 20,
        Profile::Real => 50,
    };
    let by_service =
        |key: usize| format!("/api/traces?service=load-service-{:03}&limit=20&lookback={key}", key % services);
    let rare = |key: usize| {
        let service = key % services;
        let tags = match profile {
            Profile::Plain => {
                format!("{{\"http.url\":\"http://load-service-{service:03}/api/v1/resource/{}\"}}", key * 487)
            }
            Profile::Real => format!(
                "{{\"net.peer.name\":\"orders-{:02}.svc.cluster.local\",\"retry.count\":\"2\",\"error\":\"true\"}}",
                key % 20
            ),
        };
        format!("/api/traces?service=load-service-{service:03}&limit=20&tags={}", encoded(&tags))
    };
    let large = |key: usize| format!("/api/traces?service=load-service-{:03}&limit=1500", key % services);
    let dependencies = |key: usize| format!("/api/dependencies?lookback={}", 7_200_000 + key);
    Ok(vec![
        ask(&mut connection, "search by service, limit 20:", Some(2.0), REQUESTS, by_service).await?,
        ask(&mut connection, "search by a rare tag:", Some(2.0), REQUESTS, rare).await?,
        ask(&mut connection, "search, limit 1500:", Some(60.0), LARGE_REQUESTS, large).await?,
        ask(&mut connection, "dependencies:", Some(5.0), REQUESTS, dependencies).await?,
    ])
}

async fn ask(
    connection: &mut Connection,
    name: &str,
    goal_ms: Option<f64>,
    requests: usize,
    path: impl Fn(usize) -> String,
) -> anyhow::Result<Query> {
    ask_after(connection, name, goal_ms, requests, path, || Ok(())).await
}

/// As `ask`, with something to do before each request.
pub(super) async fn ask_after(
    connection: &mut Connection,
    name: &str,
    goal_ms: Option<f64>,
    requests: usize,
    path: impl Fn(usize) -> String,
    before: impl Fn() -> anyhow::Result<()>,
) -> anyhow::Result<Query> {
    let mut times = Vec::with_capacity(requests);
    let (mut bytes, mut empty) = (0, 0);
    for key in 0..requests {
        before()?;
        let (took, body) = connection.time(&path(key)).await?;
        bytes += body.len();
        empty += usize::from(body.starts_with(br#"{"data":[]"#));
        times.push(took);
    }
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1)).copied();
    let (Some(p50), Some(p99)) = (at(50), at(99)) else { bail!("no requests were made") };
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let kilobytes = bytes as f64 / 1000.0 / requests as f64;
    Ok(Query { name: name.to_owned(), goal_ms, p50_ms: ms(p50), p99_ms: ms(p99), kilobytes, empty })
}

/// Percent-encodes what a query string must not hold.
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

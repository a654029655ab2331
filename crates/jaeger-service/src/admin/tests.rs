use super::*;
use crate::http::{ReadLimits, body};
use crate::ledger::CollectorLedger;
use crate::metrics::CONTENT_TYPE;

async fn get(state: &AdminState, path: &str) -> (u16, String, String) {
    let response = state.answer(path);
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let limits = ReadLimits { max_bytes: 1 << 20, timeout: None };
    let body = body::read(response.into_body(), limits).await.unwrap();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

fn state() -> AdminState {
    AdminState::new(Health::new(), Registry::new())
}

#[tokio::test]
async fn health_is_503_before_ready_and_after_stopping() {
    let state = state();
    let unavailable = (
        503,
        "application/json".to_owned(),
        r#"{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""}"#.to_owned(),
    );
    assert_eq!(get(&state, "/").await, unavailable);
    state.health.ready();
    let (status, kind, body) = get(&state, "/").await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["status"], "Server available");
    assert!(body["upSince"].as_str().unwrap().ends_with('Z'));
    assert!(body["uptime"].as_str().unwrap().ends_with('s'));
    // An unknown path asks for health too.
    assert_eq!(get(&state, "/nope").await.0, 200);
    state.health.stopping();
    assert_eq!(get(&state, "/").await, unavailable);
}

#[tokio::test]
async fn health_says_what_a_process_waits_for() {
    let state = state();
    let store = state.health.part("store");
    store.waiting_for("recovering");
    let body: serde_json::Value = serde_json::from_str(&get(&state, "/").await.2).unwrap();
    assert_eq!(body["status"], "Server not available");
    assert_eq!(body["waitsFor"], serde_json::json!(["store waits for recovering"]));
    store.ready();
    assert_eq!(get(&state, "/").await.0, 200);
}

#[tokio::test]
async fn metrics_move_with_their_flag_and_can_be_off() {
    let mut state = state();
    let made = state.metrics.as_ref().unwrap().counter("x_total", "X.", &[]);
    made.increment(1);
    let (status, kind, body) = get(&state, "/metrics").await;
    assert_eq!((status, kind.as_str()), (200, CONTENT_TYPE));
    assert!(body.contains("x_total 1\n"));
    state.metrics_route = "/m".to_owned();
    assert_eq!(get(&state, "/m").await.1, CONTENT_TYPE);
    assert_eq!(get(&state, "/metrics").await.1, "application/json");
    state.metrics = None;
    assert_eq!(get(&state, "/m").await.0, 404);
}

#[tokio::test]
async fn the_version_page_is_json_called_text() {
    let (status, kind, body) = get(&state(), "/version").await;
    assert_eq!((status, kind.as_str()), (200, "text/plain; charset=utf-8"));
    assert!(body.starts_with(r#"{"gitCommit":""#));
}

#[tokio::test]
async fn the_ledger_page_says_that_it_balances() {
    let mut state = state();
    state.ledgers.collector = Some(CollectorLedger::default());
    let (_, kind, body) = get(&state, "/ledger").await;
    assert_eq!(kind, "application/json");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["balanced"], true);
    assert_eq!(body["collector"]["received"], 0);
    assert!(body.get("agent").is_none());
}

#[tokio::test]
async fn gos_debug_pages_are_a_404_that_says_why() {
    assert_eq!(get(&state(), "/debug/pprof/heap").await.0, 404);
}

#[tokio::test]
async fn the_server_answers_head_and_ends_with_the_process() {
    use crate::lifecycle::{Lifecycle, ShutdownConfig};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let health = Health::new();
    health.ready();
    let lifecycle = Lifecycle::new(ShutdownConfig::default(), health.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let state = AdminState::new(health, Registry::new());
    let server = tokio::spawn(serve(listener, state, lifecycle.for_admin()));
    let ask = async |request: &str| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let head = ask("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    lifecycle.stop("test");
    let get = ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(get.starts_with("HTTP/1.1 503 "), "{get}");
    lifecycle.finish();
    tokio::time::timeout(std::time::Duration::from_secs(20), server).await.unwrap().unwrap();
}

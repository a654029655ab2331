//! How documents come together, against a server that answers what the test says.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use jaeger_storage::ErrorKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::part::Builder;
use super::*;

/// A server that answers a bulk request's documents by a word in each; it says how many documents each request had.
async fn server(answer: fn(&str, usize) -> String) -> (String, Arc<Mutex<Vec<usize>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let counts = Arc::clone(&requests);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let counts = Arc::clone(&counts);
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                while let Some(body) = request(&mut stream, &mut bytes).await {
                    let documents: Vec<&str> = body.lines().skip(1).step_by(2).collect();
                    let number = {
                        let mut counts = counts.lock();
                        counts.push(documents.len());
                        counts.len()
                    };
                    let items: Vec<String> = documents.iter().map(|document| answer(document, number)).collect();
                    let body = format!("{{\"errors\":true,\"items\":[{}]}}", items.join(","));
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                    stream.write_all((head + &body).as_bytes()).await.unwrap();
                }
            });
        }
    });
    (url, requests)
}

/// The next request's body.
async fn request(stream: &mut tokio::net::TcpStream, bytes: &mut Vec<u8>) -> Option<String> {
    loop {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let length: usize = length.unwrap_or(0);
            if body.len() >= length {
                let body = body[..length].to_owned();
                bytes.drain(..head.len() + 4 + length);
                return Some(body);
            }
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn status(code: u16) -> String {
    match code {
        201 => r#"{"create":{"status":201}}"#.to_owned(),
        _ => format!(r#"{{"create":{{"status":{code},"error":{{"type":"t","reason":"because"}}}}}}"#),
    }
}

fn bulk(url: &str, change: impl FnOnce(&mut Config)) -> Arc<Bulk> {
    let mut config = Config::at(url);
    change(&mut config);
    Bulk::new(Arc::new(Client::new(&config).unwrap()), &config, Arc::new(Figures::new()))
}

async fn outcomes(bulk: &Arc<Bulk>, documents: &[&str]) -> Vec<Outcome> {
    let mut builder = Builder::default();
    for document in documents {
        builder.body().extend_from_slice(format!("{{\"create\":{{}}}}\n{document}\n").as_bytes());
        builder.end();
    }
    let (part, outcomes) = builder.finish();
    bulk.push(part);
    outcomes.await.unwrap()
}

#[tokio::test]
async fn each_document_has_its_own_outcome_and_what_may_be_taken_later_is_sent_again() {
    let (url, requests) = server(|document, number| match document {
        "later" if number == 1 => status(429),
        "copy" => status(409),
        "wrong" => status(400),
        _ => status(201),
    })
    .await;
    let bulk = bulk(&url, |_| ());
    let outcomes = outcomes(&bulk, &["good", "later", "copy", "wrong"]).await;
    assert!(matches!(outcomes[..3], [Outcome::Stored, Outcome::Stored, Outcome::Copy]), "{outcomes:?}");
    assert!(
        matches!(&outcomes[3], Outcome::Refused(ErrorKind::Invalid, why) if why.contains("because")),
        "{outcomes:?}"
    );
    assert_eq!(*requests.lock(), [4, 1], "the second request has what was not taken alone");
}

#[tokio::test]
async fn what_waits_while_the_worker_is_busy_goes_in_one_request() {
    static HELD: AtomicUsize = AtomicUsize::new(0);
    let (url, requests) = server(|_, number| {
        HELD.store(number, Ordering::SeqCst);
        status(201)
    })
    .await;
    let bulk = bulk(&url, |config| config.bulk_patience = Duration::from_secs(60));
    // All are pushed before the worker runs for the first time: a test's runtime has one thread.
    let parts = (0..10).map(|_| outcomes(&bulk, &["x", "y"]));
    let all = join_all(parts).await;
    assert_eq!(all.into_iter().flatten().count(), 20);
    assert_eq!(*requests.lock(), [20]);
    bulk.drained().await;
}

#[tokio::test]
async fn requests_are_bounded_by_documents_and_by_bytes() {
    let (url, requests) = server(|_, _| status(201)).await;
    let bulk = bulk(&url, |config| config.bulk_documents = 4);
    let parts = (0..5).map(|_| outcomes(&bulk, &["x", "y"]));
    join_all(parts).await;
    assert!(requests.lock().iter().all(|documents| *documents <= 4), "{:?}", requests.lock());
    assert!(bulk.fills(10, 4) && bulk.fills(5_000_000, 1) && !bulk.fills(10, 3));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_is_told_with_its_address() {
    let bulk = bulk("http://127.0.0.1:1", |_| ());
    let outcomes = outcomes(&bulk, &["x"]).await;
    let Outcome::Refused(kind, why) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(*kind, ErrorKind::Unavailable);
    assert!(why.contains("127.0.0.1:1") && why.contains("--es.server-urls"), "{why}");
}

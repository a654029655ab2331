use std::net::TcpListener;
use std::thread;

use super::*;

const WITHIN: Duration = Duration::from_secs(20);

/// A server that gives these answers to the requests of each connection, one after another, and says what it was sent.
fn server(connections: Vec<Vec<&'static str>>) -> (Url, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = Url::parse(&format!("http://{}/page", listener.local_addr().expect("bound"))).expect("an address");
    let served = thread::spawn(move || {
        let mut asked = Vec::new();
        for answers in connections {
            let (mut stream, _) = listener.accept().expect("a connection");
            for answer in answers {
                let mut request = Vec::new();
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("a request") == 1 {
                    request.push(byte[0]);
                }
                let head = String::from_utf8(request).expect("text");
                let length = head.split_once("Content-Length: ").map_or("0", |(_, rest)| rest);
                let length = length.split("\r\n").next().and_then(|text| text.parse().ok()).expect("a length");
                let mut body = vec![0; length];
                stream.read_exact(&mut body).expect("a body");
                asked.push(format!("{head}{}", String::from_utf8(body).expect("text")));
                stream.write_all(answer.as_bytes()).expect("an answer");
            }
        }
        asked
    });
    (url, served)
}

#[test]
fn a_connection_serves_several_calls_and_a_closed_one_is_replaced() {
    const KEPT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    let (url, served) = server(vec![vec![KEPT, KEPT], vec![KEPT]]);
    let mut client = Client::default();
    for _ in 0..3 {
        let answer = client.get(&url, WITHIN, 100).expect("an answer");
        assert_eq!((answer.status, answer.body), (200, b"hi".to_vec()));
    }
    let asked = served.join().expect("the server");
    let expected = format!("GET /page HTTP/1.1\r\nHost: {}\r\n", url.authority);
    assert!(asked.iter().all(|request| request.starts_with(&expected)), "{asked:?}");
}

#[test]
fn a_post_has_its_type_its_length_and_who_sends_it() {
    let (url, served) = server(vec![vec!["HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"]]);
    let post = Post { content_type: "application/x-thrift", authorization: Some("Bearer t"), body: b"spans" };
    assert_eq!(Client::default().post(&url, &post, WITHIN).expect("an answer").status, 202);
    let asked = served.join().expect("the server");
    let expected = "Content-Type: application/x-thrift\r\nContent-Length: 5\r\nAuthorization: Bearer t\r\n\r\nspans";
    assert!(asked[0].ends_with(expected), "{asked:?}");
}

#[test]
fn nobody_there_and_no_answer_are_errors() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = Url::parse(&format!("http://{}", listener.local_addr().expect("bound"))).expect("an address");
    let silent = Client::default().get(&url, Duration::from_millis(50), 100);
    assert!(matches!(silent, Err(CallError::TimedOut)), "{silent:?}");
    drop(listener);
    let refused = Client::default().get(&url, WITHIN, 100);
    assert!(matches!(refused, Err(CallError::Io(_))), "{refused:?}");
}

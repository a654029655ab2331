//! Bytes written by hand from the protocol's page beside what they mean; the checksums are another program's.

use super::*;
use crate::testing::tchannel::whole;

#[test]
fn a_handshake() {
    let bytes = hex("0098 01 00 00000001 0000000000000000 | size, init request, id 1
        0002 0005                                         | version 2, five headers
        0009 686f73745f706f7274 0009 302e302e302e303a30   | host_port 0.0.0.0:0
        000c 70726f636573735f6e616d65 000c 6a61656765722d6167656e74 | process_name jaeger-agent
        0011 746368616e6e656c5f6c616e6775616765 0002 676f | tchannel_language go
        0019 746368616e6e656c5f6c616e67756167655f76657273696f6e 0004 312e3132
        0010 746368616e6e656c5f76657273696f6e 0006 312e31362e30");
    let [frame] = <[Frame; 1]>::try_from(frames(&bytes)).expect("one frame");
    assert_eq!((frame.kind, frame.id), (FrameKind::InitRequest, 1));
    let init = Init::decode(&frame.body).expect("a handshake");
    assert_eq!(init.version, 2);
    assert_eq!(init.header("host_port"), Some("0.0.0.0:0"));
    assert_eq!(init.header("process_name"), Some("jaeger-agent"));
    assert_eq!(init.header("tchannel_version"), Some("1.16.0"));
    assert_eq!((init.accept(), init.agreed()), (Ok(()), Ok(())));
    assert_eq!(init.frame(FrameKind::InitRequest, 1).to_bytes(), bytes);
}

#[test]
fn a_call() {
    let bytes = hex("0098 03 00 00000004 0000000000000000 | size, call request, id 4
        00 000003e8                                       | no more frames, one second
        0000000000000000 0000000000000000 0000000000000000 00 | no tracing
        10 6a61656765722d636f6c6c6563746f72               | jaeger-collector
        02 02 6173 06 746872696674 02 636e 0c 6a61656765722d6167656e74 | as thrift, cn jaeger-agent
        01 e1a24c2c                                       | CRC-32
        0024 53616d706c696e674d616e616765723a3a67657453616d706c696e675374726174656779
        0002 0000                                         | no headers
        000d 0b 0001 00000005 66726f6e74 00               | field 1: \"front\"");
    let [frame] = <[Frame; 1]>::try_from(frames(&bytes)).expect("one frame");
    let (head, fragment) = CallRequest::decode(&frame.body).expect("a call");
    assert_eq!(head, call("jaeger-collector"));
    assert!(!fragment.more);
    let arguments = Assembly::new(1000).push(fragment).expect("a whole call").expect("the last frame");
    assert_eq!(Method::named(&arguments.method), Some(Method::SamplingStrategy));
    assert_eq!(decode_headers(&arguments.headers), Ok(Vec::new()));
    assert_eq!(sampling::decode_question(&arguments.body), Ok("front".to_owned()));

    let mut question = Vec::new();
    sampling::encode_question("front", &mut question);
    let method = Method::SamplingStrategy.name().as_bytes();
    let ours = encode_request(4, &head, ChecksumKind::Crc32, [method, &encode_headers(&[]), &question]);
    assert_eq!(ours, bytes);
}

#[test]
fn an_answer() {
    let bytes = hex("0056 04 00 00000002 0000000000000000 | size, call response, id 2
        00 00                                             | no more frames, ok
        0000000000000000 0000000000000000 0000000000000000 00
        01 02 6173 06 746872696674                        | as thrift
        01 3e891f57                                       | CRC-32
        0000 0002 0000                                    | no first argument, no headers
        0013 0f 0000 0c 00000002 02 0001 01 00 02 0001 01 00 00 | field 0: a list of two, each true");
    let [frame] = <[Frame; 1]>::try_from(frames(&bytes)).expect("one frame");
    let (head, fragment) = CallResponse::decode(&frame.body).expect("an answer");
    assert_eq!(head.code, OK);
    let arguments = Assembly::new(1000).push(fragment).expect("a whole answer").expect("the last frame");
    assert_eq!(decode_submitted(&arguments.body), Ok(true));

    let mut result = Vec::new();
    encode_submitted(2, true, &mut result);
    assert_eq!(encode_response(2, &head, ChecksumKind::Crc32, &encode_headers(&[]), &result), bytes);
}

#[test]
fn an_error() {
    let bytes = hex("003d ff 00 00000002 0000000000000000 | size, error, id 2
        03                                                | busy
        0000000000000000 0000000000000000 0000000000000000 00
        0011 636f6c6c6563746f722069732062757379           | why");
    let error = ErrorFrame { code: ErrorCode::Busy, tracing: [0; 25], message: "collector is busy".to_owned() };
    assert_eq!(error.frame(2).to_bytes(), bytes);
    assert_eq!(ErrorFrame::decode(&frames(&bytes)[0].body), Ok(error));
}

#[test]
fn strategies_of_both_kinds() {
    let limited = hex("0c 0000 08 0001 00000001 0c 0003 06 0001 012c 00 00 00");
    let answer = sampling::decode_answer(&limited).expect("an answer");
    assert_eq!(answer.strategy_type, 1);
    assert_eq!(answer.rate_limiting_sampling.map(|limit| limit.max_traces_per_second), Some(300));
    let mut out = Vec::new();
    sampling::encode_answer(&answer, &mut out).expect("16 bits");
    assert_eq!(out, limited);

    let by_operation = hex("0c 0000 08 0001 00000000
        0c 0002 04 0001 3fd0000000000000 00               | 0.25
        0c 0004 04 0001 3fe0000000000000 04 0002 3fb999999999999a | 0.5, at least 0.1 a second
        0f 0003 0c 00000001 0b 0001 00000005 474554202f 0c 0002 04 0001 3ff0000000000000 00 00
        04 0004 0000000000000000 00 00 00");
    let answer = sampling::decode_answer(&by_operation).expect("an answer");
    let operations = answer.operation_sampling.as_ref().expect("strategies by operation");
    assert_eq!(operations.per_operation_strategies[0].operation, "GET /");
    let mut out = Vec::new();
    sampling::encode_answer(&answer, &mut out).expect("no rate");
    assert_eq!(out, by_operation);
}

#[test]
fn a_rate_over_16_bits_has_no_answer() {
    use crate::sampling::{RateLimitingSamplingStrategy, RateTooLarge, SamplingStrategyResponse};
    let rate_limiting_sampling = Some(RateLimitingSamplingStrategy { max_traces_per_second: 32_768 });
    let answer = SamplingStrategyResponse { rate_limiting_sampling, ..Default::default() };
    let mut out = Vec::new();
    assert_eq!(sampling::encode_answer(&answer, &mut out), Err(RateTooLarge(32_768)));
    assert!(out.is_empty());
}

#[test]
fn what_meta_says() {
    let mut out = Vec::new();
    meta::encode_health(None, &mut out);
    assert_eq!(out, hex("0c 0000 02 0001 01 00 00"));
    assert_eq!(meta::decode_health(&out), Ok(true));
    out.clear();
    meta::encode_health(Some("no"), &mut out);
    assert_eq!(out, hex("0c 0000 02 0001 00 0b 0002 00000002 6e6f 00 00"));
    assert_eq!(meta::decode_health_question(&hex("00")), Ok(meta::HealthQuestion::Process));
    let traffic = hex("0c 0001 08 0001 00000001 00 00");
    assert_eq!(meta::decode_health_question(&traffic), Ok(meta::HealthQuestion::Traffic));
    out.clear();
    meta::encode_definitions(&mut out);
    assert_eq!(meta::decode_nothing(&out), Ok(()), "a struct that can be passed over");
    assert!(String::from_utf8_lossy(&out).contains("struct Batch"));
}

/// The second frame opens with an empty chunk, since the method ended with the first.
#[test]
fn an_argument_that_ends_with_its_frame() {
    let bytes = hex("005a 03 00 00000009 0000000000000000
        01 000003e8 0000000000000000 0000000000000000 0000000000000000 00
        03 616263 00 03 1dc30afc 000b 4d6574613a3a 6865616c 74
        0021 13 00 00000009 0000000000000000 00 03 1dc30afc 0000 0000 0001 00");
    let bytes = fixed_sums(&bytes);
    let arguments = whole(&bytes);
    assert_eq!((&arguments.method[..], &arguments.headers[..]), (&b"Meta::healt"[..], &b""[..]));
    assert_eq!((&arguments.body[..], arguments.kind), (&[0][..], ChecksumKind::Crc32c));
}

/// Writes the frames' sizes and CRC-32C sums into frames whose other bytes are right.
fn fixed_sums(bytes: &[u8]) -> Bytes {
    let first_len = 16 + 1 + 4 + 25 + 4 + 1 + 5 + 2 + 11;
    let (first, second) = bytes.split_at(first_len);
    let (mut first, mut second) = (first.to_vec(), second.to_vec());
    let sums = [crc32c::crc32c(b"Meta::healt"), crc32c::crc32c(b"Meta::healt\0")];
    for (frame, at, sum) in [(&mut first, 16 + 1 + 4 + 25 + 4 + 1 + 1, sums[0]), (&mut second, 18, sums[1])] {
        frame[at..at + 4].copy_from_slice(&sum.to_be_bytes());
        let size = u16::try_from(frame.len()).expect("a small frame");
        frame[..2].copy_from_slice(&size.to_be_bytes());
    }
    [first, second].concat().into()
}

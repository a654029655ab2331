//! What is no call is told in words, and holds no more than it brought.

use super::*;

fn fragments(bytes: &[u8]) -> Result<Option<Arguments>, FragmentError> {
    let mut assembly = Assembly::new(1000);
    let mut last = Ok(None);
    for frame in frames(bytes) {
        let fragment = match frame.kind {
            FrameKind::CallRequest => CallRequest::decode(&frame.body)?.1,
            _ => Fragment::decode(&frame.body)?,
        };
        last = Ok(assembly.push(fragment)?);
    }
    last
}

/// A call's only frame with these bytes behind its head.
fn with(rest: &str) -> Bytes {
    let head = hex("00 000003e8 0000000000000000 0000000000000000 0000000000000000 00 01 73 00");
    let body = [&head[..], &hex(rest)].concat();
    Frame { kind: FrameKind::CallRequest, id: 1, body: body.into() }.to_bytes()
}

#[test]
fn a_wrong_checksum_is_told_with_both() {
    let bytes = encode_request(1, &call("s"), ChecksumKind::Crc32, [b"m", b"", b"body"]);
    let mut wrong = bytes.to_vec();
    *wrong.last_mut().expect("bytes") ^= 1;
    let error = fragments(&wrong).expect_err("a changed byte");
    assert!(matches!(error, FragmentError::Checksum { .. }));
    assert!(error.to_string().starts_with("the checksum is 0x"), "{error}");
}

#[test]
fn what_is_no_call_is_refused() {
    for (rest, words) in [
        ("04", "malformed checksum type: 4; the protocol has 0 to 3"),
        ("01 0000", "unexpected EOF: checksum needs 4 bytes, 2 are left"),
        ("00 0005 61", "a chunk of 5 bytes where 1 are left in the frame"),
        ("00 00", "unexpected EOF: length of a chunk needs 2 bytes, 1 are left"),
        ("00", "1 arguments; a call has 3"),
        ("00 0000 0000", "2 arguments; a call has 3"),
        ("00 0000 0000 0000 0000", "4 arguments; a call has 3"),
    ] {
        let error = fragments(&with(rest)).expect_err(rest).to_string();
        assert!(error.starts_with(words), "{rest}: {error}");
    }
}

#[test]
fn a_call_over_the_limit_is_refused_at_the_frame_that_exceeds_it() {
    let bytes = encode_request(1, &call("s"), ChecksumKind::None, [b"m", b"", &[0; 2000]]);
    assert_eq!(fragments(&bytes), Err(FragmentError::TooLarge(1000)));
}

#[test]
fn the_type_of_the_checksum_stays() {
    let mut first = Assembly::new(10);
    let fragment = |kind| Fragment { more: true, kind, sum: 0, chunks: Bytes::new() };
    assert_eq!(first.push(fragment(ChecksumKind::None)), Ok(None));
    let error = first.push(fragment(ChecksumKind::Crc32)).expect_err("another type");
    assert_eq!(error.to_string(), "the type of the checksum changed from None to Crc32 within a call");
}

#[test]
fn frames_that_are_none_end_the_connection() {
    let mut bytes = BytesMut::from(&hex("000f 03 00 00000001 0000000000000000")[..]);
    assert!(matches!(FrameCodec.decode(&mut bytes), Err(FrameError::TooShort(15))));
    let mut bytes = BytesMut::from(&hex("0010 55 00 00000009 0000000000000000")[..]);
    assert!(matches!(FrameCodec.decode(&mut bytes), Err(FrameError::UnknownKind { code: 0x55, id: 9 })));
}

#[test]
fn a_frame_that_comes_byte_by_byte_is_read_when_it_is_whole() {
    let whole = Frame { kind: FrameKind::PingRequest, id: 5, body: Bytes::from_static(b"x") };
    let mut bytes = BytesMut::new();
    let all = whole.to_bytes();
    for byte in &all[..all.len() - 1] {
        bytes.extend_from_slice(&[*byte]);
        assert!(FrameCodec.decode(&mut bytes).expect("so far a frame").is_none());
    }
    bytes.extend_from_slice(&all[all.len() - 1..]);
    assert_eq!(FrameCodec.decode(&mut bytes).expect("a frame"), Some(whole));
}

#[test]
fn versions_and_headers_of_a_handshake_are_looked_at() {
    let init = |version, headers: &[&str]| Init {
        version,
        headers: headers.iter().map(|key| ((*key).to_owned(), "x".to_owned())).collect(),
    };
    let both = ["host_port", "process_name"];
    assert_eq!(init(1, &both).accept(), Err(InitError::Version(1)));
    assert_eq!(init(3, &both).accept(), Ok(()));
    assert_eq!(init(3, &both).agreed(), Err(InitError::Version(3)));
    assert_eq!(InitError::Version(1).to_string(), "unsupported protocol version 1 from peer, expected 2");
    assert_eq!(init(2, &both[..1]).accept(), Err(InitError::Header("process_name")));
    assert_eq!(init(2, &["process_name"]).accept(), Err(InitError::Header("host_port")));
    assert!(Init::decode(&hex("0002 0001 0009 68")).is_err());
}

#[test]
fn bytes_behind_an_argument_are_refused() {
    assert!(decode_headers(&hex("0000 00")).is_err());
    assert_eq!(decode_headers(&[]), Ok(Vec::new()));
    let mut question = Vec::new();
    sampling::encode_question("s", &mut question);
    question.push(0);
    let error = sampling::decode_question(&question).expect_err("a byte too many");
    assert_eq!(error.to_string(), "malformed body of a call: 1 bytes behind it; at byte 9");
}

#[test]
fn an_answer_that_does_not_take_every_batch_says_so() {
    let mut out = Vec::new();
    encode_submitted(3, false, &mut out);
    assert_eq!(decode_submitted(&out), Ok(false));
    assert_eq!(count_elements(&[0]), 0);
    assert!(decode_submitted(&[0]).is_err());
}

//! No bytes on a TChannel connection hold more than a small multiple of them.
#![expect(unsafe_code, reason = "an allocator is unsafe to implement; this one only counts and hands on")]

use std::fs;
use std::path::Path;

use bytes::BytesMut;
use jaeger_model::BatchBuilder;
use jaeger_wire::tchannel::{
    Assembly, CallRequest, CallResponse, ErrorFrame, Fragment, FrameCodec, FrameKind, Init, decode_headers,
    decode_submit, decode_submitted, meta, sampling,
};
use tokio_util::codec::Decoder as _;

#[allow(dead_code, reason = "its other half is for protobuf")]
mod held;

use held::held;

/// A header of two empty texts is two bytes on the wire and two of 24 in memory, in a table that grows.
const MULTIPLE: usize = 80;
const BASE: usize = 16 << 10;

/// Reads each frame alone and all of them as one call.
fn read(bytes: &[u8]) {
    let mut left = BytesMut::from(bytes);
    let mut assembly = Assembly::new(usize::MAX);
    while let Ok(Some(frame)) = FrameCodec.decode(&mut left) {
        let fragment = match frame.kind {
            FrameKind::InitRequest | FrameKind::InitResponse => {
                drop(Init::decode(&frame.body));
                continue;
            }
            FrameKind::Error => {
                drop(ErrorFrame::decode(&frame.body));
                continue;
            }
            FrameKind::CallRequest => CallRequest::decode(&frame.body).map(|(_, fragment)| fragment),
            FrameKind::CallResponse => CallResponse::decode(&frame.body).map(|(_, fragment)| fragment),
            _ => Fragment::decode(&frame.body),
        };
        let Ok(fragment) = fragment else { continue };
        if let Ok(Some(arguments)) = assembly.push(fragment) {
            let body = &arguments.body;
            drop(decode_headers(&arguments.headers));
            drop(decode_submit(body, &mut BatchBuilder::new()));
            drop(decode_submitted(body));
            drop(sampling::decode_question(body));
            drop(sampling::decode_answer(body));
            drop(meta::decode_health_question(body));
        }
    }
}

fn check(name: &str, bytes: &[u8]) {
    let bound = MULTIPLE * bytes.len() + BASE;
    let most = held(|| read(bytes));
    assert!(most <= bound, "held {most} bytes over {} of {name}, bound {bound}", bytes.len());
}

#[test]
fn the_corpus_holds_little_memory_whatever_is_changed_in_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/tchannel");
    for file in fs::read_dir(folder).expect("the corpus is committed") {
        let path = file.expect("a file").path();
        let mut bytes = fs::read(&path).expect("a file");
        let name = path.display().to_string();
        check(&name, &bytes);
        for place in 0..bytes.len() {
            let byte = std::mem::replace(&mut bytes[place], 0xff);
            check(&name, &bytes);
            bytes[place] = byte;
        }
    }
}

#[test]
fn counts_that_no_bytes_stand_behind_hold_nothing() {
    let frame = |kind: u8, body: &[u8]| {
        let size = u16::try_from(16 + body.len()).expect("a frame");
        [&size.to_be_bytes()[..], &[kind, 0], &[0; 12], body].concat()
    };
    // A handshake that says 65,535 headers and has empty ones.
    check("a handshake", &frame(1, &[&[0, 2, 0xff, 0xff][..], &[0; 60_000]].concat()));
    check("a cut handshake", &frame(1, &[0, 2, 0xff, 0xff]));
    // A call whose second argument says the same.
    let mut call = vec![0; 1 + 4 + 25];
    call.extend_from_slice(&[0, 0, 0, 0, 0, 0xea, 0x60, 0xff, 0xff]);
    call.resize(call.len() + 60_000 - 2, 0);
    call.extend_from_slice(&[0, 1, 0]);
    check("a call with headers", &frame(3, &call));
}

//! What must hold for any bytes on a TChannel connection: they are refused, or what was read is written and read back the same.

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use jaeger_model::BatchBuilder;
use tokio_util::codec::Decoder as _;

use super::describe;
use crate::tchannel::{
    Arguments, Assembly, CallRequest, CallResponse, ErrorFrame, Fragment, Frame, FrameCodec, FrameKind, Init, Method,
    count_elements, decode_headers, decode_submit, decode_submitted, encode_headers, encode_request, encode_response,
    encode_submit, encode_submitted, meta, sampling,
};
#[cfg(feature = "zipkin")]
use crate::thrift::Protocol;

/// A call has at most so many bytes here.
const MAX_CALL_BYTES: usize = 1 << 20;
/// So many calls are put together at once.
const MAX_CALLS: usize = 16;

/// A connection's bytes in one direction; says whether all of them made sense.
///
/// # Panics
/// Where a decoder or an encoder is wrong.
pub fn connection(bytes: &[u8]) -> bool {
    let mut left = BytesMut::from(bytes);
    let mut calls = HashMap::new();
    let mut good = true;
    loop {
        match FrameCodec.decode(&mut left) {
            Ok(Some(frame)) => {
                let again = FrameCodec.decode(&mut BytesMut::from(&frame.to_bytes()[..]));
                assert_eq!(again.expect("our own frame"), Some(frame.clone()));
                good &= one(&frame, &mut calls);
            }
            Ok(None) => return good && left.is_empty() && calls.is_empty(),
            Err(_) => return false,
        }
    }
}

type Calls = HashMap<(bool, u32), (Option<CallRequest>, Assembly)>;

fn one(frame: &Frame, calls: &mut Calls) -> bool {
    match frame.kind {
        FrameKind::InitRequest | FrameKind::InitResponse => init(frame),
        FrameKind::CallRequest => match CallRequest::decode(&frame.body) {
            Ok((head, fragment)) => push(calls, (true, frame.id), Some(head), fragment),
            Err(_) => false,
        },
        FrameKind::CallResponse => match CallResponse::decode(&frame.body) {
            Ok((_, fragment)) => push(calls, (false, frame.id), None, fragment),
            Err(_) => false,
        },
        FrameKind::CallRequestContinue | FrameKind::CallResponseContinue => {
            let key = (frame.kind == FrameKind::CallRequestContinue, frame.id);
            match (calls.contains_key(&key), Fragment::decode(&frame.body)) {
                (true, Ok(fragment)) => push(calls, key, None, fragment),
                _ => false,
            }
        }
        FrameKind::Error => ErrorFrame::decode(&frame.body).is_ok_and(|error| {
            let again = ErrorFrame::decode(&error.frame(frame.id).body).expect("our own error");
            assert_eq!((again.code, again.tracing), (error.code, error.tracing));
            assert!(error.message.starts_with(&again.message), "{again:?}");
            true
        }),
        FrameKind::Cancel | FrameKind::Claim | FrameKind::PingRequest | FrameKind::PingResponse => true,
    }
}

fn init(frame: &Frame) -> bool {
    Init::decode(&frame.body).is_ok_and(|init| {
        let again = Init::decode(&init.frame(frame.kind, frame.id).body).expect("our own handshake");
        // Repaired text may be longer than a text can be.
        assert_eq!((again.version, again.headers.len()), (init.version, init.headers.len()));
        init.accept().is_ok()
    })
}

fn push(calls: &mut Calls, key: (bool, u32), head: Option<CallRequest>, fragment: Fragment) -> bool {
    if calls.len() >= MAX_CALLS && !calls.contains_key(&key) {
        return false;
    }
    let (_, assembly) = calls.entry(key).or_insert_with(|| (head, Assembly::new(MAX_CALL_BYTES)));
    let pushed = assembly.push(fragment);
    if let Ok(None) = pushed {
        return true;
    }
    let head = calls.remove(&key).and_then(|(head, _)| head);
    match (pushed, head) {
        (Ok(Some(arguments)), Some(head)) => {
            let parts = [&arguments.method[..], &arguments.headers, &arguments.body];
            let again = whole(&encode_request(key.1, &head, arguments.kind, parts));
            let kind = again.kind;
            assert_eq!(again, Arguments { kind, ..arguments.clone() });
            call(&arguments)
        }
        (Ok(Some(arguments)), None) => {
            let head = CallResponse { code: 0, tracing: [0; 25], headers: Vec::new() };
            let bytes = encode_response(key.1, &head, arguments.kind, &arguments.headers, &arguments.body);
            let again = whole(&bytes);
            assert_eq!((again.headers, again.body), (arguments.headers.clone(), arguments.body.clone()));
            headers(&arguments.headers) && answer(&arguments.body)
        }
        _ => false,
    }
}

/// Puts our own frames together.
///
/// # Panics
/// Where they are no whole call.
#[must_use]
pub fn whole(frames: &Bytes) -> Arguments {
    let mut left = BytesMut::from(&frames[..]);
    let mut assembly = Assembly::new(usize::MAX);
    loop {
        let frame = FrameCodec.decode(&mut left).expect("our own frames").expect("a whole frame");
        let fragment = match frame.kind {
            FrameKind::CallRequest => CallRequest::decode(&frame.body).expect("our own call").1,
            FrameKind::CallResponse => CallResponse::decode(&frame.body).expect("our own answer").1,
            _ => Fragment::decode(&frame.body).expect("our own fragment"),
        };
        if let Some(arguments) = assembly.push(fragment).expect("our own fragments") {
            assert!(left.is_empty(), "bytes behind the last frame");
            return arguments;
        }
    }
}

fn headers(argument: &[u8]) -> bool {
    decode_headers(argument).is_ok_and(|headers| {
        let pairs: Vec<_> = headers.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(decode_headers(&encode_headers(&pairs)).expect("our own headers").len(), headers.len());
        true
    })
}

fn call(arguments: &Arguments) -> bool {
    let body = &arguments.body;
    let good = match Method::named(&arguments.method) {
        Some(Method::SubmitBatches) => submit(body),
        Some(Method::SubmitZipkinBatch) => submit_zipkin(body),
        Some(Method::SamplingStrategy) => sampling::decode_question(body).is_ok_and(|service| {
            let mut out = Vec::new();
            sampling::encode_question(&service, &mut out);
            assert_eq!(sampling::decode_question(&out), Ok(service));
            true
        }),
        Some(Method::Health) => meta::decode_health_question(body).is_ok(),
        Some(Method::ThriftIdl | Method::VersionInfo) => meta::decode_nothing(body).is_ok(),
        None => false,
    };
    good & headers(&arguments.headers)
}

fn submit(body: &[u8]) -> bool {
    let read = |bytes: &[u8]| {
        let mut builder = BatchBuilder::new();
        decode_submit(bytes, &mut builder).map(|batches| (batches, builder.finish()))
    };
    let listed = count_elements(body);
    read(body).is_ok_and(|(batches, batch)| {
        assert!(listed <= batches, "{listed} listed, {batches} read");
        let mut out = Vec::new();
        encode_submit([&batch], &mut out);
        let (_, again) = read(&out).expect("our own batches");
        let mut out_again = Vec::new();
        encode_submit([&again], &mut out_again);
        assert_eq!(describe(&again), describe(&read(&out_again).expect("our own batches").1));
        assert_eq!(again.len(), batch.len());
        true
    })
}

#[cfg(feature = "zipkin")]
fn submit_zipkin(body: &[u8]) -> bool {
    crate::zipkin::decode_args(body, Protocol::Binary, &mut BatchBuilder::new()).is_ok()
}

#[cfg(not(feature = "zipkin"))]
fn submit_zipkin(_body: &[u8]) -> bool {
    true
}

/// An answer does not say to which method.
fn answer(body: &[u8]) -> bool {
    let submitted = decode_submitted(body).is_ok_and(|ok| {
        let mut out = Vec::new();
        encode_submitted(1, ok, &mut out);
        assert_eq!(decode_submitted(&out), Ok(ok));
        true
    });
    let strategy = sampling::decode_answer(body).is_ok_and(|answer| {
        let mut out = Vec::new();
        sampling::encode_answer(&answer, &mut out).expect("a rate of 16 bits");
        let again = sampling::decode_answer(&out).expect("our own answer");
        // An operation without a rate is written with 0, and NaN is unlike itself.
        assert_eq!(again.strategy_type, answer.strategy_type);
        true
    });
    let health = meta::decode_health(body).is_ok();
    submitted || strategy || health
}

//! What is written is read back: any arguments, in frames of at most 64 KiB, under every checksum.

use jaeger_model::{Batch, BatchBuilder};
use proptest::prelude::*;

use super::*;
use crate::testing::{Shape, batches, describe, tchannel};

const KINDS: [ChecksumKind; 4] =
    [ChecksumKind::None, ChecksumKind::Crc32, ChecksumKind::Farmhash, ChecksumKind::Crc32c];

fn read(body: &[u8]) -> Batch {
    let mut builder = BatchBuilder::new();
    decode_submit(body, &mut builder).expect("our own batches");
    builder.finish()
}

/// Lengths about those at which a frame is full.
fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![0..200_usize, 65_300..65_560_usize, 130_700..131_200_usize]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_arguments_in_any_frames(method in lengths(), headers in lengths(), body in lengths(), kind in 0..4_usize) {
        let [method, headers, body] = [method, headers, body].map(|len| vec![u8::try_from(len % 251).expect("a byte"); len]);
        let kind = KINDS[kind];
        let bytes = encode_request(7, &call("jaeger-collector"), kind, [&method, &headers, &body]);
        for frame in frames(&bytes) {
            prop_assert!(frame.body.len() + HEADER_BYTES <= MAX_FRAME_BYTES);
            prop_assert_eq!(frame.id, 7);
        }
        let arguments = tchannel::whole(&bytes);
        prop_assert!(arguments.method == method && arguments.headers == headers && arguments.body == body);
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        tchannel::connection(&bytes);
    }

    /// Bytes that begin like a frame reach further than those that do not.
    #[test]
    fn any_body_of_any_frame_is_refused_or_read(
        kind in proptest::sample::select(vec![1_u8, 2, 3, 4, 0x13, 0x14, 0xc0, 0xff]),
        body in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let kind = FrameKind::of(kind).expect("a kind");
        tchannel::connection(&Frame { kind, id: 2, body: body.into() }.to_bytes());
    }

    #[test]
    fn any_batch_is_submitted_whole(batch in batches(Shape { nanoseconds: true, warnings: true, processes: true })) {
        let mut body = Vec::new();
        encode_submit([&batch, &batch], &mut body);
        let twice = read(&body);
        prop_assert_eq!(twice.len(), 2 * batch.len());
        // The first writing cuts what Thrift has no room for; from then on nothing changes.
        let mut again = Vec::new();
        encode_submit([&twice], &mut again);
        prop_assert_eq!(describe(&twice), describe(&read(&again)));
    }

    #[test]
    fn any_batch_that_thrift_has_room_for_comes_back_as_it_was(
        batch in batches(Shape { nanoseconds: false, warnings: false, processes: false }),
    ) {
        let mut body = Vec::new();
        encode_submit([&batch], &mut body);
        prop_assert_eq!(describe(&batch), describe(&read(&body)));
    }
}

#[test]
fn a_call_of_a_megabyte_is_cut_and_put_together() {
    let body: Vec<u8> = (0..1_u32 << 20).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[2]).collect();
    for kind in KINDS {
        let bytes = encode_request(3, &call("jaeger-collector"), kind, [b"Collector::submitBatches", &[0, 0], &body]);
        assert_eq!(frames(&bytes).len(), 17);
        assert!(tchannel::whole(&bytes).body == body);
    }
}

#[test]
fn texts_longer_than_their_length_can_say_are_cut_between_characters() {
    let head = call(&"ä".repeat(200));
    let bytes = encode_request(1, &head, ChecksumKind::None, [b"", b"", b""]);
    let (read, _) = CallRequest::decode(&frames(&bytes)[0].body).expect("a call");
    assert_eq!(read.service, "ä".repeat(127));
    let error = ErrorFrame { code: ErrorCode::Unexpected, tracing: [7; 25], message: "x".repeat(100_000) };
    assert_eq!(ErrorFrame::decode(&error.frame(1).body).expect("an error").message.len(), 4096);
}

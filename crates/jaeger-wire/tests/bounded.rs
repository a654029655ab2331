//! No bytes make a decoder hold more than a small multiple of them: a counting allocator watches.
#![expect(unsafe_code, reason = "an allocator is unsafe to implement; this one only counts and hands on")]

use std::fs;
use std::path::Path;

use jaeger_model::{BatchBuilder, Timestamp};
use jaeger_wire::api_v2::{decode_post_spans, decode_spans};
use jaeger_wire::jaeger::{decode_batch, decode_message};
use jaeger_wire::thrift::Protocol;
use jaeger_wire::zipkin::{decode_args, decode_thrift, decode_v1_json, decode_v2_json, decode_v2_protobuf};

mod held;

use held::{field, held};

/// So many bytes for each at hand: an empty tag is two bytes on the wire and a row of 24 in memory, held twice and
/// half again while its table grows; an empty span two bytes and a row of 96, in a table made once.
const MULTIPLE: usize = 80;
/// What a builder, an error and a thread's first use of things cost.
const BASE: usize = 16 << 10;

/// The most that decoding held at once, the finished batch included.
fn held_by(decode: impl FnOnce(&mut BatchBuilder)) -> usize {
    held(|| {
        let mut builder = BatchBuilder::new();
        decode(&mut builder);
        drop(builder.finish());
    })
}

/// Each decoder over the same bytes; an error is as good an answer as a batch.
fn check(name: &str, bytes: &[u8]) {
    let bound = MULTIPLE * bytes.len() + BASE;
    let each = |decoder: &str, decode: &dyn Fn(&mut BatchBuilder) -> bool| {
        let most = held_by(|builder| {
            decode(builder);
        });
        assert!(most <= bound, "{decoder} held {most} bytes over {} of {name}, bound {bound}", bytes.len());
    };
    each("compact", &|builder| decode_message(bytes, Protocol::Compact, builder).is_ok());
    each("binary", &|builder| decode_message(bytes, Protocol::Binary, builder).is_ok());
    each("compact batch", &|builder| decode_batch(bytes, Protocol::Compact, builder).is_ok());
    each("binary batch", &|builder| decode_batch(bytes, Protocol::Binary, builder).is_ok());
    each("post spans", &|builder| decode_post_spans(bytes, builder).is_ok());
    each("spans", &|builder| decode_spans(bytes, builder).is_ok());
    each("Zipkin's arguments", &|builder| decode_args(bytes, Protocol::Binary, builder).is_ok());
    each("Zipkin's compact arguments", &|builder| decode_args(bytes, Protocol::Compact, builder).is_ok());
    each("Zipkin's Thrift", &|builder| decode_thrift(bytes, builder).is_ok());
    each("Zipkin's v1 JSON", &|builder| decode_v1_json(bytes, Timestamp::default(), builder).is_ok());
    each("Zipkin's v2 JSON", &|builder| decode_v2_json(bytes, builder).is_ok());
    each("Zipkin's protobuf", &|builder| decode_v2_protobuf(bytes, builder).is_ok());
}

#[test]
fn the_corpora_hold_little_memory_whatever_is_changed_in_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut files = 0;
    for target in fs::read_dir(folder).expect("the corpora are committed") {
        for file in fs::read_dir(target.expect("a folder").path()).expect("a folder") {
            let path = file.expect("a file").path();
            let mut bytes = fs::read(&path).expect("a file");
            let name = path.display().to_string();
            check(&name, &bytes);
            // Each length and count of the wire is somewhere: make it as large as it gets.
            for place in 0..bytes.len() {
                let byte = std::mem::replace(&mut bytes[place], 0xff);
                check(&name, &bytes);
                bytes[place] = byte;
            }
            files += 1;
        }
    }
    assert!(files > 40, "only {files} files");
}

#[test]
fn the_emptiest_messages_hold_the_most_and_stay_within_the_bound() {
    const COUNT: usize = 50_000;
    let empty = |number: u8| [number << 3 | 2, 0].repeat(COUNT);
    check("empty spans", &field(1, &empty(1)));
    for (name, number) in [("references", 4), ("tags", 8), ("logs", 9), ("processes", 10), ("warnings", 12)] {
        check(name, &field(1, &field(1, &empty(number))));
        check(name, &field(1, &field(1, &field(number, &empty(2)))));
    }
    check("tags of the batch's process", &field(1, &field(2, &empty(2))));
    // Each span has a process of its own, all different.
    let spans: Vec<u8> = (0..20_000_u32)
        .flat_map(|n| field(1, &field(10, &field(1, &n.to_be_bytes().map(|byte| byte & 0x7f)))))
        .collect();
    check("processes that differ", &field(1, &spans));
    check("wrong UTF-8", &field(1, &field(1, &field(3, &[0xff; COUNT]))));
    check("wrong UTF-8 in a warning", &field(1, &field(1, &field(12, &[0xff; COUNT]))));
    check("unknown types", &field(1, &field(1, &[field(8, b"\x10\x09")].concat().repeat(COUNT))));
}

#[test]
fn the_emptiest_structs_hold_the_most_and_stay_within_the_bound() {
    const COUNT: u16 = 20_000;
    let [low, high] = [u8::try_from(COUNT & 0x7f).expect("bits") | 0x80, u8::try_from(COUNT >> 7).expect("bits")];
    let high = [high & 0x7f | 0x80, 1];
    let list = |what: &[u8], elements: &[u8]| {
        [what, &[0xfc, low, high[0], high[1]], &elements.repeat(usize::from(COUNT))].concat()
    };
    let process = [0x1c, 0x18, 0, 0];
    let span: &[u8] = &[0x16, 0, 0x16, 0, 0x16, 0, 0x16, 0, 0x18, 0, 0x25, 0, 0x16, 0, 0x16, 0];
    let batch = |rest: &[u8]| [&process[..], rest, &[0]].concat();
    check("spans", &batch(&list(&[0x19], &[span, &[0]].concat())));
    // Cut off within a list that says 32,767 elements and has a few.
    check(
        "a list that is cut",
        &batch(&[&[0x19][..], &[0xfc, 0xff, 0xff, 1], &[span, &[0]].concat().repeat(2000)].concat()),
    );
    let tag = [0x18, 0, 0x15, 0, 0];
    let with = |rest: Vec<u8>| batch(&[&[0x19, 0x1c][..], span, &rest, &[0]].concat());
    check("tags", &with(list(&[0x19], &tag)));
    check("logs", &with(list(&[0x29], &[0x16, 0, 0x19, 0x0c, 0])));
    check("unknown types", &with(list(&[0x19], &[0x18, 0, 0x15, 0x12, 0])));
    check(
        "binary of an unknown type",
        &with([&[0x19, 0x1c, 0x18, 0, 0x15, 0x12, 0x58, 0x90, 0x4e][..], &[0xff; 10_000], &[0]].concat()),
    );
}

#[test]
fn zipkins_emptiest_spans_hold_the_most_and_stay_within_the_bound() {
    const COUNT: usize = 20_000;
    let ids = b"\x0a\0\x01\0\0\0\0\0\0\0\x01\x0a\0\x04\0\0\0\0\0\0\0\x02";
    let list = |kind: &[u8], elements: &[u8]| {
        let count = u32::try_from(COUNT).expect("a count").to_be_bytes();
        [kind, &count, &elements.repeat(COUNT)].concat()
    };
    check("Zipkin spans", &list(b"\x0c", &[ids, &[0][..]].concat()));
    let with =
        |field: u8, element: &[u8]| [b"\x0c\0\0\0\x01", &ids[..], &list(&[15, 0, field, 12], element), &[0]].concat();
    check("Zipkin tags", &with(8, b"\x0b\0\x01\0\0\0\0\0"));
    check("Zipkin annotations", &with(6, b"\x0b\0\x02\0\0\0\x01a\0"));
    check("process tags", &with(8, b"\x0b\0\x01\0\0\0\x0cjaegerClient\0"));
    let span = [field(1, &[7; 16]), field(3, &[8; 8])].concat();
    check("v2 spans", &field(1, &span).repeat(COUNT));
    for (name, number) in [("v2 tags", 11), ("v2 annotations", 10)] {
        check(name, &field(1, &[&span[..], &field(number, b"").repeat(COUNT)].concat()));
    }
    check(
        "v2 tags in JSON",
        format!("[{{\"id\":\"1\",\"tags\":{{{}\"\":\"\"}}}}]", "\"\":\"\",".repeat(COUNT)).as_bytes(),
    );
    check("v2 spans in JSON", format!("[{}null]", "{\"id\":\"1\"},".repeat(COUNT)).as_bytes());
    let renames = "{\"id\":\"1\",\"localEndpoint\":{\"serviceName\":\"a\"},\"tags\":{\"service.name\":\"b\"}},";
    check("v2 renames in JSON", format!("[{}null]", renames.repeat(COUNT)).as_bytes());
}

//! The committed corpora of `fuzz/`, and small changes to each of them.

use std::fs;
use std::path::Path;

use super::{rounds, tchannel, zipkin};
use crate::thrift::Protocol;

/// Names and bytes of a corpus.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).expect("the corpus is committed");
    let files: Vec<_> = files
        .map(|file| {
            let path = file.expect("a file").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a file"))
        })
        .collect();
    assert!(!files.is_empty(), "no file in {}", folder.display());
    files
}

/// Tries each file, cut at each place and with each byte changed. Files named `bad-` are refused, all others are taken,
/// the odd ones too.
fn replay(name: &str, taken: impl Fn(&[u8]) -> bool) {
    for (name, bytes) in corpus(name) {
        let expected = !name.starts_with("bad-");
        assert_eq!(taken(&bytes), expected, "{name}");
        for len in 0..bytes.len() {
            taken(&bytes[..len]);
        }
        let mut changed = bytes.clone();
        for place in 0..changed.len() {
            for change in [0x01, 0x80, 0xff] {
                changed[place] ^= change;
                taken(&changed);
                changed[place] ^= change;
            }
        }
    }
}

#[test]
fn compact_packets_are_taken_or_refused_and_nothing_else() {
    replay("jaeger_compact", |bytes| rounds::jaeger_message(bytes, Protocol::Compact));
}

#[test]
fn binary_packets_are_taken_or_refused_and_nothing_else() {
    replay("jaeger_binary", |bytes| rounds::jaeger_message(bytes, Protocol::Binary));
}

#[test]
fn batches_of_http_are_taken_or_refused_and_nothing_else() {
    replay("jaeger_batch", |bytes| rounds::jaeger_batch(bytes, Protocol::Binary));
}

#[test]
fn requests_of_api_v2_are_taken_or_refused_and_nothing_else() {
    replay("api_v2_post_spans", rounds::post_spans);
}

#[test]
fn bytes_of_tchannel_connections_are_taken_or_refused_and_nothing_else() {
    replay("tchannel", tchannel::connection);
}

#[test]
fn zipkins_v1_spans_in_thrift_are_taken_or_refused_and_nothing_else() {
    replay("zipkin_v1_thrift", zipkin::v1_thrift);
}

#[test]
fn zipkins_v1_spans_in_json_are_taken_or_refused_and_nothing_else() {
    replay("zipkin_v1_json", zipkin::v1_json);
}

#[test]
fn zipkins_v2_spans_in_json_are_taken_or_refused_and_nothing_else() {
    replay("zipkin_v2_json", zipkin::v2_json);
}

#[test]
fn zipkins_v2_spans_in_protobuf_are_taken_or_refused_and_nothing_else() {
    replay("zipkin_v2_protobuf", zipkin::v2_protobuf);
}

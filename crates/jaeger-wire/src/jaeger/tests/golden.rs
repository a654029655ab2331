//! Packets written by hand from the definition, beside what they say.

use super::{hex, read_batch, read_message};
use crate::jaeger::{BatchMeta, ClientStats};
use crate::testing::describe;
use crate::thrift::Protocol;

const COMPACT: &str = "
    82 81 ac02 09 656d69744261746368        | one-way, sequence 300, emitBatch
    1c                                      | 1: batch
     1c 18 01 61                            |  1: process, 1: serviceName a
      19 1c 18 01 6b 15 00 18 01 76 00      |   2: one tag, k, STRING, vStr v
      00
     19 2c                                  |  2: two spans
      16 04 16 02 16 06 16 08               |   low 2, high 1, span 3, parent 4
      18 02 6f70                            |   5: operationName op
      25 02                                 |   7: flags 1, one id passed over
      16 80 89 0f 16 0a                     |   8: start 123456 us; 9: duration 5
      19 5c                                 |   10: five tags
       18 01 62 15 04 31 00                 |    b BOOL true, the value in the type
       18 01 63 15 04 32 00                 |    c BOOL false
       18 01 64 15 02 27 00000000000004c0 00|    d DOUBLE -2.5, little-endian
       18 01 65 15 06 46 01 00              |    e LONG -1
       18 01 66 15 08 58 02 ff00 00         |    f BINARY
      19 1c 16 02 19 1c 18 01 6c 15 00 18 01 6d 00 00 | 11: one log at 1 us, l = m
      00
      16 04 16 02 16 0a 16 06               |   low 2, high 1, span 5, parent 3
      18 00                                 |   no operation
      19 1c 15 02 16 04 16 02 16 08 00      |   6: FOLLOWS_FROM 4
      15 00 16 00 16 01                     |   flags 0, start 0, duration -1
      00
     16 54                                  |  3: seqNo 42
     1c 16 02 16 04 16 06 00                |  4: stats 1, 2, 3
     00
    00";

const SAYS: &str = r#"span 00000000000000010000000000000002/0000000000000003 "op"
  flags 1 start 123456000 duration 5000
  process "a"
    k = Str("v")
  ChildOf 00000000000000010000000000000002/0000000000000004
  b = Bool(true)
  c = Bool(false)
  d = F64(-2.5)
  e = I64(-1)
  f = Bytes([255, 0])
  log 1000
    l = Str("m")
span 00000000000000010000000000000002/0000000000000005 ""
  flags 0 start 0 duration -1000
  process "a"
    k = Str("v")
  ChildOf 00000000000000010000000000000002/0000000000000003
  FollowsFrom 00000000000000010000000000000002/0000000000000004
"#;

const META: BatchMeta = BatchMeta {
    seq_no: Some(42),
    stats: Some(ClientStats { full_queue_dropped_spans: 1, too_large_dropped_spans: 2, failed_to_emit_spans: 3 }),
};

#[test]
fn a_compact_packet_is_read() {
    let (batch, meta) = read_message(&hex(COMPACT), Protocol::Compact).expect("a message");
    assert_eq!(describe(&batch), SAYS);
    assert_eq!(meta, META);
}

#[test]
fn a_compact_batch_without_a_message_is_read_and_what_follows_is_not() {
    let packet = hex(COMPACT);
    let (batch, meta) = read_batch(&packet[15..], Protocol::Compact).expect("a batch");
    assert_eq!(describe(&batch), SAYS);
    assert_eq!(meta, META);
}

#[test]
fn a_binary_batch_is_read_in_any_order_of_fields() {
    let bytes = hex("
        0f 0002 0c 00000001                  | 2: spans before their process
          0a 0009 0000000000000005           |  9: duration
          0a 0001 ffffffffffffffff           |  1: low
          0a 0002 8000000000000000           |  2: high
          0a 0003 0000000000000007           |  3: span
          0a 0004 0000000000000000           |  4: no parent
          0b 0005 00000002 6f70              |  5: operation
          0c 0063 02 0001 01 00              |  99: unknown struct
          08 0007 ffffffff                   |  7: flags
          0a 0008 fffffffffffffffe           |  8: start -2 us
          0f 000b 0c 00000001                |  11: one log
            0f 0002 0c 00000001              |   fields first
              04 0004 3ff8000000000000       |    vDouble before its type
              08 0002 00000001
              0b 0001 00000001 64 00
            0a 0001 0000000000000009 00      |   time last
          0f 000a 0c 00000001                |  10: tags behind the logs
            0b 0001 00000001 74
            08 0002 00000002
            02 0005 01 00
          00
        0c 0001 0b 0001 00000001 73 00       | 1: process
        00");
    let (batch, meta) = read_batch(&bytes, Protocol::Binary).expect("a batch");
    let expected = r#"span 8000000000000000ffffffffffffffff/0000000000000007 "op"
  flags 4294967295 start -2000 duration 5000
  process "s"
  t = Bool(true)
  log 9000
    d = F64(1.5)
"#;
    assert_eq!(describe(&batch), expected);
    assert_eq!(meta, BatchMeta::default());
}

/// A span with one tag, whose fields behind the key are `tag`.
fn with_tag(tag: &str) -> String {
    let bytes = hex(&format!(
        "1c 18 01 61 00 19 1c 16 04 16 02 16 06 16 00 18 00 25 00 16 00 16 00 19 1c 18 01 6b {tag} 00 00 00"
    ));
    let (batch, _) = read_batch(&bytes, Protocol::Compact).expect("a batch");
    let span = batch.span(0).expect("a span");
    format!("{:?}", span.tag("k").expect("the tag"))
}

#[test]
fn the_type_says_which_value_counts() {
    assert_eq!(with_tag("15 06 18 01 76"), "I64(0)");
    assert_eq!(with_tag("15 00"), r#"Str("")"#);
    assert_eq!(with_tag("15 02"), "F64(0.0)");
    assert_eq!(with_tag("15 04"), "Bool(false)");
    assert_eq!(with_tag("15 08"), "Bytes([])");
    assert_eq!(with_tag("15 06 36 0a"), "I64(0)");
    assert_eq!(with_tag("15 06 46 0a 18 01 78"), "I64(5)");
}

#[test]
fn an_unknown_type_is_gos_text_of_the_tag() {
    let none = "VStr:<nil> VDouble:<nil> VBool:<nil> VLong:<nil> VBinary:[]";
    assert_eq!(with_tag("15 12"), format!("Str(\"Unknown VType: Tag({{Key:k VType:<UNSET> {none}}})\")"));
    let all = "VStr:v VDouble:1.5 VBool:true VLong:-1 VBinary:[255 0]";
    let fields = "15 0a 18 01 76 17 000000000000f83f 11 16 01 18 02 ff00";
    assert_eq!(with_tag(fields), format!("Str(\"Unknown VType: Tag({{Key:k VType:<UNSET> {all}}})\")"));
}

#[test]
fn a_parent_that_is_a_reference_already_is_no_second_one() {
    // Parent 4, and a FOLLOWS_FROM to 4 of the same trace.
    let bytes = hex("
        1c 18 01 61 00 19 1c 16 04 16 02 16 06 16 08 18 00
        19 1c 15 02 16 04 16 02 16 08 00
        15 00 16 00 16 00 00 00");
    let (batch, _) = read_batch(&bytes, Protocol::Compact).expect("a batch");
    let span = batch.span(0).expect("a span");
    assert_eq!(span.references().len(), 1);
    assert_eq!(span.parent().map(|parent| parent.0), Some(4));
}

#[test]
fn wrong_utf8_costs_a_warning_and_not_the_batch() {
    let bytes = hex("1c 18 01 61 00 19 1c 16 04 16 02 16 06 16 00 18 02 61ff 25 00 16 00 16 00 00 00");
    let (batch, _) = read_batch(&bytes, Protocol::Compact).expect("a batch");
    let span = batch.span(0).expect("a span");
    assert_eq!(span.operation(), "a\u{fffd}");
    assert_eq!(span.warnings().len(), 1);
}

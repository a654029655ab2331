//! What is written is read back the same, for any batch.

use jaeger_model::Batch;
use proptest::prelude::*;

use super::{read_batch, read_message};
use crate::jaeger::{BatchMeta, ClientStats, encode_batch, encode_message};
use crate::testing::{Shape, batches, describe};
use crate::thrift::Protocol;

/// Thrift has microseconds, no warnings, and a batch of one process.
pub(super) const SHAPE: Shape = Shape { nanoseconds: false, warnings: false, processes: false };

fn metas() -> impl Strategy<Value = BatchMeta> {
    let stats = any::<(i64, i64, i64)>().prop_map(|(full, large, failed)| ClientStats {
        full_queue_dropped_spans: full,
        too_large_dropped_spans: large,
        failed_to_emit_spans: failed,
    });
    (proptest::option::of(any::<i64>()), proptest::option::of(stats))
        .prop_map(|(seq_no, stats)| BatchMeta { seq_no, stats })
}

fn check(batch: &Batch, meta: BatchMeta, protocol: Protocol) {
    let process = batch.process(0).expect("a process");
    let (mut message, mut body) = (Vec::new(), Vec::new());
    encode_message(process, batch.spans(), &meta, protocol, &mut message);
    encode_batch(process, batch.spans(), &meta, protocol, &mut body);
    for (read, read_meta) in
        [read_message(&message, protocol).expect("a message"), read_batch(&body, protocol).expect("a batch")]
    {
        assert_eq!(describe(&read), describe(batch));
        assert_eq!(read.process(0).map(|process| process.service()), Some(process.service()));
        assert_eq!(read_meta, meta);
    }
}

proptest! {
    #[test]
    fn compact_is_read_back(batch in batches(SHAPE), meta in metas()) {
        check(&batch, meta, Protocol::Compact);
    }

    #[test]
    fn binary_is_read_back(batch in batches(SHAPE), meta in metas()) {
        check(&batch, meta, Protocol::Binary);
    }
}

//! Logs of each format, which every later version must read.

use std::path::PathBuf;
use std::sync::Arc;

use jaeger_load::profile::{Generator, Profile};
use jaeger_model::{Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn};

use super::{NOW, SALT, assert_same, read};
use crate::log::{header, record};

/// `UPDATE_FIXTURES=1` writes it anew: only while its format has not been released.
#[test]
fn a_log_of_format_1_is_read() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1/log-1.jlog");
    let batches = batches();
    let mut bytes = header::encode(SALT).to_vec();
    for batch in &batches {
        let mut one = Vec::new();
        record::encode(batch, &mut one).expect("small");
        record::place(&mut one, bytes.len() as u64, SALT);
        bytes.append(&mut one);
    }
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &bytes).expect("written");
    }
    let (found, errors, torn) = read(&path);
    assert!(errors.is_empty() && torn == 0, "{errors:?}");
    assert_same(&found, &batches.iter().collect::<Vec<_>>());
}

fn batches() -> Vec<Arc<Batch>> {
    let mut plain = Generator::new(Profile::Plain, 3, NOW, 5);
    let mut real = Generator::new(Profile::Real, 3, NOW, 5);
    [plain.batch(), real.batch(), odd(), plain.batch(), Batch::default()].map(Arc::new).into()
}

/// Everything that a span can have.
fn odd() -> Batch {
    let mut b = BatchBuilder::new();
    b.process_tag(b"ratio", ValueIn::F64(-0.5));
    let first = b.process("bücher".as_bytes()).expect("room");
    let second = b.process(b"").expect("room");
    for (number, process) in [Some(first), Some(second), None, Some(first)].into_iter().enumerate() {
        let id = SpanId(u64::MAX - number as u64);
        b.begin_span();
        b.span_ids(TraceId(u128::MAX >> number), id);
        b.span_operation("読む".as_bytes());
        b.span_flags(u32::MAX >> number);
        b.span_start(if number % 2 == 0 { Timestamp::MIN } else { Timestamp::MAX });
        b.span_duration(Duration::from_nanos([-1, 0, i64::MAX, 1 << 33][number]));
        process.into_iter().for_each(|process| b.span_process(process));
        b.span_reference(Reference { kind: ReferenceKind::FollowsFrom, trace_id: TraceId(9), span_id: id });
        b.span_reference(Reference { kind: ReferenceKind::ChildOf, trace_id: TraceId(9), span_id: SpanId(0) });
        for (key, value) in [
            ("text", ValueIn::Str("ü".as_bytes())),
            ("text", ValueIn::Str(b"again")),
            ("yes", ValueIn::Bool(true)),
            ("no", ValueIn::Bool(false)),
            ("integer", ValueIn::I64(i64::MIN + i64::try_from(number).expect("small"))),
            ("number", ValueIn::F64(f64::INFINITY)),
            ("bytes", ValueIn::Bytes(&[0, 255, 0xfe, b'J', b'R', 0xff])),
            ("", ValueIn::Str(b"")),
        ] {
            b.span_tag(key.as_bytes(), value);
        }
        for log in 0..number {
            b.begin_log(Timestamp::from_nanos(i64::try_from(log).expect("small") * 1_000_000_007));
            b.log_field(b"event", ValueIn::Str(b"retry"));
            b.log_field(b"attempt", ValueIn::I64(i64::try_from(log).expect("small")));
        }
        if number == 2 {
            b.span_warning("clock skew");
            b.span_warning("");
        }
        b.end_span().expect("room");
    }
    b.finish()
}

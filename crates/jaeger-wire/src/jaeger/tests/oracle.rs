//! Apache's own Thrift implementation as a second opinion: it writes the same bytes, and passes over ours to the last.

use std::io::Cursor;

use jaeger_model::{Batch, ReferenceKind, SpanView, TagView, Value};
use proptest::prelude::*;
use thrift::TConfiguration;
use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TCompactInputProtocol, TCompactOutputProtocol, TFieldIdentifier,
    TInputProtocol, TListIdentifier, TMessageIdentifier, TMessageType, TOutputProtocol, TStructIdentifier, TType,
};

use super::read_message;
use super::round_trip::SHAPE;
use crate::jaeger::{BatchMeta, encode_message};
use crate::testing::{batches, describe};
use crate::thrift::Protocol;

type Out<'o> = &'o mut dyn TOutputProtocol;
type Written = thrift::Result<()>;

fn field(out: Out<'_>, id: i16, kind: TType, value: impl FnOnce(Out<'_>) -> Written) -> Written {
    out.write_field_begin(&TFieldIdentifier::new("", kind, id))?;
    value(out)?;
    out.write_field_end()
}

fn structure(out: Out<'_>, fields: impl FnOnce(Out<'_>) -> Written) -> Written {
    out.write_struct_begin(&TStructIdentifier::new(""))?;
    fields(out)?;
    out.write_field_stop()?;
    out.write_struct_end()
}

fn list<T>(out: Out<'_>, id: i16, items: Vec<T>, each: impl Fn(Out<'_>, T) -> Written) -> Written {
    field(out, id, TType::List, |out| {
        out.write_list_begin(&TListIdentifier::new(TType::Struct, i32::try_from(items.len()).expect("few")))?;
        for item in items {
            structure(out, |out| each(out, item))?;
        }
        out.write_list_end()
    })
}

fn i64_field(out: Out<'_>, id: i16, value: i64) -> Written {
    field(out, id, TType::I64, |out| out.write_i64(value))
}

fn tag(out: Out<'_>, tag: TagView<'_>) -> Written {
    field(out, 1, TType::String, |out| out.write_string(tag.key))?;
    let kind = |out: Out<'_>, kind| field(out, 2, TType::I32, |out| out.write_i32(kind));
    match tag.value {
        Value::Str(text) => kind(out, 0).and_then(|()| field(out, 3, TType::String, |out| out.write_string(text))),
        Value::F64(value) => kind(out, 1).and_then(|()| field(out, 4, TType::Double, |out| out.write_double(value))),
        Value::Bool(value) => kind(out, 2).and_then(|()| field(out, 5, TType::Bool, |out| out.write_bool(value))),
        Value::I64(value) => kind(out, 3).and_then(|()| i64_field(out, 6, value)),
        Value::Bytes(value) => kind(out, 4).and_then(|()| field(out, 7, TType::String, |out| out.write_bytes(value))),
    }
}

fn span(out: Out<'_>, span: SpanView<'_>) -> Written {
    let (trace, parent) = (span.trace_id(), span.references().next());
    // The reference that the parent field stands for.
    let stands_for = parent.filter(|first| {
        let same = |other: &jaeger_model::Reference| other.trace_id == trace && other.span_id == first.span_id;
        first.kind == ReferenceKind::ChildOf
            && first.span_id.0 != 0
            && same(first)
            && span.references().filter(same).count() == 1
    });
    let parent = stands_for.map(|reference| reference.span_id).or(span.parent());
    i64_field(out, 1, trace.low().cast_signed())?;
    i64_field(out, 2, trace.high().cast_signed())?;
    i64_field(out, 3, span.span_id().0.cast_signed())?;
    i64_field(out, 4, parent.map_or(0, |id| id.0.cast_signed()))?;
    field(out, 5, TType::String, |out| out.write_string(span.operation()))?;
    let references: Vec<_> = span.references().skip(usize::from(stands_for.is_some())).collect();
    if !references.is_empty() {
        list(out, 6, references, |out, reference| {
            let kind = i32::from(reference.kind == ReferenceKind::FollowsFrom);
            field(out, 1, TType::I32, |out| out.write_i32(kind))?;
            i64_field(out, 2, reference.trace_id.low().cast_signed())?;
            i64_field(out, 3, reference.trace_id.high().cast_signed())?;
            i64_field(out, 4, reference.span_id.0.cast_signed())
        })?;
    }
    field(out, 7, TType::I32, |out| out.write_i32(span.flags().cast_signed()))?;
    i64_field(out, 8, span.start().as_micros())?;
    i64_field(out, 9, span.duration().as_micros())?;
    if span.tags().len() > 0 {
        list(out, 10, span.tags().collect(), tag)?;
    }
    if span.logs().len() > 0 {
        list(out, 11, span.logs().collect(), |out, log| {
            i64_field(out, 1, log.time().as_micros())?;
            list(out, 2, log.fields().collect(), tag)
        })?;
    }
    Ok(())
}

fn message(out: Out<'_>, batch: &Batch) -> Written {
    let process = batch.process(0).expect("a process");
    out.write_message_begin(&TMessageIdentifier::new("emitBatch", TMessageType::OneWay, 0))?;
    structure(out, |out| {
        field(out, 1, TType::Struct, |out| {
            structure(out, |out| {
                field(out, 1, TType::Struct, |out| {
                    structure(out, |out| {
                        field(out, 1, TType::String, |out| out.write_string(process.service()))?;
                        if process.tags().len() == 0 {
                            return Ok(());
                        }
                        list(out, 2, process.tags().collect(), tag)
                    })
                })?;
                list(out, 2, batch.spans().collect(), span)
            })
        })
    })?;
    out.write_message_end()
}

/// Bounds for an implementation that believes every length.
fn bounds(len: usize) -> TConfiguration {
    TConfiguration::builder()
        .max_message_size(Some(len))
        .max_frame_size(Some(len))
        .max_string_size(Some(len))
        .max_container_size(Some(len))
        .build()
        .expect("bounds")
}

fn pass_over(input: &mut dyn TInputProtocol) -> thrift::Result<TMessageIdentifier> {
    let header = input.read_message_begin()?;
    input.skip(TType::Struct)?;
    input.read_message_end()?;
    Ok(header)
}

fn check(batch: &Batch, protocol: Protocol) {
    let mut theirs = Vec::new();
    match protocol {
        Protocol::Compact => message(&mut TCompactOutputProtocol::new(&mut theirs), batch),
        Protocol::Binary => message(&mut TBinaryOutputProtocol::new(&mut theirs, true), batch),
    }
    .expect("memory");
    let mut ours = Vec::new();
    let process = batch.process(0).expect("a process");
    encode_message(process, batch.spans(), &BatchMeta::default(), protocol, &mut ours);
    assert_eq!(ours, theirs);

    let (read, _) = read_message(&theirs, protocol).expect("a message");
    assert_eq!(describe(&read), describe(batch));

    let mut bytes = Cursor::new(&ours);
    let header = match protocol {
        Protocol::Compact => pass_over(&mut TCompactInputProtocol::with_config(&mut bytes, bounds(ours.len()))),
        Protocol::Binary => pass_over(&mut TBinaryInputProtocol::with_config(&mut bytes, true, bounds(ours.len()))),
    }
    .expect("a message");
    assert_eq!((header.name.as_str(), header.message_type), ("emitBatch", TMessageType::OneWay));
    assert_eq!(bytes.position(), ours.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn apaches_compact_protocol_agrees(batch in batches(SHAPE)) {
        check(&batch, Protocol::Compact);
    }

    #[test]
    fn apaches_binary_protocol_agrees(batch in batches(SHAPE)) {
        check(&batch, Protocol::Binary);
    }
}

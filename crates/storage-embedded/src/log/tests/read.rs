use std::fs::OpenOptions;
use std::path::PathBuf;
use std::sync::Arc;

use jaeger_model::{Batch, BatchBuilder, SpanId, TraceId, ValueIn};
use proptest::prelude::*;
use tempfile::TempDir;

use super::{SALT, assert_same, batches, read, same};
use crate::OpenError;
use crate::fail_point::Plan;
use crate::log::{LogReadError, LogReader, header, record};

/// A log and where its records end.
struct Log {
    folder: TempDir,
    bytes: Vec<u8>,
    batches: Vec<Arc<Batch>>,
    ends: Vec<usize>,
}

impl Log {
    fn of(batches: Vec<Arc<Batch>>) -> Self {
        let mut bytes = header::encode(SALT).to_vec();
        let mut ends = Vec::new();
        for batch in &batches {
            push(&mut bytes, batch);
            ends.push(bytes.len());
        }
        Self { folder: tempfile::tempdir().expect("a folder"), bytes, batches, ends }
    }

    fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("log-0000000001.jlog");
        std::fs::write(&path, bytes).expect("written");
        path
    }

    fn first(&self, count: usize) -> Vec<&Arc<Batch>> {
        self.batches.iter().take(count).collect()
    }
}

fn push(bytes: &mut Vec<u8>, batch: &Batch) {
    let mut record = Vec::new();
    record::encode(batch, &mut record).expect("small");
    record::place(&mut record, bytes.len() as u64, SALT);
    bytes.append(&mut record);
}

#[test]
fn a_tail_cut_anywhere_costs_its_record_alone() {
    let log = Log::of(batches(12, 3));
    assert!(log.bytes.len() > 4096 + header::HEADER_BYTES, "{} bytes", log.bytes.len());
    let path = log.write(&log.bytes);
    let file = OpenOptions::new().write(true).open(&path).expect("the log");
    for cut in (0..=log.bytes.len()).rev() {
        file.set_len(cut as u64).expect("cut");
        let (found, errors, torn) = read(&path);
        assert!(errors.is_empty(), "cut at {cut}: {errors:?}");
        let whole = log.ends.iter().filter(|end| **end <= cut).count();
        assert_same(&found, &log.first(whole));
        let end = match whole {
            0 if cut < header::HEADER_BYTES => 0,
            0 => header::HEADER_BYTES,
            whole => log.ends[whole - 1],
        };
        assert_eq!(torn, (cut - end) as u64, "cut at {cut}");
    }
}

#[test]
fn a_flipped_byte_costs_its_record_alone() {
    let log = Log::of(batches(6, 3));
    for at in 0..log.bytes.len() {
        let mut bytes = log.bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        let (found, errors, torn) = read(&log.write(&bytes));
        let hit = (at >= header::HEADER_BYTES).then(|| log.ends.iter().filter(|end| **end <= at).count());
        let whole: Vec<_> =
            log.batches.iter().enumerate().filter(|(number, _)| Some(*number) != hit).map(|(_, batch)| batch).collect();
        assert_same(&found, &whole);
        if hit == Some(log.batches.len() - 1) {
            assert!(errors.is_empty() && torn > 0, "byte {at}");
            continue;
        }
        let begin = hit.map_or(0, |hit| if hit == 0 { header::HEADER_BYTES } else { log.ends[hit - 1] });
        let end = hit.map_or(header::HEADER_BYTES, |hit| log.ends[hit]);
        let told = matches!(errors.as_slice(), [LogReadError::Damaged { offset, length, .. }]
            if (*offset, *length) == (begin as u64, (end - begin) as u64));
        assert!(told && torn == 0, "byte {at}: {errors:?}");
    }
}

#[test]
fn garbage_behind_the_last_record_is_no_record() {
    let log = Log::of(batches(3, 3));
    let garbage: [Vec<u8>; 4] =
        [vec![0; 5000], vec![0xff; 700], record::MAGIC.repeat(500), log.bytes[header::HEADER_BYTES..].to_vec()];
    for garbage in garbage {
        let (found, errors, torn) = read(&log.write(&[&log.bytes[..], &garbage].concat()));
        assert!(errors.is_empty(), "{errors:?}");
        assert_same(&found, &log.first(3));
        assert_eq!(torn, garbage.len() as u64);
    }
}

#[test]
fn a_record_within_a_span_is_not_taken_for_one() {
    let mut inner = Vec::new();
    push(&mut inner, &batches(1, 3)[0]);
    let mut builder = BatchBuilder::new();
    builder.begin_span();
    builder.span_ids(TraceId(1), SpanId(2));
    builder.span_tag(b"trap", ValueIn::Bytes(&inner));
    builder.end_span().expect("room");
    let mut log = Log::of(vec![Arc::new(builder.finish()), Arc::clone(&batches(2, 3)[1])]);
    log.bytes[header::HEADER_BYTES + 5] ^= 1;
    let (found, errors, _) = read(&log.write(&log.bytes));
    assert_same(&found, &[&log.batches[1]]);
    assert_eq!(errors.len(), 1);
}

#[test]
fn records_longer_than_what_is_read_at_once_are_read() {
    let mut builder = BatchBuilder::new();
    builder.begin_span();
    builder.span_tag(b"long", ValueIn::Str(&vec![b'x'; 3 << 20]));
    builder.end_span().expect("room");
    let long = Arc::new(builder.finish());
    let [a, b] = <[_; 2]>::try_from(batches(2, 3)).expect("two");
    let mut log = Log::of(vec![a, Arc::clone(&long), long, b]);
    let (found, errors, _) = read(&log.write(&log.bytes));
    assert!(errors.is_empty());
    assert_same(&found, &log.first(4));
    // The next record is found behind a damage that is longer than what is looked at at once.
    let at = log.ends[0] + 100_000;
    log.bytes[at] ^= 1;
    let (found, errors, _) = read(&log.write(&log.bytes));
    assert_eq!((found.len(), errors.len()), (3, 1));
}

#[test]
fn a_newer_format_is_refused_by_the_version_it_needs() {
    let mut log = Log::of(batches(1, 3));
    log.bytes[..header::HEADER_BYTES].copy_from_slice(&header::encode_as(2, "7.8.9", SALT));
    let path = log.write(&log.bytes);
    match LogReader::open(&path).map(drop) {
        Err(OpenError::Newer { mark: 2, needed, .. }) => assert_eq!(needed, "7.8.9"),
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read(path).expect("there"), log.bytes, "nothing was touched");
}

#[test]
fn a_record_of_another_kind_is_told_and_passed() {
    let log = Log::of(batches(2, 3));
    let mut bytes = log.bytes[..log.ends[0]].to_vec();
    let mut record = Vec::new();
    record::encode(&log.batches[0], &mut record).expect("small");
    record[record::HEADER_BYTES] = 9;
    let sum = crc32c::crc32c(&record[record::HEADER_BYTES..]);
    record[8..12].copy_from_slice(&sum.to_le_bytes());
    record::place(&mut record, bytes.len() as u64, SALT);
    bytes.append(&mut record);
    push(&mut bytes, &log.batches[1]);
    let (found, errors, torn) = read(&log.write(&bytes));
    assert_same(&found, &log.first(2));
    assert!(matches!(errors.as_slice(), [LogReadError::Unreadable { .. }]), "{errors:?}");
    assert_eq!(torn, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_give_no_batch_that_was_not_written(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        extra in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let log = Log::of(batches(5, 2));
        let mut bytes = log.bytes.clone();
        bytes.extend_from_slice(&extra);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let header::Header::Newer { .. } = header::read(&bytes) {
            return Ok(());
        }
        let (found, _, _) = read(&log.write(&bytes));
        let mut written = log.batches.iter();
        for batch in &found {
            prop_assert!(written.any(|written| same(written, batch)), "a batch that was not written, or out of order");
        }
    }
}

#[test]
fn where_the_disk_gives_little_at_once_all_is_read() {
    let log = Log::of(batches(12, 3));
    let path = log.write(&log.bytes);
    let plan = Plan::here();
    // The large read of the header, and one later.
    plan.fail("log.read", libc::EIO, 1);
    let mut reader = LogReader::open(&path).expect("opened");
    plan.fail("log.read", libc::EIO, 1);
    let found: Vec<_> = reader.by_ref().map(|batch| batch.expect("readable")).collect();
    assert_same(&found, &log.first(12));
}

#[test]
fn what_the_disk_does_not_give_is_told_and_the_rest_is_read() {
    let log = Log::of(batches(60, 3));
    let path = log.write(&log.bytes);
    let plan = Plan::here();
    // The header, the large read and the small.
    plan.fail("log.read", libc::EIO, 2);
    let (found, errors, torn) = read(&path);
    let [LogReadError::Io { offset: 0, .. }] = &errors[..] else { panic!("{errors:?}") };
    assert_same(&found, &log.first(60));
    assert_eq!(torn, 0);
    // A record.
    plan.fail("log.read", libc::EIO, 1);
    let mut reader = LogReader::open(&path).expect("opened");
    plan.fail("log.read", libc::EIO, 2);
    let read: Vec<_> = reader.by_ref().collect();
    assert!(matches!(&read[0], Err(LogReadError::Io { offset: 64, .. })), "{:?}", read[0].as_ref().err());
    let found: Vec<_> = read.into_iter().skip(1).map(|batch| batch.expect("readable")).collect();
    assert_same(&found, &log.batches.iter().skip(1).collect::<Vec<_>>());
}

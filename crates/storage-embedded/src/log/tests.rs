mod fixture;
mod read;
mod write;

use std::path::Path;
use std::sync::Arc;

use jaeger_load::profile::{Generator, Profile};
use jaeger_model::{Batch, Timestamp};

use super::{LogReadError, LogReader};

/// Of a file that was no log before.
const SALT: u64 = 0x1234_5678_9abc_def0;
const NOW: Timestamp = Timestamp::from_micros(1_795_478_400_000_000);

fn batches(count: usize, spans: usize) -> Vec<Arc<Batch>> {
    let mut load = Generator::new(Profile::Plain, 7, NOW, spans);
    (0..count).map(|_| Arc::new(load.batch())).collect()
}

fn same(a: &Batch, b: &Batch) -> bool {
    a.len() == b.len() && a.spans().eq(b.spans())
}

/// What a reader gives: batches, errors, and the bytes of the tail that were not whole.
fn read(path: &Path) -> (Vec<Batch>, Vec<LogReadError>, u64) {
    let mut reader = LogReader::open(path).expect("opened");
    let (mut batches, mut errors) = (Vec::new(), Vec::new());
    for read in reader.by_ref() {
        match read {
            Ok(batch) => batches.push(batch),
            Err(error) => errors.push(error),
        }
    }
    assert_eq!(reader.position(), reader.len());
    (batches, errors, reader.torn_bytes())
}

#[track_caller]
fn assert_same(read: &[Batch], written: &[&Arc<Batch>]) {
    assert_eq!(read.len(), written.len());
    for (at, (read, written)) in read.iter().zip(written).enumerate() {
        assert!(same(read, written), "batch {at} is another one");
    }
}

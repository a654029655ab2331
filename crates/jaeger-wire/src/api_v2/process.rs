//! Processes of one message: where each span brings its own, equal bytes are one process and are read once.

use jaeger_model::{BatchBuilder, ProcessIndex};

use super::decode::tag;
use crate::DecodeError;
use crate::protobuf::Reader;

/// So many different processes are remembered; messages have one, answers of a query a few.
const REMEMBERED: usize = 32;

/// The processes that a message brought so far.
#[derive(Default)]
pub(super) struct Processes<'a> {
    known: Vec<(&'a [u8], ProcessIndex)>,
    next: usize,
}

impl<'a> Processes<'a> {
    /// The process whose message is `bytes`.
    pub(super) fn of(&mut self, bytes: &'a [u8], builder: &mut BatchBuilder) -> Result<ProcessIndex, DecodeError> {
        if let Some((_, process)) = self.known.iter().find(|(known, _)| *known == bytes) {
            return Ok(*process);
        }
        let process = read(&[bytes], builder)?;
        if self.known.len() < REMEMBERED {
            self.known.push((bytes, process));
        } else if let Some(oldest) = self.known.get_mut(self.next) {
            *oldest = (bytes, process);
            self.next = (self.next + 1) % REMEMBERED;
        }
        Ok(process)
    }
}

/// Reads one process out of its message, or out of the parts of it: a field that comes twice is one message, as
/// protobuf says.
pub(super) fn read(parts: &[&[u8]], builder: &mut BatchBuilder) -> Result<ProcessIndex, DecodeError> {
    let mut service: &[u8] = &[];
    for part in parts {
        let mut message = Reader::new(part);
        while let Some(field) = message.field()? {
            match field.number {
                1 => service = field.wire.bytes("Process.service_name")?,
                2 => tag(field.wire.bytes("Process.tags")?, |key, value| builder.process_tag(key, value))?,
                _ => {}
            }
        }
    }
    Ok(builder.process(service)?)
}

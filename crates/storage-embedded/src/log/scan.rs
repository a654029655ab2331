//! Behind damage: where does the next whole record begin?

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use memchr::memmem::Finder;

use super::record::{HEADER_BYTES, MAGIC, Record};

/// Bytes looked at at once.
const WINDOW: usize = 256 << 10;

/// The place of the first whole record at `from` or behind, in a file of `len` bytes.
pub(super) fn next_record(file: &File, from: u64, len: u64, salt: Option<u64>) -> io::Result<Option<u64>> {
    let finder = Finder::new(&MAGIC);
    let mut window = vec![0; WINDOW];
    let mut at = from;
    while at + (HEADER_BYTES as u64) < len {
        let bytes = read_up_to(file, &mut window, at, len)?;
        for found in finder.find_iter(bytes) {
            let place = at + found as u64;
            let mut header = [0; HEADER_BYTES];
            if read_up_to(file, &mut header, place, len)?.len() == HEADER_BYTES
                && let Some(record) = Record::read(&header, place, salt)
                && place + record.bytes() <= len
                && is_whole(file, record, place)?
            {
                return Ok(Some(place));
            }
        }
        // A magic may lie across the end of the window.
        let step = bytes.len().saturating_sub(MAGIC.len() - 1);
        if step == 0 {
            break;
        }
        at += step as u64;
    }
    Ok(None)
}

fn is_whole(file: &File, record: Record, place: u64) -> io::Result<bool> {
    let mut buffer = vec![0; WINDOW];
    let (mut at, end) = (place + HEADER_BYTES as u64, place + record.bytes());
    let mut sum = 0;
    while at < end {
        let bytes = read_up_to(file, &mut buffer, at, end)?;
        if bytes.is_empty() {
            return Ok(false);
        }
        sum = crc32c::crc32c_append(sum, bytes);
        at += bytes.len() as u64;
    }
    Ok(record.has_sum(sum))
}

/// Fills `buffer` from `at`, less where the file ends.
fn read_up_to<'b>(file: &File, buffer: &'b mut [u8], at: u64, end: u64) -> io::Result<&'b [u8]> {
    let wanted = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
    let mut filled = 0;
    while filled < wanted {
        let Some(rest) = buffer.get_mut(filled..wanted) else { break };
        match file.read_at(rest, at + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(buffer.get(..filled).unwrap_or(&[]))
}

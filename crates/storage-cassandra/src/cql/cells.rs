//! Cells: a length of four bytes (negative for null) and so many bytes. Rows, lists and user-defined types are all made of them.

use std::ops::Range;

/// Writes cells one after another.
pub(crate) trait Cells {
    /// A cell of these bytes.
    fn bytes(&mut self, value: &[u8]);
    /// A cell whose bytes `fill` writes; their length is put in front afterwards.
    fn nested(&mut self, fill: impl FnOnce(&mut Vec<u8>));

    fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }
    fn bigint(&mut self, value: i64) {
        self.bytes(&value.to_be_bytes());
    }
    fn int(&mut self, value: i32) {
        self.bytes(&value.to_be_bytes());
    }
}

impl Cells for Vec<u8> {
    fn bytes(&mut self, value: &[u8]) {
        self.extend_from_slice(&length(value.len()));
        self.extend_from_slice(value);
    }

    fn nested(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        let at = self.len();
        self.extend_from_slice(&[0; 4]);
        fill(self);
        let written = length(self.len() - at - 4);
        if let Some(place) = self.get_mut(at..at + 4) {
            place.copy_from_slice(&written);
        }
    }
}

/// A batch's text is at most 1 GiB, so that no value of it is too long for a cell.
fn length(bytes: usize) -> [u8; 4] {
    i32::try_from(bytes).unwrap_or(i32::MAX).to_be_bytes()
}

/// Reads cells; what is cut short is an error, never a panic.
#[derive(Clone, Copy)]
pub(crate) struct CellReader<'a>(pub(crate) &'a [u8]);

/// Bytes that are no cells of the type that the schema says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

impl<'a> CellReader<'a> {
    /// The next cell; `None` is null, also where a user-defined type has fewer fields than the schema.
    pub(crate) fn next(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        let Some((length, rest)) = self.0.split_first_chunk::<4>() else {
            return if self.0.is_empty() { Ok(None) } else { Err(Malformed("a cell's length is cut short")) };
        };
        self.0 = rest;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else { return Ok(None) };
        let (cell, rest) = rest.split_at_checked(length).ok_or(Malformed("a cell is longer than what is there"))?;
        self.0 = rest;
        Ok(Some(cell))
    }

    pub(crate) fn text(&mut self) -> Result<&'a [u8], Malformed> {
        Ok(self.next()?.unwrap_or_default())
    }

    pub(crate) fn bigint(&mut self) -> Result<i64, Malformed> {
        self.next()?.map_or(Ok(0), |cell| fixed(cell).map(i64::from_be_bytes))
    }

    pub(crate) fn double(&mut self) -> Result<f64, Malformed> {
        self.next()?.map_or(Ok(0.0), |cell| fixed(cell).map(f64::from_be_bytes))
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, Malformed> {
        self.next()?.map_or(Ok(false), |cell| fixed::<1>(cell).map(|byte| byte != [0]))
    }

    /// The elements of a list, each a cell.
    pub(crate) fn list(cell: &'a [u8]) -> Result<impl Iterator<Item = Result<&'a [u8], Malformed>>, Malformed> {
        let mut reader = Self(cell);
        let count = match reader.0.split_first_chunk::<4>() {
            Some((count, rest)) => {
                reader.0 = rest;
                usize::try_from(i32::from_be_bytes(*count)).unwrap_or(0)
            }
            None => 0,
        };
        // A count that lies ends with the bytes at hand.
        let possible = count.min(reader.0.len() / 4);
        if possible < count {
            return Err(Malformed("a list says it has more elements than there are"));
        }
        Ok((0..count).map(move |_| reader.next().map(Option::unwrap_or_default)))
    }
}

fn fixed<const N: usize>(cell: &[u8]) -> Result<[u8; N], Malformed> {
    cell.try_into().map_err(|_| Malformed("a number has another length than its type"))
}

/// The place of the first `count` cells of a row, which are its partition key in every table here.
pub(crate) fn first_cells(row: &[u8], count: usize) -> Range<usize> {
    let mut reader = CellReader(row);
    for _ in 0..count {
        if reader.next().is_err() {
            break;
        }
    }
    0..row.len() - reader.0.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_nest_and_come_back() {
        let mut bytes = Vec::new();
        bytes.text("a");
        bytes.nested(|inner| inner.bigint(-2));
        let mut reader = CellReader(&bytes);
        assert_eq!(reader.text(), Ok(&b"a"[..]));
        let mut inner = CellReader(reader.next().unwrap().unwrap());
        assert_eq!(inner.bigint(), Ok(-2));
        assert_eq!(inner.bigint(), Ok(0), "a field that is not there is null");
        assert_eq!(first_cells(&bytes, 1), 0..5);
    }

    #[test]
    fn what_is_cut_short_or_lies_is_an_error() {
        for bytes in [&[0, 0][..], &[0, 0, 0, 2, 1], &[127, 255, 255, 255]] {
            assert!(CellReader(bytes).next().is_err(), "{bytes:?}");
        }
        assert!(CellReader(&[0, 0, 0, 1, 1]).bigint().is_err());
        assert!(CellReader::list(&[0, 0, 0, 9, 0, 0, 0, 0]).is_err());
        assert_eq!(CellReader::list(&[]).unwrap().count(), 0);
    }
}

//! The services, operations and kinds of a partition's spans.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | names |
//! | 4 + n, three times | service, operation, kind of each, behind their lengths |
//!
//! All of it compressed by zstd.

use std::collections::BTreeSet;

use crate::bytes::{Bytes, push_counted};

/// Names beyond this many bytes are left out: spans have them all the same.
pub(crate) const MAX_BYTES: usize = 16 << 20;

/// The names, sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PartitionNames(BTreeSet<[Box<str>; 3]>, usize);

impl PartitionNames {
    pub(crate) fn add(&mut self, service: &str, operation: &str, kind: &str) {
        let bytes = service.len() + operation.len() + kind.len() + 12;
        if self.1 + bytes <= MAX_BYTES && self.0.insert([service.into(), operation.into(), kind.into()]) {
            self.1 += bytes;
        }
    }

    /// Service, operation and kind of each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = [&str; 3]> {
        self.0.iter().map(|name| [&*name[0], &*name[1], &*name[2]])
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(u32::try_from(self.0.len()).unwrap_or(u32::MAX).to_le_bytes());
        for text in self.0.iter().flatten() {
            push_counted(&mut out, text.as_bytes());
        }
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        let mut names = Self::default();
        for _ in 0..bytes.u32()? {
            names.add(bytes.text()?, bytes.text()?, bytes.text()?);
        }
        Some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn come_back_as_they_were() {
        let mut names = PartitionNames::default();
        names.add("b", "op", "server");
        names.add("a", "op", "");
        names.add("a", "op", "");
        let encoded = names.encode();
        assert_eq!(PartitionNames::decode(&encoded).map(|names| names.0), Some(names.0));
        assert_eq!(PartitionNames::decode(&encoded[..encoded.len() - 1]), None);
    }
}

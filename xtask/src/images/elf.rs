//! What a binary says of itself: for which processor it is, and whether it runs in an image that holds nothing else.

use anyhow::{Context as _, bail, ensure};

/// The processor of a static binary, in the words of Go.
///
/// # Errors
/// If it is none, or one that a loader has to start.
pub(crate) fn architecture_of_static(binary: &[u8]) -> anyhow::Result<&'static str> {
    /// A program header that names a loader.
    const INTERPRETER: u64 = 3;
    ensure!(binary.starts_with(b"\x7fELF\x02\x01"), "is no ELF file of 64 bits, little-endian");
    let number = |at: u64, bytes: usize| -> anyhow::Result<u64> {
        let at = usize::try_from(at)?;
        let part = at.checked_add(bytes).and_then(|end| binary.get(at..end)).context("is cut off")?;
        Ok(part.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    };
    let architecture = match number(18, 2)? {
        62 => "amd64",
        183 => "arm64",
        other => bail!("is for processor {other} of ELF's list; images are made for amd64 and arm64"),
    };
    let (headers, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    for at in 0..count {
        let header = headers.checked_add(at * size).context("is cut off")?;
        ensure!(number(header, 4)? != INTERPRETER, "is linked dynamically; build it for a musl target");
    }
    Ok(architecture)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A file of one program header of `kind`, and `more`.
    pub(crate) fn elf(kind: u8, more: &[u8]) -> Vec<u8> {
        let mut file = vec![0; 64];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (file[18], file[32], file[54], file[56]) = (62, 64, 56, 1);
        file.push(kind);
        file.resize(64 + 56, 0);
        file.extend_from_slice(more);
        file
    }

    #[test]
    fn a_binary_that_needs_a_loader_is_refused() {
        assert_eq!(architecture_of_static(&elf(1, b"")).unwrap(), "amd64");
        let error = architecture_of_static(&elf(3, b"")).unwrap_err();
        assert!(error.to_string().contains("musl"), "{error}");
    }

    #[test]
    fn what_is_no_binary_or_cut_off_is_refused() {
        for bytes in [b"#!/bin/sh".as_slice(), &elf(1, b"")[..40], &elf(1, b"")[..66], b"\x7fELF\x02\x01"] {
            assert!(architecture_of_static(bytes).is_err(), "{bytes:?}");
        }
        let mut far = elf(1, b"");
        far[32..40].fill(0xff);
        assert!(architecture_of_static(&far).is_err());
    }
}

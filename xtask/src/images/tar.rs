//! A layer as a tar archive (ustar) in which nothing depends on when or where it was written.

use anyhow::ensure;

const BLOCK: usize = 512;

/// What is written so far.
#[derive(Debug, Default)]
pub(crate) struct Tar(Vec<u8>);

/// Whose a file is, and what may be done with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    pub(crate) mode: u32,
    pub(crate) user: u32,
}

impl Access {
    pub(crate) const fn root(mode: u32) -> Self {
        Self { mode, user: 0 }
    }
}

impl Tar {
    pub(crate) fn folder(&mut self, path: &str, access: Access) -> anyhow::Result<()> {
        self.header(&format!("{path}/"), access, 0, b'5', "")
    }

    pub(crate) fn file(&mut self, path: &str, access: Access, content: &[u8]) -> anyhow::Result<()> {
        self.header(path, access, content.len(), b'0', "")?;
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(BLOCK), 0);
        Ok(())
    }

    /// Another name of a file that stands earlier in this layer.
    pub(crate) fn link(&mut self, path: &str, to: &str) -> anyhow::Result<()> {
        self.header(path, Access::root(0o755), 0, b'1', to)
    }

    /// The archive, with the two empty blocks that end it.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 2 * BLOCK, 0);
        self.0
    }

    fn header(&mut self, path: &str, access: Access, size: usize, kind: u8, to: &str) -> anyhow::Result<()> {
        ensure!(path.len() < 100 && to.len() < 100, "{path} is too long a name for a tar archive, at most 99 bytes");
        let mut header = [0; BLOCK];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, path.as_bytes());
        put(100, format!("{:07o}", access.mode).as_bytes());
        put(108, format!("{:07o}", access.user).as_bytes());
        put(116, format!("{:07o}", access.user).as_bytes());
        let octal = format!("{size:011o}");
        ensure!(octal.len() == 11, "{path} has {size} bytes, more than a tar archive can hold");
        put(124, octal.as_bytes());
        // Always the beginning of 1970.
        put(136, b"00000000000");
        // The checksum counts itself as spaces.
        put(148, b"        ");
        put(156, &[kind]);
        put(157, to.as_bytes());
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend_from_slice(&header);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn tar_lists_what_was_put_in() {
        let mut tar = Tar::default();
        tar.folder("data", Access { mode: 0o750, user: 10001 }).unwrap();
        tar.file("data/program", Access::root(0o755), b"seventeen bytes .").unwrap();
        tar.link("go", "data/program").unwrap();
        let mut list = Command::new("tar")
            .args(["--list", "--verbose", "--numeric-owner", "--utc", "--file=-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        list.stdin.take().unwrap().write_all(&tar.finish()).unwrap();
        let output = list.wait_with_output().unwrap();
        assert!(output.status.success());
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(words).collect();
        assert_eq!(
            lines,
            [
                "drwxr-x--- 10001/10001 0 1970-01-01 00:00 data/",
                "-rwxr-xr-x 0/0 17 1970-01-01 00:00 data/program",
                "hrwxr-xr-x 0/0 0 1970-01-01 00:00 go link to data/program",
            ]
        );
    }

    #[test]
    fn a_name_that_does_not_fit_is_refused() {
        let error = Tar::default().folder(&"a".repeat(99), Access::root(0o755)).unwrap_err();
        assert!(error.to_string().contains("too long"), "{error}");
    }
}

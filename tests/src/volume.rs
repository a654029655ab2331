//! A small file system of its own, which a test can fill: ext4 in a file, mounted by the kernel's loop device.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// A mounted file system; it goes with its handle.
pub struct Volume {
    folder: TempDir,
}

impl Volume {
    /// Makes and mounts one of so many MiB, which takes root and a loop device.
    pub fn mount(mebibytes: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let image = folder.path().join("image");
        std::fs::File::create(&image)?.set_len(mebibytes << 20)?;
        let point = folder.path().join("volume");
        std::fs::create_dir(&point)?;
        run(Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(&image))?;
        run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&point)).context(
            "THE TEST OF A FULL DISK DID NOT RUN: it mounts a file system of its own, so run it as root where loop devices are \
             permitted (docker run --privileged)",
        )?;
        Ok(Self { folder })
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("volume")
    }

    /// Takes all room but so many bytes; what is returned gives it back when it is removed.
    pub fn fill_but(&self, left: u64) -> Result<PathBuf> {
        let ballast = self.path().join("ballast");
        let mut file = std::fs::File::create(&ballast)?;
        let mut bytes = free(&self.path())?.checked_sub(left).context("the volume is too small")?;
        // The file system needs some room itself to note what is taken.
        while nix::fcntl::posix_fallocate(&file, 0, i64::try_from(bytes)?).is_err() {
            bytes = bytes.checked_sub(16 << 10).context("nothing can be taken")?;
        }
        if left == 0 {
            // To the last block.
            file.seek(SeekFrom::End(0))?;
            while file.write_all(&[0; 1024]).is_ok() {}
        }
        Ok(ballast)
    }
}

fn free(path: &Path) -> Result<u64> {
    let of = nix::sys::statvfs::statvfs(path)?;
    Ok(of.blocks_available() * of.fragment_size())
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} cannot be started"))?;
    if !output.status.success() {
        bail!("{name} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily: a server that a failing test leaves still has files open.
        drop(run(Command::new("umount").arg("--lazy").arg(self.path())));
    }
}

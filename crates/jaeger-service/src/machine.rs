//! What the machine is: its name, and how much memory this process may use (the limit of its cgroup, v2 or v1, else the machine's memory).

use std::fs;
use std::path::{Path, PathBuf};

/// The machine's name, as Go Jaeger puts it into the `host` label; `localhost` if it cannot be found out.
#[must_use]
pub fn hostname() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}

/// The memory limit in bytes, 0 if it cannot be found out.
#[must_use]
pub fn memory_limit_bytes() -> u64 {
    limit_under(Path::new("/"))
}

/// The default of `--memory.max-bytes`: a quarter of [`memory_limit_bytes`], at least 64 MiB.
#[must_use]
pub fn default_store_bytes() -> u64 {
    (memory_limit_bytes() / 4).max(64 << 20)
}

fn limit_under(root: &Path) -> u64 {
    let machine = machine_bytes(root).unwrap_or(0);
    let cgroup = cgroup_bytes(root).filter(|limit| *limit > 0);
    match cgroup {
        // Version 1 says "no limit" by a number near 2^63, larger than any machine.
        Some(limit) if machine == 0 || limit < machine => limit,
        _ => machine,
    }
}

fn machine_bytes(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1024)
}

/// The smallest limit on the way from our cgroup up to the root of the hierarchy.
fn cgroup_bytes(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    text.lines()
        .filter_map(|line| {
            let mut parts = line.splitn(3, ':');
            let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
            let path = path.trim_start_matches('/');
            if controllers.is_empty() {
                smallest(&root.join("sys/fs/cgroup"), path, "memory.max")
            } else if controllers.split(',').any(|name| name == "memory") {
                let mount = root.join("sys/fs/cgroup/memory");
                smallest(&mount, path, "memory.limit_in_bytes")
            } else {
                None
            }
        })
        .min()
}

fn smallest(mount: &Path, path: &str, file: &str) -> Option<u64> {
    let mut folder: PathBuf = mount.join(path);
    let mut least = None;
    loop {
        // "max" does not parse, and means no limit.
        let here = fs::read_to_string(folder.join(file)).ok().and_then(|text| text.trim().parse::<u64>().ok());
        least = match (least, here) {
            (Some(a), Some(b)) => Some(u64::min(a, b)),
            (a, b) => a.or(b),
        };
        if folder == mount || !folder.pop() || !folder.starts_with(mount) {
            return least;
        }
    }
}

/// Lets the process open as many files and connections as it may: the usual limit is there for programs of another age.
pub fn raise_open_files() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid rlimit for the call to fill.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 || limit.rlim_cur >= limit.rlim_max {
        return;
    }
    let before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: `limit` is a valid rlimit.
    if unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) } != 0 {
        tracing::debug!(limit = before, "the limit of open files stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:       1000 kB\nMemFree: 5 kB\n");

    #[test]
    fn without_a_cgroup_the_machine_is_the_limit() {
        assert_eq!(limit_under(machine(&[MEMINFO]).path()), 1_024_000);
    }

    #[test]
    fn version_2_takes_the_smallest_limit_on_the_way_up() {
        let root = machine(&[
            MEMINFO,
            ("proc/self/cgroup", "0::/pods/one\n"),
            ("sys/fs/cgroup/pods/memory.max", "500000\n"),
            ("sys/fs/cgroup/pods/one/memory.max", "max\n"),
        ]);
        assert_eq!(limit_under(root.path()), 500_000);
    }

    #[test]
    fn version_1_has_a_folder_of_its_own_and_a_huge_number_for_none() {
        let root = machine(&[
            MEMINFO,
            ("proc/self/cgroup", "3:cpu,cpuacct:/a\n2:memory:/docker/b\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712"),
            ("sys/fs/cgroup/memory/docker/b/memory.limit_in_bytes", "700000"),
        ]);
        assert_eq!(limit_under(root.path()), 700_000);
        let root = machine(&[
            MEMINFO,
            ("proc/self/cgroup", "2:memory:/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712"),
        ]);
        assert_eq!(limit_under(root.path()), 1_024_000);
    }

    #[test]
    fn a_machine_that_says_nothing_still_gives_the_store_room() {
        let root = machine(&[]);
        assert_eq!(limit_under(root.path()), 0);
        assert!(default_store_bytes() >= 64 << 20);
    }
}

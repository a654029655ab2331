//! How much memory this process may use: the smaller of the cgroup's limit and the machine's memory.

use std::fs;

/// Bytes of memory that the cgroup (v2 or v1) or else the machine allows; 1 GiB where neither can be read.
pub fn memory_limit() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_of(&text));
    let cgroup = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .find_map(|text| text.trim().parse::<u64>().ok());
    match (cgroup, machine) {
        (Some(cgroup), Some(machine)) => cgroup.min(machine),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => 1 << 30,
    }
}

fn total_of(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_memory_is_read_in_bytes() {
        assert_eq!(total_of("MemTotal:       24576 kB\nMemFree: 1 kB\n"), Some(24_576 * 1024));
        assert_eq!(total_of("nothing"), None);
        assert!(memory_limit() > 1 << 20);
    }
}

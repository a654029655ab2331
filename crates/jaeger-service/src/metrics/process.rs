//! `process_*`: what the kernel says about this process, read when somebody asks.

use std::fs;

use super::page::Page;
use super::registry::Registry;

pub(super) fn register(registry: &Registry) {
    let started = started_seconds();
    registry.add_source(move |page| sample(page, started));
}

fn sample(page: &mut Page, started: Option<f64>) {
    if let Some(stat) = read_stat() {
        page.counter_f64(
            "process_cpu_seconds_total",
            "User and system CPU time of the process, in seconds.",
            &[],
            stat.cpu_seconds,
        );
        page.gauge("process_virtual_memory_bytes", "Address space of the process.", &[], stat.virtual_bytes);
        page.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.", &[], stat.resident_bytes);
        page.gauge("process_threads", "Threads of the process.", &[], stat.threads);
    }
    if let Some(started) = started {
        page.gauge_f64(
            "process_start_time_seconds",
            "When the process started, in seconds since the epoch.",
            &[],
            started,
        );
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        page.gauge("process_open_fds", "Open file descriptors.", &[], files.count() as u64);
    }
    if let Some((files, memory)) = limits() {
        page.gauge("process_max_fds", "Limit of open file descriptors.", &[], files);
        page.gauge_f64(
            "process_virtual_memory_max_bytes",
            "Limit of the address space; 2^64 - 1 if there is none.",
            &[],
            memory as f64,
        );
    }
    let netstat = fs::read_to_string("/proc/self/net/netstat").unwrap_or_default();
    if let Some((received, sent)) = network(&netstat) {
        let help = "Bytes received over IP by the network namespace.";
        page.counter("process_network_receive_bytes_total", help, &[], received);
        let help = "Bytes sent over IP by the network namespace.";
        page.counter("process_network_transmit_bytes_total", help, &[], sent);
    }
}

/// Bytes that came and went through IP, of the whole network namespace (a pod's): what Go's process collector shows.
fn network(text: &str) -> Option<(u64, u64)> {
    let mut rows = text.lines().filter_map(|line| line.strip_prefix("IpExt:"));
    let (names, values) = (rows.next()?, rows.next()?);
    let value = |name: &str| {
        let place = names.split_ascii_whitespace().position(|found| found == name)?;
        values.split_ascii_whitespace().nth(place)?.parse().ok()
    };
    Some((value("InOctets")?, value("OutOctets")?))
}

struct Stat {
    cpu_seconds: f64,
    start_ticks: f64,
    virtual_bytes: u64,
    resident_bytes: u64,
    threads: u64,
}

fn read_stat() -> Option<Stat> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // SAFETY: sysconf takes a number and reads no memory of ours.
    let (ticks, page) = unsafe { (libc::sysconf(libc::_SC_CLK_TCK), libc::sysconf(libc::_SC_PAGESIZE)) };
    parse_stat(&text, ticks.max(1) as f64, u64::try_from(page).ok()?)
}

fn parse_stat(text: &str, ticks_per_second: f64, page_bytes: u64) -> Option<Stat> {
    // The second field, the command, may hold spaces and parentheses: count from the last one.
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // Field 3 of proc(5) is fields[0].
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat {
        cpu_seconds: (number(14)? + number(15)?) as f64 / ticks_per_second,
        threads: number(20)?,
        start_ticks: number(22)? as f64 / ticks_per_second,
        virtual_bytes: number(23)?,
        resident_bytes: number(24)? * page_bytes,
    })
}

fn started_seconds() -> Option<f64> {
    let boot = fs::read_to_string("/proc/stat")
        .ok()?
        .lines()
        .find_map(|line| line.strip_prefix("btime ")?.trim().parse::<f64>().ok())?;
    Some(boot + read_stat()?.start_ticks)
}

/// (open files, address space)
fn limits() -> Option<(u64, u64)> {
    let read = |resource| {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `limit` is a valid rlimit for the call to fill.
        let answer = unsafe { libc::getrlimit(resource, &raw mut limit) };
        (answer == 0).then_some(limit.rlim_cur)
    };
    Some((read(libc::RLIMIT_NOFILE)?, read(libc::RLIMIT_AS)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let text = "7 (a) b (c)) S 1 7 7 0 -1 4194304 1 2 3 4 250 50 0 0 20 0 9 0 1000 4096 3 18446744073709551615";
        let stat = parse_stat(text, 100.0, 4096).unwrap();
        assert_eq!(stat.cpu_seconds, 3.0);
        assert_eq!(stat.start_ticks, 10.0);
        assert_eq!((stat.virtual_bytes, stat.resident_bytes), (4096, 3 * 4096));
        assert_eq!(stat.threads, 9);
    }

    #[test]
    fn network_bytes_are_found_by_their_column_names() {
        let text = "TcpExt: A B\nTcpExt: 1 2\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 0 70 80\n";
        assert_eq!(network(text), Some((70, 80)));
        assert_eq!(network("TcpExt: A\nTcpExt: 1\n"), None);
        assert_eq!(network("IpExt: InOctets OutOctets\nIpExt: 1\n"), None);
    }

    #[test]
    fn the_page_has_the_process_metrics_worth_having() {
        let registry = Registry::new();
        register(&registry);
        let text = registry.render();
        for name in [
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "process_virtual_memory_bytes",
            "process_open_fds",
            "process_max_fds",
            "process_start_time_seconds",
        ] {
            assert!(text.contains(&format!("\n{name} ")), "{name} is missing");
        }
    }
}

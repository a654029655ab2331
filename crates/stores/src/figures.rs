//! How far long work on a store is, as people read it.

use jaeger_storage_embedded::Progress;

/// `replaying the log, 12.0 of 256.0 MB, 34567 spans`.
pub(crate) fn progress(progress: &Progress) -> String {
    let Progress { what, done_bytes, total_bytes, spans } = *progress;
    format!("{what}, {} of {} MB, {spans} spans", megabytes(done_bytes), megabytes(total_bytes))
}

/// Millions of bytes with one digit behind the point.
pub(crate) fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_a_line_for_people() {
        let at = Progress { what: "verifying", done_bytes: 1_250_000, total_bytes: 256_000_000, spans: 7 };
        assert_eq!(progress(&at), "verifying, 1.2 of 256.0 MB, 7 spans");
        assert_eq!(megabytes(u64::MAX), "18446744073709.5");
    }
}

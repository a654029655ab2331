//! Series as Go Jaeger answers them: JSON of a metric family, without the envelope of the other answers.

use crate::metrics::{RateSeries, Wanted};
use crate::render::{float, json};

/// What is answered, and of what.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Of what.
    pub wanted: Wanted,
    /// Whether each operation has a series of its own.
    pub by_operation: bool,
}

impl Family {
    /// What Go Jaeger calls it.
    #[must_use]
    pub fn name(self) -> String {
        let of = if self.by_operation { "service_operation" } else { "service" };
        let name = match self.wanted {
            Wanted::Calls => "call_rate",
            Wanted::Errors => "error_rate",
            Wanted::Latencies(_) => "latencies",
        };
        format!("{of}_{name}")
    }

    /// What Go Jaeger says about it.
    #[must_use]
    pub fn help(self) -> String {
        let more = if self.by_operation { " & operation" } else { "" };
        let help = match self.wanted {
            Wanted::Calls => "calls/sec".to_owned(),
            Wanted::Errors => "error rate, computed as a fraction of errors/sec over calls/sec".to_owned(),
            Wanted::Latencies(part) => format!("{part:.2}th quantile latency"),
        };
        format!("{help}, grouped by service{more}")
    }

    /// Begins the answer.
    pub(super) fn open(self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"name\":");
        json::string(out, &self.name());
        out.extend_from_slice(b",\"type\":\"GAUGE\",\"help\":");
        json::string(out, &self.help());
        out.extend_from_slice(b",\"metrics\":[");
    }

    /// Ends the answer.
    pub(super) fn close(out: &mut Vec<u8>) {
        out.extend_from_slice(b"]}");
    }

    /// Writes a series.
    pub(super) fn series(self, series: &RateSeries, first: bool, out: &mut Vec<u8>) {
        if !first {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"labels\":[");
        label(out, "service_name", &series.service);
        if self.by_operation {
            out.push(b',');
            label(out, "operation", &series.operation);
        }
        out.extend_from_slice(b"],\"metricPoints\":[");
        for (at, point) in series.points.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(b"{\"gaugeValue\":{\"doubleValue\":");
            float::push(out, point.value);
            out.extend_from_slice(b"},\"timestamp\":\"");
            time(out, point.millis);
            out.extend_from_slice(b"\"}");
        }
        out.extend_from_slice(b"]}");
    }
}

fn label(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(b"{\"name\":");
    json::string(out, name);
    if !value.is_empty() {
        out.extend_from_slice(b",\"value\":");
        json::string(out, value);
    }
    out.push(b'}');
}

/// A time in UTC as RFC 3339, with milliseconds where there are any.
fn time(out: &mut Vec<u8>, millis: i64) {
    let (seconds, millis) = (millis.div_euclid(1000), millis.rem_euclid(1000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    out.extend_from_slice(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}").as_bytes());
    if millis > 0 {
        out.extend_from_slice(format!(".{millis:03}").as_bytes());
    }
    out.push(b'Z');
}

/// The date of a day since 1970: years are taken to begin in March, so that a leap day is a year's last.
fn date(days: i64) -> (i64, i64, i64) {
    const ERA: i64 = 146_097;
    // Since 1 March of the year 0.
    let days = days.saturating_add(719_468);
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_795_478_400_000, "2026-11-24T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (4_107_542_399_005, "2100-02-28T23:59:59.005Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            let mut out = Vec::new();
            time(&mut out, millis);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
        time(&mut Vec::new(), i64::MAX);
        time(&mut Vec::new(), i64::MIN);
    }
}

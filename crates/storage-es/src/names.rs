//! Which index a span is written to, and in which ones it may be read.

use std::fmt::Write as _;

use jaeger_model::Timestamp;

use crate::config::{IndexConfig, Rollover};
use crate::day::{HOURS_A_DAY, date, hour_of};

/// More names than this are not listed one by one but by month, year, or all at once.
const MOST_NAMES: i64 = 100;
/// How many years are listed before all are meant.
const MOST_YEARS: i64 = 20;

/// What is kept in indices of a kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Spans,
    Services,
    Dependencies,
}

impl Kind {
    fn base(self) -> &'static str {
        match self {
            Self::Spans => "jaeger-span-",
            Self::Services => "jaeger-service-",
            Self::Dependencies => "jaeger-dependencies-",
        }
    }
}

/// The names of one store's indices.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    index: IndexConfig,
    remote_clusters: Vec<String>,
    archive: bool,
}

impl Names {
    pub(crate) fn new(index: &IndexConfig, remote_clusters: &[String], archive: bool) -> Self {
        Self { index: index.clone(), remote_clusters: remote_clusters.to_vec(), archive }
    }

    /// With the prefix: `jaeger-span-` as `P-jaeger-span-`.
    pub(crate) fn prefixed(&self, name: &str) -> String {
        match self.index.prefix.as_str() {
            "" => name.to_owned(),
            prefix => format!("{prefix}-{name}"),
        }
    }

    /// Of which hours the names tell: the number that changes where the name of a written index does.
    pub(crate) fn period(&self, kind: Kind, time: Timestamp) -> i64 {
        match self.rollover(kind) {
            _ if self.index.aliases || self.archive => 0,
            Rollover::Hour => hour_of(time),
            Rollover::Day => hour_of(time).div_euclid(HOURS_A_DAY),
        }
    }

    /// The index that something of this time is written to.
    pub(crate) fn written(&self, kind: Kind, time: Timestamp) -> String {
        let base = self.prefixed(kind.base());
        match (self.archive, self.index.aliases) {
            (true, false) => format!("{base}archive"),
            (true, true) => format!("{base}archive-write"),
            (false, true) => format!("{base}write"),
            (false, false) => match self.rollover(kind) {
                Rollover::Day => self.day(&base, hour_of(time).div_euclid(HOURS_A_DAY)),
                Rollover::Hour => self.hour(&base, hour_of(time)),
            },
        }
    }

    /// Whether names say nothing about times.
    pub(crate) fn timeless(&self) -> bool {
        self.index.aliases || self.archive
    }

    /// The indices in which something of these times can be, newest first; with every cluster that is searched besides.
    pub(crate) fn read(&self, kind: Kind, from: Timestamp, to: Timestamp) -> Vec<String> {
        let own = self.read_here(kind, from, to);
        let mut all = Vec::with_capacity(own.len() * (1 + self.remote_clusters.len()));
        for name in &own {
            all.push(name.clone());
            for cluster in &self.remote_clusters {
                // What is left out is left out in each cluster by its own name.
                all.push(match name.strip_prefix('-') {
                    Some(left_out) => format!("{cluster}:-{left_out}"),
                    None => format!("{cluster}:{name}"),
                });
            }
        }
        all
    }

    fn read_here(&self, kind: Kind, from: Timestamp, to: Timestamp) -> Vec<String> {
        let base = self.prefixed(kind.base());
        if self.archive {
            return vec![format!("{base}archive{}", if self.index.aliases { "-read" } else { "" })];
        }
        if self.index.aliases {
            return vec![format!("{base}read")];
        }
        let (first, last) = (hour_of(from), hour_of(to));
        if first > last {
            return Vec::new();
        }
        if self.rollover(kind) == Rollover::Hour && last - first < MOST_NAMES {
            return (first..=last).rev().map(|hour| self.hour(&base, hour)).collect();
        }
        let (first, last) = (first.div_euclid(HOURS_A_DAY), last.div_euclid(HOURS_A_DAY));
        if last - first < MOST_NAMES {
            let hours = match self.rollover(kind) {
                Rollover::Day => String::new(),
                Rollover::Hour => format!("{}*", self.index.separator),
            };
            return (first..=last).rev().map(|day| self.day(&base, day) + &hours).collect();
        }
        let ((first, ..), (last, ..)) = (date(first), date(last));
        if last - first < MOST_YEARS {
            let separator = &self.index.separator;
            return (first..=last).rev().map(|year| format!("{base}{year:04}{separator}*")).collect();
        }
        match kind {
            // The archive's name begins like theirs.
            Kind::Spans => vec![format!("{base}*"), format!("-{base}archive*")],
            Kind::Services | Kind::Dependencies => vec![format!("{base}*")],
        }
    }

    fn rollover(&self, kind: Kind) -> Rollover {
        match kind {
            Kind::Spans => self.index.spans,
            Kind::Services => self.index.services,
            Kind::Dependencies => Rollover::Day,
        }
    }

    fn day(&self, base: &str, day: i64) -> String {
        let separator = &self.index.separator;
        let (year, month, day) = date(day);
        format!("{base}{year:04}{separator}{month:02}{separator}{day:02}")
    }

    fn hour(&self, base: &str, hour: i64) -> String {
        let mut name = self.day(base, hour.div_euclid(HOURS_A_DAY));
        // Writing to a String cannot fail.
        let _infallible = write!(name, "{}{:02}", self.index.separator, hour.rem_euclid(HOURS_A_DAY));
        name
    }
}

#[cfg(test)]
mod tests;

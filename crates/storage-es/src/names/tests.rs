//! Names as Go Jaeger's documentation of its indices has them.

use jaeger_model::Duration;

use super::*;
use crate::Config;

fn names(change: impl FnOnce(&mut IndexConfig)) -> Names {
    let mut index = Config::at("http://localhost").index;
    change(&mut index);
    Names::new(&index, &[], false)
}

/// 24 November 2026, 05:30 UTC.
fn morning() -> Timestamp {
    Timestamp::from_micros(1_795_478_400_000_000 + 19_800_000_000)
}

fn before(hours: i64) -> Timestamp {
    morning().saturating_add(Duration::from_micros(-hours * 3_600_000_000))
}

#[test]
fn a_day_has_an_index_and_an_hour_where_that_is_asked_for() {
    let daily = names(|_| ());
    assert_eq!(daily.written(Kind::Spans, morning()), "jaeger-span-2026-11-24");
    assert_eq!(daily.written(Kind::Services, morning()), "jaeger-service-2026-11-24");
    assert_eq!(daily.written(Kind::Dependencies, morning()), "jaeger-dependencies-2026-11-24");
    assert_eq!(
        daily.read(Kind::Spans, before(30), morning()),
        ["jaeger-span-2026-11-24", "jaeger-span-2026-11-23", "jaeger-span-2026-11-22"]
    );
    let hourly = names(|index| index.spans = Rollover::Hour);
    assert_eq!(hourly.written(Kind::Spans, morning()), "jaeger-span-2026-11-24-05");
    assert_eq!(hourly.written(Kind::Services, morning()), "jaeger-service-2026-11-24");
    assert_eq!(
        hourly.read(Kind::Spans, before(1), morning()),
        ["jaeger-span-2026-11-24-05", "jaeger-span-2026-11-24-04"]
    );
}

#[test]
fn prefix_and_separator_stand_where_go_puts_them() {
    let named = names(|index| {
        index.prefix = "shop".to_owned();
        index.separator = ".".to_owned();
    });
    assert_eq!(named.written(Kind::Spans, morning()), "shop-jaeger-span-2026.11.24");
    let none = names(|index| index.separator = String::new());
    assert_eq!(none.written(Kind::Services, morning()), "jaeger-service-20261124");
}

#[test]
fn aliases_and_the_archive_have_names_without_times() {
    let aliases = names(|index| index.aliases = true);
    assert_eq!(aliases.written(Kind::Spans, morning()), "jaeger-span-write");
    assert_eq!(aliases.read(Kind::Services, before(100), morning()), ["jaeger-service-read"]);
    let mut archive = names(|_| ());
    archive.archive = true;
    assert_eq!(archive.written(Kind::Spans, morning()), "jaeger-span-archive");
    assert_eq!(archive.read(Kind::Spans, before(1), morning()), ["jaeger-span-archive"]);
    archive.index.aliases = true;
    assert_eq!(archive.written(Kind::Spans, morning()), "jaeger-span-archive-write");
    assert_eq!(archive.read(Kind::Spans, before(1), morning()), ["jaeger-span-archive-read"]);
}

#[test]
fn long_times_are_read_by_patterns_and_never_the_archive() {
    let daily = names(|_| ());
    assert_eq!(daily.read(Kind::Spans, before(24 * 99), morning()).len(), 100);
    assert_eq!(daily.read(Kind::Spans, before(24 * 400), morning()), ["jaeger-span-2026-*", "jaeger-span-2025-*"]);
    assert_eq!(daily.read(Kind::Spans, Timestamp::MIN, Timestamp::MAX), ["jaeger-span-*", "-jaeger-span-archive*"]);
    let hourly = names(|index| index.spans = Rollover::Hour);
    assert_eq!(hourly.read(Kind::Spans, before(110), morning())[0], "jaeger-span-2026-11-24-*");
    assert_eq!(daily.read(Kind::Spans, morning(), before(1)), [""; 0]);
}

#[test]
fn other_clusters_are_searched_by_their_names() {
    let index = Config::at("http://localhost").index;
    let names = Names::new(&index, &["west".to_owned()], false);
    assert_eq!(
        names.read(Kind::Spans, morning(), morning()),
        ["jaeger-span-2026-11-24", "west:jaeger-span-2026-11-24"]
    );
    assert_eq!(
        names.read(Kind::Spans, Timestamp::MIN, Timestamp::MAX)[2..],
        ["-jaeger-span-archive*", "west:-jaeger-span-archive*"]
    );
}

//! `--big`: a store with ten million spans in it. Memory while they come in at a steady rate, searches warm and cold, and starts
//! after a clean stop and after kills.

mod keys;
mod paced;
mod starts;

use std::path::Path;

use anyhow::Context as _;

use super::disk::{Folder, drop_page_cache};
use super::embedded::{self, shown};
use super::queries::{self, Query};
use super::report::{Report, Unit};
use super::settle::settled;
use super::{Extent, ingest, megabytes, millis, profile_name};
use crate::observe;
use crate::profile::Profile;
use crate::send::http::Connection;
use crate::server::Server;
use keys::{Key, Kind};
use paced::Load;

const SPANS_PER_SECOND: f64 = 100_000.0;
const COLD_REQUESTS: usize = 20;
const START_GOAL_MS: f64 = 1000.0;
const MEMORY_GOAL_MB: f64 = 300.0;

pub(super) async fn measure(report: &mut Report, extent: Extent, disk: Option<&Path>) -> anyhow::Result<()> {
    for (profile, spans) in [(Profile::Plain, extent.big_spans), (Profile::Real, extent.big_spans / 5)] {
        one(report, profile, spans, disk).await.with_context(|| format!("measuring profile {profile:?}"))?;
    }
    Ok(())
}

async fn one(report: &mut Report, profile: Profile, spans: usize, disk: Option<&Path>) -> anyhow::Result<()> {
    let folder = Folder::make(disk)?;
    let load = Load { profile, spans, now: ingest::now()? };
    let about = format!("{} spans, {}", shown(spans), profile_name(profile));
    let server = embedded::start(&folder).await?;
    let sent = paced::send(&server, &load, SPANS_PER_SECOND).await?;
    let peak = megabytes(observe::peak_resident_bytes(server.pid())?);
    let goal = (profile == Profile::Plain).then_some(MEMORY_GOAL_MB);
    report.figure(
        &format!("most memory while {SPANS_PER_SECOND:.0} spans/s come in ({about})"),
        Unit::Megabytes,
        peak,
        goal,
    );
    report.note(format!("{about}: {:.0} spans/s came in, {} spans told to come again", sent.rate(), sent.again));
    settled(&[&server], &folder).await?;
    embedded::disk_bytes(report, &server, &folder, profile, sent.spans).await?;

    let keys = Key::some(&load, queries::REQUESTS);
    for kind in Kind::ALL {
        let mut connection = Connection::open(&server.port("query.http")?).await?;
        let path = |key: usize| kind.path(&keys, key, &load);
        let goal = kind.warm_goal_ms();
        let query = queries::ask_after(&mut connection, kind.name(), Some(goal), queries::REQUESTS, path, || Ok(()));
        show(report, &query.await?, "warm", &about, profile);
    }
    let peak = megabytes(observe::peak_resident_bytes(server.pid())?);
    report.note(format!("{about}: {peak:.0} MB of memory at the most, answering included"));
    server.stop().await?;

    let mut ready = Vec::new();
    for kind in Kind::ALL {
        // A server of its own for each: nothing is in its memory yet.
        let server = embedded::start(&folder).await?;
        ready.push(millis(server.ready_after));
        cold(report, &server, kind, &keys, &load, &about).await?;
        server.stop().await?;
    }
    ready.sort_by(f64::total_cmp);
    let worst = ready.last().copied().unwrap_or_default();
    let work = format!("start to ready after a clean stop, worst of {} ({about})", ready.len());
    report.figure(&work, Unit::Milliseconds, worst, Some(START_GOAL_MS));
    starts::measure(report, &folder, &load, &about).await
}

async fn cold(
    report: &mut Report,
    server: &Server,
    kind: Kind,
    keys: &[Key],
    load: &Load,
    about: &str,
) -> anyhow::Result<()> {
    if let Err(error) = drop_page_cache() {
        report.not_measured(
            &format!("cold: {}, p50 ({about})", kind.name()),
            &format!("only root drops the page cache ({error})"),
        );
        return Ok(());
    }
    let mut connection = Connection::open(&server.port("query.http")?).await?;
    let path = |key: usize| kind.path(keys, key, load);
    let drop_it = || drop_page_cache().context("dropping the page cache");
    let query = queries::ask_after(&mut connection, kind.name(), Some(50.0), COLD_REQUESTS, path, drop_it).await?;
    show(report, &query, "cold", about, load.profile);
    Ok(())
}

fn show(report: &mut Report, query: &Query, state: &str, about: &str, profile: Profile) {
    let goal = query.goal_ms.filter(|_| profile == Profile::Plain);
    report.figure(&format!("{state}: {}, p50 ({about})", query.name), Unit::Milliseconds, query.p50_ms, goal);
    let empty = match query.empty {
        0 => String::new(),
        empty => format!(", {empty} without a trace"),
    };
    report.note(format!(
        "{state}: {}, {about}: p99 {:.2} ms, {:.1} kB an answer{empty}",
        query.name, query.p99_ms, query.kilobytes
    ));
}

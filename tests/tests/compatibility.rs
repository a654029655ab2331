//! The data of `docs/compatibility.md` against the real binaries.
//!
//! Guarantees: the page is what the data and the tables of settings say; every flag of Go Jaeger is in `--help` with Go's
//! default or the one that the data gives, or is refused with the message that the page has; every port is where the page
//! says; every endpoint answers so; every family of metrics is on its page with its kind and labels.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use jaeger_service::settings::{Component, Status, Table};
use jaeger_tests::binaries::Binary;
use jaeger_tests::compat::data::{Line, State, read, repository};
use jaeger_tests::compat::families::families;
use jaeger_tests::compat::settings::wish;
use jaeger_tests::compat::{help, page};
use jaeger_tests::replay::recording;
use jaeger_tests::server::Server;
use jaeger_tests::story::send_story;
use jaeger_tests::{grpc, http, program};

#[test]
fn the_page_is_what_the_data_and_the_tables_say() -> Result<()> {
    let sections = read()?;
    let text = page::page(&sections)?;
    let path = repository().join("docs/compatibility.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text)?;
    }
    let counts = page::counts(&sections)?;
    let count = |state| counts.get(&state).copied().unwrap_or_default();
    writeln!(
        std::io::stderr(),
        "compatibility: {} lines the same, {} there, {} ours, {} different on purpose, {} not yet",
        count(State::Same),
        count(State::There),
        count(State::Ours),
        count(State::Different),
        count(State::NotYet)
    )?;
    let written = std::fs::read_to_string(&path)?;
    let is = "UPDATE_DOCS=1 cargo test --profile ci -p jaeger-tests --test compatibility the_page";
    ensure!(written == text, "docs/compatibility.md is not what the data says: run {is}");
    Ok(())
}

/// Go's list of each binary's flags against `--help`, and what is hidden there against `check`.
#[tokio::test]
async fn every_flag_of_go_is_in_help_with_its_default_or_refused_with_its_message() -> Result<()> {
    let lines = lines()?;
    let differs: BTreeMap<_, _> = lines
        .iter()
        .filter(|line| line.port.is_none())
        .filter_map(|line| Some((line.flag.as_deref()?, line)))
        .collect();
    let mut used = BTreeSet::new();
    for component in Component::ALL {
        let binary = binary(component.binary())?;
        let shown = help::flags(&program::run(binary, &["--help"], &[]).await?.stdout);
        let name = component.binary().trim_start_matches("jaeger-");
        let list = std::fs::read_to_string(recording::folder().join("flags").join(format!("{name}.tsv")))?;
        let table = Table::of(component);
        for row in list.lines().skip(1) {
            let cells: Vec<_> = row.split('\t').collect();
            let flag = cells[0].trim_start_matches("--");
            let Some(known) = table.get(flag) else {
                ensure!(flag == "span-storage.type", "{component} has no --{flag}");
                continue;
            };
            ensure!(known.works() == shown.contains_key(flag), "{component} --help and --{flag} ({:?})", known.status);
            let Some(default) = shown.get(flag) else { continue };
            match differs.get(flag) {
                Some(line) => _ = used.insert(line.what.clone()),
                None => ensure!(known.differs.is_none(), "--{flag} differs, and no line of compat/flags.toml says so"),
            }
            ensure!(default == known.default, "{component} --{flag} has the default {default}");
        }
        let (mut arguments, mut expected) = (vec!["check".to_owned()], Vec::new());
        for flag in table.flags() {
            let Status::NotYet { reason, .. } = flag.status else { continue };
            if !flag.is_env_only() {
                arguments.push(format!("--{}={}", flag.name, wish(flag)));
                expected.push(format!("problem: --{} (command line): {reason}", flag.name));
            }
        }
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let output = program::run(binary, &arguments, &[("SPAN_STORAGE_TYPE", "memory")]).await?;
        for line in &expected {
            ensure!(output.stdout.lines().any(|told| told == line), "{component} check lacks {line:?}");
        }
        ensure!(expected.is_empty() || output.code == Some(1), "{component} check ended with {:?}", output.code);
    }
    for (flag, line) in differs.iter().filter(|(_, line)| line.listener.is_none()) {
        ensure!(used.contains(&line.what), "--{flag} no longer differs");
    }
    Ok(())
}

#[tokio::test]
async fn variables_of_go_are_read_or_refused() -> Result<()> {
    let list = std::fs::read_to_string(recording::folder().join("flags/env-only.tsv"))?;
    for component in Component::ALL {
        let text = program::run(binary(component.binary())?, &["env"], &[]).await?.stdout;
        for row in list.lines().skip(1) {
            let cells: Vec<_> = row.split('\t').collect();
            if !cells[3].split(',').any(|name| component.binary().strip_prefix("jaeger-") == Some(name)) {
                continue;
            }
            let flag = Table::of(component).by_env(cells[0]).with_context(|| format!("{component} {}", cells[0]))?;
            let shown = text.lines().any(|line| line.split_whitespace().next() == Some(cells[0]));
            ensure!(shown == flag.works(), "{component} env and {}", cells[0]);
        }
    }
    Ok(())
}

/// The file of Jaeger 2 is not read; one sentence says which flags stand in its place.
#[tokio::test]
async fn the_file_of_jaeger_2_is_refused_with_the_flags_in_its_place() -> Result<()> {
    for arguments in [&["--config=config.yaml"][..], &["--config", "config.yaml"]] {
        let output = program::run(Binary::AllInOne, arguments, &[]).await?;
        let says = ["--config is the file of Jaeger 2", "SPAN_STORAGE_TYPE", "--collector.otlp", "--config-file"];
        let missing: Vec<_> = says.iter().filter(|part| !output.stderr.contains(**part)).collect();
        ensure!(output.code == Some(1) && missing.is_empty(), "{output:?} lacks {missing:?}");
        ensure!(output.stderr.trim().lines().count() == 1, "{}", output.stderr);
    }
    Ok(())
}

#[tokio::test]
async fn ports_endpoints_and_metrics_are_as_the_page_says() -> Result<()> {
    let lines = lines()?;
    let collector = Server::start(Binary::AllInOne, &[]).await?;
    send_story(&collector).await?;
    let reporter = format!("--reporter.grpc.host-port={}", collector.address("collector.grpc")?);
    let mut asked = BTreeMap::<&str, usize>::new();
    for component in Component::ALL {
        let name = component.binary().trim_start_matches("jaeger-");
        let started;
        let server = match component {
            Component::AllInOne => &collector,
            Component::Agent => {
                started = Server::start(Binary::Agent, &[&reporter]).await?;
                &started
            }
            _ => {
                started = Server::start(binary(component.binary())?, &[]).await?;
                &started
            }
        };
        begin_series(server).await?;
        let mut pages = BTreeMap::new();
        for line in lines.iter().filter(|line| line.on().contains(&name)) {
            let checked = check(line, component, server, &mut pages).await;
            if checked.with_context(|| format!("{component}: {}", line.what))? {
                *asked.entry(name).or_default() += 1;
            }
        }
    }
    writeln!(std::io::stderr(), "lines of the page that the binaries were asked about: {asked:?}")?;
    collector.stop().await.map(drop)
}

/// True if the line had something to ask.
async fn check(
    line: &Line,
    component: Component,
    server: &Server,
    pages: &mut BTreeMap<String, BTreeSet<String>>,
) -> Result<bool> {
    if let (Some(listener), Some(flag)) = (&line.listener, &line.flag) {
        server.address(listener)?;
        let default = Table::of(component).get(flag).with_context(|| format!("no flag --{flag}"))?.default;
        let expected = line.port.map(|port| format!(":{port}")).unwrap_or_default();
        ensure!(default == expected, "--{flag} is {default:?} by default");
        return Ok(true);
    }
    if let Some(series) = &line.series {
        let listener = line.page.as_deref().unwrap_or("admin");
        if !pages.contains_key(listener) {
            let page = http::get_text(server.address(listener)?, "/metrics").await?;
            pages.insert(listener.to_owned(), families(&page)?);
        }
        let page = pages.get(listener).context("a page that was just read")?;
        let name = series.split(['{', ' ']).nth(1).unwrap_or_default();
        let like: Vec<_> = page.iter().filter(|one| one.contains(name)).collect();
        ensure!(page.contains(series), "{series} is not on {listener}/metrics; there is {like:?}");
        return Ok(true);
    }
    let Some(ask) = &line.ask else { return Ok(false) };
    let parts: Vec<_> = ask.splitn(3, ' ').collect();
    let [method, listener, path] = parts[..] else { bail!("{ask:?} is not METHOD LISTENER PATH") };
    let address = server.address(listener)?;
    let (status, text) = if method == "GRPC" {
        let answer = grpc::call(address, path, &[], Bytes::new()).await?;
        (answer.status, answer.message)
    } else {
        let kind = line.content_type.iter().map(|kind| ("content-type".to_owned(), kind.clone()));
        let answer = http::send(address, method, path, &kind.collect::<Vec<_>>(), line.body.clone().into()).await?;
        (answer.status.to_string(), answer.text())
    };
    ensure!(status == line.status, "{ask} is answered {status}: {text}");
    ensure!(text.contains(&line.holds), "{ask} is answered without {:?}: {text}", line.holds);
    Ok(true)
}

/// Series of an endpoint's answers begin with the first one.
async fn begin_series(server: &Server) -> Result<()> {
    if let Ok(collector) = server.address("collector.http") {
        http::get_text(collector, "/api/sampling?service=x").await?;
    }
    Ok(())
}

fn lines() -> Result<Vec<Line>> {
    Ok(read()?.into_iter().flat_map(|section| section.lines).collect())
}

fn binary(name: &str) -> Result<Binary> {
    let all = [Binary::Agent, Binary::AllInOne, Binary::Collector, Binary::Query, Binary::RemoteStorage];
    all.into_iter().find(|binary| binary.name() == name).with_context(|| format!("no binary {name}"))
}

//! The embedded store as people get it: without asking, under Badger's name, and what is said where it cannot be had.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::otlp::{self, Ids};
use jaeger_tests::program;
use jaeger_tests::server::Server;

const TRACE: [u8; 16] = [7; 16];
const SPAN: [u8; 8] = [8; 8];
const TRACE_PATH: &str = "/api/traces/07070707070707070707070707070707";

#[tokio::test]
async fn spans_outlive_the_process_and_can_be_looked_into_meanwhile() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let directory = format!("--embedded.directory={}", folder.path().join("store").display());
    let flags = ["--span-storage.type=embedded", directory.as_str()];
    let first = Server::start(Binary::AllInOne, &flags).await?;
    send(&first).await?;
    find(&first).await?;
    let busy = program::run(Binary::AllInOne, &["storage", "stats", &directory], &[]).await?;
    ensure!(busy.code == Some(1) && busy.stderr.contains("in use"), "over a store in use it says {busy:?}");
    first.stop().await?;

    let verify = program::run(Binary::AllInOne, &["storage", "verify", &directory], &[]).await?;
    ensure!(verify.code == Some(0) && verify.stdout.contains("1 spans; all of it is sound"), "verify: {verify:?}");
    let export = program::run(Binary::AllInOne, &["storage", "export", &directory], &[]).await?;
    let fits = export.code == Some(0) && export.stdout.lines().count() == 1 && export.stdout.contains("\"kept\"");
    ensure!(fits, "export: {export:?}");

    let second = Server::start(Binary::AllInOne, &flags).await?;
    find(&second).await?;
    second.stop().await.map(drop)
}

#[tokio::test]
async fn who_asks_for_nothing_has_the_embedded_store_in_the_working_folder() -> Result<()> {
    let server = Server::start_bare(Binary::AllInOne, &[], &[]).await?;
    send(&server).await?;
    find(&server).await?;
    ensure!(server.folder().join("data/jaeger/spans").is_dir(), "no ./data/jaeger/spans");
    server.stop().await.map(drop)
}

#[tokio::test]
async fn where_the_folder_cannot_be_written_memory_serves_with_one_warning() -> Result<()> {
    let server = Server::start_bare(Binary::AllInOne, &[], &[("data", "a file where a folder should be")]).await?;
    send(&server).await?;
    find(&server).await?;
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("spans are kept in memory")).collect();
    let [line] = lines.as_slice() else { anyhow::bail!("{} such warnings: {log}", lines.len()) };
    ensure!(line.contains("\"warn\"") && line.contains("data") && line.contains("docker run -v"), "it says {line}");
    server.stop().await.map(drop)
}

#[tokio::test]
async fn a_folder_that_was_asked_for_and_cannot_be_written_is_refused_with_its_flag() -> Result<()> {
    let files = [("taken", "a file")];
    for flags in [
        &["--span-storage.type=embedded", "--embedded.directory=taken"][..],
        &["--span-storage.type=badger", "--badger.directory-value=taken"],
    ] {
        let refusal = Server::refuse(Binary::AllInOne, flags, &files).await?;
        let flag = flags.last().and_then(|flag| flag.split('=').next()).context("no flag")?;
        let fits = refusal.status.code() == Some(1) && refusal.log.contains(flag);
        ensure!(fits, "{flags:?} ended with {}: {}", refusal.status, refusal.log);
    }
    Ok(())
}

#[tokio::test]
async fn badgers_folder_has_ours_in_it_and_its_own_files_are_left_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("000001.vlog"), "badger's")?;
    let directory = format!("--badger.directory-value={}", folder.path().display());
    let flags = ["--span-storage.type=badger", "--badger.ephemeral=false", directory.as_str()];
    let server = Server::start(Binary::AllInOne, &flags).await?;
    send(&server).await?;
    find(&server).await?;
    let stopped = server.stop().await?;
    ensure!(folder.path().join("spans/spans").is_dir(), "no folder of ours");
    ensure!(std::fs::read_to_string(folder.path().join("000001.vlog"))? == "badger's", "its file was changed");
    ensure!(stopped.log.contains("holds files of Badger (000001.vlog)"), "nothing about it: {}", stopped.log);
    Ok(())
}

#[tokio::test]
async fn a_temporary_store_is_gone_at_exit() -> Result<()> {
    let flags = ["--span-storage.type=badger", "--badger.ephemeral=true"];
    let folder = tempfile::tempdir()?;
    let server = Server::start_in_tmp(Binary::AllInOne, &flags, folder.path()).await?;
    send(&server).await?;
    find(&server).await?;
    ensure!(entries(folder.path())? == 1, "the store is not in TMPDIR");
    server.stop().await?;
    ensure!(entries(folder.path())? == 0, "the store is still there");
    Ok(())
}

async fn send(server: &Server) -> Result<()> {
    let request = otlp::request("kept", 1_795_000_000_000_000_000, [Ids { trace: &TRACE, span: &SPAN }]);
    let headers = [("content-type".to_owned(), "application/x-protobuf".to_owned())];
    let to = server.address("collector.otlp.http")?;
    let answer = http::send(to, "POST", "/v1/traces", &headers, Bytes::from(request)).await?;
    ensure!(answer.status == 200, "the span was answered {}: {}", answer.status, answer.text());
    Ok(())
}

/// By its id and by a search.
async fn find(server: &Server) -> Result<()> {
    let query = server.address("query.http")?;
    for path in [TRACE_PATH, "/api/traces?service=kept&limit=5&lookback=custom&start=0&end=9000000000000000"] {
        let text = http::get_text(query, path).await?;
        ensure!(text.contains("0707070707070707"), "{path} answers {text}");
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<usize> {
    Ok(std::fs::read_dir(folder)?.count())
}

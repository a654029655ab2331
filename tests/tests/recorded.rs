//! What Go Jaeger answered is answered here too, or `recorded/differences.toml` says why not.
//!
//! Guarantees: every recorded input of the wires that exist is taken, and every recorded exchange of the endpoints that
//! exist is answered the same by the rules of `recorded/README.md`. Parts that wait for a wire are counted and named.

use std::io::Write;

use anyhow::Result;
use jaeger_tests::http;
use jaeger_tests::replay::carry::Reading;
use jaeger_tests::replay::compare::same;
use jaeger_tests::replay::recording::{self, cases};
use jaeger_tests::replay::rules::Rules;
use jaeger_tests::replay::run::Run;
use jaeger_tests::replay::site::AgentIs;

#[tokio::test]
async fn recorded_answers_of_go_jaeger_are_given_again() -> Result<()> {
    let only = std::env::var("RECORDED_CASE").ok();
    let mut run = Run::new(AgentIs::InAllInOne)?;
    for case in cases()? {
        if only.as_ref().is_none_or(|name| *name == case.name) {
            run.play(&case).await?;
        }
    }
    let unused = if only.is_some() { Vec::new() } else { run.differences.unused() };
    // Not by println, which the test runner would keep to itself when all is well.
    std::io::stderr().write_all(run.report.text().as_bytes())?;
    assert!(unused.is_empty(), "entries of differences.toml that differ no more: {unused:#?}");
    assert!(!run.report.failed(), "some answers differ; RECORDED_CASE=NAME plays one case alone");
    Ok(())
}

/// The same cases with `jaeger-agent` as a process of its own, as far as they send by UDP or ask 5778.
#[tokio::test]
async fn recorded_answers_are_the_same_through_the_separate_agent() -> Result<()> {
    let mut run = Run::new(AgentIs::Separate)?;
    for case in cases()? {
        let by_udp = |name: &String| recording::input(name).map(|input| input.via.starts_with("udp:"));
        let by_udp = case.inputs.iter().map(by_udp).collect::<Result<Vec<_>>>()?.contains(&true);
        let asks_agent = case.exchanges.iter().any(|exchange| exchange.request.url.contains(":5778/"));
        if by_udp || asks_agent {
            run.play(&case).await?;
        }
    }
    std::io::stderr().write_all(run.report.text().as_bytes())?;
    assert!(!run.report.failed(), "some answers differ through the separate agent");
    Ok(())
}

/// The comparison itself: what Go answered is equal to what Go answered, and one changed byte is not.
#[test]
fn every_recorded_answer_is_equal_to_itself_and_to_no_other() -> Result<()> {
    let rules = Rules { words_of_go: Vec::new(), ..Rules::read()? };
    for case in cases()? {
        for (index, exchange) in case.exchanges.iter().enumerate() {
            let recorded = case.response(index)?;
            let (Some(status), Some(body)) = (recorded.status, &recorded.body) else { continue };
            let mut headers: Vec<_> = recorded.headers.clone().into_iter().collect();
            headers.retain(|(name, _)| name != "content-encoding");
            let mut expected = recorded.clone();
            expected.headers.remove("content-encoding");
            let answer =
                |body: String| Reading::Http(http::Answer { status, headers: headers.clone(), body: body.into() });
            let title = format!("{} {}", case.name, exchange.request.title());
            assert_eq!(same(exchange.compare, &expected, &answer(body.clone()), &rules), Ok(()), "{title}");
            let last = body.rfind(|c: char| c.is_ascii_lowercase());
            if let Some(at) = last.filter(|_| !body.contains("<any>")) {
                let changed = format!("{}X{}", &body[..at], &body[at + 1..]);
                assert!(same(exchange.compare, &expected, &answer(changed), &rules).is_err(), "{title}");
            }
        }
    }
    Ok(())
}

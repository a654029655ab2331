//! What Go Jaeger answered is answered here too, or `recorded/differences.toml` says why not.
//!
//! Guarantees: every recorded input of the wires that exist is taken, and every recorded exchange of the endpoints that
//! exist is answered the same by the rules of `recorded/README.md`. Parts that wait for a wire are counted and named.

use std::io::Write;

use jaeger_tests::http;
use jaeger_tests::replay::carry::Reading;
use jaeger_tests::replay::compare::same;
use jaeger_tests::replay::recording::cases;
use jaeger_tests::replay::rules::Rules;
use jaeger_tests::replay::run::Run;

#[tokio::test]
async fn recorded_answers_of_go_jaeger_are_given_again() -> anyhow::Result<()> {
    let only = std::env::var("RECORDED_CASE").ok();
    let mut run = Run::new()?;
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

/// The comparison itself: what Go answered is equal to what Go answered, and one changed byte is not.
#[test]
fn every_recorded_answer_is_equal_to_itself_and_to_no_other() -> anyhow::Result<()> {
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

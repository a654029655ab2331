mod fake;

use jaeger_model::{BatchBuilder, SpanId, TraceId};
use jaeger_service::metrics::{AgentMetrics, Registry};
use jaeger_wire::tchannel::{FrameKind, decode_headers};

use super::*;
use fake::{Fake, Mood};

fn batch(service: &str, spans: u64) -> Arc<Batch> {
    let mut builder = BatchBuilder::new();
    let process = builder.process(service.as_bytes()).expect("room");
    for id in 1..=spans {
        builder.begin_span();
        builder.span_ids(TraceId(1), SpanId(id));
        builder.span_process(process);
        builder.end_span().expect("room");
    }
    Arc::new(builder.finish())
}

fn settings(collectors: &[&Fake]) -> TchannelSettings {
    TchannelSettings {
        collectors: collectors.iter().map(|fake| fake.address.to_string()).collect(),
        min_peers: 3,
        connect_timeout: Duration::from_secs(10),
        report_timeout: Duration::from_secs(10),
    }
}

fn start(settings: &TchannelSettings) -> (TchannelReporter, AgentMetrics) {
    let metrics = AgentMetrics::over(&Registry::new(), "tchannel");
    let (connected, reconnects) = (metrics.collector_connected.clone(), metrics.collector_reconnects.clone());
    (TchannelReporter::start(settings, connected, reconnects), metrics)
}

async fn until(mut condition: impl FnMut() -> bool) {
    let seen = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), seen).await.expect("the condition comes true");
}

#[tokio::test]
async fn batches_arrive_with_a_callers_head() {
    let fake = Fake::start().await;
    let (reporter, metrics) = start(&settings(&[&fake]));
    let answer = reporter.deliver(&[batch("a", 3), batch("b", 2)]).await;
    assert!(matches!(answer, Answer::Acknowledged), "{answer:?}");
    assert_eq!(fake.spans(), 5);
    let calls = fake.calls();
    let (head, arguments) = &calls[0];
    assert_eq!(head.service, "jaeger-collector");
    assert_eq!((head.header("as"), head.header("cn")), (Some("thrift"), Some("jaeger-agent")));
    assert_eq!(head.header(AGENT_KEY), Some("5"));
    assert_eq!(head.ttl, Duration::from_secs(10));
    assert_eq!(&arguments.method[..], b"Collector::submitBatches");
    assert_eq!(decode_headers(&arguments.headers), Ok(Vec::new()));
    assert_eq!(metrics.collector_connected.get(), 1.0);
    // It answered the ping meanwhile.
    until(|| fake.others().contains(&FrameKind::PingResponse)).await;
}

#[tokio::test]
async fn a_call_of_a_megabyte_is_cut_into_frames() {
    let fake = Fake::start().await;
    let (reporter, _metrics) = start(&settings(&[&fake]));
    let answer = reporter.deliver(&[batch("a", 10_000)]).await;
    assert!(matches!(answer, Answer::Acknowledged), "{answer:?}");
    assert_eq!(fake.spans(), 10_000);
    assert!(fake.calls()[0].1.body.len() > 1 << 19);
}

#[tokio::test]
async fn what_the_collector_says_decides_what_becomes_of_the_spans() {
    let fake = Fake::start().await;
    let (reporter, _metrics) = start(&settings(&[&fake]));
    let spans = [batch("a", 1)];
    for (mood, wanted) in [
        (Mood::Says(ErrorCode::Busy, "full"), "Busy"),
        (Mood::Says(ErrorCode::Declined, "closed channel"), "Busy"),
        (Mood::Says(ErrorCode::Unexpected, "boom"), "Busy"),
        (Mood::NotOk, "Busy"),
        (Mood::Says(ErrorCode::BadRequest, "no handler"), "Refused"),
        (Mood::Says(ErrorCode::BadRequest, "over --collector.tchan-server.max-message-size"), "TooLarge"),
        (Mood::Says(ErrorCode::Timeout, "timeout"), "Unanswered"),
        (Mood::Babbles, "Unanswered"),
        (Mood::HangsUp, "Unanswered"),
        (Mood::Takes, "Acknowledged"),
    ] {
        fake.set(mood.clone());
        let answer = format!("{:?}", reporter.deliver(&spans).await);
        assert!(answer.starts_with(wanted), "{mood:?}: {answer}");
    }
}

#[tokio::test]
async fn a_silent_collector_is_left_and_another_connection_made() {
    let fake = Fake::start().await;
    fake.set(Mood::Silent);
    let (reporter, metrics) =
        start(&TchannelSettings { report_timeout: Duration::from_millis(100), ..settings(&[&fake]) });
    until(|| metrics.collector_connected.get() == 1.0).await;
    until(|| fake.others().contains(&FrameKind::PingResponse)).await;
    let answer = reporter.deliver(&[batch("a", 1)]).await;
    let Answer::Unanswered { message } = answer else { panic!("{answer:?}") };
    assert_eq!(message, "no answer after 100ms");
    fake.set(Mood::Takes);
    until(|| fake.connections() == 2).await;
    until(|| metrics.collector_reconnects.get() == 2).await;
    assert!(matches!(reporter.deliver(&[batch("a", 1)]).await, Answer::Acknowledged));
}

#[tokio::test]
async fn a_collector_that_comes_back_is_found_again() {
    let fake = Fake::start().await;
    let (address, settings) = (fake.address, settings(&[&fake]));
    let (reporter, metrics) = start(&TchannelSettings { report_timeout: Duration::from_millis(100), ..settings });
    assert!(matches!(reporter.deliver(&[batch("a", 1)]).await, Answer::Acknowledged));
    drop(fake);
    until(|| metrics.collector_connected.get() == 0.0).await;
    let answer = reporter.deliver(&[batch("a", 1)]).await;
    let Answer::Unanswered { message } = answer else { panic!("{answer:?}") };
    assert!(message.starts_with("no collector of --reporter.tchannel.host-port is connected: "), "{message}");
    let fake = Fake::again(address).await;
    until(|| metrics.collector_connected.get() == 1.0).await;
    assert!(matches!(reporter.deliver(&[batch("a", 2)]).await, Answer::Acknowledged));
    assert_eq!(fake.spans(), 2);
}

#[tokio::test]
async fn as_many_collectors_are_connected_as_are_wanted_and_another_where_one_ends() {
    let fakes = [Fake::start().await, Fake::start().await, Fake::start().await];
    let [a, b, c] = &fakes;
    let (_reporter, _metrics) = start(&TchannelSettings { min_peers: 2, ..settings(&[a, b, c]) });
    let connections = |fakes: &[Fake]| fakes.iter().map(Fake::connections).sum::<usize>();
    until(|| connections(&fakes) == 2).await;
    let mut left: Vec<Fake> = fakes.into();
    let ended = left.iter().position(|fake| fake.connections() == 1).expect("a connected one");
    drop(left.remove(ended));
    until(|| connections(&left) == 2 && left.iter().all(|fake| fake.connections() == 1)).await;
}

#[tokio::test]
async fn the_least_loaded_collector_gets_the_next_call() {
    let fakes = [Fake::start().await, Fake::start().await];
    let [slow, fast] = &fakes;
    slow.set(Mood::Silent);
    let (reporter, _metrics) = start(&settings(&[slow, fast]));
    until(|| slow.connections() == 1 && fast.connections() == 1).await;
    // Among equals it is chance; whoever waits for the slow one goes on waiting, and all others go past it.
    let mut waiting = tokio::task::JoinSet::new();
    while slow.calls().is_empty() {
        let reporter = reporter.clone();
        waiting.spawn(async move { drop(reporter.deliver(&[batch("a", 1)]).await) });
        let calls = || slow.calls().len() + fast.calls().len();
        let before = calls();
        until(|| calls() > before).await;
    }
    until(|| reporter.peers_pending() == 1).await;
    let before = fast.calls().len();
    for _ in 0..10 {
        assert!(matches!(reporter.deliver(&[batch("a", 1)]).await, Answer::Acknowledged));
    }
    assert_eq!((slow.calls().len(), fast.calls().len()), (1, before + 10));
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_any_more_is_cancelled() {
    let fake = Fake::start().await;
    fake.set(Mood::Silent);
    let (reporter, _metrics) = start(&settings(&[&fake]));
    let asking = tokio::spawn({
        let reporter = reporter.clone();
        async move { reporter.strategy("shop").await }
    });
    until(|| !fake.calls().is_empty()).await;
    asking.abort();
    until(|| fake.others().contains(&FrameKind::Cancel)).await;
}

#[tokio::test]
async fn strategies_are_asked_of_the_collector() {
    let fake = Fake::start().await;
    let (reporter, _metrics) = start(&settings(&[&fake]));
    let strategy = reporter.strategy("shop").await.expect("an answer");
    assert_eq!(strategy.rate_limiting_sampling.map(|limit| limit.max_traces_per_second), Some(4));
    fake.set(Mood::Says(ErrorCode::BadRequest, "no handler"));
    assert_eq!(reporter.strategy("shop").await, Err("tchannel error BadRequest: no handler".to_owned()));
}

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing::{error, info, info_span};
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::{Batch, Config, Memory, Sampling, Tracer};

/// What was written to the log.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text").lines().map(str::to_owned).collect()
    }
}

fn tracer() -> (Tracer, Memory) {
    let memory = Memory::new();
    let config = Config::new("shop").sampling(Sampling::Const(true)).transport(memory.clone());
    (config.start().expect("a tracer"), memory)
}

fn lines(tracer: &Tracer, memory: &Memory) -> Vec<String> {
    assert!(tracer.flush(Duration::from_secs(60)));
    let batches = memory.take();
    let name_of = |id| batches.iter().flat_map(Batch::spans).find(|span| span.span_id() == id);
    let pair = |tag: jaeger_model::TagView<'_>| format!("{}={}", tag.key, tag.value.text());
    let line = |span: jaeger_model::SpanView<'_>| {
        let parent =
            span.references().next().and_then(|one| name_of(one.span_id)).map_or("-", |parent| parent.operation());
        let tags = span.tags().map(pair).filter(|tag| !tag.starts_with("sampler."));
        let logs = span.logs().map(|log| format!("[{}]", log.fields().map(pair).collect::<Vec<_>>().join(" ")));
        let rest: Vec<_> = tags.chain(logs).collect();
        format!("{} of {parent}: {}", span.operation(), rest.join(" "))
    };
    let mut lines: Vec<_> = batches.iter().flat_map(Batch::spans).map(line).collect();
    lines.sort();
    lines
}

#[test]
fn spans_fields_and_events_become_spans_tags_and_logs() {
    let (tracer, memory) = tracer();
    let subscriber = tracing_subscriber::registry().with(TracingLayer::new(&tracer));
    tracing::subscriber::with_default(subscriber, || {
        let order = info_span!("order", user = 7_u64, late = tracing::field::Empty, ok = true);
        order.in_scope(|| {
            info!(target: "shop", items = 3, "order taken");
            order.record("late", "yes");
            info_span!("pay", "jaeger.operation" = "POST /pay").in_scope(|| error!(target: "shop", "card refused"));
            info_span!(parent: None, "elsewhere").in_scope(|| {});
        });
        let after = info_span!(parent: None, "after");
        after.follows_from(&order);
    });
    assert_eq!(
        lines(&tracer, &memory),
        [
            "POST /pay of order: error=true [event=card refused level=error target=shop]",
            "after of order: ",
            "elsewhere of -: ",
            "order of -: user=7 ok=true late=yes [event=order taken items=3 level=info target=shop]",
        ]
    );
}

#[test]
fn a_middlewares_span_is_the_parent_and_spans_of_tracing_are_the_current_one() {
    let (tracer, memory) = tracer();
    let subscriber = tracing_subscriber::registry().with(TracingLayer::new(&tracer));
    tracing::subscriber::with_default(subscriber, || {
        let request = tracer.span("request");
        let _entered = request.enter();
        info_span!("work").in_scope(|| crate::current().child("call").finish());
        assert_eq!(crate::current().context(), request.context());
    });
    assert_eq!(lines(&tracer, &memory), ["call of work: ", "request of -: ", "work of request: "]);
}

#[test]
fn spans_left_in_another_order_leave_nothing_behind() {
    let (tracer, _memory) = tracer();
    let subscriber = tracing_subscriber::registry().with(TracingLayer::new(&tracer));
    tracing::subscriber::with_default(subscriber, || {
        let (first, second) = (info_span!("first").entered(), info_span!("second").entered());
        drop(first);
        assert!(crate::try_current().is_some(), "the second");
        drop(second);
        assert!(crate::try_current().is_none());
    });
}

#[test]
fn each_line_of_the_log_names_its_span_where_that_is_wanted() {
    let (tracer, _memory) = tracer();
    for ids in [true, false] {
        let written = Written::default();
        let writer = written.clone();
        let format = tracing_subscriber::fmt::layer()
            .event_format(JsonEvents::new().ids(ids))
            .with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(TracingLayer::new(&tracer)).with(format);
        let mut expected = String::new();
        tracing::subscriber::with_default(subscriber, || {
            info!(target: "shop", "out\"side");
            info_span!("order").in_scope(|| {
                info!(target: "shop", items = 3, share = 0.5, "in\nside");
                let current = crate::current();
                let context = current.context();
                expected = format!("\"trace_id\":\"{}\",\"span_id\":\"{}\"", context.trace_id(), context.span_id());
            });
        });
        let lines: Vec<_> =
            written.lines().iter().filter_map(|line| Some(line.split_once(",")?.1.to_owned())).collect();
        let expected = if ids { format!(",{expected}") } else { String::new() };
        let inside = r#""level":"info","target":"shop","msg":"in\nside","items":3,"share":0.5"#;
        let outside = r#""level":"info","target":"shop","msg":"out\"side"}"#.to_owned();
        assert_eq!(lines, [outside, format!("{inside}{expected}}}")]);
    }
}

#[test]
fn ids_stand_before_the_line_of_another_format() {
    let (tracer, _memory) = tracer();
    let written = Written::default();
    let writer = written.clone();
    let format = tracing_subscriber::fmt::format().without_time();
    let format =
        tracing_subscriber::fmt::layer().event_format(WithIds::new(format)).with_writer(move || writer.clone());
    let subscriber = tracing_subscriber::registry().with(TracingLayer::new(&tracer)).with(format);
    tracing::subscriber::with_default(subscriber, || info_span!("order").in_scope(|| info!("inside")));
    let lines = written.lines();
    assert!(lines[0].starts_with("trace_id=") && lines[0].contains(" span_id="), "{lines:?}");
    assert!(lines[0].ends_with("inside"), "{lines:?}");
}

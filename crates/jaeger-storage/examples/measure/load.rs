//! The load's two profiles as a collector writes them: `plain` and `real`.
//! And `odd`: plain ones with five more tags of random keys and values, as somebody sends who means no good.

use jaeger_load::profile::{Generator, Profile};
use jaeger_model::{Batch, BatchBuilder, BatchEdit, SpanView, TagView, Timestamp, TraceId, Value, keys};

/// One span of so many is asked for later.
const SEEN_ONE_IN: u32 = 500;

pub(crate) struct Load {
    generator: Generator,
    random: fastrand::Rng,
    odd: bool,
    /// The tag whose value hardly any other span has.
    rare_key: &'static str,
    /// Some of what was sent, to ask for: a tag, its service, its trace.
    seen: Vec<((String, String), String, TraceId)>,
}

pub(crate) fn operation(profile: &str, n: usize) -> String {
    if profile == "real" {
        format!("/shop/v2/orders/{{id}}/route-{:02}", n % 40)
    } else {
        format!("HTTP GET /api/v1/resource-{:02}", n % 10)
    }
}

impl Load {
    pub(crate) fn new(profile: &str, seed: u64, now: Timestamp, in_batch: usize) -> Self {
        let (of, rare_key) =
            if profile == "real" { (Profile::Real, "request.id") } else { (Profile::Plain, "http.url") };
        Self {
            generator: Generator::new(of, seed, now, in_batch),
            random: fastrand::Rng::with_seed(seed),
            odd: profile == "odd",
            rare_key,
            seen: Vec::new(),
        }
    }

    pub(crate) fn rare_tag(&self, n: usize) -> (String, String) {
        self.seen[n * 7919 % self.seen.len()].0.clone()
    }

    pub(crate) fn rare_service(&self, n: usize) -> String {
        self.seen[n * 7919 % self.seen.len()].1.clone()
    }

    pub(crate) fn trace_id(&self, n: usize) -> TraceId {
        self.seen[n * 7919 % self.seen.len()].2
    }

    pub(crate) fn batch(&mut self) -> Batch {
        let batch = self.generator.batch();
        for span in batch.spans() {
            self.see(span);
        }
        let spans = batch.len();
        let mut edit = BatchEdit::of(batch);
        for span in 0..spans {
            let odd: Vec<(String, String)> =
                (0..if self.odd { 5 } else { 0 }).map(|_| (self.word(), self.word())).collect();
            let odd = odd.iter().map(|(key, value)| TagView { key, value: Value::Str(value) });
            let format = TagView { key: keys::INTERNAL_SPAN_FORMAT, value: Value::Str("proto") };
            edit.push_span_tags(span, odd.chain([format]));
        }
        as_if_built(edit.batch())
    }

    fn see(&mut self, span: SpanView<'_>) {
        if self.random.u32(..SEEN_ONE_IN) == 0
            && let Some(tag) = span.tags().find(|tag| tag.key == self.rare_key)
        {
            let tag = (tag.key.into(), tag.value.text().into());
            self.seen.push((tag, span.service().into(), span.trace_id()));
        }
    }

    fn word(&mut self) -> String {
        (0..12).map(|_| self.random.lowercase()).collect()
    }
}

/// The same spans without what the edit left over: a batch of the load has one process.
fn as_if_built(batch: &Batch) -> Batch {
    let mut builder = BatchBuilder::new();
    let process = batch.process(0).map(|process| builder.copy_process(process).expect("room"));
    for span in batch.spans() {
        builder.copy_span(span, process).expect("room");
    }
    builder.finish()
}

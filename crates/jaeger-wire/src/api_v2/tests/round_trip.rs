//! What is written is read back the same, for any batch.

use jaeger_model::Batch;
use proptest::prelude::*;

use super::{read_post, read_spans};
use crate::api_v2::{batch_span_count, encode_post_spans, encode_span, encode_spans};
use crate::testing::{Shape, batches, describe};

pub(super) const SHAPE: Shape = Shape { nanoseconds: true, warnings: true, processes: true };

proptest! {
    #[test]
    fn spans_with_their_own_processes_are_read_back(batch in batches(SHAPE)) {
        let mut body = Vec::new();
        encode_post_spans(None, batch.spans(), &mut body);
        let read = read_post(&body).expect("a request");
        prop_assert_eq!(describe(&read), describe(&batch));
        prop_assert_eq!(batch_span_count(&body), batch.len());

        body.clear();
        encode_spans(batch.spans(), &mut body);
        let read = read_spans(&body).expect("spans");
        prop_assert_eq!(describe(&read), describe(&batch));
    }

    #[test]
    fn spans_of_the_batchs_process_are_read_back(batch in batches(Shape { processes: false, ..SHAPE })) {
        let mut body = Vec::new();
        encode_post_spans(batch.process(0), batch.spans(), &mut body);
        prop_assert_eq!(describe(&read_post(&body).expect("a request")), describe(&batch));
    }

    #[test]
    fn spans_of_other_processes_than_the_batchs_keep_theirs(batch in batches(SHAPE)) {
        prop_assume!(batch.spans().all(|span| span.process().is_some()));
        let mut body = Vec::new();
        encode_post_spans(batch.process(0), batch.spans(), &mut body);
        prop_assert_eq!(describe(&read_post(&body).expect("a request")), describe(&batch));
    }

    #[test]
    fn a_span_alone_is_what_stands_in_a_list(batch in batches(SHAPE)) {
        let mut list = Vec::new();
        encode_spans(batch.spans(), &mut list);
        let mut alone = Vec::new();
        for span in batch.spans() {
            let mut body = Vec::new();
            encode_span(span, true, &mut body);
            prost::encoding::bytes::encode(1, &body, &mut alone);
        }
        prop_assert_eq!(list, alone);
    }
}

#[test]
fn spans_of_several_batches_keep_their_processes_in_one_request() {
    let batch = |service: &[u8]| {
        let mut builder = jaeger_model::BatchBuilder::new();
        let process = builder.process(service).expect("room");
        builder.begin_span();
        builder.span_process(process);
        builder.end_span().expect("room");
        builder.finish()
    };
    let batches = [batch(b"front"), batch(b"back"), batch(b"front"), batch(b""), batch(b"mid")];
    let mut body = Vec::new();
    encode_post_spans(batches[0].process(0), batches.iter().flat_map(Batch::spans), &mut body);
    let read = read_post(&body).expect("a request");
    let services: Vec<_> = read.spans().map(|span| span.service()).collect();
    assert_eq!(services, ["front", "back", "front", "", "mid"]);
}

#[test]
fn a_large_batch_is_read_back() {
    // Over 16 kB and over 2 MB, where lengths take three and four bytes.
    for spans in [200, 20_000] {
        let batch = large(spans);
        let mut body = Vec::new();
        encode_post_spans(batch.process(0), batch.spans(), &mut body);
        assert_eq!(describe(&read_post(&body).expect("a request")), describe(&batch));
    }
}

fn large(spans: u64) -> Batch {
    let mut builder = jaeger_model::BatchBuilder::new();
    let process = builder.process(b"service").expect("room");
    for id in 0..spans {
        builder.begin_span();
        builder.span_ids(jaeger_model::TraceId::new(1, id), jaeger_model::SpanId(id));
        builder.span_process(process);
        builder.span_tag(b"text", "a text that makes the span longer than a hundred bytes, and then some more".into());
        builder.end_span().expect("room");
    }
    builder.finish()
}

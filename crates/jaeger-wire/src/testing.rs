//! For tests of this crate and of others: a batch as text that shows every part of it, and (with the feature
//! `testing`) batches at random.

mod arbitrary;
#[cfg(feature = "otlp")]
pub mod otlp;
#[cfg(test)]
pub(crate) mod recorded;
#[cfg(feature = "thrift")]
pub mod rounds;
#[cfg(feature = "tchannel")]
pub mod tchannel;
#[cfg(feature = "zipkin")]
pub mod zipkin;

pub use arbitrary::{Shape, batches};

use std::fmt::Write as _;

use jaeger_model::{Batch, SpanView, Tags};

/// Every part of every span in lines, `NaN` and `-0` included, so that equal texts are equal batches.
#[must_use]
pub fn describe(batch: &Batch) -> String {
    let mut out = String::new();
    for span in batch.spans() {
        describe_span(&mut out, span);
    }
    out
}

fn describe_span(out: &mut String, span: SpanView<'_>) {
    line(out, 0, format_args!("span {}/{} {:?}", span.trace_id(), span.span_id(), span.operation()));
    let (start, duration) = (span.start().as_nanos(), span.duration().as_nanos());
    line(out, 1, format_args!("flags {} start {start} duration {duration}", span.flags()));
    match span.process() {
        Some(process) => {
            line(out, 1, format_args!("process {:?}", process.service()));
            describe_tags(out, 2, process.tags());
        }
        None => line(out, 1, format_args!("no process")),
    }
    for reference in span.references() {
        line(out, 1, format_args!("{:?} {}/{}", reference.kind, reference.trace_id, reference.span_id));
    }
    describe_tags(out, 1, span.tags());
    for log in span.logs() {
        line(out, 1, format_args!("log {}", log.time().as_nanos()));
        describe_tags(out, 2, log.fields());
    }
    for warning in span.warnings() {
        line(out, 1, format_args!("warning {warning:?}"));
    }
}

fn describe_tags(out: &mut String, indent: usize, tags: Tags<'_>) {
    for tag in tags {
        line(out, indent, format_args!("{} = {:?}", tag.key.escape_debug(), tag.value));
    }
}

fn line(out: &mut String, indent: usize, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _infallible = writeln!(out, "{:1$}{text}", "", indent * 2);
}

#[cfg(test)]
mod tests;

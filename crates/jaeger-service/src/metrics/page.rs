//! A page of metrics at one moment, and its text form 0.0.4.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::handles::BUCKETS;

/// Label names and values, sorted by name.
pub type Labels = Vec<(String, String)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Count(u64),
    Number(f64),
    Buckets {
        counts: [u64; BUCKETS.len() + 1],
        sum: f64,
    },
    /// A distribution over bounds of its own.
    Spread {
        bounds: &'static [f64],
        counts: Vec<u64>,
        sum: f64,
    },
}

impl Value {
    /// Adds another series' value, where a view sums several.
    pub(super) fn add(&mut self, other: &Value) {
        match (self, other) {
            (Value::Count(mine), Value::Count(theirs)) => *mine += theirs,
            (Value::Number(mine), Value::Number(theirs)) => *mine += theirs,
            (Value::Buckets { counts, sum }, Value::Buckets { counts: more, sum: more_sum }) => {
                for (mine, theirs) in counts.iter_mut().zip(more) {
                    *mine += theirs;
                }
                *sum += more_sum;
            }
            _ => {}
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Family {
    pub(super) kind: Kind,
    pub(super) help: String,
    pub(super) series: BTreeMap<Labels, Value>,
}

/// A page at one moment. Sources that are read when somebody asks (process metrics, the ledger, queue lengths) write into it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub(super) families: BTreeMap<String, Family>,
}

impl Page {
    /// Writes a counter's value.
    pub fn counter(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: u64) {
        self.put(name, help, Kind::Counter, sorted(labels), Value::Count(value));
    }

    /// Writes a counter that counts in fractions, such as seconds.
    pub fn counter_f64(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.put(name, help, Kind::Counter, sorted(labels), Value::Number(value));
    }

    /// Writes a gauge's value, a whole number.
    pub fn gauge(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: u64) {
        self.put(name, help, Kind::Gauge, sorted(labels), Value::Count(value));
    }

    /// Writes a gauge's value.
    pub fn gauge_f64(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.put(name, help, Kind::Gauge, sorted(labels), Value::Number(value));
    }

    /// Writes a distribution over bounds of its own: one count for each bound and one for what is beyond, not cumulative.
    pub fn histogram(
        &mut self,
        name: &str,
        help: &str,
        labels: &[(&str, &str)],
        bounds: &'static [f64],
        counts: &[u64],
        sum: f64,
    ) {
        let value = Value::Spread { bounds, counts: counts.to_vec(), sum };
        self.put(name, help, Kind::Histogram, sorted(labels), value);
    }

    pub(super) fn put(&mut self, name: &str, help: &str, kind: Kind, labels: Labels, value: Value) {
        let family = match self.families.get_mut(name) {
            Some(family) => family,
            None => self.families.entry(name.to_owned()).or_insert(Family {
                kind,
                help: help.to_owned(),
                series: BTreeMap::new(),
            }),
        };
        // One name has one kind; the first one said stays.
        if family.kind == kind {
            family.series.insert(labels, value);
        }
    }

    /// The text form.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(64 * 1024);
        for (name, family) in &self.families {
            if family.series.is_empty() {
                continue;
            }
            let kind = match family.kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
            };
            out.push_str("# HELP ");
            out.push_str(name);
            out.push(' ');
            escape(&mut out, &family.help, false);
            out.push_str("\n# TYPE ");
            out.push_str(name);
            out.push(' ');
            out.push_str(kind);
            out.push('\n');
            for (labels, value) in &family.series {
                match value {
                    Value::Count(count) => {
                        sample(&mut out, name, "", labels, None, &Number::Count(*count));
                    }
                    Value::Number(number) => {
                        sample(&mut out, name, "", labels, None, &Number::Float(*number));
                    }
                    Value::Buckets { counts, sum } => {
                        histogram(&mut out, name, labels, &BUCKETS, counts, *sum);
                    }
                    Value::Spread { bounds, counts, sum } => {
                        histogram(&mut out, name, labels, bounds, counts, *sum);
                    }
                }
            }
        }
        out
    }
}

pub(super) fn sorted(labels: &[(&str, &str)]) -> Labels {
    let mut labels: Labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    labels.sort();
    labels
}

enum Number {
    Count(u64),
    Float(f64),
}

fn histogram(out: &mut String, name: &str, labels: &Labels, bounds: &[f64], counts: &[u64], sum: f64) {
    let mut total = 0;
    for (bucket, count) in counts.iter().enumerate() {
        total += count;
        let bound = match bounds.get(bucket) {
            Some(bound) => bound.to_string(),
            None => "+Inf".to_owned(),
        };
        sample(out, name, "_bucket", labels, Some(&bound), &Number::Count(total));
    }
    sample(out, name, "_sum", labels, None, &Number::Float(sum));
    sample(out, name, "_count", labels, None, &Number::Count(total));
}

fn sample(out: &mut String, name: &str, suffix: &str, labels: &Labels, bound: Option<&str>, value: &Number) {
    out.push_str(name);
    out.push_str(suffix);
    let mut open = '{';
    let pairs = labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in pairs.chain(bound.map(|bound| ("le", bound))) {
        out.push(open);
        open = ',';
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value, true);
        out.push('"');
    }
    if open == ',' {
        out.push('}');
    }
    out.push(' ');
    // Writing into a String cannot fail.
    let written = match value {
        Number::Count(count) => write!(out, "{count}"),
        Number::Float(number) if number.is_nan() => write!(out, "NaN"),
        Number::Float(number) if number.is_infinite() => {
            write!(out, "{}Inf", if *number > 0.0 { '+' } else { '-' })
        }
        Number::Float(number) => write!(out, "{number}"),
    };
    debug_assert!(written.is_ok());
    out.push('\n');
}

fn escape(out: &mut String, text: &str, quotes: bool) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            other => out.push(other),
        }
    }
}

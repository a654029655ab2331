//! What a replay found, counted and printed. Nothing is left out silently.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Results by case, and what waits by reason.
#[derive(Debug, Default)]
pub struct Report {
    cases: BTreeMap<String, Counts>,
    on_purpose: BTreeMap<String, usize>,
    waiting: BTreeMap<String, usize>,
    different: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    equal: usize,
    on_purpose: usize,
    different: usize,
    waiting: usize,
}

impl Report {
    pub fn equal(&mut self, case: &str) {
        self.case(case).equal += 1;
    }

    pub fn on_purpose(&mut self, case: &str, why: &str) {
        self.case(case).on_purpose += 1;
        *self.on_purpose.entry(why.to_owned()).or_default() += 1;
    }

    pub fn waiting(&mut self, case: &str, what: &str, exchanges: usize) {
        self.case(case).waiting += exchanges;
        *self.waiting.entry(what.to_owned()).or_default() += exchanges;
    }

    pub fn different(&mut self, case: &str, request: &str, how: &str) {
        self.case(case).different += 1;
        self.different.push(format!("{case}: {request}\n    {how}"));
    }

    fn case(&mut self, name: &str) -> &mut Counts {
        self.cases.entry(name.to_owned()).or_default()
    }

    pub fn failed(&self) -> bool {
        !self.different.is_empty()
    }

    /// The table of cases, the reasons, the differences and the sums.
    pub fn text(&self) -> String {
        let mut out = String::from("\n  equal  on purpose  different  not yet  case\n");
        let mut sum = Counts::default();
        for (name, counts) in &self.cases {
            let Counts { equal, on_purpose, different, waiting } = counts;
            // Writing to a String cannot fail.
            _ = writeln!(out, "{equal:>7}{on_purpose:>12}{different:>11}{waiting:>9}  {name}");
            sum.equal += equal;
            sum.on_purpose += on_purpose;
            sum.different += different;
            sum.waiting += waiting;
        }
        for (title, reasons) in [("different on purpose", &self.on_purpose), ("not yet", &self.waiting)] {
            for (why, count) in reasons {
                _ = writeln!(out, "{count:>7} {title}: {why}");
            }
        }
        for line in &self.different {
            _ = writeln!(out, "DIFFERENT {line}");
        }
        _ = writeln!(
            out,
            "recorded answers of Go Jaeger: {} equal, {} different on purpose, {} different, {} not yet",
            sum.equal, sum.on_purpose, sum.different, sum.waiting
        );
        out
    }
}

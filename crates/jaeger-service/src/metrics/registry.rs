//! The list of all series of a process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use super::handles::{Counter, Gauge, Histogram};
use super::page::{Kind, Labels, Page, Value, sorted};
use super::v1_6::{self, Era16};

/// All series of a process; clones are the same registry. Making a handle takes a lock and a look-up, so it is done once, not on a span's way.
#[derive(Clone, Default)]
pub struct Registry(Arc<Inner>);

type Source = Box<dyn Fn(&mut Page) + Send + Sync>;

#[derive(Default)]
struct Inner {
    families: Mutex<BTreeMap<String, Family>>,
    sources: Mutex<Vec<Source>>,
}

struct Family {
    kind: Kind,
    help: String,
    series: BTreeMap<Labels, Handle>,
}

enum Handle {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Histogram),
}

impl Registry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Registry::default()
    }

    /// The counter of this name and these labels, made with 0 if it is new. Spell `_total` yourself.
    #[must_use]
    pub fn counter(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Counter {
        let mut found = Counter::default();
        self.handle(name, help, Kind::Counter, labels, |slot| match slot {
            Some(Handle::Counter(known)) => {
                found = known.clone();
                None
            }
            Some(_) => None,
            None => Some(Handle::Counter(found.clone())),
        });
        found
    }

    /// The gauge of this name and these labels, made with 0 if it is new.
    #[must_use]
    pub fn gauge(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Gauge {
        let mut found = Gauge::default();
        self.handle(name, help, Kind::Gauge, labels, |slot| match slot {
            Some(Handle::Gauge(known)) => {
                found = known.clone();
                None
            }
            Some(_) => None,
            None => Some(Handle::Gauge(found.clone())),
        });
        found
    }

    /// The histogram of this name and these labels, made empty if it is new. Seconds, over [`super::BUCKETS`].
    #[must_use]
    pub fn histogram(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Histogram {
        let mut found = Histogram::default();
        self.handle(name, help, Kind::Histogram, labels, |slot| match slot {
            Some(Handle::Histogram(known)) => {
                found = known.clone();
                None
            }
            Some(_) => None,
            None => Some(Handle::Histogram(found.clone())),
        });
        found
    }

    /// Adds values that are read when somebody asks for the page: a queue's length, the ledger.
    pub fn add_source(&self, source: impl Fn(&mut Page) + Send + Sync + 'static) {
        self.0.sources.lock().push(Box::new(source));
    }

    /// The admin port's page: Go Jaeger 1.62's names and ours.
    #[must_use]
    pub fn render(&self) -> String {
        let mut page = self.page();
        v1_6::leave_out(&mut page);
        page.text()
    }

    /// The page of 5778, 14268 or 16686: the names of Go Jaeger 1.6 for that component alone.
    #[must_use]
    pub fn render_v1_6(&self, component: Era16) -> String {
        v1_6::view(&self.page(), component).text()
    }

    fn page(&self) -> Page {
        let mut page = Page::default();
        {
            let families = self.0.families.lock();
            for (name, family) in families.iter() {
                for (labels, handle) in &family.series {
                    let value = match handle {
                        Handle::Counter(counter) => Value::Count(counter.get()),
                        Handle::Gauge(gauge) => Value::Number(gauge.get()),
                        Handle::Histogram(histogram) => {
                            Value::Buckets { counts: histogram.0.counts(), sum: histogram.0.sum() }
                        }
                    };
                    page.put(name, &family.help, family.kind, labels.clone(), value);
                }
            }
        }
        for source in self.0.sources.lock().iter() {
            source(&mut page);
        }
        page
    }

    /// Finds or makes a series. A name that is known with another kind gives a handle that counts but is not shown: wrong code must not stop a
    /// service, and the debug assertion finds it in tests.
    fn handle(
        &self,
        name: &str,
        help: &str,
        kind: Kind,
        labels: &[(&str, &str)],
        settle: impl FnOnce(Option<&Handle>) -> Option<Handle>,
    ) {
        let labels = sorted(labels);
        let mut families = self.0.families.lock();
        let family = families.entry(name.to_owned()).or_insert_with(|| Family {
            kind,
            help: help.to_owned(),
            series: BTreeMap::new(),
        });
        debug_assert!(family.kind == kind, "{name} is registered with two kinds");
        if family.kind != kind {
            return;
        }
        if family.help.is_empty() {
            help.clone_into(&mut family.help);
        }
        if let Some(new) = settle(family.series.get(&labels)) {
            family.series.insert(labels, new);
        }
    }

    /// Sets the help text of a name, registered or not yet.
    pub(super) fn describe(&self, name: &str, kind: Kind, help: &str) {
        let mut families = self.0.families.lock();
        let family = families.entry(name.to_owned()).or_insert_with(|| Family {
            kind,
            help: String::new(),
            series: BTreeMap::new(),
        });
        help.clone_into(&mut family.help);
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("families", &self.0.families.lock().len()).finish()
    }
}

//! A span in the neutral form that a client's program prints and a reader of `/api/traces` must see: the span of the UI
//! JSON with its process inside, tags and fields in the order of their keys.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    #[serde(rename = "traceID")]
    pub trace_id: String,
    #[serde(rename = "spanID")]
    pub span_id: String,
    #[serde(default)]
    pub flags: u32,
    pub operation_name: String,
    pub references: Vec<Reference>,
    pub start_time: u64,
    pub duration: u64,
    pub tags: Vec<Tag>,
    pub logs: Vec<Log>,
    pub process: Process,
    #[serde(default)]
    pub warnings: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    pub ref_type: String,
    #[serde(rename = "traceID")]
    pub trace_id: String,
    #[serde(rename = "spanID")]
    pub span_id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    pub key: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Log {
    pub timestamp: u64,
    pub fields: Vec<Tag>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    pub service_name: String,
    pub tags: Vec<Tag>,
}

impl Tag {
    pub fn new(key: &str, kind: &str, value: impl Into<Value>) -> Self {
        Self { key: key.to_owned(), kind: kind.to_owned(), value: value.into() }
    }

    fn sort(tags: &mut [Self]) {
        tags.sort_by_cached_key(|tag| (tag.key.clone(), tag.kind.clone(), tag.value.to_string()));
    }

    /// JSON has one kind of number: 2.0 and 2 are the same float64.
    fn settle_float(&mut self) {
        if self.kind == "float64"
            && let Some(number) = self.value.as_f64()
        {
            self.value = Value::from(number);
        }
    }
}

impl Span {
    /// The form in which two spans are compared.
    pub fn in_order(mut self) -> Self {
        let lists = self.logs.iter_mut().map(|log| &mut log.fields);
        for list in lists.chain([&mut self.tags, &mut self.process.tags]) {
            list.iter_mut().for_each(Tag::settle_float);
            Tag::sort(list);
        }
        self
    }

    /// The spans of one trace of `/api/traces`, each with its process.
    pub fn of_trace(trace: &Value) -> Result<Vec<Self>> {
        let processes = trace.get("processes").context("a trace without processes")?;
        let spans = trace.get("spans").and_then(Value::as_array).context("a trace without spans")?;
        let whole = |span: &Value| {
            let mut span = span.clone();
            let fields = span.as_object_mut().context("a span that is no object")?;
            let id = fields.remove("processID").context("a span without a process")?;
            let process = processes.get(id.as_str().unwrap_or_default()).context("a process that is not there")?;
            fields.insert("process".to_owned(), process.clone());
            let known = serde_json::from_value::<Self>(span.clone())?;
            // A field that this form does not know would go unseen.
            let unknown: Vec<_> = span.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
            let back = serde_json::to_value(&known)?;
            if let Some(key) = unknown.iter().find(|key| back.get(key.as_str()).is_none()) {
                bail!("a span has a field {key} that no test looks at");
            }
            Ok(known.in_order())
        };
        spans.iter().map(whole).collect()
    }
}

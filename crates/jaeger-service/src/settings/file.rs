//! The config file: YAML, JSON, TOML, HCL or properties, keys nested or dotted, each value with its line.
//!
//! JSON is read by the YAML parser too, since only that one tells lines; serde_json judges first whether it is JSON at all.

mod hcl;
mod properties;
mod toml;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// A config file is written by hand; more than this is some other file.
const MAX_BYTES: u64 = 1 << 20;
const MAX_NODES: usize = 100_000;
const MAX_DEPTH: usize = 64;

const JAEGER_2: &str = "this is a Jaeger 2 configuration; docs/moving.md says which flag stands for which part";

/// One value of the file under its dotted key, lower case as Go compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: FileValue,
    /// From 1.
    pub(crate) line: usize,
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileValue {
    One(String),
    Many(Vec<String>),
}

/// Reads the file by its extension. The error names the file and what to do.
pub(crate) fn read(path: &str) -> Result<Vec<Entry>, String> {
    let extension = Path::new(path).extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    match extension.as_str() {
        "yaml" | "yml" | "json" | "toml" | "hcl" | "tfvars" | "properties" | "props" | "prop" => {}
        "ini" | "env" | "dotenv" => {
            return Err(format!(
                "config file {path}: {extension} files are not read, write it as YAML (.yaml), JSON (.json), TOML (.toml), HCL (.hcl) or properties (.properties)"
            ));
        }
        _ => {
            return Err(format!(
                "config file {path}: its form is told by the extension, name it .yaml, .json, .toml, .hcl or .properties"
            ));
        }
    }
    let mut text = String::new();
    let file = File::open(path).map_err(|e| format!("config file {path}: {e}; check --config-file"))?;
    file.take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|e| format!("config file {path}: {e}; check --config-file"))?;
    if text.len() as u64 > MAX_BYTES {
        return Err(format!("config file {path}: over 1 MiB, check --config-file"));
    }
    let parsed = match extension.as_str() {
        "json" => parse_json(&text),
        "toml" => toml::parse(&text),
        "hcl" | "tfvars" => hcl::parse(&text),
        "yaml" | "yml" => parse_yaml(&text),
        _ => properties::parse(&text),
    };
    parsed.map_err(|e| format!("config file {path} {e}"))
}

fn parse_json(text: &str) -> Result<Vec<Entry>, String> {
    if let Err(e) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(format!("line {}: {e}", e.line()));
    }
    // Tabs are spaces to JSON, and often an error to YAML; none can stand inside a JSON string.
    parse_yaml(&text.replace('\t', " "))
}

pub(crate) fn parse_yaml(text: &str) -> Result<Vec<Entry>, String> {
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0 };
    let mut entries = Vec::new();
    if let Some(root) = reader.document()? {
        match root.what {
            What::Map(ref pairs) if is_of_jaeger_2(pairs) => {
                return Err(format!("line {}: {JAEGER_2}", root.line));
            }
            What::Map(_) => flatten(String::new(), root, &mut entries),
            What::Null => {}
            What::Scalar(_) | What::List(_) => {
                return Err(format!("line {}: expected keys with values, such as \"log-level: info\"", root.line));
            }
        }
    }
    Ok(entries)
}

#[derive(Clone)]
struct Node {
    line: usize,
    what: What,
}

#[derive(Clone)]
enum What {
    Null,
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Jaeger 2 names its parts at the top and wires them below `service`; no setting is called that.
fn is_of_jaeger_2(pairs: &[(String, Node)]) -> bool {
    let has = |name: &str| pairs.iter().any(|(key, _)| key == name);
    has("service") && ["receivers", "exporters", "extensions"].into_iter().any(has)
}

fn flatten(key: String, node: Node, entries: &mut Vec<Entry>) {
    let line = node.line;
    match node.what {
        What::Null => {}
        What::Scalar(text) => entries.push(Entry { key, value: FileValue::One(text), line }),
        What::List(items) => {
            let texts =
                items.into_iter().map(|item| if let What::Scalar(text) = item.what { text } else { String::new() });
            entries.push(Entry { key, value: FileValue::Many(texts.collect()), line });
        }
        What::Map(pairs) => {
            for (name, child) in pairs {
                let name = name.to_ascii_lowercase();
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                flatten(key, child, entries);
            }
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), String> {
        match self.parser.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(e)) => Err(format!("line {}: {}", e.marker().line(), e.info())),
            None => Err("ends too early".to_owned()),
        }
    }

    /// The first document, or none in an empty file.
    fn document(&mut self) -> Result<Option<Node>, String> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(None),
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
                event => return self.node(event, span, 0).map(Some),
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, String> {
        let line = span.start.line();
        self.count(line, depth)?;
        let (anchor, what) = match event {
            Event::Scalar(text, style, anchor, _) => (anchor, scalar(text, style)),
            Event::SequenceStart(anchor, _) => (anchor, What::List(self.list(depth)?)),
            Event::MappingStart(anchor, _) => (anchor, What::Map(self.map(depth)?)),
            Event::Alias(anchor) => {
                let node = self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or_else(|| format!("line {line}: an alias without its anchor"))?;
                self.nodes += size(&node);
                return Ok(node);
            }
            _ => return Err(format!("line {line}: expected a value")),
        };
        let node = Node { line, what };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn count(&mut self, line: usize, depth: usize) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            return Err(format!("line {line}: too many values for a config file"));
        }
        Ok(())
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, String> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(String, Node)>, String> {
        let mut pairs = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(pairs),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(format!("line {}: a key must be text", span.start.line())),
            };
            let (event, value_span) = self.next()?;
            let mut value = self.node(event, value_span, depth + 1)?;
            // A scalar is where its key is, also when it starts on the line below.
            if matches!(value.what, What::Scalar(_) | What::List(_)) {
                value.line = span.start.line();
            }
            match (key.as_str(), value) {
                // YAML's merge key: what stands beside it wins, so it goes first.
                ("<<", Node { what: What::Map(merged), .. }) => {
                    pairs.splice(0..0, merged);
                }
                (_, value) => pairs.push((key, value)),
            }
        }
    }
}

fn size(node: &Node) -> usize {
    match &node.what {
        What::Null | What::Scalar(_) => 1,
        What::List(items) => items.iter().map(size).sum(),
        What::Map(pairs) => pairs.iter().map(|(_, node)| size(node)).sum(),
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> What {
    if style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
        What::Null
    } else {
        What::Scalar(text.into_owned())
    }
}

/// Gives `read` 20,000 texts that are `seed` with some bytes changed, cut off or added out of `added`.
#[cfg(test)]
fn spoiled(seed: &str, added: &[u8], mut read: impl FnMut(&str)) {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    for _ in 0..20_000 {
        let mut bytes = seed.as_bytes().to_vec();
        for _ in 0..=random(8) {
            let at = random(bytes.len());
            match random(3) {
                0 => bytes[at] = u8::try_from(random(256)).unwrap_or(0),
                1 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, added[random(added.len())]),
            }
        }
        read(&String::from_utf8_lossy(&bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(key: &str, value: &str, line: usize) -> Entry {
        Entry { key: key.to_owned(), value: FileValue::One(value.to_owned()), line }
    }

    #[test]
    fn nested_and_dotted_keys_are_the_same_and_keep_their_lines() {
        let text = "# comment\nlog-level: debug\ncollector:\n  Queue-Size: 5\n  otlp.grpc:\n    host-port: \":4317\"\nes.username: null\n";
        let want = [
            one("log-level", "debug", 2),
            one("collector.queue-size", "5", 4),
            one("collector.otlp.grpc.host-port", ":4317", 6),
        ];
        assert_eq!(parse_yaml(text).unwrap(), want);
        let json = "{\n\t\"log-level\": \"debug\",\n\t\"collector\": {\n\t\t\"queue-size\": 5}}";
        assert_eq!(parse_json(json).unwrap(), [one("log-level", "debug", 2), one("collector.queue-size", "5", 4)]);
    }

    #[test]
    fn lists_anchors_and_merges_are_read() {
        let text = "query:\n  additional-headers:\n  - 'A: b'\n  - 'C: d'\na: &x\n  k: 1\nb:\n  <<: *x\n  j: 2\n";
        let got = parse_yaml(text).unwrap();
        let headers = FileValue::Many(vec!["A: b".to_owned(), "C: d".to_owned()]);
        assert_eq!(got[0], Entry { key: "query.additional-headers".to_owned(), value: headers, line: 2 });
        assert_eq!(got[1..], [one("a.k", "1", 6), one("b.k", "1", 6), one("b.j", "2", 9)]);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        assert!(parse_yaml("a: 1\nb: [1, 2\nc: 3\n").unwrap_err().starts_with("line "));
        assert!(parse_json("{\n\"a\": 1,\n}").unwrap_err().starts_with("line 3: "));
        assert!(parse_yaml("- a\n").unwrap_err().starts_with("line 1: expected keys"));
        assert_eq!(parse_yaml("").unwrap(), []);
    }

    #[test]
    fn a_configuration_of_jaeger_2_is_refused_with_where_to_look() {
        let said = "this is a Jaeger 2 configuration; docs/moving.md says which flag stands for which part";
        for text in [
            "service:\n  pipelines:\n    traces:\n      receivers: [otlp]\nreceivers:\n  otlp:\n",
            "extensions:\n  jaeger_query: {}\nservice: {}\n",
        ] {
            let error = parse_yaml(text).unwrap_err();
            assert!(error.ends_with(said) && !error.contains('\n'), "{error}");
        }
        assert!(parse_yaml("service: a\n").is_ok());
        let json = parse_json("{\"service\": {}, \"exporters\": {}}").unwrap_err();
        assert!(json.ends_with(said), "{json}");
    }

    #[test]
    fn a_small_file_cannot_become_a_large_one() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..20 {
            let last = n - 1;
            text += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{last}"); 10].join(", "));
        }
        assert!(parse_yaml(&text).unwrap_err().contains("too many values"));
        assert!(parse_yaml(&"[".repeat(10_000)).is_err());
    }

    #[test]
    fn other_forms_are_refused_by_name() {
        assert!(read("/x/y.ini").unwrap_err().contains("ini files are not read"));
        assert!(read("/x/y").unwrap_err().contains("name it .yaml, .json"));
        assert!(read("/no/such.hcl").unwrap_err().contains("/no/such.hcl"));
        assert!(read("/no/such.toml").unwrap_err().contains("/no/such.toml"));
        assert!(read("/no/such.yaml").unwrap_err().contains("/no/such.yaml"));
    }

    #[test]
    fn any_bytes_are_read_or_refused_and_never_panic() {
        let seed =
            "a: &x {b: [1, 'two', \"\\u0041\"]}\nc: |\n  text\n  more\nd: *x\n<<: {e: 1}\n? f\n: !!str g\n--- # end\n";
        assert!(parse_yaml(seed).is_ok());
        spoiled(seed, b"{}[]:,-?&*!|>'\"%@`# \n\t", |text| {
            drop(parse_yaml(text));
            drop(parse_json(text));
        });
    }
}

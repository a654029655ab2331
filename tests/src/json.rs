//! JSON that keeps what a byte-for-byte comparison needs: the order of keys, and numbers and strings as they stand in
//! the text.

use anyhow::{Context, Result, bail};

/// One value. `Number` and `Text` hold the bytes of the document; `Text` is what stands between the quotes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Nesting that no answer of ours reaches.
const MAX_DEPTH: usize = 64;

impl Json {
    pub fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(MAX_DEPTH)?;
        parser.space();
        if parser.at != text.len() {
            bail!("text after the JSON document at byte {}", parser.at);
        }
        Ok(value)
    }

    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub fn list_mut(&mut self) -> Option<&mut Vec<Self>> {
        let Self::List(items) = self else { return None };
        Some(items)
    }

    /// Written as Go's encoder writes it; with an indent of four spaces if `pretty`.
    pub fn render(&self, pretty: bool) -> String {
        let mut out = String::new();
        self.write(&mut out, pretty.then_some(0));
        out
    }

    fn write(&self, out: &mut String, indent: Option<usize>) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => quote(out, text),
            Self::List(items) => bracket(out, indent, ['[', ']'], items, |out, item, inner| item.write(out, inner)),
            Self::Object(members) => bracket(out, indent, ['{', '}'], members, |out, (key, value), inner| {
                quote(out, key);
                out.push_str(if inner.is_some() { ": " } else { ":" });
                value.write(out, inner);
            }),
        }
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    out.push_str(text);
    out.push('"');
}

fn bracket<T>(
    out: &mut String,
    indent: Option<usize>,
    ends: [char; 2],
    items: &[T],
    write: impl Fn(&mut String, &T, Option<usize>),
) {
    let inner = indent.map(|depth| depth + 1);
    let line = |out: &mut String, depth: Option<usize>| {
        if let Some(depth) = depth {
            out.push('\n');
            out.push_str(&"    ".repeat(depth));
        }
    };
    out.push(ends[0]);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(out, inner);
        write(out, item, inner);
    }
    if !items.is_empty() {
        line(out, indent);
    }
    out.push(ends[1]);
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Result<Json> {
        if depth == 0 {
            bail!("JSON nested deeper than {MAX_DEPTH}");
        }
        self.space();
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => Ok(Json::Text(self.string()?)),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json> {
        let mut members = Vec::new();
        self.at += 1;
        while !self.closes(b'}', members.is_empty())? {
            self.space();
            let key = self.string()?;
            self.space();
            self.expect(b':')?;
            members.push((key, self.value(depth - 1)?));
        }
        Ok(Json::Object(members))
    }

    fn list(&mut self, depth: usize) -> Result<Json> {
        let mut items = Vec::new();
        self.at += 1;
        while !self.closes(b']', items.is_empty())? {
            items.push(self.value(depth - 1)?);
        }
        Ok(Json::List(items))
    }

    /// Takes the closing bracket, or the comma before another item.
    fn closes(&mut self, end: u8, first: bool) -> Result<bool> {
        self.space();
        if self.peek()? == end {
            self.at += 1;
            return Ok(true);
        }
        if !first {
            self.expect(b',')?;
        }
        Ok(false)
    }

    fn string(&mut self) -> Result<String> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        let text = self.text.get(start..self.at).context("a string cut inside a character")?.to_owned();
        self.at += 1;
        Ok(text)
    }

    fn number(&mut self) -> Result<Json> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)).unwrap_or(rest.len());
        if length == 0 {
            bail!("no JSON value at byte {}", self.at);
        }
        self.at += length;
        Ok(Json::Number(rest[..length].to_owned()))
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json> {
        if !self.text[self.at..].starts_with(word) {
            bail!("no JSON value at byte {}", self.at);
        }
        self.at += word.len();
        Ok(value)
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.peek()? != byte {
            bail!("no '{}' at byte {}", char::from(byte), self.at);
        }
        self.at += 1;
        Ok(())
    }

    fn peek(&self) -> Result<u8> {
        self.text.as_bytes().get(self.at).copied().context("the JSON document ends too early")
    }

    fn space(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    fn same_again(text: &str) {
        assert_eq!(Json::parse(text).unwrap().render(false), text);
    }

    #[test]
    fn a_document_is_written_as_it_was_read() {
        same_again(
            r#"{"b":[1,-0.5e-7,18446744073709551611],"a":"x\"\u003c\\","c":{},"d":[],"e":null,"f":[true,false]}"#,
        );
    }

    #[test]
    fn pretty_is_four_spaces_and_a_space_after_the_colon() {
        let json = Json::parse(r#"{"a":[1,{}],"b":[]}"#).unwrap();
        assert_eq!(json.render(true), "{\n    \"a\": [\n        1,\n        {}\n    ],\n    \"b\": []\n}");
        assert_eq!(Json::parse(&json.render(true)).unwrap(), json);
    }

    #[test]
    fn broken_documents_are_errors() {
        for text in ["", "{", "[1 2]", "{\"a\"}", "\"x", "\"x\\", "[1]]", "nul", "{\"a\":1,}"] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }
}

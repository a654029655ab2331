//! What `--query.ui-config` holds: JSON, or a script that makes it.

use std::path::Path;

/// The page's own settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum PageConfig {
    None,
    /// As it stands in the page.
    Json(String),
    Script(String),
}

/// Why they cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("unrecognized UI config file format, expecting .js or .json file: {0}")]
    Name(String),
    #[error("cannot parse UI config file {0}: {1}; it must be a JSON object")]
    Json(String, String),
    #[error("UI config file {0} must define function UIConfig(); write \"function UIConfig() {{ return … }}\"")]
    Script(String),
    #[error("UI config file {0} is not UTF-8; save it as that")]
    Text(String),
}

impl PageConfig {
    pub(crate) fn read(path: &Path, content: Vec<u8>) -> Result<Self, ConfigError> {
        let name = || path.display().to_string();
        let text = String::from_utf8(content).map_err(|_| ConfigError::Text(name()))?;
        match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("json") => {
                let object: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_str(&text).map_err(|error| ConfigError::Json(name(), error.to_string()))?;
                Ok(Self::Json(for_script(&serde_json::Value::Object(object).to_string())))
            }
            Some("js") if defines_it(&text) => Ok(Self::Script(text)),
            Some("js") => Err(ConfigError::Script(name())),
            _ => Err(ConfigError::Name(name())),
        }
    }
}

/// JSON that may stand within a script of a page: as Go writes it.
fn for_script(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            c => text.push(c),
        }
    }
    text
}

/// Whether `function UIConfig() {` stands there, however spaced.
fn defines_it(script: &str) -> bool {
    script.match_indices("function").any(|(at, word)| {
        let rest = script.get(at + word.len()..).unwrap_or_default();
        let spaced = rest.trim_start();
        let parts = ["UIConfig", "(", ")", "{"];
        spaced.len() < rest.len()
            && parts.iter().try_fold(spaced, |rest, part| rest.trim_start().strip_prefix(part)).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, content: &str) -> Result<PageConfig, String> {
        PageConfig::read(Path::new(name), content.into()).map_err(|error| error.to_string())
    }

    #[test]
    fn json_and_scripts_are_taken_and_nothing_else() {
        assert_eq!(
            read("a.json", "{\"b\": [1, null], \"a\": \"&\"}"),
            Ok(PageConfig::Json("{\"a\":\"\\u0026\",\"b\":[1,null]}".into()))
        );
        for script in ["function UIConfig() {\n return {}; }", "// x\nfunction  UIConfig ( ){}"] {
            assert_eq!(read("a.js", script), Ok(PageConfig::Script(script.into())));
        }
        for (name, content, error) in [
            ("a.json", "[]", "must be a JSON object"),
            ("a.json", "{", "cannot parse UI config file a.json"),
            ("a.js", "function Other() {}", "must define function UIConfig()"),
            ("a.js", "functionUIConfig() {}", "must define function UIConfig()"),
            ("a.yaml", "a: 1", "expecting .js or .json"),
        ] {
            assert!(read(name, content).is_err_and(|told| told.contains(error)), "{name}: {content}");
        }
    }
}

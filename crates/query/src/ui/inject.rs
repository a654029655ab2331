//! What a page is told by its server, put into `index.html` where each generation of Jaeger's page looks for it.

use jaeger_service::version::VERSION;

use super::config::PageConfig;

/// What the server knows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Known {
    /// In front of every path, `/` for none.
    pub(crate) base_path: String,
    /// Whether traces can be archived.
    pub(crate) archive: bool,
    /// Whether there are calls, errors and latencies.
    pub(crate) metrics: bool,
    /// Whether a search may leave the service out.
    pub(crate) search_all: bool,
    /// Whether the process receives spans and counts them.
    pub(crate) ledger: bool,
    /// Name and port of each listener.
    pub(crate) ports: Vec<(String, u16)>,
}

/// The page as it is served.
pub(super) fn inject(index: &str, config: &PageConfig, known: &Known) -> String {
    let Known { archive, metrics, .. } = known;
    let mut page = match config {
        PageConfig::None => index.to_owned(),
        PageConfig::Json(json) => assign(index, "JAEGER_CONFIG", "DEFAULT_CONFIG", json),
        PageConfig::Script(script) => in_place_of_hint(index, script),
    };
    let old = format!("{{\"archiveStorage\":{archive}}}");
    page = assign(&page, "JAEGER_STORAGE_CAPABILITIES", "DEFAULT_STORAGE_CAPABILITIES", &old);
    let new = format!("{{\"archiveStorage\":{archive},\"metricsStorage\":{metrics},\"aiAssistant\":false}}");
    page = assign(&page, "JAEGER_BACKEND_CAPABILITIES", "DEFAULT_BACKEND_CAPABILITIES", &new);
    let version = format!("{{\"gitCommit\":\"\",\"gitVersion\":\"{VERSION}\",\"buildDate\":\"\"}}");
    page = assign(&page, "JAEGER_VERSION", "DEFAULT_VERSION", &version);
    with_base(&page, &known.base_path)
}

/// The page below a base path.
pub(super) fn with_base(page: &str, base_path: &str) -> String {
    if base_path.is_empty() || base_path == "/" {
        return page.to_owned();
    }
    let path = base_path.replace('&', "&amp;").replace('"', "&quot;");
    page.replace("<base href=\"/\"", &format!("<base href=\"{path}/\""))
}

/// Each `NAME = DEFAULT;`, however spaced, with a value in place of the default.
fn assign(page: &str, name: &str, default: &str, value: &str) -> String {
    let mut made = String::with_capacity(page.len() + value.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(name) {
        made.push_str(before);
        made.push_str(name);
        rest = after;
        let spaces = |text: &str| text.len() - text.trim_start_matches(' ').len();
        let Some(right) = after.get(spaces(after)..).and_then(|text| text.strip_prefix('=')) else { continue };
        let right = right.trim_start_matches(' ').strip_prefix(default).and_then(|text| text.strip_prefix(';'));
        if let Some(right) = right {
            made.push_str(" = ");
            made.push_str(value);
            made.push(';');
            rest = right;
        }
    }
    made.push_str(rest);
    made
}

/// A script in place of the line `// JAEGER_CONFIG_JS` and the one behind it.
fn in_place_of_hint(page: &str, script: &str) -> String {
    const HINT: &str = "JAEGER_CONFIG_JS";
    let is_hint = |line: &str| {
        let comment = line.trim_start().strip_prefix("//").map(str::trim_start);
        comment.and_then(|text| text.get(..HINT.len())).is_some_and(|text| text.eq_ignore_ascii_case(HINT))
    };
    let mut made = String::with_capacity(page.len() + script.len());
    let mut lines = page.split_inclusive('\n');
    while let Some(line) = lines.next() {
        if is_hint(line) && line.ends_with('\n') {
            let end = lines.next().is_some_and(|line| line.ends_with('\n'));
            made.push_str(script);
            if end {
                made.push('\n');
            }
        } else {
            made.push_str(line);
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "<base href=\"/\" data-inject-target=\"BASE_URL\" />\n<script>\n  // JAEGER_CONFIG_JS\n  // the line below goes too\n  const JAEGER_CONFIG=DEFAULT_CONFIG;\n  const JAEGER_STORAGE_CAPABILITIES = DEFAULT_STORAGE_CAPABILITIES;\n  const JAEGER_VERSION  =  DEFAULT_VERSION;\n</script>\n";

    #[test]
    fn the_older_page_is_told() {
        let known = Known { base_path: "/jaeger".into(), archive: true, metrics: true, ..Known::default() };
        let page = inject(OLD, &PageConfig::Json("{\"a\":1}".into()), &known);
        for part in [
            "<base href=\"/jaeger/\" data",
            "JAEGER_CONFIG = {\"a\":1};",
            "JAEGER_STORAGE_CAPABILITIES = {\"archiveStorage\":true};",
            "\"buildDate\":\"\"};\n",
            "// JAEGER_CONFIG_JS\n",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[test]
    fn the_newer_page_is_told() {
        let index = "let JAEGER_BACKEND_CAPABILITIES = DEFAULT_BACKEND_CAPABILITIES; <base href=\"/\">";
        let page = inject(index, &PageConfig::None, &Known { metrics: true, ..Known::default() });
        assert_eq!(
            page,
            "let JAEGER_BACKEND_CAPABILITIES = {\"archiveStorage\":false,\"metricsStorage\":true,\"aiAssistant\":false}; <base href=\"/\">"
        );
    }

    #[test]
    fn a_script_takes_the_place_of_two_lines() {
        let page = inject(OLD, &PageConfig::Script("function UIConfig() {}".into()), &Known::default());
        assert!(page.contains("<script>\nfunction UIConfig() {}\n  const JAEGER_CONFIG=DEFAULT_CONFIG;\n"), "{page}");
    }
}

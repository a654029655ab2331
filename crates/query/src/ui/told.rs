//! What the page of this project is told: JSON in a script element that no browser runs.

use std::collections::BTreeMap;

use jaeger_service::version::VERSION;

use super::config::PageConfig;
use super::inject::{Known, with_base};

/// Where it goes.
const PLACE: &str = "<script type=\"application/json\" id=\"jaeger-config\">{}</script>";

pub(super) fn tell(index: &str, config: &PageConfig, known: &Known) -> String {
    let Known { archive, metrics, search_all, ledger, ports, base_path } = known;
    let ui = match config {
        PageConfig::Json(json) => json,
        PageConfig::None | PageConfig::Script(_) => "{}",
    };
    let ports: BTreeMap<&str, u16> = ports.iter().map(|(name, port)| (name.as_str(), *port)).collect();
    // Names of listeners are ours and their ports numbers: this cannot fail.
    let ports = serde_json::to_string(&ports).unwrap_or_else(|_| "{}".to_owned());
    let told = format!(
        "<script type=\"application/json\" id=\"jaeger-config\">{{\"ui\":{ui},\"capabilities\":{{\"archiveStorage\":{archive},\
         \"metricsStorage\":{metrics},\"searchWithoutServiceName\":{search_all},\"ledger\":{ledger}}},\
         \"version\":\"{VERSION}\",\"ports\":{ports}}}</script>"
    );
    with_base(&index.replace(PLACE, &told), base_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_told_in_json_that_ends_no_script() {
        let index = format!("<base href=\"/\" />{PLACE}");
        let known = Known {
            base_path: "/jaeger".into(),
            metrics: true,
            ports: vec![("collector.otlp.http".into(), 4318)],
            ..Known::default()
        };
        let config = PageConfig::Json("{\"a\":\"\\u003c/script\\u003e\"}".into());
        let page = tell(&index, &config, &known);
        for part in [
            "<base href=\"/jaeger/\"",
            "id=\"jaeger-config\">{\"ui\":{\"a\":\"\\u003c/script\\u003e\"}",
            "\"metricsStorage\":true",
            "\"ports\":{\"collector.otlp.http\":4318}}</script>",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[test]
    fn the_page_that_was_built_has_a_place_for_it() {
        let index = super::super::built_in::index();
        assert!(!index.contains("jaeger-ui-root") || index.contains(PLACE), "{index}");
    }
}

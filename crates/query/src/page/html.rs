//! A page being written. Everything that came from outside goes through [`Html::text`].

/// Colours follow the reader's system.
const STYLE: &str = "\
:root{color-scheme:light dark;--dim:#667;--line:#8884;--bar:#3b82c4;--bad:#c22}\
@media(prefers-color-scheme:dark){:root{--dim:#99a;--bar:#5aa2e6;--bad:#f66}}\
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}\
code,pre{font:13px/1.5 ui-monospace,monospace}pre{overflow:auto;padding:.7rem;border:1px solid var(--line);border-radius:6px}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem .2rem 0;vertical-align:top}\
th{color:var(--dim);font-weight:normal}td.n{text-align:right;font-variant-numeric:tabular-nums}\
.dim{color:var(--dim)}.bad{color:var(--bad)}\
ol.spans{list-style:none;padding:0}ol.spans>li{border-top:1px solid var(--line);padding:.15rem 0}\
.row{display:grid;grid-template-columns:minmax(0,1fr) 22rem;gap:1rem}.row>span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}\
.bar{display:block;height:4px;background:var(--bar);border-radius:2px;min-width:2px}\
summary{cursor:pointer}";

/// The policy stands in the page, since headers of the page's answers are Jaeger's.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

pub(super) struct Html {
    out: String,
    base: String,
}

impl Html {
    pub(super) fn new(title: &str, base_path: &str) -> Self {
        let base = if base_path == "/" { String::new() } else { base_path.to_owned() };
        let mut page = Self { out: String::with_capacity(16 << 10), base };
        page.raw("<!doctype html><html lang=en><head><meta charset=utf-8><title>")
            .text(title)
            .raw("</title><meta name=viewport content=\"width=device-width\"><meta http-equiv=Content-Security-Policy content=\"")
            .raw(POLICY)
            // Without an icon of its own a browser asks for one, and would get this page once more.
            .raw("\"><link rel=icon href=\"data:,\"><style>")
            .raw(STYLE)
            .raw("</style></head><body>");
        page
    }

    /// Markup of ours.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// Text of anybody, in an element or in a quoted attribute.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                c => self.out.push(c),
            }
        }
        self
    }

    /// A number or another text of ours that displays.
    pub(super) fn show(&mut self, value: impl std::fmt::Display) -> &mut Self {
        self.text(&value.to_string())
    }

    /// A link below the base path.
    pub(super) fn link(&mut self, path: &str, words: &str) -> &mut Self {
        let base = self.base.clone();
        self.raw("<a href=\"").text(&base).text(path).raw("\">").text(words).raw("</a>")
    }

    pub(super) fn finish(mut self) -> String {
        self.raw("</body></html>\n");
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_no_markup() {
        let mut page = Html::new("t", "/jaeger");
        page.text("<script>\"'&").link("/trace/1", "<b>");
        let page = page.finish();
        assert!(page.contains("&lt;script&gt;&quot;&#39;&amp;"), "{page}");
        assert!(page.contains("<a href=\"/jaeger/trace/1\">&lt;b&gt;</a>"), "{page}");
    }
}

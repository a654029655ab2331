//! A build of Jaeger's own page, of either generation, served by the real binaries from a folder.
//!
//! Guarantees: index.html is told the configuration, what the store can do, the version and the base path, in the places
//! where 1.62's and 2.20's builds wait for it; both kinds of configuration; a changed configuration is taken; files below
//! `static/` are served, and every page of the application is index.html.

use std::time::Duration;

use anyhow::{Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;

const DEADLINE: Duration = Duration::from_secs(30);

/// The places of 1.62's build.
const OF_1_62: &str = r#"<!doctype html><html><head><base href="/" data-inject-target="BASE_URL" />
<script>
  function getConfig() {
    const DEFAULT_CONFIG = null;
    // JAEGER_CONFIG_JS
    // this line is replaced with it
    const JAEGER_CONFIG = DEFAULT_CONFIG;
    return JAEGER_CONFIG;
  }
  const JAEGER_STORAGE_CAPABILITIES = DEFAULT_STORAGE_CAPABILITIES;
  const JAEGER_VERSION = DEFAULT_VERSION;
</script></head><body><script type="module" src="./static/index-1.js"></script></body></html>
"#;

/// 2.20's build finds its base by itself.
const OF_2_20: &str = r#"<!doctype html><html><head>
<script>
  // JAEGER_CONFIG_JS
  // this line is replaced with it
  const JAEGER_CONFIG = DEFAULT_CONFIG;
  const JAEGER_BACKEND_CAPABILITIES = DEFAULT_BACKEND_CAPABILITIES;
  const JAEGER_VERSION = DEFAULT_VERSION;
</script></head><body><script type="module" src="./static/index-1.js"></script></body></html>
"#;

const CONFIG: &str = r#"{"dependencies": {"menuEnabled": false}, "archiveEnabled": true}"#;
const SCRIPT: &str = "function UIConfig(){ return {archiveEnabled: true}; }";

#[tokio::test]
async fn a_build_of_1_62_is_told_what_it_asks_for() -> Result<()> {
    let told = [
        r#"JAEGER_CONFIG = {"archiveEnabled":true,"dependencies":{"menuEnabled":false}};"#,
        r#"JAEGER_STORAGE_CAPABILITIES = {"archiveStorage":true};"#,
        r#"<base href="/jaeger/""#,
        r#"JAEGER_VERSION = {"gitCommit":"#,
    ];
    check(OF_1_62, ("ui.json", CONFIG), &told).await
}

#[tokio::test]
async fn a_build_of_2_20_is_told_what_it_asks_for() -> Result<()> {
    let told = [
        SCRIPT,
        r#"JAEGER_BACKEND_CAPABILITIES = {"archiveStorage":true,"metricsStorage":true,"#,
        r#"JAEGER_VERSION = {"gitCommit":"#,
    ];
    check(OF_2_20, ("ui.js", SCRIPT), &told).await
}

async fn check(index: &str, config: (&str, &str), told: &[&str]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("static"))?;
    std::fs::write(folder.path().join("index.html"), index)?;
    std::fs::write(folder.path().join("static/index-1.js"), "let page = 1;\n")?;
    let settings = folder.path().join(config.0);
    std::fs::write(&settings, config.1)?;
    let flags = [
        "--query.base-path=/jaeger".to_owned(),
        format!("--query.static-files={}", folder.path().display()),
        format!("--query.ui-config={}", settings.display()),
    ];
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let server = Server::start(Binary::AllInOne, &flags).await?;
    let query = server.address("query.http")?;
    for path in ["/jaeger/", "/jaeger/search", "/jaeger/trace/77", "/jaeger/dependencies", "/jaeger/monitor"] {
        let answer = http::get(query, path).await?;
        ensure!(answer.status == 200, "{path} is answered {}", answer.status);
        ensure!(answer.header("content-type") == Some("text/html; charset=utf-8"), "{path}: {:?}", answer.headers);
        let missing: Vec<_> = told.iter().filter(|part| !answer.text().contains(**part)).collect();
        ensure!(missing.is_empty(), "{path} lacks {missing:?}: {}", answer.text());
    }
    ensure!(http::get_text(query, "/jaeger/static/index-1.js").await? == "let page = 1;\n");
    ensure!(http::get(query, "/jaeger/static/nope.js").await?.status == 404);
    std::fs::write(&settings, config.1.replace("true", "false"))?;
    let renewed = wait_for("the changed configuration", DEADLINE, async || {
        let page = http::get_text(query, "/jaeger/search").await?;
        let parts = ["archiveEnabled\":false", "archiveEnabled: false"];
        ensure!(parts.iter().any(|part| page.contains(part)), "{page}");
        Ok(())
    });
    renewed.await?;
    server.stop().await.map(drop)
}

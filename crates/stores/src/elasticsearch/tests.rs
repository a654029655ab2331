//! What the flags of Elasticsearch mean.

use jaeger_service::settings::Component;

use super::*;

fn settings(flags: &[(&str, &str)]) -> Result<ElasticsearchSettings, String> {
    let settings = Settings::for_test(Component::Collector, flags);
    ElasticsearchSettings::from_settings(&settings).map_err(|problem| problem.to_string())
}

#[test]
fn nothing_said_is_go_jaegers_defaults() {
    let settings = settings(&[]).unwrap();
    assert_eq!(settings, ElasticsearchSettings { store: Config::at("http://127.0.0.1:9200"), archive: None });
}

#[test]
fn the_archive_has_flags_of_its_own_and_the_stores_user() {
    let flags = [
        ("es.username", "jaeger"),
        ("es.password", "secret"),
        ("es.index-prefix", "shop"),
        ("es.max-span-age", "24h"),
        ("es-archive.enabled", "true"),
        ("es-archive.server-urls", "https://archive:9200, https://archive2:9200"),
    ];
    let ElasticsearchSettings { store, archive } = settings(&flags).unwrap();
    let archive = archive.unwrap();
    assert_eq!(archive.credentials, store.credentials);
    assert_eq!((store.index.prefix.as_str(), archive.index.prefix.as_str()), ("shop", ""));
    assert_eq!(archive.servers, ["https://archive:9200", "https://archive2:9200"]);
}

#[test]
fn ilm_means_aliases_and_templates_by_somebody_else() {
    let problem = settings(&[("es.use-ilm", "true")]).unwrap_err();
    assert!(problem.contains("--es.use-ilm") && problem.contains("--es.use-aliases"), "{problem}");
    let store = settings(&[("es.use-ilm", "true"), ("es.use-aliases", "true")]).unwrap().store;
    assert!(store.index.aliases && store.templates.is_none());
}

#[test]
fn what_does_not_go_together_is_told_with_its_flag() {
    for (flags, name) in [
        (&[("es.version", "6")][..], "--es.version"),
        (&[("es.password", "secret")], "--es.username"),
        (&[("es.username", "a"), ("es.password", "b"), ("es.password-file", "/c")], "--es.password-file"),
        (&[("es.server-urls", ",")], "--es.server-urls"),
        (&[("es.tls.enabled", "true"), ("es.tls.server-name", "other")], "--es.tls.server-name"),
        (&[("es.tags-as-fields.config-file", "/none")], "--es.tags-as-fields.config-file"),
    ] {
        let problem = settings(flags).unwrap_err();
        assert!(problem.contains(name), "{name}: {problem}");
    }
}

#[test]
fn tags_to_keep_as_fields_come_from_the_flag_and_from_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "http.method\n\n  error \n").unwrap();
    let path = file.path().display().to_string();
    let flags = [("es.tags-as-fields.include", "a,b"), ("es.tags-as-fields.config-file", path.as_str())];
    let keys = settings(&flags).unwrap().store.tags_as_fields.keys;
    assert_eq!(keys, ["a", "b", "error", "http.method"].map(String::from).into());
}

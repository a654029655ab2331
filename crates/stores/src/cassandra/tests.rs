//! What the flags of Cassandra mean.

use jaeger_service::settings::Component;

use super::*;

fn settings(flags: &[(&str, &str)]) -> Result<CassandraSettings, String> {
    let settings = Settings::for_test(Component::Collector, flags);
    CassandraSettings::from_settings(&settings, &mut Vec::new()).map_err(|problem| problem.to_string())
}

#[test]
fn nothing_said_is_go_jaegers_defaults() {
    let settings = settings(&[]).unwrap();
    assert_eq!(settings, CassandraSettings { store: CassandraConfig::default(), archive: None });
}

#[test]
fn the_archive_has_the_stores_settings_where_it_has_none_of_its_own() {
    let flags = [
        ("cassandra.servers", "a,b"),
        ("cassandra.username", "jaeger"),
        ("cassandra.password", "secret"),
        ("cassandra.consistency", "LOCAL_QUORUM"),
        ("cassandra-archive.enabled", "true"),
        ("cassandra-archive.keyspace", "jaeger_v1_archive"),
        ("cassandra-archive.port", "9142"),
    ];
    let archive = settings(&flags).unwrap().archive.unwrap();
    assert_eq!(archive.servers, ["a", "b"]);
    assert_eq!(archive.login, Some(("jaeger".to_owned(), "secret".to_owned())));
    assert_eq!((archive.keyspace.as_str(), archive.port), ("jaeger_v1_archive", 9142));
    assert_eq!(archive.consistency, "LOCAL_QUORUM");
}

#[test]
fn an_archive_in_the_stores_own_keyspace_is_warned_of() {
    let settings = Settings::for_test(Component::Collector, &[("cassandra-archive.enabled", "true")]);
    let mut notes = Vec::new();
    CassandraSettings::from_settings(&settings, &mut notes).unwrap();
    assert_eq!(notes.len(), 1);
}

#[test]
fn what_does_not_go_together_is_told_with_its_flag() {
    for (flags, name) in [
        (&[("cassandra.proto-version", "3")][..], "--cassandra.proto-version"),
        (&[("cassandra.consistency", "MOST")], "--cassandra.consistency"),
        (&[("cassandra.servers", ",")], "--cassandra.servers"),
        (&[("cassandra.keyspace", "")], "--cassandra.keyspace"),
        (
            &[("cassandra.index.tag-blacklist", "a"), ("cassandra.index.tag-whitelist", "b")],
            "--cassandra.index.tag-whitelist",
        ),
    ] {
        let problem = settings(flags).unwrap_err();
        assert!(problem.contains(name), "{name}: {problem}");
    }
}

#[test]
fn filters_of_the_index_are_by_place_and_by_key() {
    let flags = [("cassandra.index.logs", "false"), ("cassandra.index.tag-blacklist", "sql, peer.ipv4")];
    let index = settings(&flags).unwrap().store.index;
    assert_eq!((index.tags, index.logs, index.process_tags), (true, false, true));
    assert_eq!(index.keys, Keys::Without(vec!["sql".to_owned(), "peer.ipv4".to_owned()]));
}

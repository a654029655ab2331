//! Go's variables.

use super::*;

fn of(variables: &[(&str, &str)]) -> Result<SchemaSettings, SettingsError> {
    let variables: Vec<(String, String)> = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    SchemaSettings::from_variables(|name| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
}

#[test]
fn without_variables_it_is_the_test_keyspace_of_dc1() {
    let settings = of(&[]).unwrap();
    assert_eq!(settings.connection.keyspace, "jaeger_v1_dc1");
    assert_eq!(settings.connection.servers, ["cassandra"]);
    assert_eq!(settings.replication, Replication::Simple(1));
    assert_eq!((settings.trace_ttl, settings.window), (172_800, (96, "MINUTES")));
    assert_eq!(settings.wait, Duration::from_secs(60));
}

#[test]
fn production_has_copies_in_its_data_centre() {
    let settings = of(&[("MODE", "prod"), ("DATACENTER", "eu-1"), ("KEYSPACE", "traces")]).unwrap();
    assert_eq!(settings.replication.cql(), "{'class': 'NetworkTopologyStrategy', 'eu-1': '2'}");
    assert_eq!(settings.connection.keyspace, "traces");
}

#[test]
fn a_window_is_taken_as_given_or_as_the_schemas_version_has_it() {
    let window = |variables: &[(&str, &str)]| of(variables).unwrap().window;
    assert_eq!(window(&[("TEMPLATE", "/cassandra-schema/v003.cql.tmpl")]), (1, "HOURS"));
    assert_eq!(window(&[("COMPACTION_WINDOW", "2h")]), (2, "HOURS"));
    assert_eq!(window(&[("TRACE_TTL", "0")]), (1, "HOURS"));
}

#[test]
fn what_is_wrong_is_named() {
    for (variable, value, message) in [
        ("MODE", "staging", "MODE=staging: write prod or test"),
        ("KEYSPACE", "a;b", "KEYSPACE=a;b: write letters, digits and underscores"),
        ("TRACE_TTL", "2d", "TRACE_TTL=2d: write a whole number"),
        ("COMPACTION_WINDOW", "0h", "COMPACTION_WINDOW=0h: write a number and m, h or d, such as 30m"),
        ("CQLSH_PORT", "99999", "CQLSH_PORT=99999: write a port"),
    ] {
        assert_eq!(of(&[(variable, value)]).unwrap_err().to_string(), message);
    }
}

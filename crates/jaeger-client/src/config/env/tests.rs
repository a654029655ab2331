use super::*;

fn env(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let all: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    read(|name| all.iter().find(|(known, _)| known == name).map(|(_, value)| value.into()))
}

/// With a service's name.
fn named(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    env(&[&[("JAEGER_SERVICE_NAME", "shop")], variables].concat())
}

fn agent(config: &Config) -> (&str, u16) {
    match &config.reporting {
        Reporting::Agent { host, port } => (host, *port),
        _ => ("no agent", 0),
    }
}

#[test]
fn only_a_name_is_needed_and_then_the_agent_decides_what_is_sampled() {
    let config = named(&[]).expect("a name");
    assert_eq!(agent(&config), ("localhost", 6831));
    let expected =
        Sampling::Remote { initial: 0.0, endpoint: None, refresh: Duration::from_secs(60), max_operations: 2000 };
    assert_eq!(config.sampling, expected);
    assert_eq!((config.queue_size, config.flush_interval), (100, Duration::from_secs(1)));
    assert!(matches!(env(&[]), Err(ConfigError::MissingService)));
    assert!(env(&[("JAEGER_DISABLED", "true")]).is_ok(), "who is disabled needs no name");
}

#[test]
fn every_setting_is_read() {
    let config = named(&[
        ("JAEGER_AGENT_HOST", "agent.example"),
        ("JAEGER_AGENT_PORT", "16831"),
        ("JAEGER_REPORTER_LOG_SPANS", "1"),
        ("JAEGER_REPORTER_MAX_QUEUE_SIZE", "7"),
        ("JAEGER_REPORTER_FLUSH_INTERVAL", "50ms"),
        ("JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL", "5s"),
        ("JAEGER_TAGS", "zone=eu"),
        ("JAEGER_TRACEID_128BIT", "true"),
        ("JAEGER_PROPAGATION", "w3c, b3,jaeger"),
        ("JAEGER_SAMPLER_PARAM", "0.5"),
        ("JAEGER_SAMPLER_MAX_OPERATIONS", "9"),
        ("JAEGER_SAMPLER_REFRESH_INTERVAL", "10s"),
    ])
    .expect("all are right");
    assert_eq!(agent(&config), ("agent.example", 16_831));
    assert!(config.log_spans && config.wide_ids);
    assert_eq!((config.queue_size, config.flush_interval), (7, Duration::from_millis(50)));
    assert_eq!(config.resolve_interval, Some(Duration::from_secs(5)));
    assert_eq!(config.tags, [("zone".to_owned(), "eu".to_owned())]);
    assert_eq!(config.formats, [Format::W3c, Format::B3, Format::Jaeger]);
    let expected = Sampling::Remote {
        initial: 0.5,
        endpoint: Some("http://agent.example:5778/sampling".into()),
        refresh: Duration::from_secs(10),
        max_operations: 9,
    };
    assert_eq!(config.sampling, expected);
}

#[test]
fn samplers_are_named_in_any_case() {
    for (kind, parameter, expected) in [
        ("const", "1", Sampling::Const(true)),
        ("CONST", "0", Sampling::Const(false)),
        ("Probabilistic", "0.25", Sampling::Probabilistic(0.25)),
        ("rateLimiting", "5", Sampling::RateLimiting(5.0)),
    ] {
        let config = named(&[("JAEGER_SAMPLER_TYPE", kind), ("JAEGER_SAMPLER_PARAM", parameter)]);
        assert_eq!(config.expect("a sampler").sampling, expected);
    }
}

#[test]
fn the_older_name_of_the_sampling_page_is_read_where_the_newer_is_not_set() {
    let older = ("JAEGER_SAMPLER_MANAGER_HOST_PORT", "http://old:5778/sampling");
    let newer = ("JAEGER_SAMPLING_ENDPOINT", "http://new:5778/sampling");
    for (variables, expected) in [(&[older][..], older.1), (&[older, newer], newer.1)] {
        let config = named(variables).expect("an endpoint");
        assert!(matches!(config.sampling, Sampling::Remote { endpoint: Some(url), .. } if url == expected));
    }
}

#[test]
fn a_wrong_value_is_an_error_that_names_its_variable() {
    for (variable, value) in [
        ("JAEGER_AGENT_PORT", "six"),
        ("JAEGER_REPORTER_MAX_QUEUE_SIZE", "0"),
        ("JAEGER_REPORTER_MAX_QUEUE_SIZE", "1000000000"),
        ("JAEGER_REPORTER_FLUSH_INTERVAL", "1000"),
        ("JAEGER_REPORTER_LOG_SPANS", "yes"),
        ("JAEGER_SAMPLER_TYPE", "adaptive"),
        ("JAEGER_SAMPLER_PARAM", "much"),
        ("JAEGER_SAMPLER_PARAM", "1.5"),
        ("JAEGER_SAMPLING_ENDPOINT", "agent:5778"),
        ("JAEGER_TAGS", "zone"),
        ("JAEGER_PROPAGATION", "b4"),
        ("JAEGER_RPC_METRICS", "true"),
        ("JAEGER_DISABLED", "maybe"),
    ] {
        let error = named(&[(variable, value)]).err().expect(variable).to_string();
        assert!(error.contains(variable) && error.contains(value), "{error}");
    }
}

/// A Service of the name jaeger-agent puts its address into every container's environment.
#[test]
fn the_port_that_kubernetes_sets_is_passed_over() {
    let config = named(&[("JAEGER_AGENT_PORT", "tcp://10.96.0.7:5775"), ("JAEGER_AGENT_HOST", "10.0.0.1")]);
    assert_eq!(agent(&config.expect("a default")), ("10.0.0.1", 6831));
}

#[test]
fn an_endpoint_takes_both_credentials_or_neither() {
    let endpoint = ("JAEGER_ENDPOINT", "http://collector:14268/api/traces");
    let user = ("JAEGER_USER", "me");
    assert!(matches!(named(&[endpoint]).expect("an endpoint").reporting, Reporting::Collector { .. }));
    assert!(named(&[endpoint, user, ("JAEGER_PASSWORD", "secret")]).is_ok());
    let error = named(&[endpoint, user]).err().expect("half").to_string();
    assert_eq!(error, "JAEGER_USER is set and JAEGER_PASSWORD is not; set both, or neither");
}

//! The table against Go Jaeger's recorded lists, and the levels against each other.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use super::flag::env_of;
use super::resolve::same;
use super::table::old_names::Means;
use super::*;

fn resolved(component: Component, flags: &[(&str, &str)], environment: &[(&str, &str)]) -> (Settings, Vec<String>) {
    let flags = flags.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect();
    let environment = [("SPAN_STORAGE_TYPE", "memory")].into_iter().chain(environment.iter().copied());
    let environment = Environment::new(environment.map(|(name, value)| (OsString::from(name), OsString::from(value))));
    let (settings, problems) = resolve(component, flags, environment);
    (settings, problems.iter().map(ToString::to_string).collect())
}

fn warnings(settings: &Settings) -> Vec<&str> {
    settings
        .notes()
        .iter()
        .filter_map(|note| if let Note::Warning(text) = note { Some(text.as_str()) } else { None })
        .collect()
}

fn recorded(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/recorded/flags").join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Where the recording itself went wrong, since Go's help text has no firm shape.
const MISREAD: [(&str, &str); 2] = [
    ("kafka.producer.max-message-bytes", "its form was read as bool"),
    ("kafka.producer.compression-level", "its default was read out of a sentence"),
];

#[test]
fn every_flag_of_go_jaeger_is_known_with_its_form_and_default() {
    let mut on_purpose = BTreeMap::new();
    for component in Component::ALL {
        let table = Table::of(component);
        let list = recorded(&format!("{}.tsv", component.binary().trim_start_matches("jaeger-")));
        let mut names = Vec::new();
        for line in list.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let name = cells[0].trim_start_matches("--");
            names.push(name);
            if name == "span-storage.type" {
                assert!(table.old_names().any(|old| old.name == name && old.means == Means::Same("SPAN_STORAGE_TYPE")));
                continue;
            }
            let flag = table.get(name).unwrap_or_else(|| panic!("{component} does not know {name}"));
            assert_eq!(flag.env, cells[1]);
            if MISREAD.iter().any(|(misread, _)| *misread == name) {
                continue;
            }
            assert_eq!(flag.kind.go_word(), cells[2], "form of {name}");
            let default = if cells[3] == "[]" { "" } else { cells[3] };
            if same(flag.kind, flag.default, default) {
                assert_eq!(flag.differs, None, "{name} has Go's default and a reason for another");
            } else {
                let reason =
                    flag.differs.unwrap_or_else(|| panic!("default of {name}: {:?}, in Go {default:?}", flag.default));
                on_purpose.insert(name.to_owned(), (flag.default, reason));
            }
        }
        for flag in table.flags() {
            // Go's up to 1.17.
            let of_old = flag.name.starts_with("reporter.tchannel.");
            let in_go = names.contains(&flag.name.as_str()) || flag.is_env_only() || of_old;
            assert_eq!(flag.ours, !in_go, "{} of {component}", flag.name);
        }
    }
    let on_purpose: Vec<(&str, &str)> =
        on_purpose.iter().map(|(name, (default, _))| (name.as_str(), *default)).collect();
    assert_eq!(
        on_purpose,
        [
            ("badger.directory-key", ""),
            ("badger.directory-value", ""),
            ("badger.ephemeral", "false"),
            ("collector.queue-size", "100000"),
            ("collector.queue-size-memory", "64"),
        ]
    );
}

#[test]
fn remote_storage_has_the_flags_of_every_store_and_its_own_listener() {
    let table = Table::of(Component::RemoteStorage);
    let default = |name: &str| table.get(name).map(|flag| flag.default);
    assert_eq!(default("grpc.host-port"), Some(":17271"));
    assert_eq!(default("admin.http.host-port"), Some(":17270"));
    assert_eq!(default("collector.queue-size"), None);
    for flag in Table::of(Component::AllInOne).flags() {
        let store = ["memory.", "embedded.", "badger.", "grpc-storage.", "cassandra.", "es."];
        let is_of_a_store = store.iter().any(|prefix| flag.name.starts_with(prefix));
        assert!(!is_of_a_store || default(&flag.name) == Some(flag.default), "{}", flag.name);
    }
}

#[test]
fn flags_of_badger_are_taken_and_say_what_has_no_effect() {
    let flags = [
        ("badger.ephemeral", "false"),
        ("badger.directory-key", "/badger/key"),
        ("badger.directory-value", "/badger/data"),
        ("badger.span-store-ttl", "24h"),
        ("badger.consistency", "true"),
        ("badger.maintenance-interval", "1m"),
        ("badger.metrics-update-interval", "1s"),
        ("badger.read-only", "true"),
        ("badger.truncate", "true"),
    ];
    let (settings, problems) = resolved(Component::AllInOne, &flags, &[("SPAN_STORAGE_TYPE", "badger")]);
    assert_eq!(problems, [""; 0]);
    let lines = warnings(&settings);
    for (name, _) in &flags[4..] {
        let start = format!("--{name} (command line) has no effect: ");
        assert_eq!(lines.iter().filter(|line| line.starts_with(&start)).count(), 1, "{name}: {lines:?}");
    }
    assert_eq!(lines.len(), 6, "{lines:?}");
}

#[test]
fn every_variable_without_a_flag_is_known() {
    for line in recorded("env-only.tsv").lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        for component in Component::ALL {
            let ours = cells[3].split(',').any(|binary| component.binary().strip_prefix("jaeger-") == Some(binary));
            let flag = Table::of(component).by_env(cells[0]);
            assert_eq!(flag.is_some(), ours, "{} of {component}", cells[0]);
            if let Some(flag) = flag.filter(|_| !component.holds_a_store()) {
                assert_eq!(flag.default, cells[2]);
            }
        }
    }
    for component in [Component::AllInOne, Component::RemoteStorage] {
        assert_eq!(Table::of(component).by_env("SPAN_STORAGE_TYPE").unwrap().default, "embedded");
    }
}

#[test]
fn names_are_not_given_twice_and_defaults_are_values() {
    for component in Component::ALL {
        let table = Table::of(component);
        let mut seen = std::collections::BTreeSet::new();
        for flag in table.flags() {
            assert!(seen.insert(flag.name.clone()), "{} twice", flag.name);
            if flag.choices.is_empty() {
                assert!(value::check(flag, flag.default).is_ok(), "default of {}", flag.name);
            }
        }
        for old in table.old_names() {
            assert!(seen.insert(old.name.to_owned()), "{} is a name of today and an old one", old.name);
            if let Some(new) = old.new_name() {
                assert!(table.get(new).is_some(), "{} stands for {new}, which {component} does not have", old.name);
            }
        }
    }
}

#[test]
fn a_flag_goes_before_a_variable_before_the_file_before_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.yaml");
    fs::write(&path, "collector:\n  queue-size: 1\n  num-workers: 1\n  otlp.enabled: false\n").unwrap();
    let path = path.display().to_string();
    let environment = [
        ("CONFIG_FILE", path.as_str()),
        ("COLLECTOR_QUEUE_SIZE", "2"),
        ("COLLECTOR_NUM_WORKERS", "2"),
        ("LOG_LEVEL", ""),
    ];
    let (settings, problems) = resolved(Component::Collector, &[("collector.queue-size", "3")], &environment);
    assert_eq!(problems, [""; 0]);
    assert_eq!(settings.integer("collector.queue-size"), Ok(3));
    assert_eq!(settings.source("collector.queue-size"), Source::Flag);
    assert_eq!(settings.integer("collector.num-workers"), Ok(2));
    assert_eq!(settings.source("collector.num-workers"), Source::Env("COLLECTOR_NUM_WORKERS".to_owned()));
    assert_eq!(settings.boolean("collector.otlp.enabled"), Ok(false));
    assert_eq!(settings.source("collector.otlp.enabled"), Source::File(path, 4));
    assert_eq!(
        (settings.string("log-level"), settings.is_set("log-level")),
        (Ok("info"), false),
        "an empty variable is an unset one"
    );
}

#[test]
fn problems_and_strange_keys_of_the_file_have_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.yaml");
    fs::write(&path, "log-level: info\ncollector:\n  qeue-size: 5\n  num-workers: many\nhttp-server.host-port: :1\nfoo: 1\nlog-encoding: [a, b]\n").unwrap();
    let path = path.display().to_string();
    let (settings, problems) = resolved(Component::Collector, &[("config-file", &path)], &[]);
    assert_eq!(
        problems,
        [
            format!("--log-encoding: wrong value \"a, b\" ({path} line 7): a list; write text"),
            format!(
                "--collector.num-workers: wrong value \"many\" ({path} line 4): not a whole number; write a whole number such as 2000"
            ),
        ]
    );
    assert_eq!(
        warnings(&settings),
        [
            format!(
                "{path} line 3: collector.qeue-size is not a setting and has no effect: did you mean collector.queue-size?"
            ),
            format!("{path} line 6: foo is not a setting and has no effect"),
        ],
        "and a key of another component is nobody's mistake"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem() {
    let (_, problems) = resolved(Component::Agent, &[("config-file", "/no/such.yaml")], &[]);
    assert!(problems[0].starts_with("config file /no/such.yaml: "), "{problems:?}");
}

#[test]
fn names_of_both_generations_are_understood_with_a_warning() {
    for (component, old, value, new, means) in [
        (Component::Collector, "collector.http-port", "1234", "collector.http-server.host-port", ":1234"),
        (Component::Collector, "collector.grpc-port", "1234", "collector.grpc-server.host-port", ":1234"),
        (Component::Collector, "health-check-http-port", "1234", "admin.http.host-port", ":1234"),
        (Component::Query, "admin-http-port", "1234", "admin.http.host-port", ":1234"),
        (Component::Query, "query.port", "1234", "query.http-server.host-port", ":1234"),
        (Component::Query, "query.host-port", "h:1234", "query.http-server.host-port", "h:1234"),
        (Component::Agent, "jaeger.tags", "a=b", "agent.tags", "a=b"),
        (Component::Agent, "reporter.grpc.tls", "false", "reporter.grpc.tls.enabled", "false"),
        (Component::Collector, "collector.zipkin.http-port", "0", "collector.zipkin.host-port", ""),
        (Component::Collector, "collector.zipkin.http-port", "9411", "collector.zipkin.host-port", ":9411"),
        (Component::Collector, "collector.port", "1234", "collector.tchan-server.host-port", ":1234"),
        (Component::Agent, "collector.host-port", "c:14267", "reporter.tchannel.host-port", "c:14267"),
        (Component::Agent, "discovery.min-peers", "5", "reporter.tchannel.discovery.min-peers", "5"),
        (Component::Collector, "SAMPLING_TYPE", "static", "SAMPLING_CONFIG_TYPE", "file"),
        (Component::Collector, "cassandra.tls.verify-host", "F", "cassandra.tls.skip-host-verify", "true"),
    ] {
        let (by_flag, problems) = resolved(component, &[(old, value)], &[]);
        assert_eq!(problems, [""; 0], "{old}");
        assert_eq!(by_flag.string(new), Ok(means), "{old}");
        assert!(warnings(&by_flag)[0].contains("is an old name: write "), "{old}");
        let (by_env, _) = resolved(component, &[], &[(&env_of(old), value)]);
        assert_eq!(by_env.string(new), Ok(means), "{old} by its variable");
    }
    let (both, _) =
        resolved(Component::Collector, &[("collector.http-port", "1"), ("collector.http-server.host-port", ":2")], &[]);
    assert_eq!(both.string("collector.http-server.host-port"), Ok(":2"));
    assert!(warnings(&both)[0].contains("has no effect beside --collector.http-server.host-port"));
}

#[test]
fn a_wrong_value_under_an_old_name_is_told_under_that_name() {
    let (_, problems) = resolved(Component::Query, &[("query.port", "http")], &[]);
    assert_eq!(
        problems,
        [
            "--query.port: wrong value \"http\" (command line): an address without a port; write host:port, :port or a port"
        ]
    );
}

#[test]
fn what_comes_later_is_refused_and_what_asks_for_nothing_is_taken() {
    for (component, name, value) in [
        (Component::Collector, "kafka.producer.tls.enabled", "true"),
        (Component::Collector, "kafka.producer.brokers", "kafka:9092"),
        (Component::Collector, "SAMPLING_CONFIG_TYPE", "adaptive"),
        (Component::Query, "multi-tenancy.enabled", "true"),
    ] {
        let (_, problems) = resolved(component, &[(name, value)], &[]);
        assert_eq!(problems.len(), 1, "{name}: {problems:?}");
        assert!(problems[0].contains("not there yet") && problems[0].contains("(command line)"), "{problems:?}");
        let (_, problems) = resolved(component, &[], &[(&env_of(name), value)]);
        assert!(
            problems.len() == 1 && problems[0].contains("environment variable"),
            "{name} by its variable: {problems:?}"
        );
    }
    for (component, name, value) in [
        (Component::Agent, "reporter.grpc.tls.enabled", "F"),
        (Component::Collector, "collector.zipkin.host-port", ""),
        (Component::Collector, "downsampling.ratio", "1.0"),
        (Component::Query, "multi-tenancy.enabled", "false"),
    ] {
        assert_eq!(resolved(component, &[(name, value)], &[]).1, [""; 0], "{name}");
    }
}

#[test]
fn what_comes_later_is_refused_in_the_file_too_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.json");
    fs::write(&path, "{\n\"kafka.producer\": {\n\t\"brokers\": [\"a\", \"b\"]},\n\"kafka.producer.tls\": true}")
        .unwrap();
    let path = path.display().to_string();
    let (_, problems) = resolved(Component::Collector, &[("config-file", &path)], &[]);
    assert_eq!(
        problems,
        [
            format!(
                "--kafka.producer.brokers ({path} line 3): kafka is not there yet, set SPAN_STORAGE_TYPE=memory and leave this flag out"
            ),
            format!("--kafka.producer.tls ({path} line 4): kafka is not there yet, leave this flag out"),
        ]
    );
}

#[test]
fn what_is_always_so_is_taken_with_a_line() {
    let (settings, problems) = resolved(Component::Agent, &[("reporter.grpc.retry.max", "100")], &[]);
    assert_eq!(problems, [""; 0]);
    let line = "--reporter.grpc.retry.max (command line) has no effect: what no collector took is held and sent again until one does";
    assert_eq!(warnings(&settings), [line]);
}

#[test]
fn words_may_be_written_in_any_case() {
    let (settings, problems) = resolved(Component::Agent, &[("log-level", "WARN")], &[]);
    assert_eq!((settings.string("log-level"), problems), (Ok("warn"), Vec::new()));
}

#[test]
fn kubernetes_own_variables_are_ignored_with_a_line() {
    let (settings, problems) = resolved(Component::Collector, &[], &[("COLLECTOR_PORT", "tcp://10.0.0.1:14267")]);
    assert_eq!(problems, [""; 0]);
    assert_eq!(
        settings.notes(),
        [Note::Info(
            "environment variable COLLECTOR_PORT is Kubernetes' address of a service, not a setting: ignored"
                .to_owned()
        )]
    );
}

#[test]
fn bind_address_is_the_host_where_none_is_named() {
    let settings =
        Settings::for_test(Component::Query, &[("bind-address", "127.0.0.1"), ("admin.http.host-port", "0.0.0.0:1")]);
    assert_eq!(settings.host_port("query.http-server.host-port").unwrap().to_string(), "127.0.0.1:16686");
    assert_eq!(settings.host_port("admin.http.host-port").unwrap().to_string(), "0.0.0.0:1");
}

#[test]
fn tags_take_variables_and_their_mistakes_are_problems() {
    let (settings, problems) =
        resolved(Component::Agent, &[("agent.tags", "a=${POD:none},b=${NODE:none}")], &[("POD", "p1")]);
    assert_eq!(problems, [""; 0]);
    let want = [("a", "p1"), ("b", "none")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(settings.tags("agent.tags").unwrap(), want);
    let (_, problems) = resolved(Component::Agent, &[("agent.tags", "a")], &[]);
    assert_eq!(
        problems,
        [
            "--agent.tags: wrong value \"a\" (command line): \"a\" has no \"=\"; write key=value pairs separated by commas"
        ]
    );
}

#[test]
fn getters_name_what_is_wrong() {
    let settings = Settings::for_test(Component::Collector, &[("collector.queue-size", "300")]);
    let error = settings.integer::<u8>("collector.queue-size").unwrap_err().to_string();
    assert!(error.starts_with("--collector.queue-size: wrong value \"300\" (command line): too large"), "{error}");
    assert!(settings.string("no.such").unwrap_err().to_string().contains("jaeger-collector has no setting --no.such"));
}

/// `UPDATE_DOCS=1 cargo test -p jaeger-service` writes the page anew.
#[test]
fn the_reference_page_is_what_the_table_says() {
    let mut page = String::from(
        "# Flags\n\nMade from the flag table; `UPDATE_DOCS=1 cargo test -p jaeger-service reference_page` writes it anew.\n\n\
         A flag goes before its environment variable, a variable before the file of `--config-file` (YAML, JSON, TOML, HCL or properties, the flags' names as keys,\n\
         nested or dotted), the file before the default. Durations are Go's: `200ms`, `5s`, `1h30m`. Addresses may be `host:port`, `:port` or\n\
         a bare port. Each binary prints its own part with `docs`, its variables with `env`, what it would run with by `print-config`, and\n\
         every problem with `check`.\n",
    );
    for component in Component::ALL {
        page += &format!("\n## {component}\n{}", crate::command::reference_page(component));
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/flags.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/flags.md is not what the table says: run UPDATE_DOCS=1 cargo test -p jaeger-service reference_page"
    );
}

//! Command lines as people write them, and what is answered.

use std::net::TcpListener;

use super::*;

struct Ran {
    parsed: Parsed,
    out: String,
    err: String,
}

impl Ran {
    fn code(&self) -> Option<u8> {
        match self.parsed {
            Parsed::Exit(code) => Some(code),
            Parsed::Run(_) => None,
        }
    }

    fn settings(self) -> Settings {
        match self.parsed {
            Parsed::Run(settings) => settings,
            Parsed::Exit(code) => panic!("ended with {code}: {}", self.err),
        }
    }
}

fn cli(cli: &Cli<'_>, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = [cli.component.binary()].into_iter().chain(arguments.iter().copied()).map(OsString::from);
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let parsed = cli.run_on(arguments, environment, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { parsed, out: text(out), err: text(err) }
}

fn run(component: Component, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    cli(&Cli::new(component), arguments, environment)
}

const MEMORY: (&str, &str) = ("SPAN_STORAGE_TYPE", "memory");

#[test]
fn flags_are_read_by_gos_rules() {
    let arguments = [
        "--collector.queue-size=5",
        "--log-level",
        "debug",
        "--collector.enable-span-size-metrics",
        "--collector.otlp.enabled=false",
        "--collector.otlp.grpc.host-port",
        "4317",
        "--collector.queue-size",
        "6",
    ];
    let settings = run(Component::Collector, &arguments, &[MEMORY]).settings();
    assert_eq!(settings.integer::<u32>("collector.queue-size"), Ok(6));
    assert_eq!(settings.string("log-level"), Ok("debug"));
    assert_eq!(settings.boolean("collector.enable-span-size-metrics"), Ok(true));
    assert_eq!(settings.boolean("collector.otlp.enabled"), Ok(false));
    assert_eq!(settings.host_port("collector.otlp.grpc.host-port").unwrap().to_string(), ":4317");
}

#[test]
fn a_flag_may_stand_several_times_where_it_is_a_list() {
    let arguments = ["--query.additional-headers", "A: b, c", "--query.additional-headers=C: d"];
    let settings = run(Component::Query, &arguments, &[MEMORY]).settings();
    assert_eq!(settings.lines("query.additional-headers"), Ok(vec!["A: b, c", "C: d"]));
}

#[test]
fn mistyped_flags_are_refused_with_the_right_name() {
    for (arguments, said) in [
        (["--collector.qeue-size=5"], "unknown flag --collector.qeue-size: did you mean --collector.queue-size?"),
        (["--agent.tags=a=b"], "unknown flag --agent.tags: it is a flag of jaeger-agent, not of jaeger-collector"),
        (["--config=jaeger.yaml"], "--config is the file of Jaeger 2, which is not read"),
        (["--no.such.thing"], "unknown flag --no.such.thing: \"jaeger-collector help\" lists them all"),
        (["-log-level=debug"], "did you mean --log-level?"),
        (["--collector.queue-size"], "--collector.queue-size needs a value: write --collector.queue-size=VALUE"),
        (["false"], "\"false\" is not a command"),
    ] {
        let ran = run(Component::Collector, &arguments, &[MEMORY]);
        assert_eq!(ran.code(), Some(1), "{arguments:?}");
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn a_wrong_value_names_the_flag_the_value_its_source_and_the_next_step() {
    let ran = run(Component::Collector, &["--collector.queue-size=many"], &[MEMORY, ("COLLECTOR_NUM_WORKERS", "0")]);
    assert_eq!(ran.code(), Some(1));
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(
        lines,
        [
            "jaeger-collector: --collector.num-workers: wrong value \"0\" (environment variable COLLECTOR_NUM_WORKERS): too small; write 1 or more",
            "jaeger-collector: --collector.queue-size: wrong value \"many\" (command line): not a whole number; write a whole number such as 2000",
        ]
    );
}

#[test]
fn a_store_that_is_not_there_yet_is_refused_and_cassandra_is_the_default() {
    for component in [Component::Collector, Component::Query] {
        let ran = run(component, &[], &[("SPAN_STORAGE_TYPE", "kafka")]);
        assert_eq!(ran.code(), Some(1));
        assert!(ran.err.trim_end().ends_with("kafka is not there yet, set SPAN_STORAGE_TYPE=memory"), "{}", ran.err);
        assert!(run(component, &[], &[]).code().is_none());
    }
    assert!(run(Component::AllInOne, &[], &[]).code().is_none());
    assert!(run(Component::Collector, &["--span-storage.type=memory"], &[]).code().is_none());
    assert!(run(Component::Agent, &[], &[]).code().is_none());
}

#[test]
fn storage_commands_take_the_flags_of_the_process_whose_store_it_is() {
    let work = |settings: &Settings, command: StorageCommand, out: &mut dyn Write, err: &mut dyn Write| {
        writeln!(out, "{command:?} of {}", settings.string("embedded.directory").unwrap_or_default())?;
        writeln!(err, "progress")?;
        Ok(3)
    };
    let all_in_one = Cli::new(Component::AllInOne).with_storage(&work);
    for (name, command) in [("stats", "Stats"), ("verify", "Verify"), ("export", "Export")] {
        let ran = cli(&all_in_one, &["storage", name, "--embedded.directory=/d"], &[]);
        assert_eq!((ran.code(), ran.out), (Some(3), format!("{command} of /d\n")), "{}", ran.err);
        assert_eq!(ran.err, "progress\n");
    }
    assert_eq!(cli(&all_in_one, &["storage", "stats"], &[("EMBEDDED_DIRECTORY", "/e")]).out, "Stats of /e\n");
    assert_eq!(cli(&all_in_one, &["storage", "stats", "--embedded.max-age=x"], &[]).code(), Some(1));
    for wrong in [&["storage"][..], &["storage", "stat"], &["storage", "stats", "--embedded.directry=/d"]] {
        assert!(matches!(cli(&all_in_one, wrong, &[]).code(), Some(0 | 1)), "{wrong:?}");
    }
    assert_eq!(run(Component::Collector, &["storage", "stats"], &[MEMORY]).code(), Some(1));
}

#[test]
fn help_shows_what_is_served_and_hides_what_is_not() {
    for arguments in [&["--help"][..], &["-h"][..], &["help"][..]] {
        let ran = run(Component::Collector, arguments, &[]);
        assert_eq!(ran.code(), Some(0));
        assert!(ran.out.contains("--collector.queue-size <int>"), "{}", ran.out);
        assert!(ran.out.contains("(default 100000)"));
        assert!(!ran.out.contains("--kafka.producer.brokers"));
    }
    assert_eq!(run(Component::Collector, &["help", "check"], &[]).code(), Some(0));
}

#[test]
fn version_prints_what_the_version_page_prints() {
    let ran = run(Component::Agent, &["version"], &[]);
    assert_eq!((ran.code(), ran.out.trim_end()), (Some(0), version::json().as_str()));
}

#[test]
fn env_and_docs_list_every_served_setting() {
    for component in Component::ALL {
        let env = run(component, &["env"], &[]).out;
        let docs = run(component, &["docs"], &[]).out;
        for flag in crate::settings::Table::of(component).flags() {
            assert_eq!(env.contains(&format!("  {} ", flag.env)), flag.works(), "{}", flag.env);
            assert!(docs.contains(&format!("`{}`", flag.shown())), "{}", flag.name);
        }
    }
}

#[test]
fn docs_are_written_into_a_folder_or_the_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let dir = format!("--dir={}", folder.path().display());
    assert_eq!(run(Component::Agent, &["docs", &dir], &[]).code(), Some(0));
    assert!(
        std::fs::read_to_string(folder.path().join("jaeger-agent.md"))
            .unwrap()
            .starts_with("# Flags of jaeger-agent\n")
    );
    let ran = run(Component::Agent, &["docs", "--dir=/no/such/folder"], &[]);
    assert_eq!(ran.code(), Some(1));
    assert!(ran.err.contains("--dir=/no/such/folder"));
}

#[test]
fn print_config_is_a_config_file_without_secrets() {
    let arguments = ["print-config", "--collector.tags=zone=a,db-password=hunter2", "--collector.queue-size=7"];
    let ran = run(Component::Collector, &arguments, &[MEMORY]);
    assert_eq!(ran.code(), Some(0), "{}", ran.err);
    assert!(ran.out.contains("collector.queue-size: \"7\" # command line\n"), "{}", ran.out);
    assert!(ran.out.contains("SPAN_STORAGE_TYPE: \"memory\" # environment variable SPAN_STORAGE_TYPE\n"));
    assert!(ran.out.contains("collector.tags: \"zone=a,db-password=***\" # command line\n"));
    assert!(!ran.out.contains("hunter2"));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("printed.yaml");
    std::fs::write(&path, &ran.out).unwrap();
    let file = format!("--config-file={}", path.display());
    let again = run(Component::Collector, &[&file], &[]).settings();
    assert_eq!(again.integer::<u32>("collector.queue-size"), Ok(7));
    assert_eq!(again.string("SPAN_STORAGE_TYPE"), Ok("memory"));
}

#[test]
fn completion_scripts_are_printed() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let ran = run(Component::Agent, &["completion", shell], &[]);
        assert_eq!(ran.code(), Some(0));
        assert!(ran.out.contains("jaeger-agent"), "{shell}");
    }
    assert_eq!(run(Component::Agent, &["completion", "tcsh"], &[]).code(), Some(1));
}

#[test]
fn check_says_where_values_came_from_and_prints_every_problem() {
    let folder = tempfile::tempdir().unwrap();
    let strategies = folder.path().join("strategies.json");
    std::fs::write(&strategies, "{}").unwrap();
    let good = format!("--sampling.strategies-file={}", strategies.display());
    let ran = run(Component::Collector, &["check", &good], &[MEMORY, ("COLLECTOR_QEUE_SIZE", "5")]);
    assert_eq!(ran.code(), Some(0), "{}", ran.out);
    assert!(ran.out.contains("SPAN_STORAGE_TYPE = \"memory\" (environment variable SPAN_STORAGE_TYPE)"));
    assert!(ran.out.contains("--collector.queue-size = \"100000\" (default)"));
    assert!(ran.out.contains("strategies.json (2 bytes) for --sampling.strategies-file"));
    assert!(ran.out.contains("warning: environment variable COLLECTOR_QEUE_SIZE"));
    assert!(ran.out.ends_with("jaeger-collector: no problems\n"));

    let config = |_: &Settings| vec![Problem::other("the typed configuration is wrong too")];
    let collector = Cli::new(Component::Collector).with_checks(Checks::default().config(&config));
    let arguments = ["check", "--sampling.strategies-file=/no/such.json", "--collector.num-workers=x"];
    let ran = cli(&collector, &arguments, &[("SPAN_STORAGE_TYPE", "kafka")]);
    assert_eq!(ran.code(), Some(1));
    for said in [
        "problem: --sampling.strategies-file: wrong value \"/no/such.json\" (command line): No such file",
        "problem: --collector.num-workers: wrong value \"x\"",
        "kafka is not there yet, set SPAN_STORAGE_TYPE=memory",
        "problem: the typed configuration is wrong too",
        "jaeger-collector: 4 problems",
    ] {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
}

#[test]
fn check_tells_a_wrong_setting_once_whatever_the_typed_configuration_calls_it() {
    let config = |settings: &Settings| {
        vec![
            settings.problem("collector.num-workers", "no number of workers", "write a number"),
            settings.problem("collector.queue-size", "too small for two", "write 2"),
            settings.problem("collector.queue-size", "an odd number", "write an even one"),
        ]
    };
    let collector = Cli::new(Component::Collector).with_checks(Checks::default().config(&config));
    let ran = cli(&collector, &["check", "--collector.num-workers=x", "--collector.queue-size=1"], &[MEMORY]);
    assert_eq!(ran.code(), Some(1));
    assert_eq!(ran.out.matches("problem: --collector.num-workers").count(), 1, "{}", ran.out);
    assert_eq!(ran.out.matches("problem: --collector.queue-size").count(), 2, "{}", ran.out);
    assert!(ran.out.ends_with("jaeger-collector: 3 problems\n"), "{}", ran.out);
}

#[test]
fn check_with_connect_reaches_the_collectors_and_what_the_component_adds() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let there = listener.local_addr().unwrap().to_string();
    let connect = |_: &Settings| vec![Reach::Reached("a store of its own".to_owned())];
    let agent = Cli::new(Component::Agent).with_checks(Checks::default().connect(&connect));
    let flag = format!("--reporter.grpc.host-port={there}");
    let ran = cli(&agent, &["check", "--connect", &flag], &[]);
    assert_eq!(ran.code(), Some(0), "{}", ran.out);
    assert!(ran.out.contains(&format!("reached collector {there}")));
    assert!(ran.out.contains("reached a store of its own"));
    let ran = cli(&agent, &["check", "--connect", &format!("--collector.host-port={there}")], &[]);
    assert!(ran.out.contains(&format!("reached collector {there}")), "{}", ran.out);
    let ran_collector = run(Component::Collector, &["check", "--connect"], &[MEMORY]);
    assert!(ran_collector.out.contains("reached store memory: inside this process"), "{}", ran_collector.out);

    drop(listener);
    let ran = cli(&agent, &["check", "--connect", &flag], &[]);
    assert_eq!(ran.code(), Some(1));
    assert!(ran.out.contains("problem: --reporter.grpc.host-port: wrong value"), "{}", ran.out);
    assert_eq!(cli(&agent, &["check", &flag], &[]).code(), Some(0), "without --connect nothing is reached");
}

#[test]
fn status_ends_with_0_only_for_200() {
    for (answer, code) in [("200 OK", 0), ("503 Service Unavailable", 1)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let flag = format!("--status.http.host-port={}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            use std::io::Read;
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let length = stream.read(&mut request).unwrap();
            write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 2\r\n\r\n{{}}").unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let ran = run(Component::Collector, &["status", &flag], &[]);
        assert_eq!(ran.code(), Some(code), "{}", ran.err);
        assert!(server.join().unwrap().starts_with("GET / HTTP/1.0\r\n"));
    }
    let ran = run(Component::Collector, &["status", "--status.http.host-port=127.0.0.1:1"], &[]);
    assert_eq!(ran.code(), Some(1));
    assert!(ran.err.contains("--status.http.host-port=127.0.0.1:1"));
}

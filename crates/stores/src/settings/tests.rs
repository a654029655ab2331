//! Which store the settings mean, and where.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jaeger_service::command::{Cli, Parsed};
use jaeger_service::settings::Component;

use super::*;

/// Settings as a command line and an environment give them.
fn settings(component: Component, flags: &[(&str, &str)], environment: &[(&str, &str)]) -> Settings {
    let flags = flags.iter().map(|(name, value)| OsString::from(format!("--{name}={value}")));
    let arguments = [OsString::from(component.binary())].into_iter().chain(flags);
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    match Cli::parse(component, arguments, environment) {
        Parsed::Run(settings) => settings,
        Parsed::Exit(code) => panic!("ended with {code}"),
    }
}

fn stores(flags: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<StoreSettings, String> {
    StoreSettings::from_settings(&settings(Component::AllInOne, flags, environment)).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        problems.join("\n")
    })
}

fn embedded(flags: &[(&str, &str)], kind: &str) -> EmbeddedSettings {
    let stores = stores(flags, &[("SPAN_STORAGE_TYPE", kind)]).unwrap();
    match stores.stores() {
        [StoreKind::Embedded(store)] => store.clone(),
        other => panic!("{other:?}"),
    }
}

const HOURS: Duration = Duration::from_secs(3600);
const DEFAULT: &str = "./data/jaeger";

#[test]
fn the_embedded_store_lies_in_the_working_folder_for_72_hours() {
    let store = embedded(&[], "embedded");
    assert_eq!((store.directory, store.max_age, store.temporary), (PathBuf::from(DEFAULT), 72 * HOURS, false));
    assert!(store.max_bytes > 0 && store.max_bytes <= 10_000_000_000, "{}", store.max_bytes);
    let flags = [("embedded.directory", "/tmp/d"), ("embedded.max-age", "0"), ("embedded.max-bytes", "5000")];
    let store = embedded(&flags, "embedded");
    assert_eq!((store.directory.as_path(), store.max_bytes), (Path::new("/tmp/d"), 5000));
    assert!(store.max_age > 10_000 * HOURS, "0 is for ever");
}

#[test]
fn badger_is_the_embedded_store_with_its_own_folder_and_age() {
    assert_eq!(embedded(&[], "badger"), embedded(&[], "embedded"), "without its flags it is the same store");
    assert_eq!(embedded(&[("badger.ephemeral", "false")], "badger").directory, Path::new(DEFAULT));
    assert_eq!(embedded(&[("badger.directory-key", "/tmp/key")], "badger").directory, Path::new(DEFAULT));
    let flags = [("badger.directory-value", "/tmp/badger"), ("badger.span-store-ttl", "24h")];
    let store = embedded(&flags, "badger");
    assert_eq!((store.directory, store.max_age), (PathBuf::from("/tmp/badger/spans"), 24 * HOURS));
    let ours = [flags[0], flags[1], ("embedded.directory", "/tmp/ours"), ("embedded.max-age", "1h")];
    let store = embedded(&ours, "badger");
    assert_eq!((store.directory, store.max_age), (PathBuf::from("/tmp/ours"), HOURS), "our own flags go before");
    assert_eq!(
        embedded(&flags, "embedded").directory,
        Path::new(DEFAULT),
        "under its own name Badger's flags are not meant"
    );
}

#[test]
fn badger_is_temporary_only_where_somebody_says_so() {
    let store = embedded(&[("badger.ephemeral", "true"), ("badger.directory-value", "/tmp/badger")], "badger");
    assert!(store.temporary);
    assert_eq!(store.directory, std::env::temp_dir());
    assert!(!embedded(&[("badger.ephemeral", "true")], "embedded").temporary);
}

#[test]
fn badgers_own_files_are_left_alone_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let flags = [("badger.directory-value", path.as_str())];
    let kind = [("SPAN_STORAGE_TYPE", "badger")];
    assert_eq!(stores(&flags, &kind).unwrap().notes, []);
    for name in ["000001.vlog", "000003.sst", "MANIFEST", "KEYREGISTRY"] {
        fs::write(folder.path().join(name), "badger's").unwrap();
        let notes = stores(&flags, &kind).unwrap().notes;
        let [Note::Warning(line)] = notes.as_slice() else { panic!("{notes:?}") };
        assert!(line.contains(&path) && line.contains(name) && line.contains("BADGER_READ_ONLY=true"), "{line}");
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), "badger's");
        fs::remove_file(folder.path().join(name)).unwrap();
    }
}

#[test]
fn a_folder_that_somebody_asked_for_and_cannot_be_written_is_a_problem_with_its_flag() {
    for (flags, kind, named) in [
        (
            &[("embedded.directory", "/proc/jaeger")][..],
            "embedded",
            "--embedded.directory: wrong value \"/proc/jaeger\"",
        ),
        (&[("badger.directory-value", "/proc")], "badger", "--badger.directory-value: wrong value \"/proc\""),
    ] {
        let problem = stores(flags, &[("SPAN_STORAGE_TYPE", kind)]).unwrap_err();
        assert!(problem.starts_with(named), "{problem}");
        assert!(problem.contains("cannot be written") && problem.contains("docker run -v"), "{problem}");
    }
}

#[test]
fn a_remote_store_needs_one_address() {
    let kind = [("SPAN_STORAGE_TYPE", "grpc")];
    let problem = stores(&[], &kind).unwrap_err();
    assert!(problem.starts_with("--grpc-storage.server: wrong value \"\" (default): no address; name"), "{problem}");
    let flags = [("grpc-storage.server", "storage:17271"), ("grpc-storage.connection-timeout", "2s")];
    let want =
        RemoteSettings { server: "storage:17271".to_owned(), connection_timeout: Duration::from_secs(2), tls: None };
    assert_eq!(stores(&flags, &kind).unwrap().stores(), [StoreKind::Remote(want)]);
}

#[test]
fn several_stores_stand_in_their_order_and_each_once() {
    let stores_of = |kind| stores(&[], &[("SPAN_STORAGE_TYPE", kind)]);
    let found = stores_of("memory,embedded").unwrap();
    assert!(matches!(found.stores(), [StoreKind::Memory(_), StoreKind::Embedded(_)]));
    let problem = stores_of("embedded,badger").unwrap_err();
    assert!(problem.contains("badger stands there twice"), "{problem}");
    assert_eq!(stores_of("blackhole").unwrap().stores(), [StoreKind::Blackhole]);
}

#[test]
fn who_asked_for_nothing_has_the_embedded_store_where_it_can_be_written_else_memory_and_a_line() {
    let stores = |settings: &Settings| StoreSettings::from_settings(settings).unwrap();
    for component in [Component::AllInOne, Component::RemoteStorage] {
        let found = stores(&settings(component, &[], &[]));
        assert!(matches!(found.stores(), [StoreKind::Embedded(store)] if store.directory == Path::new(DEFAULT)));
        assert_eq!(found.notes, []);
    }
    let not = crate::embedded::NotWritable::for_test("/data/jaeger", "Read-only file system");
    let line = not.warning();
    for said in [
        "/data/jaeger",
        "Read-only file system",
        "gone when this process ends",
        "docker run -v",
        "persistentVolumeClaim",
    ] {
        assert!(line.contains(said), "{said}: {line}");
    }
}

//! A damaged file costs at most what is in it: the store opens, everything else is found by id and by search, and `verify`
//! names the file.

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{Folder, Held, batch, by_trace, contents, found_by_search, of_batch, restore, run, search, spans_of};
use jaeger_model::Batch;
use jaeger_storage::Store;
use jaeger_storage_embedded::{EmbeddedStore, OpenError, verify};

/// Opens the store with `damaged` as it is now, looks for everything, and says whether anything is missing.
async fn look(folder: &Folder, damaged: &Held, what: &str) -> bool {
    let store = EmbeddedStore::open(folder.config(), &|_| {}).unwrap_or_else(|error| panic!("{what}: {error}"));
    let archive = store.archive().expect("an archive");
    let mut missing = false;
    for is_archive in [false, true] {
        let store: &dyn Store = if is_archive { &*archive } else { &store };
        let held = folder.files.iter().filter(|file| file.archive == is_archive);
        let all = by_trace(held.clone().flat_map(|file| &file.batches));
        let sound = || held.clone().filter(|file| file.path != damaged.path);
        let needed = by_trace(sound().flat_map(|file| &file.batches));
        let found = found_by_search(store).await;
        let none = BTreeSet::new();
        for (id, all) in &all {
            let spans = spans_of(store, *id).await;
            let needed = needed.get(id).unwrap_or(&none);
            assert!(needed.is_subset(&spans), "{what}: spans of {id} in other files are not found by id");
            assert!(spans.is_subset(all), "{what}: {id} has spans that nobody wrote");
            let found = found.get(id).unwrap_or(&none);
            assert!(needed.is_subset(found), "{what}: spans of {id} in other files are not found by search");
            assert!(found.is_subset(all), "{what}: a search gives spans of {id} that nobody wrote");
            missing |= spans != *all || found != all;
        }
        assert!(found.keys().all(|id| all.contains_key(id)), "{what}: a trace that nobody wrote");
        // By a tag, through the filters.
        for batch in sound().filter_map(|file| file.batches.last()) {
            let number = number_of(batch);
            let by_tag = search(store, &of_batch(number)).await;
            assert!(
                batch.spans().all(|span| by_tag.contains_key(&span.trace_id())),
                "{what}: batch {number}, by its tag"
            );
        }
    }
    missing
}

fn number_of(batch: &Batch) -> u64 {
    let span = batch.spans().next().expect("not empty");
    let tag = span.tags().find(|tag| tag.key == "batch").expect("its number");
    tag.value.text().parse().expect("a number")
}

/// How `verify` names the file.
#[derive(PartialEq, Eq, Debug)]
enum Named {
    No,
    Damaged,
    Torn,
}

fn named(folder: &Folder, file: &Held, what: &str) -> Named {
    let report = verify(folder.path(), &|_| {}).unwrap_or_else(|error| panic!("{what}: {error}"));
    let others = report.damaged.iter().map(|(path, _)| path).chain(report.torn.iter().map(|(path, _)| path));
    for path in others {
        assert_eq!(*path, file.path, "{what}: a sound file is called damaged");
    }
    if !report.damaged.is_empty() {
        Named::Damaged
    } else if !report.torn.is_empty() {
        Named::Torn
    } else {
        Named::No
    }
}

/// Every byte of the ends, and some of each section: the file's own footer says where they are.
fn places(bytes: &[u8], partition: bool, random: &mut fastrand::Rng) -> BTreeSet<usize> {
    let mut places: BTreeSet<usize> = (0..56.min(bytes.len())).collect();
    let some = |places: &mut BTreeSet<usize>, from: usize, len: usize, random: &mut fastrand::Rng| {
        for _ in 0..12.min(len) {
            places.insert(from + random.usize(..len));
        }
    };
    if partition {
        let number = |from: u64| usize::try_from(from).expect("small");
        let word = |at: usize| number(u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes")));
        let half = |at: usize| number(u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes")).into());
        let trailer = bytes.len() - 24;
        let footer = word(trailer);
        places.extend(trailer..bytes.len());
        some(&mut places, footer, trailer - footer, random);
        let blocks = half(footer + 32);
        assert!(blocks > 0);
        for block in 0..blocks {
            let at = footer + 36 + block * 64;
            some(&mut places, word(at), half(at + 8), random);
        }
        let sections = footer + 36 + blocks * 64;
        assert_eq!(half(sections), 7);
        for section in 0..7 {
            let at = sections + 4 + section * 21;
            let len = word(at + 9);
            assert!(len > 0);
            some(&mut places, word(at + 1), len, random);
        }
    } else {
        for _ in 0..120 {
            places.insert(random.usize(..bytes.len()));
        }
        // Records begin with this.
        for at in 0..bytes.len() - 16 {
            if bytes[at..].starts_with(&[0xfe, b'J', b'R', 0xff]) {
                places.extend(at..at + 17);
            }
        }
    }
    places
}

#[test]
fn a_flipped_bit_costs_at_most_its_own_file_and_is_found_by_verify() {
    let folder = Folder::make();
    let mut random = fastrand::Rng::with_seed(11);
    let (mut flips, mut harmless) = (0, 0);
    // One of each kind: a partition between others, the last log, the archive's.
    let partition = |file: &&Held| file.path.extension().is_some_and(|ending| ending == "jpart");
    let kinds = [(false, true), (false, false), (true, true), (true, false)];
    for (archive, is_partition) in kinds {
        let mut alike = folder.files.iter().filter(|file| file.archive == archive && partition(file) == is_partition);
        let file = if archive { alike.next() } else { alike.nth(1) }.expect("made");
        let sound = &folder.before[&file.path];
        for at in places(sound, is_partition, &mut random) {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << random.u8(..8);
            fs::write(&file.path, &bytes).expect("written");
            let what = format!("{} with byte {at} of {} changed", file.path.display(), bytes.len());
            let named = named(&folder, file, &what);
            assert_ne!(named, Named::No, "{what}: verify says nothing");
            // The end of a log is torn by every kill; all else is damage.
            assert!(named == Named::Damaged || !is_partition, "{what}");
            let missing = run(look(&folder, file, &what));
            flips += 1;
            harmless += usize::from(!missing);
            restore(folder.path(), &folder.before);
        }
    }
    assert!(flips > 600 && harmless > 0 && harmless < flips, "{harmless} of {flips}");
    for file in &folder.files {
        assert_eq!(named(&folder, file, "restored"), Named::No);
        assert!(!run(look(&folder, file, "restored")));
    }
}

#[test]
fn a_file_that_is_cut_off_costs_at_most_itself() {
    let folder = Folder::make();
    let mut random = fastrand::Rng::with_seed(12);
    for file in &folder.files {
        let sound = &folder.before[&file.path];
        let is_log = file.path.extension().is_some_and(|ending| ending == "jlog");
        let mut lens: BTreeSet<usize> = [0, 1, 4, 6, 31, 32, 33, 48, sound.len() - 1, sound.len() - 24].into();
        lens.extend((0..14).map(|_| random.usize(..sound.len())));
        for len in lens {
            let what = format!("{} cut off at {len} of {}", file.path.display(), sound.len());
            fs::write(&file.path, &sound[..len]).expect("written");
            let named = named(&folder, file, &what);
            assert!(named == Named::Damaged || is_log, "{what}: verify says nothing");
            assert!(run(look(&folder, file, &what)), "{what}: nothing is missing");
            restore(folder.path(), &folder.before);
        }
    }
}

#[test]
fn a_file_that_is_gone_or_foreign_costs_itself() {
    let folder = Folder::make();
    for file in &folder.files {
        for bytes in [vec![0; 5000], b"not ours ".repeat(1000), vec![0xff; 40]] {
            fs::write(&file.path, bytes).expect("written");
            let what = format!("{} with other bytes", file.path.display());
            assert_ne!(named(&folder, file, &what), Named::No, "{what}: verify says nothing");
            assert!(run(look(&folder, file, &what)));
            restore(folder.path(), &folder.before);
        }
        fs::remove_file(&file.path).expect("removed");
        assert!(run(look(&folder, file, "without a file")));
        restore(folder.path(), &folder.before);
    }
}

#[test]
fn a_partition_that_is_restored_takes_nothing_away_that_came_while_it_was_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || common::open(common::config(folder.path()));
    run(async {
        // A partition of several logs.
        for number in 0..4 {
            common::write(&open(), batch(1, number, 6)).await;
        }
        let store = open();
        store.close_generation().expect("closed");
        store.maintain().expect("compacted");
    });
    let [partition] = &common::files(folder.path(), "jpart")[..] else { panic!("one partition") };
    let sound = fs::read(partition).expect("read");
    fs::write(partition, &sound[..sound.len() - 1]).expect("written");
    run(async {
        for number in 4..7 {
            common::write(&open(), batch(1, number, 6)).await;
        }
    });
    fs::write(partition, &sound).expect("written");
    let all: Vec<Batch> = (0..7).map(|number| batch(1, number, 6)).collect();
    assert_eq!(run(found_by_search(&open())), by_trace(&all));
}

#[test]
fn a_file_of_a_later_version_is_refused_in_one_line_and_nothing_is_touched() {
    let folder = Folder::make();
    // As a process leaves it that was killed.
    let lock = folder.path().join("LOCK");
    assert!(folder.before.contains_key(&lock));
    for file in &folder.files {
        for (mark, without_lock) in [(2u16, false), (999, true)] {
            let is_log = file.path.extension().is_some_and(|ending| ending == "jlog");
            let mut header = later(&folder.before[&file.path], mark, is_log);
            // What follows is of a kind that nobody here knows.
            header.extend([0x55; 700]);
            fs::write(&file.path, header).expect("written");
            if without_lock {
                fs::remove_file(&lock).expect("removed");
            }
            let before = contents(folder.path());
            let times = |path| fs::metadata(path).and_then(|metadata| metadata.modified()).expect("a time");
            let changed: Vec<_> = before.keys().map(times).collect();
            let opened = EmbeddedStore::open(folder.config(), &|_| {}).err();
            let verified = verify(folder.path(), &|_| {}).err();
            let stats = jaeger_storage_embedded::stats(folder.path()).err();
            for error in [opened, verified, stats] {
                let error = error.expect("refused");
                assert!(matches!(error, OpenError::Newer { .. }), "{error:?}");
                let text = error.to_string();
                assert!(text.contains("needs jaeger 12.3.4 or later") && !text.contains('\n'), "{text}");
                assert!(text.contains(&file.path.display().to_string()), "{text}");
            }
            assert_eq!(contents(folder.path()), before);
            assert_eq!(before.keys().map(times).collect::<Vec<_>>(), changed);
            restore(folder.path(), &folder.before);
        }
    }
}

/// The header of a log (two copies, 14 bytes for the version) or a partition (22 bytes) that needs version 12.3.4.
fn later(bytes: &[u8], mark: u16, is_log: bool) -> Vec<u8> {
    let mut header = bytes[..32].to_vec();
    header[4..6].copy_from_slice(&mark.to_le_bytes());
    header[6..if is_log { 20 } else { 28 }].fill(0);
    header[6..12].copy_from_slice(b"12.3.4");
    let sum = crc32c::crc32c(&header[..28]).to_le_bytes();
    header[28..].copy_from_slice(&sum);
    if is_log { header.repeat(2) } else { header }
}

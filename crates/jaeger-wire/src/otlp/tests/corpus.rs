//! The committed corpora of `fuzz/`, and small changes to each of them.

use std::fs;
use std::path::Path;

use crate::testing::otlp;

/// Tries each file, cut at each place and with each byte changed. Files named `bad-` are refused, all others taken.
fn replay(corpus: &str, taken: fn(&[u8]) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(corpus);
    let mut files = 0;
    for file in fs::read_dir(&folder).expect("the corpus is committed") {
        let path = file.expect("a file").path();
        let bytes = fs::read(&path).expect("a file");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert_eq!(taken(&bytes), !name.starts_with("bad-"), "{name}");
        // Every place of short files, some of long ones.
        let step = 1 + bytes.len() / 400;
        for place in (0..bytes.len()).step_by(step) {
            taken(&bytes[..place]);
            for change in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[place] ^= change;
                taken(&changed);
            }
        }
        files += 1;
    }
    assert!(files >= 8, "only {files} files in {}", folder.display());
}

#[test]
fn requests_in_protobuf_are_taken_or_refused_and_nothing_else() {
    replay("otlp_protobuf", otlp::protobuf);
}

#[test]
fn requests_in_json_are_taken_or_refused_and_nothing_else() {
    replay("otlp_json", otlp::json);
}

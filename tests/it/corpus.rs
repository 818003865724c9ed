//! The committed inputs of the fuzzer, played once each: what must hold for any input holds for these.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use bodies::BODIES;
use std::{collections::BTreeSet, fs, path::Path};

/// Every committed input of a kind, by its name.
fn inputs(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(kind);
    let entries = fs::read_dir(&folder).unwrap().map(Result::unwrap);
    let read = |entry: fs::DirEntry| {
        (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap())
    };
    let mut inputs: Vec<_> = entries.map(read).collect();
    inputs.sort();
    inputs
}

#[test]
fn what_must_hold_for_any_input_holds_for_every_committed_one() {
    for (kind, _) in BODIES {
        let inputs = inputs(kind);
        assert!(!inputs.is_empty(), "{kind} has no inputs");
        for (name, bytes) in inputs {
            let held = std::panic::catch_unwind(|| bodies::play(kind, &bytes));
            assert!(held.is_ok(), "fuzz/seeds/{kind}/{name} breaks what must hold");
        }
    }
}

#[test]
fn every_kind_of_input_has_a_target_of_the_fuzzer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let targets: BTreeSet<String> = files.map(|name| name.to_string_lossy().into_owned()).collect();
    assert_eq!(targets, BODIES.map(|(kind, _)| format!("{kind}.rs")).into());
}

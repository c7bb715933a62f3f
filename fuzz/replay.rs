//! What fuzzing begins with and what it once found, for the tests of the crates that replay it.

use std::path::Path;

/// The inputs that are kept of a fuzz target.
pub(crate) fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&folder).expect("a corpus");
    let files = entries.map(|entry| std::fs::read(entry.expect("an entry").path()).expect("a file"));
    let files: Vec<Vec<u8>> = files.collect();
    assert!((1..=30).contains(&files.len()), "{} is small", folder.display());
    files
}

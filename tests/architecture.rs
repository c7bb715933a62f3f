//! Who may know whom: the edges between the crates, and what may be named where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The whole house: each crate and the crates of ours it may use. A new edge is a decision; it is taken here.
const EDGES: &[(&str, &[&str])] = &[
    ("bench", &["chat-server", "membership", "service", "sympa-bridge"]),
    ("chat-server", &["membership", "service"]),
    ("demo", &["membership"]),
    ("membership", &[]),
    ("service", &["membership"]),
    ("signal-server", &["membership", "service"]),
    ("sympa-bridge", &["membership", "service"]),
    ("symposium", &["chat-server", "demo", "membership", "service", "signal-server", "sympa-bridge"]),
];
/// Most lines of a source file, its tests not counted.
const LINES: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn manifest(folder: &Path) -> toml::Table {
    let text = std::fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    toml::from_str(&text).expect("a manifest is TOML")
}

/// All crates of the workspace and their folders.
fn crates() -> BTreeMap<String, PathBuf> {
    let members = manifest(root())["workspace"]["members"].as_array().expect("members").clone();
    let mut crates = BTreeMap::from([("symposium".to_owned(), root().to_owned())]);
    for member in members {
        let name = member.as_str().expect("a name").to_owned();
        crates.insert(name.clone(), root().join(name));
    }
    crates
}

#[test]
fn the_edges_between_crates_are_those_of_the_table() {
    let crates = crates();
    for (name, folder) in &crates {
        let manifest = manifest(folder);
        let used = manifest.get("dependencies").and_then(toml::Value::as_table).cloned().unwrap_or_default();
        let used: Vec<&str> = used.keys().map(String::as_str).filter(|used| crates.contains_key(*used)).collect();
        let (_, allowed) =
            EDGES.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} is not in the table"));
        for edge in &used {
            assert!(allowed.contains(edge), "{name} may not use {edge}");
        }
        if name != "bench" {
            assert_eq!(used.len(), allowed.len(), "{name} uses {used:?}; the table allows more");
        }
    }
}

#[test]
fn the_model_names_no_network_no_database_and_no_clock() {
    let text = std::fs::read_to_string(root().join("membership/Cargo.toml")).expect("a manifest");
    for foreign in ["axum", "tokio", "sqlx", "reqwest"] {
        assert!(!text.contains(foreign), "membership may not use {foreign}");
    }
    for file in sources("membership/src") {
        let code = std::fs::read_to_string(&file).expect("a file");
        assert!(!code.contains("SystemTime") && !code.contains("Instant"), "{} reads a clock", file.display());
    }
}

#[test]
fn decisions_do_no_input_or_output() {
    for file in [
        "chat-server/src/timeline.rs",
        "chat-server/src/protocol.rs",
        "membership/src/permission.rs",
        "membership/src/ledger.rs",
        "signal-server/src/exchange.rs",
        "signal-server/src/exchange/calls.rs",
        "signal-server/src/exchange/conference.rs",
        "signal-server/src/exchange/conferences.rs",
        "signal-server/src/exchange/offers.rs",
        "signal-server/src/media/forward.rs",
        "signal-server/src/media/keyframe.rs",
        "signal-server/src/media/level.rs",
        "signal-server/src/media/sdp.rs",
        "signal-server/src/media/seen.rs",
        "signal-server/src/media/select.rs",
        "signal-server/src/media/vp8.rs",
        "signal-server/src/protocol.rs",
        "signal-server/src/signal.rs",
    ] {
        let code = std::fs::read_to_string(root().join(file)).expect("a file");
        for foreign in ["tokio", "sqlx", "axum", "async fn", "Clock"] {
            assert!(!code.contains(foreign), "{file} names {foreign}");
        }
    }
}

#[test]
fn only_stores_name_sql() {
    for folder in ["chat-server/src", "sympa-bridge/src", "signal-server/src", "src"] {
        for file in sources(folder) {
            let path = file.strip_prefix(root()).expect("below the root").display().to_string();
            let store = ["/store", "/sympa/", "/sympa.rs", "/sql/"].iter().any(|part| path.contains(part));
            let code = std::fs::read_to_string(&file).expect("a file");
            for word in ["SELECT ", "INSERT INTO", "DELETE FROM"] {
                assert!(store || !code.contains(word), "{path} holds SQL");
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is_responsible_for_and_is_small() {
    for (_, folder) in crates() {
        for file in sources(folder.join("src").strip_prefix(root()).expect("below").to_str().expect("a path")) {
            let text = std::fs::read_to_string(&file).expect("a file");
            assert!(text.starts_with("//!"), "{} does not say what it is responsible for", file.display());
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            // A language on one page is the exception.
            let page = file.ends_with("src/protocol.rs");
            assert!(page || code.lines().count() <= LINES, "{} has more than {LINES} lines", file.display());
        }
    }
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// The library of media and calls is young: it is named by the call doctor and by the media plane.
#[test]
fn only_the_call_doctor_and_the_media_plane_name_the_library_of_calls() {
    for folder in ["signal-server/src", "src", "service/src", "chat-server/src", "sympa-bridge/src", "membership/src"] {
        for file in sources(folder) {
            let code = std::fs::read_to_string(&file).expect("a file");
            let path = file.to_string_lossy();
            let may = ["signal-server/src/doctor", "signal-server/src/media/"].iter().any(|part| path.contains(part));
            let headless = code.contains("webrtc::") && !path.contains("signal-server/src/doctor");
            let sansio = code.contains("rtc::") && !may;
            assert!(!headless && !sansio, "{path}");
        }
    }
}

//! The documents tell the truth: every configuration key is described, and what is described is understood.

use std::path::Path;

use service::config::{File, Service, Site};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there")
}

/// The one TOML text in the page on configuration.
fn example() -> String {
    toml_of("docs/operate/configure.md")
}

fn toml_of(page: &str) -> String {
    let page = read(page);
    let (_, rest) = page.split_once("```toml\n").expect("an example");
    rest.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn the_examples_of_the_configuration_are_understood() {
    understood(&File::parse(&example()).expect("known sections"));
    // The short one names no databases of our own: `symposium` puts them into its own folder.
    let short = File::parse(&toml_of("README.md")).expect("known sections");
    let database = "sqlite:/var/lib/symposium/ours.sqlite";
    understood(&short.with_default("bridge", "database", database).with_default("chat", "database", database));
}

fn understood(file: &File) {
    file.section::<Site>("site").and_then(Site::checked).expect("[site]");
    file.section::<Service>("service").expect("[service]");
    file.section::<sympa_bridge::Config>("bridge").and_then(sympa_bridge::Config::checked).expect("[bridge]");
    file.section::<chat_server::config::Config>("chat").expect("[chat]");
    file.section::<signal_server::config::Config>("signal").expect("[signal]");
}

#[test]
fn every_configuration_key_is_described() {
    let example = example();
    let sources = [
        "service/src/config.rs",
        "sympa-bridge/src/config.rs",
        "chat-server/src/config.rs",
        "signal-server/src/config.rs",
        "signal-server/src/turn/config.rs",
        "signal-server/src/media/config.rs",
        "src/all_in_one.rs",
    ];
    for source in sources {
        let text = read(source);
        let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        for line in code.lines() {
            let line = line.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            let Some((key, kind)) = line.split_once(": ") else { continue };
            let is_field = kind.ends_with(',') && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let is_section =
                ["Option<Mail>", "Vec<Robot>", "SignIn", "Limits", "Sympa", "Bridge", "Chat", "Signal", "Config"]
                    .iter()
                    .any(|s| kind.starts_with(s))
                    || kind.contains("::config::Config")
                    || kind == "turn::Config,"
                    || kind == "media::Config,";
            if is_field && !is_section && !kind.contains('(') {
                assert!(example.contains(&format!("{key} = ")), "{source}: {key} is not in docs/operate/configure.md");
            }
        }
    }
}

#[test]
fn the_links_between_documents_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = Vec::new();
    for folder in
        ["", "docs", "docs/operate", "docs/decisions", "deploy/nginx", "deploy/apache", "deploy/sympa", "tests/browser"]
    {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder");
        let files = entries.map(|entry| Path::new(folder).join(entry.expect("an entry").file_name()));
        pages.extend(files.filter(|file| file.extension().is_some_and(|kind| kind == "md")));
    }
    assert!(pages.len() > 15, "the pages are found");
    for page in pages {
        let page = page.to_str().expect("a name");
        for link in read(page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") {
                let place = root.join(page).parent().expect("a folder").join(target);
                assert!(place.exists(), "{page} leads to {target}, which is not there");
            }
        }
    }
}

//! What is written down and must not lie: the OpenAPI document, and the page of the protocol.
//! `UPDATE=1 cargo test -p signal-server --test written_down` writes the document anew.

use std::path::Path;

use serde_json::Value;

#[expect(clippy::disallowed_methods, reason = "a test is configured by its environment")]
fn document() -> Value {
    let now = signal_server::openapi().expect("a document");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&file, &now).expect("written");
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(there == now, "openapi.json is out of date: run UPDATE=1 cargo test -p signal-server --test written_down");
    serde_json::from_str(&now).expect("JSON")
}

/// The words of a closed set: the one value its variants' tag may have, or the values themselves.
fn words(schema: &Value, tag: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().filter_map(text).collect();
    }
    let variants = schema["oneOf"].as_array().expect("variants");
    let word = |variant: &Value| text(&variant["properties"][tag]["enum"][0]);
    variants.iter().map(|variant| word(variant).unwrap_or_else(|| panic!("a tag: {variant}"))).collect()
}

#[test]
fn the_openapi_document_and_the_page_of_the_protocol_say_every_word() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/PROTOCOL.md")).expect("the page");
    let (_, section) = page.split_once("## 4. Calls and transfers").expect("section 4");
    let (section, _) = section.split_once("\n## 5").expect("its end");
    let mut said = 0;
    for (schema, tag) in [("Command", "type"), ("Frame", "type"), ("Signal", "kind"), ("ConferenceAct", "kind")] {
        for word in words(&schemas[schema], tag) {
            assert!(
                section.contains(&format!("{word}\"")) || section.contains(&format!("`{word}`")),
                "{schema} {word}"
            );
            said += 1;
        }
    }
    for schema in ["End", "Closed", "Media", "Path", "ConferenceOut", "Emoji", "Source", "Receive", "Quality"] {
        for word in words(&schemas[schema], "") {
            assert!(section.contains(&word), "{schema} {word}");
            said += 1;
        }
    }
    assert!(said > 50, "the words are found: {said}");
}

//! The description of the interface in `openapi.json` is the one the code gives. To write it anew: delete the file and run.

#[test]
fn the_description_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let now = sympa_bridge::openapi().expect("a description");
    match std::fs::read_to_string(path) {
        Ok(kept) => assert!(kept == now, "openapi.json is not up to date: delete it and run this test again"),
        Err(_) => std::fs::write(path, now).expect("written"),
    }
}

//! Lists of values bound as one text: a statement is the same however long the list is, and thousands of values cost one
//! binding.

/// What stands before the text and after it, behind the name of a column. MariaDB has no words for it that are old enough.
pub(crate) type Among = (&'static str, &'static str);

/// The words of SQLite.
pub(crate) const SQLITE: Among = (" IN (SELECT value FROM json_each(", "))");
/// The words of PostgreSQL.
pub(crate) const POSTGRES: Among = (" = ANY (ARRAY (SELECT json_array_elements_text(CAST(", " AS json))))");

/// The text of these values.
pub(crate) fn text<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> String {
    let mut text = Vec::from(b"[");
    for value in values {
        if text.len() > 1 {
            text.push(b',');
        }
        // Into memory nothing fails.
        let _ = serde_json::to_writer(&mut text, value.as_ref());
    }
    text.push(b']');
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_values_whatever_they_hold() {
        assert_eq!(text(["a", "b\"],", "é\u{1f}"]), r#"["a","b\"],","é\u001f"]"#);
        assert_eq!(text([""; 0]), "[]");
    }
}

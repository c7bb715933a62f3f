//! Answers packed into one text. A database joins the cells of all rows it found into one text much faster than it hands
//! them over one by one, and who asks the same again sees by one comparison of texts that nothing has changed.

use std::string::FromUtf8Error;

/// Ends every cell. In the cells themselves a blank stands in its place, so that no cell can pretend to be two.
const END: char = '\u{1f}';

/// How a database joins many texts: what stands before them, and what after.
pub(crate) type Joining = (&'static str, &'static str);

/// The words of SQLite and PostgreSQL.
pub(crate) const STANDARD: Joining = ("string_agg(", ", '')");

/// A row of an answer.
pub(crate) type Row = Vec<Option<String>>;

/// What a question begins with whose answer is to be packed: how many rows there are, and all of them as one text. Every
/// column is a text.
pub(crate) fn select(columns: &[&str], (before, after): Joining) -> String {
    let cell = |column: &&str| format!("REPLACE(COALESCE({column}, ''), '{END}', ' '), '{END}'");
    let cells: Vec<String> = columns.iter().map(cell).collect();
    format!("SELECT COUNT(*), {before}CONCAT({}){after}", cells.join(", "))
}

/// A packed answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    columns: usize,
    text: String,
}

impl Packed {
    /// An answer without rows.
    pub(crate) const fn none(columns: usize) -> Self {
        Self { columns, text: String::new() }
    }

    /// From what the database gave. What is not UTF-8 is marked as such; nothing, when a part of the answer is missing:
    /// MariaDB cuts what is too long for it.
    pub(crate) fn new(columns: usize, rows: i64, bytes: Vec<u8>) -> Option<Self> {
        let lossy = |error: FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
        let text = String::from_utf8(bytes).unwrap_or_else(lossy);
        let ends = text.bytes().filter(|byte| char::from(*byte) == END).count();
        let is_whole = usize::try_from(rows).is_ok_and(|rows| rows * columns == ends);
        is_whole.then_some(Self { columns, text })
    }

    /// The rows. Absent and empty cells are the same.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> {
        let mut cells = self.text.split_terminator(END);
        let row = move || -> Option<Row> {
            let cells: Vec<&str> = cells.by_ref().take(self.columns).collect();
            let cell = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
            (cells.len() == self.columns).then(|| cells.into_iter().map(cell).collect())
        };
        std::iter::from_fn(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_out_as_they_were_packed() {
        let packed = Packed::new(2, 2, "a\u{1f}\u{1f}\u{1f}b c\u{1f}".into()).expect("whole");
        let rows: Vec<Row> = packed.rows().collect();
        assert_eq!(rows, [[Some("a".to_owned()), None], [None, Some("b c".to_owned())]]);
        assert_eq!(Packed::none(1).rows().next(), None);
    }

    #[test]
    fn an_answer_that_was_cut_is_none() {
        for (rows, cut) in [(2, "a\u{1f}"), (1, "a"), (1, ""), (0, "a\u{1f}"), (-1, "")] {
            assert_eq!(Packed::new(1, rows, cut.into()), None, "{rows} {cut:?}");
        }
        assert_eq!(Packed::new(1, 0, Vec::new()), Some(Packed::none(1)));
    }

    #[test]
    fn bytes_that_are_no_text_spoil_only_their_cell() {
        let packed = Packed::new(2, 1, b"\xff\x1fb\x1f".into()).expect("whole");
        assert_eq!(packed.rows().collect::<Vec<_>>(), [[Some("\u{fffd}".to_owned()), Some("b".to_owned())]]);
    }
}

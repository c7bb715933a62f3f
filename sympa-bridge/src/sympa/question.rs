//! A question to Sympa's database: literal SQL and bound texts. How an engine puts it is said in `pool`.

/// A question.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question {
    pub(super) pieces: Vec<Piece>,
    /// How many columns a packed answer has.
    pub(super) columns: usize,
}

/// A part of a question.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Sql(&'static str),
    Text(String),
    /// The column that stands before is one of these.
    Among(Vec<String>),
    /// The columns of an answer that is to be packed.
    Packed(&'static [&'static str]),
}

impl Question {
    pub(crate) fn new(sql: &'static str) -> Self {
        Self::default().sql(sql)
    }

    /// `SELECT` of these columns, packed. Every one is a text.
    pub(crate) fn packed(columns: &'static [&'static str], from: &'static str) -> Self {
        let pieces = vec![Piece::Packed(columns), Piece::Sql(from)];
        Self { pieces, columns: columns.len() }
    }

    /// And what the other question finds, in the same statement.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self = self.sql(" UNION ALL ");
        self.pieces.extend(other.pieces);
        self
    }

    #[must_use]
    pub(crate) fn sql(mut self, sql: &'static str) -> Self {
        self.pieces.push(Piece::Sql(sql));
        self
    }

    #[must_use]
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Text(text.into()));
        self
    }

    /// The column that stands before is one of these. Invariant: there is at least one.
    #[must_use]
    pub(crate) fn among<'a>(mut self, texts: impl IntoIterator<Item = &'a str>) -> Self {
        self.pieces.push(Piece::Among(texts.into_iter().map(str::to_owned).collect()));
        self
    }
}

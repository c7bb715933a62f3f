//! Questions to our own database about many ids at once, answered packed.

use std::fmt::Display;

use service::db::Db;
use service::on;
use sqlx::QueryBuilder;

use super::{Store, int};
use crate::sql::among;
use crate::sql::packed::{self, Packed};

/// A question: which columns, of which table, by which key.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    /// Every one is a text.
    pub(super) columns: &'static [&'static str],
    pub(super) table: &'static str,
    pub(super) key: &'static str,
    /// The column that says until when a row counts.
    pub(super) until: Option<&'static str>,
}

impl Store {
    /// The rows of these ids that count now.
    pub(super) async fn packed<K: Display>(&self, about: About, ids: &[K]) -> sqlx::Result<Packed> {
        let About { columns, table, key, until } = about;
        if ids.is_empty() {
            return Ok(Packed::none(columns.len()));
        }
        let (before, after) = match &self.db {
            Db::Sqlite(..) => among::SQLITE,
            Db::Postgres(..) => among::POSTGRES,
        };
        let (rows, text): (i64, Option<String>) = on!(&self.db, c => {
            let mut query = QueryBuilder::new(packed::select(columns, packed::STANDARD));
            query.push(" FROM ").push(table).push(" WHERE ");
            if let Some(until) = until {
                query.push(until).push(" > ").push_bind(int(self.clock.now_ms())).push(" AND ");
            }
            query.push(key).push(before).push_bind(among::text(ids.iter().map(K::to_string))).push(after);
            query.build_query_as().fetch_one(c).await
        })?;
        let cut = || sqlx::Error::Decode("an answer was cut".into());
        Packed::new(columns.len(), rows, text.unwrap_or_default().into_bytes()).ok_or_else(cut)
    }
}

//! What the bridge would have kept of the people online: their ids, sessions and live tokens.

use std::path::Path;

use anyhow::Result;
use membership::permission::{RoomState, grants};
use membership::{Mode, PersonId, Role, Roles, RoomId, SessionId, Standing};
use service::clock::Clock;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use sqlx::{QueryBuilder, Sqlite};
use sympa_bridge::Bridge;

use crate::sympa::{EACH, email, list, session};

/// Rows of one insert.
const BATCH: usize = 500;

/// Writes into the tables that the bridge has made. It has to be opened again to know of it.
pub(crate) async fn write(bridge: &Bridge, folder: &Path, lists: u64, online: u64) -> Result<()> {
    // One of its own first, so that the tables are surely there.
    bridge.person_id(&"nobody@people.example.org".parse()?).await?;
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect(&format!("sqlite:{}", folder.join("own.sqlite").display())).await?;
    let (people, rooms): (Vec<u64>, Vec<u64>) = ((0..online).collect(), (0..lists).collect());
    let day_ms = 24 * 3600 * 1000;
    let now = i64::try_from(Clock::System.now_ms())?;
    insert(&pool, "person (id, email, made_at)", &people, |row, n| {
        row.push_bind(person(*n).to_string()).push_bind(email(*n)).push_bind(now);
    })
    .await?;
    insert(&pool, "room (id, kind, list, robot, made_at)", &rooms, |row, n| {
        row.push_bind(room(*n).to_string()).push_bind("list").push_bind(format!("list-{n}"));
        row.push_bind("lists.example.org").push_bind(now);
    })
    .await?;
    insert(&pool, "session (hash, sid, person, kind, sympa_sid, seen_at, exp)", &people, |row, n| {
        row.push_bind(format!("hash of {n}")).push_bind(sid(*n).to_string()).push_bind(person(*n).to_string());
        row.push_bind("cookie").push_bind(session(*n)).push_bind(now).push_bind(now + day_ms);
    })
    .await?;
    let live: Vec<(u64, u64)> =
        people.iter().flat_map(|n| (0..EACH).map(move |nth| (*n, list(*n, nth, lists)))).collect();
    insert(&pool, "live (person, room, sid, standing, exp)", &live, |row, (n, of)| {
        let standing = serde_json::to_string(&standing(*n)).unwrap_or_default();
        row.push_bind(person(*n).to_string()).push_bind(room(*of).to_string()).push_bind(sid(*n).to_string());
        row.push_bind(standing).push_bind(now + day_ms);
    })
    .await?;
    pool.close().await;
    Ok(())
}

fn person(n: u64) -> PersonId {
    PersonId::new(1, u128::from(n))
}

fn room(n: u64) -> RoomId {
    RoomId::new(1, u128::from(n))
}

fn sid(n: u64) -> SessionId {
    SessionId::new(1, u128::from(n))
}

/// How a subscriber stands in the room of a list whose file cannot be read.
fn standing(n: u64) -> Standing {
    let roles = Roles::NONE.with(Role::Subscriber);
    let grants = grants(roles, RoomState { mode: Mode::Announce, has_editor: false }, &[], 0);
    Standing { name: format!("Person Number {n}"), roles, grants, concealed: false, relay_only: false }
}

async fn insert<T>(
    pool: &SqlitePool,
    into: &'static str,
    rows: &[T],
    bind: impl Fn(&mut sqlx::query_builder::Separated<'_, Sqlite, &'static str>, &T),
) -> Result<()> {
    for chunk in rows.chunks(BATCH) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO ");
        query.push(into).push(" ");
        query.push_values(chunk, |mut row, value| bind(&mut row, value));
        query.build().execute(pool).await?;
    }
    Ok(())
}

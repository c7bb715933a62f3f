//! Writes Sympa's database: exactly its tables, filled with the people and lists of the demo.

use std::path::Path;

use anyhow::{Context as _, Result};
use membership::{Email, Role};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::community::{Community, List, Member, Officer, Person};

/// Sympa's tables and indexes on SQLite.
pub const SCHEMA: &str = include_str!("../schema.sql");

const DAY_S: i64 = 86_400;

/// Writes the database under another name and renames it when it is whole. One that exists is left alone.
pub(crate) async fn write(path: &Path, community: &Community, now_s: u64) -> Result<()> {
    if tokio::fs::try_exists(path).await.context("cannot look for Sympa's database")? {
        return Ok(());
    }
    let part = path.with_extension("part");
    if tokio::fs::try_exists(&part).await.context("cannot look for an unfinished database")? {
        tokio::fs::remove_file(&part).await.context("cannot remove an unfinished database")?;
    }
    let now_s = i64::try_from(now_s).context("the time is out of range")?;
    fill(&part, community, now_s).await.context("cannot write the demo's database")?;
    tokio::fs::rename(&part, path).await.context("cannot put the demo's database in its place")
}

async fn fill(path: &Path, community: &Community, now_s: i64) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.journal_mode(SqliteJournalMode::Delete).connect().await?;
    sqlx::raw_sql(SCHEMA).execute(&mut connection).await?;
    let mut tx = connection.begin().await?;
    for (turn, person) in (0_i64..).zip(community.people.iter().filter(|person| person.account)) {
        user(&mut tx, person, now_s - turn % 17 * DAY_S - turn * 1_811).await?;
    }
    for record in &community.lists {
        list(&mut tx, record, community, now_s).await?;
        // Sympa deletes the rows of a list's people when it closes the list.
        if record.status == "closed" {
            continue;
        }
        for (turn, member) in (0_i64..).zip(&record.members) {
            let since_s = now_s - (40 + turn * 61 % 1_500) * DAY_S - turn * 977;
            subscriber(&mut tx, record, member, community, since_s, now_s).await?;
        }
        for officer in &record.officers {
            admin(&mut tx, record, officer, community, now_s - 1_600 * DAY_S).await?;
        }
        for excluded in &record.excluded {
            exclusion(&mut tx, record, excluded, now_s - 90 * DAY_S).await?;
        }
    }
    tx.commit().await?;
    Ok(connection.close().await?)
}

async fn user(tx: &mut SqliteConnection, person: &Person, seen_s: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO user_table (email_user, gecos_user, lang_user, password_user, cookie_delay_user,
             wrong_login_count_user, last_login_date_user, last_login_host_user, last_active_date_user)
         VALUES (?, ?, ?, ?, 0, 0, ?, '192.0.2.17', ?)",
    )
    .bind(person.email.as_str())
    .bind(&person.name)
    .bind(&person.lang)
    .bind(&person.password)
    .bind(seen_s)
    .bind(seen_s + 540)
    .execute(tx)
    .await?;
    Ok(())
}

async fn list(tx: &mut SqliteConnection, list: &List, community: &Community, now_s: i64) -> sqlx::Result<()> {
    let creator = community.listmasters.first().map(Email::as_str);
    let created_s = now_s - if list.status == "pending" { 2 } else { 1_600 } * DAY_S;
    sqlx::query(
        "INSERT INTO list_table (name_list, robot_list, status_list, searchkey_list, topics_list, web_archive_list,
             family_list, creation_email_list, creation_epoch_list, update_email_list, update_epoch_list)
         VALUES (?, ?, ?, ?, ?, 1, NULL, ?, ?, ?, ?)",
    )
    .bind(list.address.name())
    .bind(list.address.robot())
    .bind(&list.status)
    .bind(list.subject.to_lowercase())
    .bind(format!(",{},", list.topics))
    .bind(creator)
    .bind(created_s)
    .bind(creator)
    .bind(created_s + DAY_S / 2)
    .execute(tx)
    .await?;
    Ok(())
}

async fn subscriber(
    tx: &mut SqliteConnection,
    list: &List,
    member: &Member,
    community: &Community,
    since_s: i64,
    now_s: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO subscriber_table (user_subscriber, list_subscriber, robot_subscriber, comment_subscriber,
             reception_subscriber, visibility_subscriber, suspend_subscriber, suspend_start_date_subscriber,
             suspend_end_date_subscriber, subscribed_subscriber, inclusion_subscriber, inclusion_label_subscriber,
             date_epoch_subscriber, update_epoch_subscriber, number_messages_subscriber, bounce_score_subscriber)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)",
    )
    .bind(member.email.as_str())
    .bind(list.address.name())
    .bind(list.address.robot())
    .bind(community.person(&member.email).and_then(|person| person.name.as_deref()))
    .bind(member.reception.as_str())
    .bind(if member.concealed { "conceal" } else { "noconceal" })
    .bind(i64::from(member.suspended))
    .bind(member.suspended.then_some(now_s - 9 * DAY_S))
    .bind(member.suspended.then_some(now_s + 21 * DAY_S))
    .bind(i64::from(!member.included))
    .bind(member.included.then_some(now_s - 3_600))
    .bind(member.included.then_some("members-register"))
    .bind(since_s)
    .bind(since_s + 3 * DAY_S)
    .execute(tx)
    .await?;
    Ok(())
}

async fn admin(
    tx: &mut SqliteConnection,
    list: &List,
    officer: &Officer,
    community: &Community,
    since_s: i64,
) -> sqlx::Result<()> {
    let (role, profile) = match officer.role {
        Role::PrivilegedOwner => ("owner", Some("privileged")),
        Role::Owner => ("owner", Some("normal")),
        _ => ("editor", None),
    };
    sqlx::query(
        "INSERT INTO admin_table (user_admin, list_admin, robot_admin, role_admin, profile_admin, comment_admin,
             reception_admin, visibility_admin, subscribed_admin, date_epoch_admin, update_epoch_admin)
         VALUES (?, ?, ?, ?, ?, ?, 'mail', ?, 1, ?, ?)",
    )
    .bind(officer.email.as_str())
    .bind(list.address.name())
    .bind(list.address.robot())
    .bind(role)
    .bind(profile)
    .bind(community.person(&officer.email).and_then(|person| person.name.as_deref()))
    .bind(if officer.concealed { "conceal" } else { "noconceal" })
    .bind(since_s)
    .bind(since_s)
    .execute(tx)
    .await?;
    Ok(())
}

async fn exclusion(tx: &mut SqliteConnection, list: &List, who: &Email, since_s: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO exclusion_table (list_exclusion, robot_exclusion, user_exclusion, family_exclusion, date_exclusion)
         VALUES (?, ?, ?, '', ?)",
    )
    .bind(list.address.name())
    .bind(list.address.robot())
    .bind(who.as_str())
    .bind(since_s)
    .execute(tx)
    .await?;
    Ok(())
}

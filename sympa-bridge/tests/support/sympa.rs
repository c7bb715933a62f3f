//! Sympa's side of a story: lists, people and web sessions, written as Sympa writes them.

use std::str::FromStr;
use std::time::Duration;

use service::db::Db;
use service::on;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

use super::{START_MS, Town};

/// Sympa's schema on SQLite, with the journal mode Sympa uses.
pub async fn on_sqlite(url: &str) -> Db {
    let options = SqliteConnectOptions::from_str(url).expect("an address").create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Delete).busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("a database");
    sqlx::migrate!("tests/support/schema").run(&pool).await.expect("Sympa's tables");
    Db::Sqlite(pool.into())
}

/// Sympa's schema on PostgreSQL.
pub async fn on_postgres(url: &str) -> Db {
    let pool = PgPoolOptions::new().max_connections(2).connect(url).await.expect("a database");
    sqlx::migrate!("tests/support/schema").run(&pool).await.expect("Sympa's tables");
    Db::Postgres(pool)
}

/// The two parts of a list's address.
fn parts(list: &str) -> (&str, &str) {
    list.split_once('@').expect("a list")
}

impl Town {
    async fn run(&self, sql: &'static str, values: &[Option<&str>]) {
        on!(&self.sympa, c => {
            let mut query = sqlx::query(sql);
            for value in values {
                query = query.bind(*value);
            }
            query.execute(c).await.map(drop)
        })
        .expect("Sympa writes");
    }

    /// An open list with its file.
    pub async fn list(&self, list: &str, subject: &str, options: &str) {
        let (name, robot) = parts(list);
        let sql =
            "INSERT INTO list_table (name_list, robot_list, status_list, searchkey_list) VALUES ($1, $2, 'open', $3)";
        self.run(sql, &[Some(name), Some(robot), Some(&subject.to_lowercase())]).await;
        let directory = self.directory.join("list_data").join(robot).join(name);
        std::fs::create_dir_all(&directory).expect("a directory");
        std::fs::write(directory.join("config"), format!("subject {subject}\n\n{options}\n")).expect("a file");
    }

    /// Another state of a list; a closed one loses its members, as in Sympa.
    pub async fn set_status(&self, list: &str, status: &str) {
        let (name, robot) = parts(list);
        let sql = "UPDATE list_table SET status_list = $1 WHERE name_list = $2 AND robot_list = $3";
        self.run(sql, &[Some(status), Some(name), Some(robot)]).await;
        if status == "closed" {
            let sql = "DELETE FROM subscriber_table WHERE list_subscriber = $1 AND robot_subscriber = $2";
            self.run(sql, &[Some(name), Some(robot)]).await;
        }
    }

    /// A person with an account.
    pub async fn account(&self, email: &str, name: &str, password: Option<&str>) {
        let sql = "INSERT INTO user_table (email_user, gecos_user, password_user) VALUES ($1, $2, $3)";
        self.run(sql, &[Some(email), Some(name), password]).await;
    }

    /// So many wrong logins.
    pub async fn lock(&self, email: &str) {
        self.run("UPDATE user_table SET wrong_login_count_user = 20 WHERE email_user = $1", &[Some(email)]).await;
    }

    /// A subscriber.
    pub async fn subscribe(&self, email: &str, list: &str) {
        self.subscriber(email, list, "noconceal").await;
    }

    /// A subscriber whom other members do not see.
    pub async fn subscribe_concealed(&self, email: &str, list: &str) {
        self.subscriber(email, list, "conceal").await;
    }

    async fn subscriber(&self, email: &str, list: &str, visibility: &str) {
        let (name, robot) = parts(list);
        let sql = "INSERT INTO subscriber_table (user_subscriber, list_subscriber, robot_subscriber, visibility_subscriber, \
                   date_epoch_subscriber) VALUES ($1, $2, $3, $4, 1)";
        self.run(sql, &[Some(email), Some(name), Some(robot), Some(visibility)]).await;
    }

    /// Takes a subscriber off the list.
    pub async fn unsubscribe(&self, email: &str, list: &str) {
        let (name, robot) = parts(list);
        let sql = "DELETE FROM subscriber_table WHERE user_subscriber = $1 AND list_subscriber = $2 AND robot_subscriber = $3";
        self.run(sql, &[Some(email), Some(name), Some(robot)]).await;
    }

    /// The name of a subscriber on a list.
    pub async fn call_on(&self, email: &str, list: &str, name: &str) {
        let (list, robot) = parts(list);
        let sql = "UPDATE subscriber_table SET comment_subscriber = $1 WHERE user_subscriber = $2 AND list_subscriber = $3 \
                   AND robot_subscriber = $4";
        self.run(sql, &[Some(name), Some(email), Some(list), Some(robot)]).await;
    }

    /// The language of an account.
    pub async fn speaks(&self, email: &str, language: &str) {
        self.run("UPDATE user_table SET lang_user = $1 WHERE email_user = $2", &[Some(language), Some(email)]).await;
    }

    /// An `owner`, `privileged` owner or `editor`.
    pub async fn appoint(&self, email: &str, list: &str, role: &str) {
        let (name, robot) = parts(list);
        let (role, profile) = if role == "privileged" { ("owner", Some("privileged")) } else { (role, None) };
        let sql = "INSERT INTO admin_table (user_admin, list_admin, robot_admin, role_admin, profile_admin, date_epoch_admin) \
                   VALUES ($1, $2, $3, $4, $5, 1)";
        self.run(sql, &[Some(email), Some(name), Some(robot), Some(role), profile]).await;
    }

    /// A web session: its row, used so many seconds ago.
    pub async fn session(&self, id: &str, previous: Option<&str>, email: &str, age_s: u64, data: &str) {
        let used = (START_MS / 1000 - age_s).to_string();
        let sql = "INSERT INTO session_table (id_session, prev_id_session, email_session, date_session, data_session, \
                   robot_session) VALUES ($1, $2, $3, CAST($4 AS INTEGER), $5, 'lists.example.org')";
        self.run(sql, &[Some(id), previous, Some(email), Some(&used), Some(data)]).await;
    }

    /// A web session, used so many days after the beginning.
    pub async fn session_later(&self, id: &str, email: &str, days: u64) {
        let used = (START_MS / 1000 + days * 24 * 3600).to_string();
        let sql = "INSERT INTO session_table (id_session, prev_id_session, email_session, date_session) \
                   VALUES ($1, $1, $2, CAST($3 AS INTEGER))";
        self.run(sql, &[Some(id), Some(email), Some(&used)]).await;
    }

    /// Logs out of Sympa: the row stays and says nobody.
    pub async fn log_out(&self, id: &str) {
        self.run("UPDATE session_table SET email_session = 'nobody' WHERE id_session = $1", &[Some(id)]).await;
    }

    /// Takes a session's row away.
    pub async fn forget_session(&self, id: &str) {
        self.run("DELETE FROM session_table WHERE id_session = $1", &[Some(id)]).await;
    }

    /// Sympa's tables are away, or back.
    pub async fn hide_sympa(&self, hidden: bool) {
        let (there, away) =
            ("ALTER TABLE subscriber_table RENAME TO gone", "ALTER TABLE gone RENAME TO subscriber_table");
        self.run(if hidden { there } else { away }, &[]).await;
    }
}

//! The demo community: a members' library in a harbour town, its lists and what its people said lately.
//!
//! `community` is the plain data, `history` puts its talk on the calendar, and `prepare` writes what a Sympa
//! server would have: a database with exactly Sympa's tables and the lists' config files. The same texts come out each
//! time; only the dates follow the clock that the caller passes.
//!
//! Two people have a password, and it is `demo` for both: Margit Halász (`margit.halasz@example.org`, kept as bcrypt,
//! as Sympa writes it today) and Tomasz Wiśniewski (`tomasz@example.org`, kept as MD5, as old servers have it). Nobody
//! else has one, as on a server with single sign-on.
//!
//! The data are files beside this directory: `community.toml`, `talk/*.talk` and `schema.sql`.

mod community;
mod config_file;
mod database;
mod talk;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use membership::Email;

pub use community::{Community, List, Member, Officer, Person, Reception, community};
pub use database::SCHEMA;
pub use talk::{History, Line, Said, When, history};

/// A prepared demo: where its files are, and who can sign in to see what.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Sympa's database.
    pub sympa_database: PathBuf,
    /// Sympa's `list_data`, with `<robot>/<list>/config`.
    pub list_data: PathBuf,
    /// Who runs the server; Sympa has that in its configuration only.
    pub listmasters: Vec<Email>,
    /// One person for each point of view: "owner", "editor", "subscriber" and so on.
    pub sign_ins: Vec<(&'static str, Email)>,
}

/// Writes what is not there yet under the directory: `sympa.sqlite` and `list_data/`. What exists is never touched.
///
/// # Errors
/// When the directory cannot be written; a database that could not be finished is not left under its name.
pub async fn prepare(dir: &Path, now_s: u64) -> Result<Demo> {
    let community = community();
    let demo = Demo {
        sympa_database: dir.join("sympa.sqlite"),
        list_data: dir.join("list_data"),
        listmasters: community.listmasters.clone(),
        sign_ins: community.sign_ins.clone(),
    };
    tokio::fs::create_dir_all(dir).await.with_context(|| format!("cannot make {}", dir.display()))?;
    database::write(&demo.sympa_database, &community, now_s).await?;
    config_file::write(&demo.list_data, &community, now_s).await?;
    Ok(demo)
}

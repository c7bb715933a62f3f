//! `symposium check`: says in plain words whether a configuration works.

use std::path::Path;

use anyhow::Result;
use service::config::{File, Service, Site};

use crate::all_in_one::Settings;

/// Checks a configuration file; tells each thing that was looked at.
///
/// # Errors
/// When something does not work.
#[expect(clippy::print_stdout, reason = "this is what the administrator reads")]
pub(crate) fn run(path: &Path) -> Result<()> {
    let file = File::read(path)?;
    let site: Site = file.section::<Site>("site")?.checked()?;
    let _: Service = file.section("service")?;
    Settings::read(&file)?;
    println!("The configuration is understood; members come to {}", site.url);
    Ok(())
}

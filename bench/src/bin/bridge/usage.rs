//! CPU seconds of this process without the threads on which SQLite reads Sympa, and of the database.

use std::fs;

use anyhow::{Context as _, Result};

/// Ticks of `/proc/PID/stat` in a second, on every Linux of today.
const TICKS: f64 = 100.0;

/// CPU seconds, user and system together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) process_s: f64,
    pub(crate) database_s: f64,
}

impl Usage {
    /// What was used so far.
    pub(crate) fn now(database: Option<u32>) -> Result<Self> {
        let (mut process_s, mut database_s) = (0.0, 0.0);
        for task in fs::read_dir("/proc/self/task")? {
            let task = task?.path();
            let name = fs::read_to_string(task.join("comm")).unwrap_or_default();
            let spent = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
            let spent_s = spent.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9;
            *(if name.starts_with("sympa-sqlite") { &mut database_s } else { &mut process_s }) += spent_s;
        }
        if let Some(pid) = database {
            database_s = family(pid)?;
        }
        Ok(Self { process_s, database_s })
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        let (process_s, database_s) = (self.process_s - before.process_s, self.database_s - before.database_s);
        Self { process_s, database_s }
    }
}

/// A server and its children.
fn family(pid: u32) -> Result<f64> {
    let mut ticks = 0.0;
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let Ok(stat) = fs::read_to_string(path.join("stat")) else { continue };
        let Some((id, after_name)) = stat.split_once(' ').and_then(|(id, rest)| Some((id, rest.rsplit_once(')')?.1)))
        else {
            continue;
        };
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        if id == pid.to_string() || fields.get(1) == Some(&pid.to_string().as_str()) {
            let used: &[&str] = fields.get(11..13).context("no times in stat")?;
            ticks += used.iter().map(|ticks| ticks.parse::<f64>()).sum::<Result<f64, _>>()?;
        }
    }
    Ok(ticks / TICKS)
}

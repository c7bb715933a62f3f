//! How good the lines between browsers are, as they say themselves; for the administrator's figures. Nothing tells whose.

use crate::protocol::Path;

/// No line is counted as slower than this, in milliseconds.
const SLOWEST_MS: u32 = 10_000;

/// Counts one report.
pub(crate) fn record(rtt_ms: u32, lost_permille: u16, path: Path) {
    let path = match path {
        Path::Direct => "direct",
        Path::Relayed => "relayed",
    };
    metrics::histogram!("signal_line_rtt_seconds", "path" => path).record(f64::from(rtt_ms.min(SLOWEST_MS)) / 1000.0);
    metrics::histogram!("signal_line_lost_ratio", "path" => path).record(f64::from(lost_permille.min(1000)) / 1000.0);
}

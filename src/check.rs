//! `symposium check`: says in plain words whether a configuration works, and what is still wrong.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use chat_server::Chat;
use service::bridge_link::BridgeLink;
use service::config::{File, Service, Site};
use service::health::Colour;
use service::{Context, monitor};
use signal_server::doctor;
use sympa_bridge::Bridge;
use sympa_bridge::examine::Finding;

use crate::all_in_one::Settings;

/// Checks a configuration file and tells each thing that was looked at; with `call`, calls through the relays are made, too.
///
/// # Errors
/// When something does not work.
pub(crate) fn run(path: &Path, call: bool) -> Result<()> {
    let file = File::read(path)?;
    let site: Site = file.section::<Site>("site")?.checked()?;
    let service: Service = file.section("service")?;
    let settings = Settings::read(&file)?;
    tell(&Finding {
        colour: Colour::Green,
        words: format!("The configuration is understood; members come to {}", site.url),
    });
    monitor::start_metrics();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let red = runtime.block_on(async {
        let context = Context::new(site, service);
        let signal = settings.signal.clone();
        let mut findings = look(&context, settings).await;
        findings.iter().for_each(tell);
        let relays = relays(&context, &signal, call).await;
        relays.iter().for_each(tell);
        findings.extend(relays);
        findings.iter().filter(|finding| finding.colour == Colour::Red).count()
    });
    match red {
        0 => Ok(()),
        1 => bail!("one thing does not work yet"),
        _ => bail!("{red} things do not work yet"),
    }
}

async fn look(context: &Context, mut settings: Settings) -> Vec<Finding> {
    let mut findings = vec![mounting(context)];
    findings.extend(proxies(context, &settings));
    findings.extend(not_made_yet(&mut settings.bridge.database));
    findings.extend(not_made_yet(&mut settings.chat.database));
    match Bridge::open(context, settings.bridge).await {
        Ok(bridge) => {
            findings.extend(bridge.examine().await);
            let link = BridgeLink::local(bridge.internal_router());
            findings.push(match Chat::open(context, settings.chat, link).await {
                Ok(_) => Finding { colour: Colour::Green, words: "Messages can be stored.".to_owned() },
                Err(error) => Finding { colour: Colour::Red, words: format!("Messages cannot be stored: {error:#}.") },
            });
        }
        Err(error) => {
            findings.push(Finding { colour: Colour::Red, words: format!("The bridge cannot start: {error:#}.") });
        }
    }
    findings
}

/// What the settings of the relays say; with `call`, whether calls find a way through each, as seen from this machine.
async fn relays(context: &Context, signal: &signal_server::config::Config, call: bool) -> Vec<Finding> {
    let findings = if call {
        doctor::examine(signal, context, doctor::authorities()).await
    } else {
        doctor::settings(signal, context)
    };
    findings.into_iter().map(|doctor::Finding { colour, words }| Finding { colour, words }).collect()
}

/// A database that is not there yet is made at the first start, by the user of the service. Here its tables are tried in
/// memory: a check leaves nothing behind, least of all a file that belongs to whoever made the check.
fn not_made_yet(database: &mut String) -> Option<Finding> {
    let file = database.strip_prefix("sqlite:")?.trim_start_matches("//").split('?').next()?.to_owned();
    if Path::new(&file).exists() {
        return None;
    }
    "sqlite::memory:".clone_into(database);
    let words = format!("{file} is not there yet; it is made at the first start.");
    Some(Finding { colour: Colour::Amber, words })
}

/// Behind a web server that is not trusted, everybody seems to come from one address and shares its limits.
fn proxies(context: &Context, settings: &Settings) -> Option<Finding> {
    let behind = settings.own.listen.ip().is_loopback() && context.site.is_https();
    let words = "trusted_proxies is empty: behind a web server all members count as one address, and share its limits.";
    (behind && context.service.trusted_proxies.is_empty())
        .then(|| Finding { colour: Colour::Amber, words: words.to_owned() })
}

/// Browsers give away cookies, cameras and notifications to https only.
fn mounting(context: &Context) -> Finding {
    let local = matches!(context.site.url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if context.site.is_https() || local {
        Finding { colour: Colour::Green, words: format!("The base path is {}.", context.site.base_path()) }
    } else {
        let words =
            "The site is not https: cookies can be read on the way, and browsers refuse calls and notifications.";
        Finding { colour: Colour::Amber, words: words.to_owned() }
    }
}

#[expect(clippy::print_stdout, reason = "this is what the administrator reads")]
fn tell(finding: &Finding) {
    let mark = match finding.colour {
        Colour::Green => "ok   ",
        Colour::Amber => "note ",
        Colour::Red => "WRONG",
    };
    println!("{mark}  {}", finding.words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_makes_no_database() {
        let here = std::env::temp_dir();
        let mut missing = format!("sqlite:{}/symposium-is-not-here/bridge.sqlite", here.display());
        let finding = not_made_yet(&mut missing).expect("a word about it");
        assert!(finding.colour == Colour::Amber && finding.words.contains("at the first start"), "{finding:?}");
        assert_eq!(missing, "sqlite::memory:");
        let mut there = format!("sqlite:{}", env!("CARGO_MANIFEST_DIR"));
        let mut server = "postgres://symposium@127.0.0.1/chat".to_owned();
        assert!(not_made_yet(&mut there).is_none() && not_made_yet(&mut server).is_none());
    }
}

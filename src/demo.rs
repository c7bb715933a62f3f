//! The demo: everything in one process, over a made-up community in a database with exactly Sympa's tables.
//!
//! `/demo/NAME` signs in as one of its people, by a ticket as Sympa's custom action would make it. The route exists in the
//! demo only, and the demo listens on this machine only.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::State;
use axum::response::Redirect;
use axum::routing::get;
use chat_server::import::{Imported, import};
use demo::{Demo, Line};
use membership::{Email, ListAddress, PersonId};
use service::config::File;
use service::extract;
use service::main_fn::live;
use service::secret::Secret;
use service::{Context, Problem};

use crate::all_in_one::{House, Settings};
use crate::ticket::ticket;

/// Runs the demo until the stop signal.
///
/// # Errors
/// When it cannot start.
pub(crate) fn run(data: &Path, port: u16) -> Result<()> {
    std::fs::create_dir_all(data).with_context(|| format!("cannot make the folder {}", data.display()))?;
    let data = data.canonicalize()?;
    let file = File::parse(&configuration(&data, port)?)?;
    live("symposium", file, |context, file| async move { serve(context, file, &data).await })
}

async fn serve(mut context: Context, file: File, data: &Path) -> Result<()> {
    let demo = demo::prepare(data, context.clock.now_s()).await?;
    let secret = Secret::new(context.dice.secret());
    context.secrets = context.secrets.with("ACTION_SECRET", secret.clone());
    let settings = Settings::read(&file)?;
    let house = House::open(&context, &settings).await?;
    fill(&house, &context).await?;
    let doors = Doors {
        context: context.clone(),
        secret,
        sign_ins: demo.sign_ins.iter().map(|(what, email)| (slug(what), email.clone())).collect(),
    };
    welcome(&context, &demo);
    house.serve(&context, &settings.own, Router::new().route("/demo/{name}", get(enter)).with_state(doors)).await
}

/// The configuration of the demo.
fn configuration(data: &Path, port: u16) -> Result<String> {
    let community = demo::community();
    let mut robots = String::new();
    let names: BTreeSet<&str> = community.lists.iter().map(|list| list.address.robot()).collect();
    for robot in names {
        writeln!(robots, "[[bridge.sympa.robots]]\nrobot = \"{robot}\"\nurl = \"http://127.0.0.1:{port}/\"")?;
    }
    let listmasters =
        community.listmasters.iter().map(|email| format!("\"{}\"", email.as_str())).collect::<Vec<_>>().join(", ");
    Ok(format!(
        "[site]\nname = \"Harbour Library\"\nurl = \"http://127.0.0.1:{port}/\"\n\
         [symposium]\nlisten = \"127.0.0.1:{port}\"\nmonitor = \"127.0.0.1:{monitor}\"\ndata = \"{data}\"\n\
         [signal.turn]\nlisten = [\"127.0.0.1:{relay}\"]\nhost = \"127.0.0.1\"\n\
         [signal.media]\nlisten = [\"127.0.0.1:{media}\"]\n\
         [bridge.sign_in]\ncookie = false\nmail = false\npassword = true\naction = true\n\
         [bridge.sympa]\ndatabase = \"sqlite:{data}/sympa.sqlite\"\nlist_data = \"{data}/list_data\"\nlistmasters = [{listmasters}]\n{robots}",
        monitor = port + 20,
        relay = port + 21,
        media = port + 22,
        data = data.display(),
    ))
}

/// Lets the community have talked, in rooms where nothing was said yet.
async fn fill(house: &House, context: &Context) -> Result<()> {
    let community = demo::community();
    let history = demo::history(&community, context.clock.now_s());
    let mut people: HashMap<Email, (PersonId, String)> = HashMap::new();
    for person in &community.people {
        let id = house.bridge.person_id(&person.email).await?;
        let name = membership::name::display_name(person.name.as_deref(), &person.email, id);
        people.insert(person.email.clone(), (id, name));
    }
    let mut lists: HashMap<ListAddress, Vec<&Line>> = HashMap::new();
    for line in &history {
        lists.entry(line.list.clone()).or_default().push(line);
    }
    for (list, lines) in lists {
        let room = house.bridge.room_id(&list).await?;
        let lines: Vec<Imported> = lines.into_iter().filter_map(|line| imported(line, &people)).collect();
        import(&house.chat.app().store, room, &lines).await?;
    }
    Ok(())
}

fn imported(line: &Line, people: &HashMap<Email, (PersonId, String)>) -> Option<Imported> {
    let (by, name) = people.get(&line.by)?.clone();
    let reaction = |(email, emoji): &(Email, &'static str)| {
        let (by, name) = people.get(email)?.clone();
        Some((by, name, (*emoji).to_owned()))
    };
    Some(Imported {
        at: line.at_s * 1000,
        by,
        name,
        body: line.body.clone(),
        reply_to: line.reply_to,
        mentions: line.mentions.iter().filter_map(|email| Some(people.get(email)?.0)).collect(),
        edited: line.edited.clone(),
        reactions: line.reactions.iter().filter_map(reaction).collect(),
    })
}

#[derive(Clone)]
struct Doors {
    context: Context,
    secret: Secret,
    sign_ins: HashMap<String, Email>,
}

/// Sends the visitor on with a fresh ticket for one of the community.
async fn enter(State(doors): State<Doors>, extract::Path(name): extract::Path<String>) -> Result<Redirect, Problem> {
    let email = doors.sign_ins.get(&name).ok_or(Problem::not_found("no_such_person"))?;
    let ticket = ticket(email, &doors.secret, &doors.context.dice, doors.context.clock.now_s());
    Ok(Redirect::to(&format!("{}sign-in/action#t={ticket}", doors.context.site.base_path())))
}

/// Says where to look.
#[expect(clippy::print_stdout, reason = "this is what the person who started the demo reads")]
fn welcome(context: &Context, demo: &Demo) {
    let url = &context.site.url;
    println!("\n  Symposium runs at {url}\n\n  Sign in as somebody of the demo community:\n");
    for (what, _) in &demo.sign_ins {
        println!("    {:<12} {url}demo/{}", what, slug(what));
    }
    println!("\n  Everything is kept in the data folder; Ctrl+C stops.\n");
}

fn slug(what: &str) -> String {
    what.to_lowercase().replace(' ', "-")
}

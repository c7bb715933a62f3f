//! What each command does: who may, within which limits, and what is answered.

use membership::RoomId;
use service::socket::REF;

use crate::exchange::{Back, Doing, Input, Ring, Sheet};
use crate::protocol::conference::{Act, ConferenceId};
use crate::protocol::{Command, Frame, LinkId, OfferId};
use crate::session::{Session, Whose};

/// What came of a command: the answer was given on the way, or is this.
type Answer = Result<Option<Frame>, Refusal>;

/// Why nothing came of it.
struct Refusal {
    code: &'static str,
    room: Option<RoomId>,
    retry_after_ms: Option<u64>,
}

impl From<&'static str> for Refusal {
    fn from(code: &'static str) -> Self {
        Self { code, room: None, retry_after_ms: None }
    }
}

/// Carries out one command and answers it.
pub(crate) async fn carry_out(session: &mut Session, command: Command) {
    let mark = mark(&command).map(str::to_owned);
    let answer = match &mark {
        Some(mark) if mark.len() > REF => Err("too_large".into()),
        _ => answer(session, command).await,
    };
    match answer {
        Ok(Some(frame)) => session.send(&frame),
        Ok(None) => {}
        Err(Refusal { code, room, retry_after_ms }) => {
            let r#ref = mark.filter(|mark| mark.len() <= REF);
            session.send(&Frame::Refused { r#ref, room, code: code.to_owned(), retry_after_ms });
        }
    }
}

async fn answer(session: &mut Session, command: Command) -> Answer {
    match command {
        Command::Ping {} => Ok(Some(Frame::Pong)),
        Command::Enter { r#ref, room, token } => enter(session, r#ref, room, &token, false).await,
        Command::Renew { r#ref, room, token } => enter(session, r#ref, room, &token, true).await,
        other => {
            let whose = session.holder.ok_or("not_a_member")?;
            match other {
                Command::Conference { r#ref, room, act } => confer(session, whose, r#ref, room, act),
                other => acts(session, whose, other),
            }
        }
    }
}

/// Enters a room, or stays in it by a newer token.
async fn enter(session: &mut Session, r#ref: String, room: RoomId, token: &str, renews: bool) -> Answer {
    let refuse = |code| Refusal { code, room: Some(room), retry_after_ms: None };
    let claims = session.app.gate.check(token, room).await.map_err(refuse)?;
    let (app, whose) = (session.app.clone(), session.admit(&claims).map_err(refuse)?);
    let (rooms, is_in) = app.hub.rooms(whose.socket, room);
    if renews && !is_in {
        return Err(refuse("not_a_member"));
    }
    if !is_in && rooms >= app.config.rooms_per_socket {
        return Err(refuse("too_large"));
    }
    let done = Frame::Ok { r#ref, room: Some(room), link: None, offer: None };
    app.hub.seat(whose.socket, &claims, Some(&done));
    // What the bridge said while the room was being entered found no seat: it is heeded now.
    match app.gate.worth(claims).await {
        Ok(claims) => app.hub.seat(whose.socket, &claims, None),
        // The token was worth its seat a moment ago; what changed meanwhile is told when the bridge is heard again.
        Err("bridge_unavailable") => {}
        Err(code) => app.hub.unseat(whose.socket, room, code),
    }
    Ok(None)
}

fn acts(session: &Session, whose: Whose, command: Command) -> Answer {
    let (app, socket) = (&session.app, whose.socket);
    let always = app.config.relay_only;
    let ok = |r#ref, link, offer| Some(Frame::Ok { r#ref, room: None, link, offer });
    let (input, done) = match command {
        Command::Enter { .. } | Command::Renew { .. } | Command::Conference { .. } | Command::Ping {} => {
            return Ok(None);
        }
        Command::Leave { r#ref, room } => {
            app.hub.leave(socket, room);
            return Ok(Some(Frame::Ok { r#ref, room: Some(room), link: None, offer: None }));
        }
        Command::Servers { r#ref } => return servers(session, whose, r#ref).map(Some),
        Command::Ring { r#ref, room, person, media, relay_only } => {
            count(session, whose)?;
            let id = LinkId(app.id());
            let ring = Ring { room, to: person, media, relay_only: relay_only || always, id };
            (Input::Ring(socket, ring), ok(r#ref, Some(id), None))
        }
        Command::Accept { r#ref, link, relay_only } => {
            count(session, whose)?;
            (Input::Accept(socket, link, relay_only || always), ok(r#ref, Some(link), None))
        }
        Command::Decline { r#ref, link } => (Input::Decline(socket, link), ok(r#ref, Some(link), None)),
        Command::HangUp { r#ref, link } => (Input::HangUp(socket, link), ok(r#ref, Some(link), None)),
        Command::Return { r#ref, room, link, with, called, media, relay_only } => {
            count(session, whose)?;
            let back = Back { room, call: link, with, called, media, relay_only: relay_only || always };
            (Input::Return(socket, back), ok(r#ref, Some(link), None))
        }
        Command::Signal { link, signal } => {
            if !signal.is_sound() {
                return Err("bad_frame".into());
            }
            (Input::Signal(socket, link, signal), None)
        }
        Command::Quality { link, rtt_ms, lost_permille, path } => {
            count(session, whose)?;
            return quality(app.hub.is_on(socket, link), || crate::quality::record(rtt_ms, lost_permille, path));
        }
        Command::Offer { r#ref, room, offer, files, count: number, size, relay_only } => {
            count(session, whose)?;
            let id = offer.unwrap_or_else(|| OfferId::of(whose.person, room, app.id()));
            let sheet = Sheet { files, count: number, size, relay_only: relay_only || always };
            (Input::Offer(socket, room, id, sheet), ok(r#ref, None, Some(id)))
        }
        Command::Close { r#ref, offer, why } => (Input::Close(socket, offer, why), ok(r#ref, None, Some(offer))),
        Command::Pull { r#ref, offer, relay_only } => {
            count(session, whose)?;
            let id = LinkId(app.id());
            (Input::Pull(socket, offer, id, relay_only || always), ok(r#ref, Some(id), Some(offer)))
        }
        Command::Refuse { r#ref, offer } => {
            count(session, whose)?;
            (Input::Refuse(socket, offer), ok(r#ref, None, Some(offer)))
        }
    };
    app.hub.act(socket, input, done)?;
    Ok(None)
}

fn confer(session: &Session, whose: Whose, r#ref: String, room: RoomId, act: Act) -> Answer {
    if act.is_told_others() {
        count(session, whose)?;
    }
    let (hub, socket) = (&session.app.hub, whose.socket);
    let doing = Doing { socket, room, act, id: ConferenceId(session.app.id()) };
    hub.act(socket, Input::Conference(doing), Some(Frame::Ok { r#ref, room: Some(room), link: None, offer: None }))?;
    Ok(None)
}

/// What somebody says of a link they are not on is worth nothing.
fn quality(is_on: bool, record: impl FnOnce()) -> Answer {
    if !is_on {
        return Err("no_such_link".into());
    }
    record();
    Ok(None)
}

fn servers(session: &Session, whose: Whose, r#ref: String) -> Result<Frame, Refusal> {
    let app = &session.app;
    let (servers, until_s) = app.hub.servers(whose.socket).ok_or("not_allowed")?;
    Ok(Frame::Servers { r#ref, servers, until: until_s * 1000, relay_only: app.config.relay_only })
}

/// Counts what somebody begins, or what others are told of.
fn count(session: &Session, whose: Whose) -> Result<(), Refusal> {
    let too_many = |wait| Refusal { code: "too_many", room: None, retry_after_ms: Some(wait) };
    session.app.acts.count(&whose.person).map_err(too_many)
}

/// What the answer to a command repeats; none when it is not answered.
fn mark(command: &Command) -> Option<&str> {
    match command {
        Command::Enter { r#ref, .. }
        | Command::Renew { r#ref, .. }
        | Command::Leave { r#ref, .. }
        | Command::Servers { r#ref }
        | Command::Ring { r#ref, .. }
        | Command::Accept { r#ref, .. }
        | Command::Decline { r#ref, .. }
        | Command::HangUp { r#ref, .. }
        | Command::Return { r#ref, .. }
        | Command::Offer { r#ref, .. }
        | Command::Close { r#ref, .. }
        | Command::Pull { r#ref, .. }
        | Command::Conference { r#ref, .. }
        | Command::Refuse { r#ref, .. } => Some(r#ref),
        Command::Signal { .. } | Command::Quality { .. } | Command::Ping {} => None,
    }
}

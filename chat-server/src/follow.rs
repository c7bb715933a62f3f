//! Following the bridge: its changes cut people off, change what they may do, and name them anew - at once.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use membership::{Change, Grant, Grants, Hold, Holds, PersonId, Removal, Roles, RoomId, Standing, Verdict};
use service::bridge_link::{BridgeLink, Heard};
use service::clock::Clock;
use service::health::{Colour, Health};
use service::stop::Stop;

use crate::gate::Gate;
use crate::hub::Hub;
use crate::protocol::Frame;
use crate::seat::Seat;

/// Pause before the bridge is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// Holds asked about in one request.
const HOLDS: usize = 1000;

/// Who follows the bridge.
#[derive(Debug, Clone)]
pub struct Follower {
    /// The bridge.
    pub link: BridgeLink,
    /// Who is connected.
    pub hub: Arc<Hub>,
    /// Who may enter.
    pub gate: Arc<Gate>,
    /// The time.
    pub clock: Clock,
    /// What works.
    pub health: Health,
}

impl Follower {
    /// Follows until the stop signal.
    pub async fn follow(self, stop: Stop) {
        let mut after = None;
        while !stop.is_given() {
            tokio::select! {
                () = stop.given() => return,
                () = self.listen(&mut after) => {}
            }
            let words = "The bridge is away; nobody new can enter, and those who are in wait when their tokens end.";
            self.health.set("bridge", Colour::Amber, words);
            if !stop.sleep(PAUSE).await {
                return;
            }
        }
    }

    /// Listens as long as the bridge is there. `after` is the last change heard; none when everything must be asked anew.
    async fn listen(&self, after: &mut Option<String>) {
        let Ok(mut changes) = self.link.changes(after.as_deref()).await else { return };
        if after.is_none() && self.begin().await.is_err() {
            return;
        }
        self.health.set("bridge", Colour::Green, "The bridge is heard.");
        while let Some(heard) = changes.next().await {
            match heard {
                Heard::At(id) => *after = Some(id),
                Heard::Alive => {}
                Heard::Change(id, change) => {
                    self.take(&change);
                    *after = Some(id);
                }
                Heard::Reset => {
                    *after = None;
                    if self.begin().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// A stream from now on does not tell what happened before it: everything that is held is asked about, and so will be
    /// every token from before.
    async fn begin(&self) -> anyhow::Result<()> {
        self.gate.ledger().begin(self.clock.now_s());
        for chunk in self.hub.holds().chunks(HOLDS) {
            let verdicts = self.link.check(&Holds { holds: chunk.to_vec() }).await?;
            for verdict in verdicts.verdicts {
                judge(&self.hub, &verdict);
            }
        }
        Ok(())
    }

    /// Takes a change. It is written down first: whoever enters meanwhile is judged by it.
    fn take(&self, change: &Change) {
        self.gate.ledger().note(change, self.clock.now_s());
        apply(&self.hub, change);
    }
}

fn judge(hub: &Hub, verdict: &Verdict) {
    let Hold { person, room, sid } = verdict.hold;
    match (&verdict.standing, verdict.code) {
        (Some(standing), _) => stand(hub, room, person, standing),
        (None, Some(Removal::SignedOut)) => apply(hub, &Change::SignedOut { sid }),
        (None, code) => remove(hub, room, person, code.unwrap_or(Removal::NotAMember)),
    }
}

/// Takes a change of the bridge into what people may do here.
pub fn apply(hub: &Hub, change: &Change) {
    match change {
        Change::Joined { room, person, standing } => {
            stand(hub, *room, *person, standing);
            hub.send(*person, &Frame::Rooms);
            roster(hub, *room);
        }
        Change::Removed { room, person, code } => remove(hub, *room, *person, *code),
        Change::GrantsChanged { room, person, roles, grants } => {
            regrant(hub, *room, *person, *roles, *grants);
            roster(hub, *room);
        }
        Change::VisibilityChanged { room, person, concealed } => {
            each(hub, *room, *person, |seat| seat.change(|held| held.concealed = *concealed));
            roster(hub, *room);
        }
        Change::PersonRenamed { room, person, name } => rename(hub, *room, *person, name),
        Change::RoomOpened { room, .. } | Change::RoomChanged { room, .. } => roster(hub, *room),
        Change::RoomClosed { room } => {
            let seats = hub.open_room(*room).map(|room| room.seats()).unwrap_or_default();
            for seat in &seats {
                cut(hub, seat, Removal::RoomClosed);
            }
        }
        Change::SignedOut { sid } => {
            for socket in hub.sockets_by(*sid) {
                socket.seats().iter().for_each(|seat| cut(hub, seat, Removal::SignedOut));
                socket.outbox.close();
            }
        }
    }
}

fn stand(hub: &Hub, room: RoomId, person: PersonId, standing: &Standing) {
    each(hub, room, person, |seat| seat.change(|held| held.concealed = standing.concealed));
    if hub
        .open_room(room)
        .is_some_and(|room| room.seats_of(person).iter().any(|seat| seat.held().name != standing.name))
    {
        rename(hub, room, person, &standing.name);
    }
    regrant(hub, room, person, standing.roles, standing.grants);
}

fn regrant(hub: &Hub, room: RoomId, person: PersonId, roles: Roles, grants: Grants) {
    if !grants.may(Grant::Read) {
        return remove(hub, room, person, Removal::NotAMember);
    }
    each(hub, room, person, |seat| {
        let held = seat.held();
        if (held.roles, held.grants) != (roles, grants) {
            seat.change(|held| (held.roles, held.grants) = (roles, grants));
            seat.send(&Frame::Grants { room, grants, roles });
        }
    });
}

fn rename(hub: &Hub, room: RoomId, person: PersonId, name: &str) {
    each(hub, room, person, |seat| seat.change(|held| name.clone_into(&mut held.name)));
    let Some(room) = hub.open_room(room) else { return };
    room.tell_renamed(person, name);
    room.roster_changed();
    hub.stir(room.id);
}

fn remove(hub: &Hub, room: RoomId, person: PersonId, code: Removal) {
    each(hub, room, person, |seat| cut(hub, seat, code));
    roster(hub, room);
}

/// Takes a seat away: after this nothing of the room is told to the socket but that it is out.
fn cut(hub: &Hub, seat: &Seat, code: Removal) {
    for socket in hub.sockets_of(seat.person).iter().filter(|socket| socket.id == seat.socket) {
        hub.leave(socket, seat.room.id);
    }
    seat.send(&Frame::Removed { room: seat.room.id, code: code.code().to_owned() });
    metrics::counter!("chat_removed_total", "code" => code.code()).increment(1);
}

fn each(hub: &Hub, room: RoomId, person: PersonId, act: impl Fn(&Seat)) {
    let seats = hub.open_room(room).map(|room| room.seats_of(person)).unwrap_or_default();
    for seat in &seats {
        act(seat);
    }
}

fn roster(hub: &Hub, room: RoomId) {
    if let Some(room) = hub.open_room(room) {
        room.roster_changed();
        hub.stir(room.id);
    }
}

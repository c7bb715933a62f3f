//! Following the bridge: its changes cut people off, change what they may do, and name them anew - at once.

use membership::{Change, Grant, Grants, Hold, PersonId, Removal, Roles, RoomId, Standing, Verdict};
use service::follow::Held;

use crate::hub::Hub;
use crate::protocol::Frame;
use crate::seat::Seat;

impl Held for Hub {
    fn holds(&self) -> Vec<Hold> {
        self.all_holds()
    }

    fn judge(&self, verdict: &Verdict) {
        judge(self, verdict);
    }

    fn take(&self, change: &Change) {
        apply(self, change);
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
        // Of calls and files signal-server knows.
        Change::RelayOnlyChanged { .. } => {}
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

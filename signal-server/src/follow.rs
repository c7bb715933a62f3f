//! Following the bridge: its changes cut people off and change what they may do - at once.

use membership::{Change, Hold, Removal, Verdict};
use service::follow::Held;

use crate::exchange::Input;
use crate::hub::Hub;

impl Held for Hub {
    fn holds(&self) -> Vec<Hold> {
        self.all_holds()
    }

    fn judge(&self, verdict: &Verdict) {
        let Hold { person, room, sid } = verdict.hold;
        match (&verdict.standing, verdict.code) {
            (Some(standing), _) => self.take(&Change::Joined { room, person, standing: standing.clone() }),
            (None, Some(Removal::SignedOut)) => self.sign_out(sid),
            (None, code) => self.remove(room, person, code.unwrap_or(Removal::NotAMember)),
        }
    }

    fn take(&self, change: &Change) {
        match change {
            Change::Joined { room, person, standing } => {
                self.change(*person, Input::Rename(*room, *person, standing.name.clone()));
                self.change(*person, Input::Regrant(*room, *person, standing.grants));
            }
            Change::Removed { room, person, code } => self.remove(*room, *person, *code),
            Change::GrantsChanged { room, person, grants, .. } => {
                self.change(*person, Input::Regrant(*room, *person, *grants));
            }
            Change::PersonRenamed { room, person, name } => {
                self.change(*person, Input::Rename(*room, *person, name.clone()));
            }
            Change::RoomClosed { room } => self.close(*room),
            Change::SignedOut { sid } => self.sign_out(*sid),
            Change::VisibilityChanged { .. } | Change::RoomOpened { .. } | Change::RoomChanged { .. } => {}
        }
    }
}

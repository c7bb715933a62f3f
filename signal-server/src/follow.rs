//! Following the bridge: its changes cut people off and change what they may do - at once.

use membership::permission::sees_concealed;
use membership::{Change, Hold, Removal, Standing, Verdict};
use service::follow::Held;

use crate::exchange::{Input, Trait};
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
                let Standing { name, roles, grants, concealed, relay_only } = standing;
                let (name, sees) = (Trait::Name(name.clone()), Trait::SeesConcealed(sees_concealed(*roles)));
                for known in [name, sees, Trait::Concealed(*concealed), Trait::RelayOnly(*relay_only)] {
                    self.change(*person, Input::Know(*room, *person, known));
                }
                self.change(*person, Input::Regrant(*room, *person, *grants));
            }
            Change::Removed { room, person, code } => self.remove(*room, *person, *code),
            Change::GrantsChanged { room, person, roles, grants } => {
                let sees = Trait::SeesConcealed(sees_concealed(*roles));
                self.change(*person, Input::Know(*room, *person, sees));
                self.change(*person, Input::Regrant(*room, *person, *grants));
            }
            Change::PersonRenamed { room, person, name } => {
                self.change(*person, Input::Know(*room, *person, Trait::Name(name.clone())));
            }
            Change::VisibilityChanged { room, person, concealed } => {
                self.change(*person, Input::Know(*room, *person, Trait::Concealed(*concealed)));
            }
            Change::RelayOnlyChanged { room, person, relay_only } => {
                self.change(*person, Input::Know(*room, *person, Trait::RelayOnly(*relay_only)));
            }
            Change::RoomClosed { room } => self.close(*room),
            Change::SignedOut { sid } => self.sign_out(*sid),
            Change::RoomOpened { .. } | Change::RoomChanged { .. } => {}
        }
    }
}

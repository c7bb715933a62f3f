//! The ledger: what the bridge has said since tokens were issued. A token is a statement of its time; a change that came
//! after it counts more, until the token would have ended anyway.

use std::collections::HashMap;

use crate::token::{Claims, LIFE_S, SKEW_S};
use crate::{Change, Grants, PersonId, Removal, Roles, RoomId, SessionId};

/// What was heard, and when (seconds since 1970).
#[derive(Debug, Default)]
pub struct Ledger {
    /// Since when every change was heard; none while the bridge has not been heard.
    since: Option<u64>,
    removed: HashMap<(RoomId, PersonId), (u64, Removal)>,
    regranted: HashMap<(RoomId, PersonId), (u64, Roles, Grants)>,
    concealed: HashMap<(RoomId, PersonId), (u64, bool)>,
    relay_only: HashMap<(RoomId, PersonId), (u64, bool)>,
    closed: HashMap<RoomId, u64>,
    opened_again: HashMap<RoomId, u64>,
    signed_out: HashMap<SessionId, u64>,
}

/// What a token is worth now.
#[derive(Debug, PartialEq, Eq)]
pub enum Worth {
    /// This.
    Claims(Box<Claims>),
    /// Nothing.
    Nothing(Removal),
    /// Unknown: it is older than what was heard. The bridge must be asked.
    Unknown(Box<Claims>),
}

impl Ledger {
    /// From now on every change is heard; what was before is not known.
    pub fn begin(&mut self, now_s: u64) {
        *self = Self { since: Some(now_s), ..Self::default() };
    }

    /// Writes a change down.
    pub fn note(&mut self, change: &Change, now_s: u64) {
        match change {
            Change::Joined { room, person, standing } => {
                let key = (*room, *person);
                self.removed.remove(&key);
                self.regranted.insert(key, (now_s, standing.roles, standing.grants));
                self.concealed.insert(key, (now_s, standing.concealed));
                self.relay_only.insert(key, (now_s, standing.relay_only));
            }
            Change::Removed { room, person, code } => {
                self.removed.insert((*room, *person), (now_s, *code));
            }
            Change::GrantsChanged { room, person, roles, grants } => {
                self.regranted.insert((*room, *person), (now_s, *roles, *grants));
            }
            Change::VisibilityChanged { room, person, concealed } => {
                self.concealed.insert((*room, *person), (now_s, *concealed));
            }
            Change::RelayOnlyChanged { room, person, relay_only } => {
                self.relay_only.insert((*room, *person), (now_s, *relay_only));
            }
            Change::RoomClosed { room } => {
                self.opened_again.remove(room);
                self.closed.insert(*room, now_s);
            }
            Change::RoomOpened { room, .. } => {
                if self.closed.remove(room).is_some() {
                    self.opened_again.insert(*room, now_s);
                }
            }
            Change::SignedOut { sid } => {
                self.signed_out.insert(*sid, now_s);
            }
            Change::PersonRenamed { .. } | Change::RoomChanged { .. } => {}
        }
    }

    /// What a genuine token is worth. As far as the clocks may differ, one of the time of a change counts as older than it.
    pub fn worth(&self, claims: Claims) -> Worth {
        let issued = claims.iat.saturating_sub(SKEW_S);
        let opened_again = self.opened_again.get(&claims.room).copied();
        match self.after(claims, issued) {
            Ok(claims) if self.since.is_none_or(|since| issued <= opened_again.unwrap_or(since).max(since)) => {
                Worth::Unknown(Box::new(claims))
            }
            Ok(claims) => Worth::Claims(Box::new(claims)),
            Err(code) => Worth::Nothing(code),
        }
    }

    /// What claims of a time (seconds since 1970) have become by the changes heard since.
    ///
    /// # Errors
    /// Why they are worth nothing.
    pub fn after(&self, mut claims: Claims, issued: u64) -> Result<Claims, Removal> {
        let key = (claims.room, claims.sub);
        if self.signed_out.get(&claims.sid).is_some_and(|at| issued <= *at) {
            return Err(Removal::SignedOut);
        }
        if self.closed.get(&claims.room).is_some_and(|at| issued <= *at) {
            return Err(Removal::RoomClosed);
        }
        if let Some((_, code)) = self.removed.get(&key).filter(|(at, _)| issued <= *at) {
            return Err(*code);
        }
        if let Some((_, roles, grants)) = self.regranted.get(&key).filter(|(at, ..)| issued <= *at) {
            (claims.roles, claims.grants) = (*roles, *grants);
        }
        if let Some((_, concealed)) = self.concealed.get(&key).filter(|(at, _)| issued <= *at) {
            claims.concealed = *concealed;
        }
        if let Some((_, relay_only)) = self.relay_only.get(&key).filter(|(at, _)| issued <= *at) {
            claims.relay_only = *relay_only;
        }
        Ok(claims)
    }

    /// Forgets what no living token can be older than.
    pub fn forget(&mut self, now_s: u64) {
        let fresh = |at: u64| at + LIFE_S + SKEW_S > now_s;
        self.removed.retain(|_, (at, _)| fresh(*at));
        self.regranted.retain(|_, (at, ..)| fresh(*at));
        self.concealed.retain(|_, (at, _)| fresh(*at));
        self.relay_only.retain(|_, (at, _)| fresh(*at));
        self.closed.retain(|_, at| fresh(*at));
        self.opened_again.retain(|_, at| fresh(*at));
        self.signed_out.retain(|_, at| fresh(*at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::Audience;
    use crate::{Grant, Mode, Role, RoomKind, Standing};

    const ROOM: RoomId = RoomId::new(1, 1);
    const BOB: PersonId = PersonId::new(1, 2);

    fn token(iat: u64) -> Claims {
        Claims {
            iss: String::new(),
            aud: Audience::Chat,
            sub: BOB,
            name: "Bob".into(),
            room: ROOM,
            list: None,
            kind: RoomKind::List,
            roles: Roles::NONE.with(Role::Subscriber),
            grants: Grants::NONE.with(Grant::Read).with(Grant::Post),
            concealed: false,
            relay_only: false,
            sid: SessionId::new(1, 3),
            iat,
            nbf: iat,
            exp: iat + LIFE_S,
            jti: String::new(),
        }
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.begin(1000);
        ledger
    }

    #[test]
    fn a_token_from_before_a_removal_is_worth_nothing_and_one_from_after_it_is() {
        let mut ledger = ledger();
        ledger.note(&Change::Removed { room: ROOM, person: BOB, code: Removal::Banned }, 1100);
        assert_eq!(ledger.worth(token(1105)), Worth::Nothing(Removal::Banned), "the clocks may differ so much");
        assert_eq!(ledger.worth(token(1106)), Worth::Claims(Box::new(token(1106))));
        ledger.forget(1100 + LIFE_S + SKEW_S);
        assert!(ledger.removed.is_empty());
    }

    #[test]
    fn a_token_from_before_a_change_of_grants_gives_the_new_ones() {
        let mut ledger = ledger();
        let (roles, grants) = (Roles::NONE.with(Role::Subscriber), Grants::NONE.with(Grant::Read));
        ledger.note(&Change::GrantsChanged { room: ROOM, person: BOB, roles, grants }, 1100);
        let Worth::Claims(claims) = ledger.worth(token(1050)) else { panic!("it is worth something") };
        assert_eq!(claims.grants, grants);
    }

    #[test]
    fn who_comes_back_as_less_gets_no_more_by_an_old_token() {
        let mut ledger = ledger();
        ledger.note(&Change::Removed { room: ROOM, person: BOB, code: Removal::NotAMember }, 1100);
        let (roles, grants) = (Roles::NONE.with(Role::Subscriber), Grants::NONE.with(Grant::Read));
        let standing = Standing { name: "Bob".into(), roles, grants, concealed: true, relay_only: true };
        ledger.note(&Change::Joined { room: ROOM, person: BOB, standing }, 1110);
        let Worth::Claims(claims) = ledger.worth(token(1050)) else { panic!("bob is back") };
        assert_eq!((claims.grants, claims.concealed, claims.relay_only), (grants, true, true));
    }

    #[test]
    fn a_token_from_before_a_room_demanded_relays_alone_demands_them() {
        let mut ledger = ledger();
        ledger.note(&Change::RelayOnlyChanged { room: ROOM, person: BOB, relay_only: true }, 1100);
        let demands = |iat| ledger.after(token(iat), iat).map(|claims| claims.relay_only);
        assert_eq!([demands(1050), demands(1101)], [Ok(true), Ok(false)]);
    }

    #[test]
    fn an_ended_session_and_a_closed_room_take_their_tokens_along() {
        let mut ledger = ledger();
        ledger.note(&Change::RoomClosed { room: ROOM }, 1100);
        assert_eq!(ledger.worth(token(1050)), Worth::Nothing(Removal::RoomClosed));
        ledger.note(&Change::SignedOut { sid: SessionId::new(1, 3) }, 1100);
        assert_eq!(ledger.worth(token(1050)), Worth::Nothing(Removal::SignedOut));
    }

    #[test]
    fn a_room_that_opens_again_takes_tokens_of_before_only_when_the_bridge_says_so() {
        let mut ledger = ledger();
        ledger.note(&Change::RoomClosed { room: ROOM }, 1100);
        ledger.note(&Change::RoomOpened { room: ROOM, mode: Mode::Open }, 1110);
        for iat in [1050, 1112, 1115] {
            assert_eq!(ledger.worth(token(iat)), Worth::Unknown(Box::new(token(iat))));
        }
        assert_eq!(ledger.worth(token(1116)), Worth::Claims(Box::new(token(1116))));
        ledger.note(&Change::RoomClosed { room: ROOM }, 1120);
        assert_eq!(ledger.worth(token(1116)), Worth::Nothing(Removal::RoomClosed));
    }

    #[test]
    fn a_verdict_of_the_bridge_does_not_undo_what_was_heard_while_it_was_on_its_way() {
        let mut ledger = ledger();
        let (roles, grants) = (Roles::NONE.with(Role::Subscriber), Grants::NONE.with(Grant::Read));
        ledger.note(&Change::GrantsChanged { room: ROOM, person: BOB, roles, grants }, 1100);
        assert_eq!(ledger.after(token(900), 1100).map(|claims| claims.grants), Ok(grants));
        assert_eq!(ledger.after(token(900), 1101).map(|claims| claims.grants), Ok(token(900).grants));
        ledger.note(&Change::Removed { room: ROOM, person: BOB, code: Removal::Banned }, 1102);
        assert_eq!(ledger.after(token(900), 1101), Err(Removal::Banned));
    }

    #[test]
    fn a_token_older_than_what_was_heard_is_of_unknown_worth() {
        assert_eq!(ledger().worth(token(1000)), Worth::Unknown(Box::new(token(1000))));
        assert_eq!(Ledger::default().worth(token(2000)), Worth::Unknown(Box::new(token(2000))));
    }
}

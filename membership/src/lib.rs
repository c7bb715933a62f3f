//! The shared model of who may do what in which room: people, lists, roles, grants, tokens and changes.
//!
//! Everything here is a pure value or a pure function: no network, no database, no clock. The bridge decides with it,
//! chat-server and signal-server check with it. The words are Sympa's: *list*, *robot*, *subscriber*, *owner*, *editor*,
//! *listmaster*; a *room* is the conversation of one list, or a direct one between two people who share a list.
//!
//! Invariants, tested as properties in `tests/laws.rs`:
//! * `apply(diff(a, b), a) == b` for the watched part of the state;
//! * grants are monotone in the set of roles at a fixed room state;
//! * no e-mail address and no local part of one ever becomes a display name.

pub mod address;
pub mod change;
pub mod hold;
pub mod id;
pub mod ledger;
pub mod name;
#[doc(hidden)]
pub mod parsers;
pub mod permission;
pub mod role;
pub mod sanction;
pub mod token;

pub use address::{Email, ListAddress};
pub use change::{Change, Removal, Standing};
pub use hold::{Hold, Holds, RoomIds, Verdict, Verdicts};
pub use id::{PersonId, RoomId, SessionId};
pub use permission::{Grant, Grants, Mode, RoomKind, Roster};
pub use role::{Role, Roles};
pub use sanction::{Sanction, SanctionKind};

//! Ids that the bridge assigns at first sight and keeps: of people, rooms and its own sessions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, example = "01ARZ3NDEKTSV4RRFFQ69G5FAV")]
        pub struct $name(Ulid);

        impl $name {
            /// From a time (milliseconds since 1970) and 80 random bits.
            pub const fn new(at_ms: u64, random: u128) -> Self {
                Self(Ulid::from_parts(at_ms, random))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = ulid::DecodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ulid::from_string(text).map(Self)
            }
        }
    };
}

id!(
    /// A person whom Sympa knows by e-mail address.
    PersonId
);
id!(
    /// A room: the conversation of one list, or a direct one.
    RoomId
);
id!(
    /// A session of the bridge. It names the session in tokens and changes; it is not the secret of the cookie.
    SessionId
);

//! How any process of Symposium lives, from its flags to its last byte: configuration, secrets, logs, metrics and health,
//! the database handle, HTTP, rate limits and a graceful stop.
//!
//! Nothing here knows lists or messages. A service is a function of a [`Context`]; what it needs from outside - time,
//! randomness, the stop signal - it gets there and nowhere else.

pub mod bearer;
pub mod bridge_link;
pub mod client_address;
pub mod clock;
pub mod config;
pub mod context;
pub mod db;
pub mod dice;
pub mod doubt;
pub mod extract;
pub mod follow;
pub mod gate;
pub mod health;
pub mod http;
pub mod limit;
pub mod log;
pub mod main_fn;
pub mod monitor;
pub mod neighbour;
pub mod notes;
pub mod origin;
#[doc(hidden)]
pub mod parsers;
pub mod problem;
pub mod secret;
pub mod socket;
pub mod stop;

pub use context::Context;
pub use problem::Problem;

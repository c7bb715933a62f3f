//! Words of SQL for asking about many things at once, of our own database and of Sympa's.

pub(crate) mod among;
pub(crate) mod packed;

//! The server, as a peer sees it: registering with it, coming back to it, and asking it.
//!
//! | file | what it knows |
//! | --- | --- |
//! | `registration` | the connection to the server: USER, KEEP, and the next attempt |
//! | `servers` | which address is tried next, and the pauses between attempts |
//! | `non_replies` | lines of the server that are no replies |
//! | `rejections` | what an early end of the connection means |
//! | `lost_server` | what the peer does when the connection has ended |
//! | `spare_names` | other names, where a program may not ask a person for one |
//! | `lookup` | the questions to the server, one at a time, and their answers |
//!
//! Must never know a conversation: conversations go on without a server. Read next: `registration`.

pub(super) mod lookup;
mod lost_server;
pub(super) mod non_replies;
pub(super) mod registration;
mod rejections;
mod servers;
pub(super) mod spare_names;

pub use lookup::{LIST_NAMES_MAX, STALE_FOR_MS};
pub use registration::SERVER_DIAL;
pub use servers::RETRY_LONGEST_MS;

//! One connection of the directory, and its state.
//!
//! Nothing is decided here. Read next: [`super::roster`], which has the names and endpoints.

use super::addresses::OwnAddress;
use super::notice::Excerpt;
use crate::machine::Millis;
use crate::wire::address::Endpoint;

/// One connection. It is small, because there are thousands.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) from: Endpoint,
    /// Our address that it connected to.
    pub(super) reached: OwnAddress,
    /// When this client expires. Only USER and KEEP move it.
    pub(super) deadline: Millis,
    pub(super) state: ClientState,
    pub(super) bad_lines: u8,
    /// It has a backlog: the kernel did not take all its output.
    pub(super) is_behind: bool,
    /// The version of the last LIST that was sent to it; 0: none.
    pub(super) list_version: u32,
    /// The unfinished line before USER. In a box, because few clients have one.
    pub(super) unended: Option<Box<Excerpt>>,
}

/// ```text
/// Accepted ──► Guest ──USER──► Member ──────┐
///                └─ refused, expired ──► Ending ──Closed──► (removed)
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ClientState {
    /// Connected, without a USER yet.
    Guest,
    /// Has sent USER, and is paused until the other servers have answered for the name.
    #[cfg(feature = "full")]
    Claiming,
    /// In the roster.
    Member,
    /// To be closed. Its further lines are ignored.
    Ending,
}

impl Client {
    /// A client that has just connected.
    pub(super) fn new(from: Endpoint, reached: OwnAddress, deadline: Millis) -> Self {
        Self {
            from,
            reached,
            deadline,
            state: ClientState::Guest,
            bad_lines: 0,
            is_behind: false,
            list_version: 0,
            unended: None,
        }
    }

    /// Whether the LIST text of this version is still in its backlog.
    pub(super) fn reads_list(&self, version: u32) -> bool {
        let is_sent = self.is_behind && self.list_version == version && version != 0;
        is_sent && self.state != ClientState::Ending
    }
}

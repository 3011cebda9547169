//! One connection of the directory, and its state.
//!
//! Names and endpoints of people are [`super::roster`]'s. Decides nothing.

use super::addresses::OwnAddress;
use super::notice::Excerpt;
use crate::machine::Millis;
use crate::wire::address::Endpoint;

/// One connection. As small as it can be: there are thousands.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) from: Endpoint,
    /// The address by which it reached us.
    pub(super) reached: OwnAddress,
    /// When this client is taken for gone. Only USER and KEEP move it.
    pub(super) deadline: Millis,
    pub(super) state: ClientState,
    pub(super) bad_lines: u8,
    /// The kernel did not take all that it was sent.
    pub(super) is_behind: bool,
    /// Which LIST it was sent last; 0: none.
    pub(super) list_version: u32,
    /// The bytes before USER that have no line end yet. In a box, because few ever have one.
    pub(super) unended: Option<Box<Excerpt>>,
}

/// ```text
/// Accepted ──► Guest ──USER──► Member ──────┐
///                └── refused, silent ──► Ending ──Closed──► (removed)
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ClientState {
    /// Connected, and has not said USER.
    Guest,
    /// Has said USER, and is not read until it is known whether the name may be had.
    #[cfg(feature = "full")]
    Claiming,
    /// In the roster.
    Member,
    /// Told to go; what else it says is not heard.
    Ending,
}

impl Client {
    /// Somebody who has just connected.
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

    /// Whether it is still being sent the LIST text of this version.
    pub(super) fn reads_list(&self, version: u32) -> bool {
        let is_sent = self.is_behind && self.list_version == version && version != 0;
        is_sent && self.state != ClientState::Ending
    }
}

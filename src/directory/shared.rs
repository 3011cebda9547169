//! The names of a directory that shares them with other servers (`--directory`).
//!
//! A USER waits here until [`crate::cluster`] has claimed the name, and the names of people who
//! left wait here to be released. Must not know the engine. Read first: [`super`].

use std::net::SocketAddr;

use super::notice::{Notice, Refusal};
use super::roster::Roster;
use super::{ClientState, Directory, Rules};
use crate::machine::{Action, Actions, ConnId, Millis};
use crate::wire::name::Name;

/// The changes that the other servers must know.
#[derive(Debug, Default)]
pub(crate) struct NameChanges {
    /// The names of clients that sent USER.
    pub(crate) claims: Vec<NameClaim>,
    /// The names of people who left the roster.
    pub(crate) releases: Vec<(ConnId, Name)>,
}

/// A client's request for a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NameClaim {
    pub(crate) conn: ConnId,
    pub(crate) name: Name,
    pub(crate) address: SocketAddr,
}

impl NameChanges {
    /// Adds a claim, and pauses the connection until the answer.
    pub(super) fn ask<N>(
        &mut self,
        conn: ConnId,
        name: Name,
        address: SocketAddr,
        actions: &mut Actions<N>,
    ) {
        self.claims.push(NameClaim { conn, name, address });
        actions.push(Action::Pause { conn });
    }
}

impl Directory {
    /// A directory that lets [`crate::cluster`] decide about names.
    pub(crate) fn sharing(rules: Rules) -> Self {
        let mut directory = Self { shared: Some(NameChanges::default()), ..Self::new(rules) };
        directory.roster.await_arrivals();
        directory
    }

    /// Whether there are changes for [`Directory::take_name_changes`].
    pub(crate) fn has_name_changes(&self) -> bool {
        self.shared.as_ref().is_some_and(|it| !it.claims.is_empty() || !it.releases.is_empty())
    }

    /// The changes of names since the last call.
    pub(crate) fn take_name_changes(&mut self) -> NameChanges {
        self.shared.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Whether it was asked to stop, and has no connection left.
    pub(crate) fn is_over(&self) -> bool {
        self.is_stopping && self.clients.is_empty()
    }

    pub(crate) fn roster_mut(&mut self) -> &mut Roster {
        &mut self.roster
    }

    /// Whether this connection waits for the answer to its claim.
    pub(crate) fn awaits_name(&self, conn: ConnId) -> bool {
        self.clients.get(conn).is_some_and(|client| client.state == ClientState::Claiming)
    }

    /// Registers a name whose claim succeeded. The caller has removed its former holder.
    pub(crate) fn admit(
        &mut self,
        now: Millis,
        claim: NameClaim,
        arrival: Option<u64>,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        let NameClaim { conn, name, address } = claim;
        debug_assert!(self.awaits_name(conn), "only a client that waits for a name is admitted");
        self.let_in(now, conn, name, address, actions);
        if let Some(arrival) = arrival {
            self.roster.set_arrival(conn, arrival);
        }
        actions.push(Action::Resume { conn });
    }

    /// Refuses a client whose claim failed.
    pub(crate) fn refuse_name(
        &mut self,
        conn: ConnId,
        name: Name,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        if self.awaits_name(conn) {
            self.refuse(conn, Refusal::NameTaken(name), actions);
        }
    }
}

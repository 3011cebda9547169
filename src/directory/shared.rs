//! The question that a directory with shared names leaves to others: whether a name is free.
//!
//! Only with `--directory`. A USER waits here until [`crate::cluster`] has an answer; the names of
//! those who went away wait here to be given back. Knows no engine. Read first: [`super`].

use std::net::SocketAddr;

use super::notice::{LeaveReason, Notice, Refusal};
use super::{ClientState, Directory, Rules};
use crate::machine::{Action, Actions, ConnId, Millis};
use crate::wire::name::Name;

use super::roster::Roster;

/// The changes that the other servers must hear of.
#[derive(Debug, Default)]
pub(crate) struct NameChanges {
    /// Those who said USER.
    pub(crate) claims: Vec<NameClaim>,
    /// Those who were in the roster, and are not any more.
    pub(crate) releases: Vec<(ConnId, Name)>,
}

/// Somebody wants a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NameClaim {
    pub(crate) conn: ConnId,
    pub(crate) name: Name,
    pub(crate) address: SocketAddr,
}

impl NameChanges {
    /// Nothing more is read from there until there is an answer.
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
    /// One that leaves the names to [`crate::cluster`].
    pub(crate) fn sharing(rules: Rules) -> Self {
        let mut directory = Self { shared: Some(NameChanges::default()), ..Self::new(rules) };
        directory.roster.await_arrivals();
        directory
    }

    /// Whether [`Directory::take_name_changes`] has something.
    pub(crate) fn has_name_changes(&self) -> bool {
        self.shared.as_ref().is_some_and(|it| !it.claims.is_empty() || !it.releases.is_empty())
    }

    /// The changes of names since the last call.
    pub(crate) fn take_name_changes(&mut self) -> NameChanges {
        self.shared.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Whether it was told to stop, and nobody is left.
    pub(crate) fn is_over(&self) -> bool {
        self.stopping && self.clients.is_empty()
    }

    pub(crate) fn roster_mut(&mut self) -> &mut Roster {
        &mut self.roster
    }

    /// Whether this connection still waits for an answer.
    pub(crate) fn awaits_name(&self, conn: ConnId) -> bool {
        self.clients.get(conn).is_some_and(|client| client.state == ClientState::Claiming)
    }

    /// The name may be had. Nobody may have it in the roster: who did, has been removed.
    pub(crate) fn admit(
        &mut self,
        now: Millis,
        claim: NameClaim,
        arrival: Option<u64>,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        let NameClaim { conn, name, address } = claim;
        debug_assert!(self.awaits_name(conn), "an answer is for somebody who waits for one");
        self.let_in(now, conn, name, address, actions);
        if let Some(arrival) = arrival {
            self.roster.set_arrival(conn, arrival);
        }
        actions.push(Action::Resume { conn });
    }

    /// The name is somebody else's.
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

    /// The name was this person's, and is not any more.
    pub(crate) fn take_name(
        &mut self,
        conn: ConnId,
        why: LeaveReason,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        self.expel(conn, why, actions);
    }
}

//! The acting half of a driver: what a machine asked for, output, and the end of connections.
//!
//! Connections are removed here and nowhere else. Read next: [`super::brain`].

use std::io::ErrorKind;
use std::net::SocketAddr;

use papo::machine::{Action, CloseReason, ConnId, DialId, Framing, Input, LineEnd, LineLimit};

use super::brain::Told;
use super::connection::{Connection, Phase};
use super::driver::Driver;
use super::link::Standing;
use super::network::{Network, Writer};
use super::planted::Bug;
use super::watch::Watch;

/// A connection with more unsent output than this is closed.
pub(crate) const OUTPUT_HARD_MAX: usize = 1024 * 1024;

impl Driver {
    pub(crate) fn perform(
        &mut self,
        action: Action<Told>,
        network: &mut Network,
        watch: &mut Watch,
    ) {
        match action {
            Action::Send { conn, span } => {
                let found = if self.machine.bug() == Some(Bug::GenerationIgnored) {
                    self.connections.at(conn.slot as usize)
                } else {
                    self.connections.get(conn)
                };
                if let Some(connection) = found {
                    connection.outbound.push(
                        self.actions.bytes(&span),
                        &mut papo::buffers::output::Spare::default(),
                    );
                    bound_output(connection);
                }
            }
            Action::SendShared { conn, shared } => {
                if let Some(connection) = self.connections.get(conn) {
                    connection
                        .outbound
                        .push_shared(&shared, &mut papo::buffers::output::Spare::default());
                    bound_output(connection);
                }
            }
            Action::EndLine { conn } => self.end_line(conn, network, watch),
            Action::HalfClose { conn } => self.half_close(conn),
            Action::Close { conn } if self.machine.bug() == Some(Bug::CloseCuts) => {
                self.change_phase(conn, Phase::Gone(CloseReason::Asked));
            }
            Action::Close { conn } => self.change_phase(conn, Phase::Finishing),
            Action::Abort { conn } => self.change_phase(conn, Phase::Gone(CloseReason::Asked)),
            Action::Dial { dial, to, framing: Framing::Lines(limit), .. } => {
                self.dial(dial, to, limit, network, watch);
            }
            Action::Dial { framing: Framing::Raw, .. }
            | Action::Pause { .. }
            | Action::Resume { .. }
            | Action::SendTo { .. }
            | Action::AwaitDrain { .. } => panic!("the simulated network carries lines"),
            Action::Abandon { dial } => self.abandon(dial, ErrorKind::TimedOut, network, watch),
            Action::Show(_) => {}
            Action::Exit { status } => self.exited = self.exited.or(Some(status)),
        }
    }

    fn half_close(&mut self, conn: ConnId) {
        if self.machine.bug() == Some(Bug::NoDrain) {
            self.change_phase(conn, Phase::Gone(CloseReason::Asked));
        } else if let Some(connection) = self.connections.get(conn) {
            connection.half_close = true;
        }
    }

    fn change_phase(&mut self, conn: ConnId, phase: Phase) {
        if let Some(connection) = self.connections.get(conn).filter(|found| found.is_live()) {
            connection.phase = phase;
        }
    }

    fn dial(
        &mut self,
        dial: DialId,
        to: SocketAddr,
        limit: LineLimit,
        network: &mut Network,
        watch: &mut Watch,
    ) {
        let sock = network.dial(self.node, to);
        self.connections.insert(sock, limit, Phase::Dialing(dial));
        if let Standing::Broken(kind) = network.standing(sock) {
            self.abandon(dial, kind, network, watch);
        }
    }

    fn abandon(&mut self, dial: DialId, kind: ErrorKind, network: &Network, watch: &mut Watch) {
        if let Some(connection) = self.connections.dialing(dial) {
            connection.phase = Phase::Abandoned;
            self.hand(Input::Dialed { dial, result: Err(kind) }, network, watch);
        }
    }

    /// Writes, half-closes and closes, until nothing is left that can be done now.
    pub(crate) fn settle(&mut self, network: &mut Network, watch: &mut Watch) {
        let mut is_settled = false;
        while !is_settled {
            is_settled = true;
            for slot in 0..self.connections.slots() {
                is_settled &= !self.flush(slot, network, watch);
                is_settled &= !self.end_where_due(slot, network, watch);
            }
        }
    }

    /// Writes what waits, if the kernel takes anything, and tells the machine of what still
    /// waits then. Says whether it tried.
    fn flush(&mut self, slot: usize, network: &mut Network, watch: &mut Watch) -> bool {
        let loses_rest = self.machine.bug() == Some(Bug::PartialWriteLost);
        let Some(connection) = self.connections.at(slot).filter(|it| it.is_live()) else {
            return false;
        };
        let was_full = connection.outbound.len() <= connection.told_backlog;
        let idle = connection.outbound.is_empty() && connection.told_backlog == 0;
        if idle || (was_full && network.is_full(connection.sock)) {
            return false;
        }
        let result = connection.outbound.write_to(
            &mut Writer { network, sock: connection.sock },
            &mut papo::buffers::output::Spare::default(),
        );
        match result {
            Err(error) if error.kind() != ErrorKind::WouldBlock => {
                connection.phase = Phase::Gone(CloseReason::Failed(error.kind()));
                return true;
            }
            Err(_) if loses_rest => connection.outbound.clear(),
            Ok(()) | Err(_) => {}
        }
        let (conn, bytes) = (connection.id, connection.outbound.len());
        let told = std::mem::replace(&mut connection.told_backlog, bytes);
        self.resume_where_possible(slot);
        if bytes > 0 || told > 0 {
            self.feed(Input::Backlog { conn, bytes }, network, watch);
        }
        true
    }

    /// Lines that were put back while too much output waited are handed over in the next turn.
    fn resume_where_possible(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if connection.was_paused && !connection.is_throttled() {
            connection.was_paused = false;
            self.is_leftover = true;
        }
    }

    /// Takes one step towards the end of a connection. Says whether there was one to take.
    fn end_where_due(&mut self, slot: usize, network: &mut Network, watch: &mut Watch) -> bool {
        let Some(connection) = self.connections.at(slot) else { return false };
        match connection.phase {
            Phase::Abandoned => {
                network.close(connection.sock);
                self.connections.remove(slot);
            }
            Phase::Gone(reason) => self.remove(slot, reason, network, watch),
            Phase::Finishing if connection.outbound.is_empty() => {
                connection.phase = Phase::Gone(CloseReason::Asked);
            }
            Phase::Open if connection.half_close && connection.outbound.is_empty() => {
                connection.half_close = false;
                network.half_close(connection.sock);
            }
            Phase::Dialing(_) | Phase::Open | Phase::Finishing => return false,
        }
        true
    }

    fn remove(
        &mut self,
        slot: usize,
        reason: CloseReason,
        network: &mut Network,
        watch: &mut Watch,
    ) {
        if let Some(connection) = self.connections.remove(slot) {
            network.close(connection.sock);
            let conn = connection.id;
            watch.on_unsent(self.node, conn, connection.outbound.len());
            self.feed(Input::Closed { conn, reason }, network, watch);
            if self.machine.bug() == Some(Bug::ClosedTwice) {
                self.feed(Input::Closed { conn, reason }, network, watch);
            }
            if self.machine.bug() == Some(Bug::LineBehindEnd) {
                let end = LineEnd::Terminator;
                self.feed(Input::Line { conn, line: b"oi", end }, network, watch);
            }
        }
    }
}

fn bound_output(connection: &mut Connection) {
    if connection.outbound.len() > OUTPUT_HARD_MAX && connection.is_live() {
        connection.phase = Phase::Gone(CloseReason::SlowReader);
    }
}

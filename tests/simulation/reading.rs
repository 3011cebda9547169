//! The reading half of a driver: from one socket to whole lines, within a budget.
//!
//! Read next: [`super::settling`], the other half.

use std::io::ErrorKind;

use papo::machine::{CloseReason, ConnId, Input};

use super::connection::Phase;
use super::driver::Driver;
use super::link::Standing;
use super::network::Network;
use super::planted::Bug;
use super::watch::Watch;

/// Most bytes read from one connection in one turn.
const READ_BUDGET: usize = 16 * 1024;

/// How far reading came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Progress {
    /// What was read is handed over; there may be more.
    Going,
    /// Nothing more has arrived.
    Drained,
    /// Too much output waits: lines were put back.
    Paused,
    /// The stream has ended.
    Ended,
    /// The connection is not to be read any more.
    Gone,
}

impl Driver {
    /// One connection: the result of its dial, or its input.
    pub(crate) fn serve(&mut self, slot: usize, network: &mut Network, watch: &mut Watch) {
        let Some(connection) = self.connections.at(slot) else { return };
        if matches!(connection.phase, Phase::Dialing(_)) {
            self.look_at_dial(slot, network, watch);
        }
        if !self.is_deaf {
            self.read(slot, network, watch);
        }
    }

    fn look_at_dial(&mut self, slot: usize, network: &mut Network, watch: &mut Watch) {
        let Some(connection) = self.connections.at(slot) else { return };
        let Phase::Dialing(dial) = connection.phase else { return };
        let (conn, sock) = (connection.id, connection.sock);
        match network.standing(sock) {
            Standing::Opening => {}
            Standing::Open => {
                connection.phase = Phase::Open;
                watch.on_open(self.node, conn, sock, connection.limit);
                self.feed(Input::Dialed { dial, result: Ok(conn) }, network, watch);
            }
            Standing::Broken(kind) => {
                connection.phase = Phase::Abandoned;
                self.feed(Input::Dialed { dial, result: Err(kind) }, network, watch);
            }
            Standing::Closed => unreachable!("nobody else closes this socket"),
        }
    }

    fn read(&mut self, slot: usize, network: &mut Network, watch: &mut Watch) {
        let held = match self.connections.at(slot) {
            Some(connection) if connection.is_throttled() => {
                connection.was_paused = true;
                return;
            }
            Some(connection) => connection.inbound.take_back(),
            None => return,
        };
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.resize(READ_BUDGET, 0);
        let mut progress = self.hand_over(slot, &held, network, watch);
        let mut total = 0;
        while progress == Progress::Going && total < READ_BUDGET {
            let (count, read) = self.read_once(slot, &mut scratch[total..], network, watch);
            let fresh = &scratch[total..total + count];
            total += count;
            progress = if read == Progress::Going {
                self.hand_over(slot, fresh, network, watch)
            } else {
                read
            };
        }
        self.scratch = scratch;
        self.after_reading(slot, progress, total, network, watch);
    }

    /// One read(2).
    fn read_once(
        &mut self,
        slot: usize,
        scratch: &mut [u8],
        network: &mut Network,
        watch: &mut Watch,
    ) -> (usize, Progress) {
        let Some(connection) = self.connections.at(slot) else { return (0, Progress::Gone) };
        if connection.ended {
            return (0, Progress::Gone);
        }
        match network.read(connection.sock, scratch) {
            Ok(0) => (0, Progress::Ended),
            Ok(count) => {
                watch.on_read(connection.sock, &scratch[..count]);
                (count, Progress::Going)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => (0, Progress::Drained),
            Err(_) if self.machine.bug() == Some(Bug::ErrorsIgnored) => (0, Progress::Drained),
            Err(error) => {
                connection.phase = Phase::Gone(CloseReason::Failed(error.kind()));
                (0, Progress::Gone)
            }
        }
    }

    /// Hands over the lines in `fresh`, until the machine no longer wants them.
    fn hand_over(
        &mut self,
        slot: usize,
        mut fresh: &[u8],
        network: &mut Network,
        watch: &mut Watch,
    ) -> Progress {
        loop {
            let Some(connection) = self.connections.at(slot) else { return Progress::Gone };
            if connection.phase != Phase::Open {
                return Progress::Gone;
            }
            if connection.is_throttled() {
                connection.was_paused = true;
                if self.machine.bug() != Some(Bug::HeldLinesLost) {
                    connection.inbound.put_back(fresh);
                }
                return Progress::Paused;
            }
            let conn = connection.id;
            let Ok((used, line)) = connection.inbound.next_line(fresh) else {
                connection.phase = Phase::Gone(CloseReason::LineTooLong);
                return Progress::Gone;
            };
            let Some((line, end)) = line.map(|line| (line.bytes.to_vec(), line.end)) else {
                return Progress::Going;
            };
            fresh = &fresh[used..];
            self.feed(Input::Line { conn, line: &line, end }, network, watch);
        }
    }

    fn after_reading(
        &mut self,
        slot: usize,
        progress: Progress,
        total: usize,
        network: &mut Network,
        watch: &mut Watch,
    ) {
        match progress {
            Progress::Ended => self.on_end_of_stream(slot, network, watch),
            Progress::Going | Progress::Drained => {
                self.is_leftover |= progress == Progress::Going;
                if total > 0 {
                    self.tell_pending(slot, network, watch);
                }
            }
            Progress::Paused | Progress::Gone => {}
        }
    }

    /// Tells of bytes that are no line.
    fn tell_pending(&mut self, slot: usize, network: &mut Network, watch: &mut Watch) {
        let Some(connection) = self.connections.at(slot) else { return };
        let (conn, inbound) = (connection.id, &connection.inbound);
        let always = self.machine.bug() == Some(Bug::PendingAlways);
        if always || inbound.is_pending() {
            let line = inbound.pending().to_vec();
            self.feed(Input::Pending { conn, line: &line }, network, watch);
        }
    }

    /// An unterminated rest counts as a line, and comes before the end.
    fn on_end_of_stream(&mut self, slot: usize, network: &mut Network, watch: &mut Watch) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        connection.ended = true;
        let rest = connection.inbound.take_rest();
        if let Some((rest, end)) = rest.filter(|_| self.machine.bug() != Some(Bug::LastLineLost)) {
            self.feed(Input::Line { conn, line: &rest, end }, network, watch);
        }
        if self.connections.get(conn).is_some_and(|found| found.phase == Phase::Open) {
            self.feed(Input::EndOfStream { conn }, network, watch);
        }
    }

    /// Takes an unfinished line for a line, because the machine wants it.
    pub(crate) fn end_line(&mut self, conn: ConnId, network: &Network, watch: &mut Watch) {
        let rest = self.connections.get(conn).and_then(|found| found.inbound.take_rest());
        if let Some((rest, end)) = rest {
            self.hand(Input::Line { conn, line: &rest, end }, network, watch);
        }
    }
}

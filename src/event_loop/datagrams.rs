//! The datagram socket: what comes in, and datagrams that cannot leave.
//!
//! One for each loop. There is nothing to connect, to cut or to close: a datagram comes whole or
//! not at all, and with the address to answer to. Read next: `listener`, its sibling for streams.

use std::io;
use std::net::SocketAddr;

use super::EventLoop;
use super::os::Os;
use super::recorder::Recorder;
use crate::machine::{Input, Machine, Span};

/// Most datagrams read in one turn; the others come in the next. Connections must not starve
/// behind a sender that has no window to keep to.
pub const DATAGRAMS_PER_TURN: usize = 64;

/// The longest datagram of IPv4: 65,535 bytes, less 20 for IP's header and 8 for UDP's.
pub const DATAGRAM_BYTES_MAX: usize = 65_507;

#[derive(Debug)]
pub(super) struct Datagrams<O: Os> {
    socket: O::Datagrams,
    is_v6: bool,
    /// Some may be waiting: the edge has come, and [`io::ErrorKind::WouldBlock`] has not.
    pub(super) is_ready: bool,
    /// How many could not leave.
    pub(super) dropped: u64,
}

impl<O: Os> Datagrams<O> {
    /// `socket` is watched already. A datagram that came before that has no edge, so the first
    /// turn looks.
    pub(super) fn new(socket: O::Datagrams, is_v6: bool) -> Self {
        Self { socket, is_v6, is_ready: true, dropped: 0 }
    }

    /// Reads one. `None`: none is there.
    fn receive(&mut self, os: &mut O, buffer: &mut [u8]) -> Option<(SocketAddr, usize)> {
        match os.receive(&self.socket, buffer) {
            Ok((count, from)) => {
                Some((SocketAddr::new(from.ip().to_canonical(), from.port()), count))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.is_ready = false;
                None
            }
            // An answer of ours came back as undeliverable (ICMP). The next read has forgotten
            // it.
            Err(_) => None,
        }
    }

    /// Sends one, or drops it.
    fn send(&mut self, os: &mut O, bytes: &[u8], to: SocketAddr) {
        let to = self.as_reached_from_here(to);
        if os.send(&self.socket, bytes, to).is_err() {
            self.dropped += 1;
        }
    }

    /// A socket of IPv6 reaches an IPv4 address only by its mapped form.
    fn as_reached_from_here(&self, to: SocketAddr) -> SocketAddr {
        match to {
            SocketAddr::V4(v4) if self.is_v6 => {
                SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port())
            }
            SocketAddr::V4(_) | SocketAddr::V6(_) => to,
        }
    }
}

impl<M: Machine, O: Os, R: Recorder<M>> EventLoop<M, O, R> {
    pub(super) fn receive_datagrams(&mut self) {
        let mut buffer = std::mem::take(&mut self.read_buffer);
        for _ in 0..DATAGRAMS_PER_TURN {
            let Some(datagrams) = self.datagrams.as_mut().filter(|it| it.is_ready) else { break };
            if let Some((from, count)) = datagrams.receive(&mut self.os, &mut buffer) {
                self.feed(Input::Datagram { from, bytes: &buffer[..count] });
            }
        }
        self.read_buffer = buffer;
    }

    pub(super) fn send_to(&mut self, to: SocketAddr, span: &Span) {
        if let Some(datagrams) = &mut self.datagrams {
            datagrams.send(&mut self.os, self.actions.bytes(span), to);
        }
    }
}

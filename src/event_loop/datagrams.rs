//! The datagram socket (UDP). A loop has one at most.
//!
//! A datagram has no connection and no framing: it arrives whole or is lost, and it has the
//! sender's address. Read next: `listener`, the same for streams.

use std::io;
use std::net::SocketAddr;

use super::EventLoop;
use super::os::Os;
use super::recorder::Recorder;
use crate::machine::{Input, Machine, Span};

/// Most datagrams read in one turn. The rest waits for the next turn, so that a fast sender, which
/// no window slows down, cannot starve the connections.
pub const DATAGRAMS_PER_TURN: usize = 64;

#[derive(Debug)]
pub(super) struct Datagrams<O: Os> {
    socket: O::Datagrams,
    is_v6: bool,
    /// A datagram may wait: the edge has come, and [`io::ErrorKind::WouldBlock`] has not.
    pub(super) is_ready: bool,
    /// How many datagrams the kernel did not take.
    pub(super) dropped: u64,
}

impl<O: Os> Datagrams<O> {
    /// `socket` is registered already. A datagram that came before that brings no edge, so the
    /// first turn reads.
    pub(super) fn new(socket: O::Datagrams, is_v6: bool) -> Self {
        Self { socket, is_v6, is_ready: true, dropped: 0 }
    }

    /// Reads one datagram. `None`: there is none.
    fn receive(&mut self, os: &mut O, buffer: &mut [u8]) -> Option<(SocketAddr, usize)> {
        match os.receive(&self.socket, buffer) {
            Ok((count, from)) => {
                Some((SocketAddr::new(from.ip().to_canonical(), from.port()), count))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.is_ready = false;
                None
            }
            // ICMP reported that an earlier datagram of ours was not delivered. The error is gone
            // at the next read.
            Err(_) => None,
        }
    }

    /// Sends one datagram, or drops and counts it.
    fn send(&mut self, os: &mut O, bytes: &[u8], to: SocketAddr) {
        let to = self.as_reached_from_here(to);
        if os.send(&self.socket, bytes, to).is_err() {
            self.dropped += 1;
        }
    }

    /// The address in the form that the socket takes: an IPv6 socket reaches an IPv4 address only
    /// by its mapped form.
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

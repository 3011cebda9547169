//! The datagram socket: who sends what, and what becomes of datagrams that cannot leave.
//!
//! One for each loop. There is nothing to connect, to cut or to close: a datagram comes whole or
//! not at all, and with the address to answer to. Read next: `listener`, its sibling for streams.

use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;
use mio::{Interest, Registry};

use super::EventLoop;
#[cfg(doc)]
use super::socket;
use super::token::Source;
use crate::machine::{Framing, Input, Machine, Span, Terminal};

/// Most datagrams read in one turn; the others come in the next. Connections must not starve
/// behind a sender who has no window to keep to.
pub const DATAGRAMS_PER_TURN: usize = 64;

/// The longest datagram of IPv4: 65,535 bytes, less 20 for IP's header and 8 for UDP's.
pub const DATAGRAM_BYTES_MAX: usize = 65_507;

#[derive(Debug)]
pub(super) struct Datagrams {
    socket: UdpSocket,
    is_v6: bool,
    /// Some may be waiting: the edge has come, and [`io::ErrorKind::WouldBlock`] has not.
    pub(super) is_ready: bool,
    /// How many could not leave.
    dropped: u64,
}

impl Datagrams {
    pub(super) fn register(mut socket: UdpSocket, registry: &Registry) -> io::Result<Self> {
        registry.register(&mut socket, Source::Datagrams.into(), Interest::READABLE)?;
        // Whatever came before we watched has no edge.
        let is_v6 = socket.local_addr()?.is_ipv6();
        Ok(Self { socket, is_v6, is_ready: true, dropped: 0 })
    }

    /// Reads one. `None`: none is there.
    pub(super) fn receive(&mut self, scratch: &mut [u8]) -> Option<(SocketAddr, usize)> {
        match self.socket.recv_from(scratch) {
            Ok((count, from)) => {
                Some((SocketAddr::new(from.ip().to_canonical(), from.port()), count))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.is_ready = false;
                None
            }
            // An answer of ours came back as undeliverable (ICMP). It is nobody's here, and the
            // next read has forgotten it.
            Err(_) => None,
        }
    }

    /// Sends one, or drops it.
    pub(super) fn send(&mut self, bytes: &[u8], to: SocketAddr) {
        let to = self.as_reached_from_here(to);
        if self.socket.send_to(bytes, to).is_err() {
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

impl<M: Machine, T: Terminal<M::Command, Notice = M::Notice>> EventLoop<M, T> {
    /// Receives and sends datagrams, through a socket of [`socket::create_udp_socket`].
    ///
    /// # Errors
    ///
    /// If the poller refuses the socket.
    pub fn bind(&mut self, socket: UdpSocket) -> io::Result<()> {
        self.grow_scratch(Framing::Raw);
        self.datagrams = Some(Datagrams::register(socket, self.poll.registry())?);
        Ok(())
    }

    /// How many datagrams were lost on our side, because the kernel did not take them.
    #[must_use]
    pub fn dropped_datagrams(&self) -> u64 {
        self.datagrams.as_ref().map_or(0, |datagrams| datagrams.dropped)
    }

    pub(super) fn receive_datagrams(&mut self) {
        let mut scratch = std::mem::take(&mut self.scratch);
        for _ in 0..DATAGRAMS_PER_TURN {
            let Some(datagrams) = self.datagrams.as_mut().filter(|it| it.is_ready) else { break };
            if let Some((from, count)) = datagrams.receive(&mut scratch) {
                self.feed(Input::Datagram { from, bytes: &scratch[..count] });
            }
        }
        self.scratch = scratch;
    }

    pub(super) fn send_to(&mut self, to: SocketAddr, span: &Span) {
        if let Some(datagrams) = &mut self.datagrams {
            datagrams.send(self.actions.bytes(span), to);
        }
    }
}

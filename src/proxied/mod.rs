//! A directory behind load balancers, which send the address of each client in a header.
//!
//! [`Proxied`] is in front of another machine. A connection from a listed proxy begins with a
//! header of the PROXY protocol. When the header is read, the machine behind gets the connection,
//! with the client's address from the header. Other connections go to the machine unchanged. Must
//! never know a socket, a clock, or the protocol of the handout.
//!
//! A listener of this machine has [`crate::machine::Framing::Raw`], because a header of version 2
//! is no line. Behind the header, [`Action::CutLines`] makes lines of the rest. Without a listed
//! proxy there is no header, and the loop cuts the listener's lines.
//!
//! Read next: [`crate::wire::proxy_header`], which reads the header.

#![allow(clippy::wildcard_enum_match_arm, reason = "most inputs go to the machine behind")]

mod networks;

pub use networks::Networks;

use std::convert::Infallible;
use std::net::SocketAddr;

use crate::conn_map::ConnMap;
use crate::directory::Directory;
use crate::directory::notice::{Excerpt, Refusal};
use crate::machine::{Action, Actions, ConnId, Input, LineLimit, ListenerId, Machine, Millis};
use crate::timer_wheel::TimerWheel;
use crate::wire::proxy_header::{self, HeaderFault, ProxyHeader};

/// How long a header may take, in milliseconds. The specification asks for at least 3 s, because a
/// lost segment must be sent again.
pub const HEADER_WITHIN_MS: u64 = 5_000;

/// A machine that can be behind [`Proxied`].
pub trait BehindProxy: Machine<Command = Infallible> {
    /// Counts and reports a connection of the proxy at `from` that was refused for its header.
    fn on_turned_away(
        &mut self,
        from: SocketAddr,
        why: Refusal,
        actions: &mut Actions<Self::Notice>,
    );
}

impl BehindProxy for Directory {
    fn on_turned_away(
        &mut self,
        from: SocketAddr,
        why: Refusal,
        actions: &mut Actions<Self::Notice>,
    ) {
        self.report_refusal(from.into(), why, actions);
    }
}

/// A machine with the PROXY protocol in front of it.
#[derive(Debug)]
pub struct Proxied<M> {
    machine: M,
    /// The listed proxies.
    proxies: Networks,
    /// The limit of the clients' lines.
    limit: LineLimit,
    /// Connections of proxies that the machine behind does not have.
    callers: ConnMap<Caller>,
    /// A key for each caller.
    wheel: TimerWheel<ConnId>,
    is_stopping: bool,
}

/// A connection of a proxy without a client's address.
#[derive(Debug)]
struct Caller {
    listener: ListenerId,
    /// The address of the proxy.
    from: SocketAddr,
    deadline: Millis,
    /// The part of the header that has come.
    bytes: Vec<u8>,
    state: CallerState,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum CallerState {
    /// The header has not come yet.
    Fresh,
    /// The header has no address, as in a health check. No bytes may follow.
    Nameless,
    /// It is being closed.
    Ending,
}

impl Caller {
    fn new(now: Millis, listener: ListenerId, from: SocketAddr) -> Self {
        let deadline = now + HEADER_WITHIN_MS;
        Self { listener, from, deadline, bytes: Vec::new(), state: CallerState::Fresh }
    }
}

impl<M: BehindProxy> Machine for Proxied<M> {
    type Notice = M::Notice;
    type Command = Infallible;

    fn handle(
        &mut self,
        now: Millis,
        input: Input<'_, Infallible>,
        actions: &mut Actions<M::Notice>,
    ) {
        let is_caller = |conn| self.callers.get(conn).is_some();
        match input {
            Input::Accepted { listener, conn, from, .. } if self.proxies.has(from.ip()) => {
                return self.on_proxy(now, Caller::new(now, listener, from), conn, actions);
            }
            Input::Bytes { conn, bytes } if is_caller(conn) => {
                return self.on_bytes(now, conn, bytes, actions);
            }
            Input::EndOfStream { conn } if is_caller(conn) => {
                return self.on_end_of_stream(conn, actions);
            }
            Input::Closed { conn, .. } if is_caller(conn) => {
                self.callers.remove(conn);
                return;
            }
            Input::Tick => self.on_tick(now, actions),
            Input::Stop => self.on_stop(actions),
            _ => {}
        }
        self.machine.handle(now, input, actions);
        if let Input::Accepted { conn, .. } = input
            && !self.proxies.is_empty()
        {
            actions.cut_lines(conn, self.limit, &[]);
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        [self.wheel.next_deadline(), self.machine.next_deadline()].into_iter().flatten().min()
    }
}

impl<M: BehindProxy> Proxied<M> {
    /// Puts the PROXY protocol in front of a machine. `limit` is for the lines of clients.
    #[must_use]
    pub fn new(machine: M, proxies: Networks, limit: LineLimit) -> Self {
        Self {
            machine,
            proxies,
            limit,
            callers: ConnMap::default(),
            wheel: TimerWheel::default(),
            is_stopping: false,
        }
    }

    /// The machine behind.
    #[must_use]
    pub fn machine(&self) -> &M {
        &self.machine
    }

    fn on_proxy(
        &mut self,
        now: Millis,
        caller: Caller,
        conn: ConnId,
        actions: &mut Actions<M::Notice>,
    ) {
        self.wheel.arm(now, caller.deadline, conn);
        self.callers.insert(conn, caller);
        if self.is_stopping {
            self.end(conn, Action::Abort { conn }, actions);
        }
    }

    fn on_bytes(
        &mut self,
        now: Millis,
        conn: ConnId,
        fresh: &[u8],
        actions: &mut Actions<M::Notice>,
    ) {
        let Some(caller) = self.callers.get_mut(conn) else { return };
        match caller.state {
            CallerState::Fresh => {}
            CallerState::Nameless => {
                return self.refuse(conn, HeaderFault::NoAddress, fresh, actions);
            }
            CallerState::Ending => return,
        }
        // Most headers come in one piece, with the first line after them.
        let kept = std::mem::take(&mut caller.bytes);
        let all = if kept.is_empty() { fresh } else { &[&kept, fresh].concat() };
        match proxy_header::read(all) {
            Ok(None) => caller.bytes = all.to_vec(),
            Ok(Some((header, length))) => {
                self.on_header(now, conn, header, &all[length..], actions);
            }
            Err(fault) => self.refuse(conn, fault, all, actions),
        }
    }

    fn on_header(
        &mut self,
        now: Millis,
        conn: ConnId,
        header: ProxyHeader,
        rest: &[u8],
        actions: &mut Actions<M::Notice>,
    ) {
        match header {
            ProxyHeader::Relayed { from, to } => {
                let Some(Caller { listener, .. }) = self.callers.remove(conn) else { return };
                // `to`, and not the address by which the proxy reached us: a client on the proxy's
                // own host must be called there.
                let input = Input::Accepted { listener, conn, from, reached: to };
                self.machine.handle(now, input, actions);
                actions.cut_lines(conn, self.limit, rest);
            }
            ProxyHeader::Unknown if rest.is_empty() => self.set_state(conn, CallerState::Nameless),
            ProxyHeader::Unknown => self.refuse(conn, HeaderFault::NoAddress, rest, actions),
            ProxyHeader::Local => self.end(conn, Action::Close { conn }, actions),
        }
    }

    /// A health check may close without any bytes.
    fn on_end_of_stream(&mut self, conn: ConnId, actions: &mut Actions<M::Notice>) {
        let Some(caller) = self.callers.get_mut(conn) else { return };
        let bytes = std::mem::take(&mut caller.bytes);
        if bytes.is_empty() {
            self.end(conn, Action::Close { conn }, actions);
        } else {
            self.refuse(conn, HeaderFault::Unfinished, &bytes, actions);
        }
    }

    fn on_stop(&mut self, actions: &mut Actions<M::Notice>) {
        self.is_stopping = true;
        let everyone: Vec<_> = self.callers.iter().map(|(conn, _)| conn).collect();
        for conn in everyone {
            self.end(conn, Action::Abort { conn }, actions);
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<M::Notice>) {
        while let Some(conn) =
            self.wheel.pop_expired(now, |conn| Some(self.callers.get(*conn)?.deadline))
        {
            let Some(caller) = self.callers.get_mut(conn) else { continue };
            let (state, bytes) = (caller.state, std::mem::take(&mut caller.bytes));
            if state == CallerState::Fresh {
                self.refuse(conn, HeaderFault::Unfinished, &bytes, actions);
            }
            actions.push(Action::Abort { conn });
        }
    }

    fn refuse(
        &mut self,
        conn: ConnId,
        why: HeaderFault,
        seen: &[u8],
        actions: &mut Actions<M::Notice>,
    ) {
        let Some(caller) = self.callers.get(conn) else { return };
        let (from, line) = (caller.from, Excerpt::of(seen));
        self.machine.on_turned_away(from, Refusal::ProxyHeader { why, line }, actions);
        self.end(conn, Action::Close { conn }, actions);
    }

    fn end(&mut self, conn: ConnId, how: Action<M::Notice>, actions: &mut Actions<M::Notice>) {
        self.set_state(conn, CallerState::Ending);
        actions.push(how);
    }

    fn set_state(&mut self, conn: ConnId, state: CallerState) {
        if let Some(caller) = self.callers.get_mut(conn) {
            caller.state = state;
        }
    }
}

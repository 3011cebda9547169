//! A directory behind proxies, and a driver for it without a socket or a clock.
//!
//! The log has what was sent to callers, what was told, and who was closed.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use papo::buffers::lines::LineBuffer;
use papo::directory::notice::{Notice, Refusal};
use papo::directory::{Directory, Rules};
use papo::machine::{
    Action, Actions, CloseReason, ConnId, Input, ListenerId, Machine, Millis, SharedText,
};
use papo::proxied::Proxied;
use papo::wire::REQUEST_LIMIT;

/// The proxy that is believed.
pub(crate) const PROXY: &str = "10.9.0.1";

/// Somebody who comes without one.
pub(crate) const DIRECT: &str = "10.0.0.9";

/// A connection, by the order in which they came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Caller(usize);

pub(crate) struct Scene {
    machine: Proxied<Directory>,
    actions: Actions<Notice>,
    pub(crate) now: Millis,
    cables: Vec<Cable>,
    log: Vec<String>,
}

/// One connection. `lines` is there once bytes are cut.
struct Cable {
    lines: Option<LineBuffer>,
    is_open: bool,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(Rules::default())
    }

    pub(crate) fn with(rules: Rules) -> Self {
        let proxies = "10.9.0.0/24,fd00::/64".parse().expect("a list");
        Self {
            machine: Proxied::new(Directory::new(rules), proxies, REQUEST_LIMIT),
            actions: Actions::default(),
            now: Millis(0),
            cables: Vec::new(),
            log: Vec::new(),
        }
    }

    /// Somebody connects.
    pub(crate) fn accept(&mut self, from: &str) -> Caller {
        let caller = Caller(self.cables.len());
        self.cables.push(Cable { lines: None, is_open: true });
        let from = SocketAddr::new(from.parse().expect("an address"), 50_000);
        let reached: IpAddr = "10.9.0.100".parse().expect("an address");
        self.feed(Input::Accepted { listener: ListenerId(0), conn: conn(caller), from, reached });
        caller
    }

    /// Bytes arrive, in one read.
    pub(crate) fn send(&mut self, caller: Caller, bytes: &[u8]) {
        let cable = &mut self.cables[caller.0];
        if !cable.is_open {
            return;
        }
        match cable.lines {
            Some(_) => self.cut(caller, bytes),
            None => self.feed(Input::Bytes { conn: conn(caller), bytes }),
        }
    }

    /// The other side ends its stream.
    pub(crate) fn end(&mut self, caller: Caller) {
        if self.is_open(caller) {
            self.feed(Input::EndOfStream { conn: conn(caller) });
        }
    }

    pub(crate) fn stop(&mut self) {
        self.feed(Input::Stop);
    }

    /// Lets time pass, with every tick that is asked for.
    pub(crate) fn wait(&mut self, millis: u64) {
        let end = self.now + millis;
        while let Some(at) = self.machine.next_deadline().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.feed(Input::Tick);
            let next = self.machine.next_deadline();
            assert!(next.is_none_or(|next| next > self.now), "a tick that leads to itself");
        }
        self.now = end;
    }

    pub(crate) fn is_open(&self, caller: Caller) -> bool {
        self.cables[caller.0].is_open
    }

    /// The people who are online, each with an address.
    pub(crate) fn online(&self) -> usize {
        self.machine.machine().roster().len()
    }

    /// What has happened since the last look.
    pub(crate) fn look(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    #[track_caller]
    pub(crate) fn expect<const COUNT: usize>(&mut self, wanted: [&str; COUNT]) {
        assert_eq!(self.look(), wanted);
    }

    /// Cuts bytes into lines, as the event loop does.
    fn cut(&mut self, caller: Caller, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.is_open(caller) {
            let lines = self.cables[caller.0].lines.as_mut().expect("cut");
            let (used, line) = match lines.next_line(bytes) {
                Ok((used, line)) => (used, line.map(|line| (line.bytes.to_vec(), line.end))),
                Err(_) => return self.close(caller, CloseReason::LineTooLong),
            };
            bytes = &bytes[used..];
            match line {
                Some((line, end)) => {
                    self.feed(Input::Line { conn: conn(caller), line: &line, end });
                }
                None => {
                    let line = lines_pending(&self.cables[caller.0]);
                    self.feed(Input::Pending { conn: conn(caller), line: &line });
                }
            }
        }
    }

    fn feed(&mut self, input: Input<'_, Infallible>) {
        self.machine.handle(self.now, input, &mut self.actions);
        let (mut closed, mut rests) = (Vec::new(), Vec::new());
        while let Some(action) = self.actions.pop() {
            match action {
                Action::CutLines { conn, limit, rest } => {
                    let cable = &mut self.cables[conn.slot as usize];
                    assert!(cable.lines.is_none(), "lines are cut once");
                    cable.lines = Some(LineBuffer::new(limit));
                    let rest = self.actions.bytes(&rest).to_vec();
                    rests.push((Caller(conn.slot as usize), rest));
                }
                Action::Send { conn, span } => {
                    let text = String::from_utf8_lossy(self.actions.bytes(&span)).into_owned();
                    self.log.push(format!("{} < {}", conn.slot, text.trim_end()));
                }
                Action::SendShared { conn, shared: SharedText { bytes, skip } } => {
                    let text = [&bytes[..skip.start], &bytes[skip.end..]].concat();
                    let text = String::from_utf8_lossy(&text).into_owned();
                    self.log.push(format!("{} < {}", conn.slot, text.trim_end()));
                }
                Action::Close { conn } => closed.push((conn, "closed")),
                Action::Abort { conn } => closed.push((conn, "aborted")),
                Action::Reset { conn } => closed.push((conn, "reset")),
                Action::Show(notice) => self.log.push(brief(&notice)),
                Action::Exit { status } => self.log.push(format!("exit {status}")),
                other => panic!("nobody wants {other:?}"),
            }
        }
        for (conn, how) in closed {
            let caller = Caller(conn.slot as usize);
            if self.is_open(caller) {
                self.log.push(format!("{} {how}", conn.slot));
                self.close(caller, CloseReason::Asked);
            }
        }
        for (caller, rest) in rests {
            self.cut(caller, &rest);
        }
    }

    fn close(&mut self, caller: Caller, reason: CloseReason) {
        self.cables[caller.0].is_open = false;
        self.feed(Input::Closed { conn: conn(caller), reason });
    }
}

fn conn(caller: Caller) -> ConnId {
    ConnId { slot: u32::try_from(caller.0).expect("few"), generation: 0 }
}

fn lines_pending(cable: &Cable) -> Vec<u8> {
    cable.lines.as_ref().map(|lines| lines.pending().to_vec()).unwrap_or_default()
}

fn brief(notice: &Notice) -> String {
    match notice {
        Notice::Joined { name, address, .. } => format!("{name} joins at {address}"),
        Notice::Left { name, .. } => format!("{name} leaves"),
        Notice::Refused { from, why: Refusal::ProxyHeader { why, .. } } => {
            format!("refused {}: {why:?}", from.ip())
        }
        Notice::Refused { from, why: Refusal::NotUser { why, .. } } => {
            format!("refused {}: {why:?}", from.ip())
        }
        Notice::Refused { from, why } => format!("refused {}: {why:?}", from.ip()),
        Notice::State(state) => format!("{} refused", state.refused),
    }
}

/// A header of version 1 for a client at this address.
pub(crate) fn v1(from: &str) -> Vec<u8> {
    format!("PROXY TCP4 {from} 10.9.0.50 40000 10000\r\n").into_bytes()
}

/// A header of version 2: command, family, and what stands behind the length.
pub(crate) fn v2(command: u8, family: u8, behind: &[u8]) -> Vec<u8> {
    let length = u16::try_from(behind.len()).expect("short").to_be_bytes();
    [&b"\r\n\r\n\0\r\nQUIT\n"[..], &[0x20 | command, family], &length, behind].concat()
}

/// A header of version 2 for a client at 10.0.0.7.
pub(crate) fn v2_client() -> Vec<u8> {
    v2(1, 0x11, &[10, 0, 0, 7, 10, 9, 0, 50, 0x9c, 0x40, 0x27, 0x10])
}

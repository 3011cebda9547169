//! The service manager: the listening socket that it passes, its watchdog, and the messages that it
//! expects (sd_listen_fds(3), sd_watchdog_enabled(3), sd_notify(3)).
//!
//! No crate is used: nothing here may block, and a ping must need no new descriptor, because a
//! server without free descriptors must still reach its watchdog. `service_windows.rs` is for
//! Windows, which has no such manager. Read next: [`super::program`], which sends the pings.

use std::io;
use std::net;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use listenfd::ListenFd;

use super::listening::Listener;
use crate::cli::Failure;
use crate::console::language::{Text, text};
use crate::event_loop::socket;
use crate::machine::Millis;

/// The service manager that started this process. Often there is none.
#[derive(Debug, Default)]
pub struct Service {
    receiver: Option<Receiver>,
    watchdog: Option<Watchdog>,
}

/// The socket of the manager, and ours that sends to it.
#[derive(Debug)]
struct Receiver {
    address: SocketAddr,
    socket: UnixDatagram,
}

/// The manager takes the process for stuck when no ping comes for twice `every_ms`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Watchdog {
    every_ms: u64,
    last: Millis,
}

impl Service {
    /// The manager that the environment names.
    pub fn from_environment() -> io::Result<Self> {
        let value = |key: &str| std::env::var(key).ok().filter(|value| !value.is_empty());
        let Some(name) = value("NOTIFY_SOCKET") else { return Ok(Self::default()) };
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        let receiver = Receiver { address: address(&name)?, socket };
        let pid = value("WATCHDOG_PID");
        let every_ms = watchdog_ms(value("WATCHDOG_USEC"), pid, std::process::id());
        let watchdog = every_ms.map(|every_ms| Watchdog { every_ms, last: Millis::default() });
        Ok(Self { receiver: Some(receiver), watchdog })
    }

    /// Tells the manager that clients can connect.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// Tells the manager that the process ends.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Pings the watchdog, if it is time. Only for the end of a turn: a ping means that the loop
    /// turns.
    pub fn on_turn(&mut self, now: Millis) {
        let Some(watchdog) = &mut self.watchdog else { return };
        if now.since(watchdog.last) >= watchdog.every_ms {
            watchdog.last = now;
            self.tell("WATCHDOG=1");
        }
    }

    /// How long the loop may sleep before the next ping. `None`: there is no watchdog.
    #[must_use]
    pub fn may_wait(&self, now: Millis) -> Option<Duration> {
        let Watchdog { every_ms, last } = self.watchdog?;
        Some(Duration::from_millis((last + every_ms).since(now)))
    }

    /// Sends a message. The program goes on if the manager does not take it.
    fn tell(&self, state: &str) {
        if let Some(Receiver { address, socket }) = &self.receiver
            && let Err(error) = socket.send_to_addr(state.as_bytes(), address)
        {
            log::warn!("event=notify_failed state={state} error={:?}", error.kind());
        }
    }
}

/// The listening socket of a server: the one that a service manager passed, or a new one at
/// `address`.
pub(crate) fn listener(address: net::SocketAddr) -> Result<Listener, Failure> {
    const TOO_MANY: Text = text!(
        "{count} sockets were passed: the server listens on one",
        "{count} sockets foram passados: o servidor escuta em um só",
    );
    let mut passed = ListenFd::from_env();
    if passed.len() > 1 {
        return Err(Failure::run(TOO_MANY, &[("count", &passed.len())]));
    }
    let listener = match passed.take_tcp_listener(0) {
        Ok(Some(passed)) => socket::adopt(passed),
        Ok(None) => socket::listen(address),
        Err(error) => Err(error),
    };
    listener.map_err(|error| Failure::listen(address, error))
}

/// The address of a path, or behind `@` of an abstract name.
fn address(name: &str) -> io::Result<SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Some(name) = name.strip_prefix('@') {
        use std::os::linux::net::SocketAddrExt;
        return SocketAddr::from_abstract_name(name);
    }
    SocketAddr::from_pathname(name)
}

/// Half of the time of the watchdog. `None`: there is none, or it is for another process.
fn watchdog_ms(usec: Option<String>, pid: Option<String>, own_pid: u32) -> Option<u64> {
    let is_ours = pid.is_none_or(|pid| pid.parse() == Ok(own_pid));
    let usec: u64 = usec?.parse().ok().filter(|&usec| usec > 0 && is_ours)?;
    Some((usec / 2000).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watchdog_is_pinged_at_half_its_time_by_its_own_process() {
        let some = |text: &str| Some(text.to_string());
        assert_eq!(watchdog_ms(some("30000000"), None, 7), Some(15_000));
        assert_eq!(watchdog_ms(some("30000000"), some("7"), 7), Some(15_000));
        assert_eq!(watchdog_ms(some("30000000"), some("8"), 7), None);
        assert_eq!(watchdog_ms(some("1"), None, 7), Some(1), "and not all the time");
        for none in [None, some(""), some("0"), some("soon")] {
            assert_eq!(watchdog_ms(none, None, 7), None);
        }
    }

    #[test]
    fn the_loop_sleeps_until_the_next_ping_and_no_ping_comes_early() {
        let watchdog = Some(Watchdog { every_ms: 100, last: Millis(50) });
        let mut service = Service { receiver: None, watchdog };
        assert_eq!(service.may_wait(Millis(60)), Some(Duration::from_millis(90)));
        service.on_turn(Millis(149));
        assert_eq!(service.may_wait(Millis(149)), Some(Duration::from_millis(1)));
        service.on_turn(Millis(170));
        assert_eq!(service.may_wait(Millis(170)), Some(Duration::from_millis(100)));
        assert_eq!(Service::default().may_wait(Millis(0)), None);
    }
}

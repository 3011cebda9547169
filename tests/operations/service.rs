//! The service manager: sd_notify, its watchdog, and the socket that it passes.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixDatagram};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{AT_ONCE, member};
use crate::support::{PATIENCE, Process, Raw, Server, proc};

/// A service manager that receives messages.
struct Supervisor {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Supervisor {
    fn open(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("papo-{test}-{}", std::process::id()));
        let socket = UnixDatagram::bind(&path).expect("a socket in a temporary folder");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Self { socket, path }
    }

    /// Starts a server with this manager, and with other variables.
    fn start(&self, environment: &str) -> Process {
        let first = format!("export NOTIFY_SOCKET={} {environment}", self.path.display());
        Process::start_after(&first, &["server", "--listen", "127.0.0.1:0"])
    }

    #[track_caller]
    fn next(&self) -> String {
        hear(&self.socket)
    }

    /// Whether no message comes for so long. Earlier messages are dropped.
    fn is_quiet_for(&self, quiet: Duration) -> bool {
        self.socket.set_nonblocking(true).expect("non-blocking");
        while self.socket.recv(&mut [0; 64]).is_ok() {}
        self.socket.set_nonblocking(false).expect("blocking");
        self.socket.set_read_timeout(Some(quiet)).expect("a timeout");
        let heard = self.socket.recv(&mut [0; 64]);
        self.socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        heard.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // An error: the folder is temporary anyway.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[track_caller]
fn hear(socket: &UnixDatagram) -> String {
    let mut told = [0; 256];
    let count = socket.recv(&mut told).expect("something is said in time");
    String::from_utf8_lossy(&told[..count]).into_owned()
}

#[test]
fn it_is_told_when_clients_can_come_and_when_it_is_over() {
    let supervisor = Supervisor::open("ready");
    let process = supervisor.start("");
    assert_eq!(supervisor.next(), "READY=1");
    let mut server = Server::of(process);
    assert!(member(server.address, "Ana").list().is_empty(), "ready means ready");
    server.process.signal("TERM");
    assert_eq!(supervisor.next(), "STOPPING=1");
    assert_eq!(server.process.wait(), 0);
}

/// A name that starts with `@` is no file.
#[test]
fn a_manager_without_a_file_is_told_too() {
    let name = format!("papo-abstract-{}", std::process::id());
    let address = UnixAddress::from_abstract_name(&name).expect("a name");
    let socket = UnixDatagram::bind_addr(&address).expect("bound");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let first = format!("export NOTIFY_SOCKET=@{name}");
    let _server = Process::start_after(&first, &["server", "--listen", "127.0.0.1:0"]);
    assert_eq!(hear(&socket), "READY=1");
}

/// The pings come from the loop: when it no longer turns, they stop.
#[test]
fn the_watchdog_is_pinged_for_as_long_as_the_loop_turns() {
    let supervisor = Supervisor::open("watchdog");
    let server = Server::of(supervisor.start("WATCHDOG_USEC=400000"));
    assert_eq!(supervisor.next(), "READY=1");
    let start = Instant::now();
    for _ in 0..5 {
        assert_eq!(supervisor.next(), "WATCHDOG=1");
    }
    // At least 200 ms are between two pings; the first comes after the start.
    assert!(start.elapsed() > Duration::from_millis(700), "{:?}", start.elapsed());
    server.process.stop();
    assert!(supervisor.is_quiet_for(Duration::from_secs(1)), "it is stuck");
    server.process.signal("CONT");
    assert_eq!(supervisor.next(), "WATCHDOG=1");
}

/// Without a watchdog an idle loop sleeps.
#[test]
fn without_a_watchdog_of_its_own_it_neither_pings_nor_wakes_up() {
    let supervisor = Supervisor::open("quiet");
    for environment in ["", "WATCHDOG_USEC=100000 WATCHDOG_PID=1"] {
        let server = Server::of(supervisor.start(environment));
        assert_eq!(supervisor.next(), "READY=1");
        let id = server.process.id();
        let sleeps = proc::sleeps(id);
        assert!(supervisor.is_quiet_for(Duration::from_secs(1)), "{environment}");
        let woken = proc::sleeps(id) - sleeps;
        assert!(woken < 3, "{environment}: woken {woken} times in a second");
    }
}

/// The server serves if the manager has ended, or does not read.
#[test]
fn a_manager_that_does_not_listen_stops_nothing() {
    let supervisor = Supervisor::open("deaf");
    let mut server = Server::of(supervisor.start("WATCHDOG_USEC=2000"));
    // One ping each millisecond; the queue of such a socket has about a dozen places.
    server.process.expect_log("event=notify_failed state=WATCHDOG=1 error=WouldBlock");
    assert!(member(server.address, "Ana").list().is_empty());
    drop(supervisor);
    assert!(member(server.address, "Bia").list().is_empty());
    server.process.signal("TERM");
    assert_eq!(server.process.wait(), 0);
}

/// A server with a passed listener as descriptor 3, as in sd_listen_fds(3).
fn activate(listener: &TcpListener, environment: &str) -> Process {
    let pass = format!("exec 3<&0 0</dev/null; export {environment}; exec \"$0\" server");
    let listener = OwnedFd::from(listener.try_clone().expect("another descriptor"));
    let mut command = Command::new("sh");
    command.args(["-c", &pass, env!("CARGO_BIN_EXE_papo")]);
    Process::start_as_it_is(command.stdin(Stdio::from(listener)).stderr(Stdio::piped()))
}

/// A client that connects before the server starts is served, also after a restart.
#[test]
fn the_socket_that_was_passed_is_listened_on_with_those_who_wait_in_it() {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("any port");
    let address = listener.local_addr().expect("bound");
    for _ in 0..2 {
        let mut early = Raw::connect(address);
        early.send("USER Ana:1\r\nLIST\r\n");
        let mut server = activate(&listener, "LISTEN_FDS=1 LISTEN_PID=$$");
        assert_eq!(early.line(), "LIST ");
        let start = Instant::now();
        assert_eq!(member(address, "Bruno").list(), ["Ana"]);
        assert!(start.elapsed() < AT_ONCE);
        server.signal("TERM");
        assert_eq!(server.wait(), 0);
    }
}

#[test]
fn a_socket_for_another_process_or_none_at_all_is_not_taken() {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("any port");
    let mut server = activate(&listener, "LISTEN_FDS=2 LISTEN_PID=$$");
    assert_eq!(server.wait(), 1, "two sockets");
    let datagrams = "exec 3</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$";
    let (status, _, log) = Process::start_after(datagrams, &["server"]).finish();
    assert_eq!((status, log.len()), (1, 1), "{log:?}");
    assert!(log[0].contains("not a socket"), "{log:?}");
    let foreign = "export LISTEN_FDS=1 LISTEN_PID=1";
    let arguments = ["server", "--listen", "127.0.0.1:0"];
    let server = Server::of(Process::start_after(foreign, &arguments));
    assert!(member(server.address, "Ana").list().is_empty(), "it listens where it was told to");
}

//! The server's figures without noise: system calls and memory. `make bench` measures times.
//!
//! The optimisation of the release changes neither of them.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process};

use crate::support::tools::skip;
use crate::support::{Process, Server, eventually, proc};

/// System calls for a lookup, 50 clients with one question each. The bare loop needs 2.10.
const CALLS_PER_LOOKUP_MAX: f64 = 2.12;

/// The same with 16 questions at once. The bare loop needs 0.149.
const CALLS_PER_PIPELINED_LOOKUP_MAX: f64 = 0.155;

/// System calls to connect, register, look up and close. The bare loop needs 6.0.
const CALLS_PER_VISIT_MAX: f64 = 6.1;

/// Memory of the process for each registered client that is idle, in bytes. In a build with
/// assertions mio remembers for each socket which poller it is registered with: 8 more.
const BYTES_PER_CLIENT_MAX: u64 =
    match (cfg!(mio_unsupported_force_poll_poll), cfg!(debug_assertions)) {
        // Here mio has the list of sockets that epoll has in the kernel.
        (true, _) => 512,
        (false, true) => 256 + 8,
        (false, false) => 256,
    };

/// The clients of the measurement of memory.
const IDLE_CLIENTS: usize = 9_000;

/// The clients of the measurement of calls.
const CROWD: usize = 50;

/// How often each of them asks.
const ROUNDS: usize = 100;

/// A server under strace.
struct Traced {
    server: Server,
    calls: PathBuf,
}

impl Traced {
    /// `None`, and SKIPPED: strace is not installed, or may not trace.
    fn start(test: &str) -> Option<Self> {
        if cfg!(mio_unsupported_force_poll_poll) {
            skip(&format!("{test} counts the calls of epoll(7), and this build uses poll(2)"));
            return None;
        }
        let tracing = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
        if !tracing.is_ok_and(|status| status.success()) {
            skip(&format!("{test} needs strace, which is not installed or may not trace"));
            return None;
        }
        let calls = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.strace"));
        let mut command = Command::new("strace");
        // -D: the server is our own child, and strace is a process next to it. The log of joins and
        // leaves is off, because each of its lines would be a call.
        command.args(["-D", "-qq", "-s", "16", "-E", "RUST_LOG=papo::console=warn", "-o"]);
        command.arg(&calls);
        command.args([env!("CARGO_BIN_EXE_papo"), "server", "--listen", "127.0.0.1:0"]);
        let server = Server::of(Process::start_command(&mut command));
        Some(Self { server, calls })
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.server.process.id()).expect("small");
        kill_process(Pid::from_raw(id).expect("not 0"), signal).expect("our own child");
    }

    /// Does something while the server is stopped. So the server finds all of it in one turn, on a busy
    /// machine, too.
    fn while_stopped(&self, act: impl FnOnce()) {
        self.signal(Signal::STOP);
        let id = self.server.process.id();
        eventually("the server is stopped", || proc::is_stopped_traced(id));
        act();
        self.signal(Signal::CONT);
    }

    /// How many calls there were, once the server sleeps.
    fn count(&self) -> usize {
        let mut before = String::new();
        eventually("the server sleeps", || {
            let now = fs::read_to_string(&self.calls).expect("strace writes");
            let last = now.rsplit('\n').next().unwrap_or_default();
            let sleeps = now == before && last.starts_with("epoll_wait(");
            before = now;
            sleeps
        });
        // In a build with assertions, std checks with fcntl that a descriptor is open before it closes
        // it. The release does not.
        let counts = |line: &&str| line.contains('(') && !line.starts_with("fcntl(");
        before.lines().filter(counts).count()
    }
}

/// A client that asks and waits.
struct Client {
    stream: TcpStream,
    name: String,
}

impl Client {
    fn connect(server: SocketAddr, number: usize) -> Self {
        let stream = TcpStream::connect(server).expect("connects");
        Self { stream, name: format!("ana{number:05}") }
    }

    fn register(&self) {
        let text = format!("USER {0}:20000\r\nADDR {0}\r\n", self.name);
        (&self.stream).write_all(text.as_bytes()).expect("a small line");
    }

    fn ask(&self, times: usize) {
        let text = format!("ADDR {}\r\n", self.name).repeat(times);
        (&self.stream).write_all(text.as_bytes()).expect("a few small lines");
    }

    #[track_caller]
    fn hear(&self, times: usize) {
        let expected = "ADDR 127.0.0.1:20000\r\n".repeat(times);
        let mut heard = vec![0; expected.len()];
        (&self.stream).read_exact(&mut heard).expect("an answer");
        assert_eq!(String::from_utf8_lossy(&heard), expected);
    }
}

fn crowd(server: SocketAddr, numbers: Range<usize>) -> Vec<Client> {
    let one = |number| {
        let client = Client::connect(server, number);
        client.register();
        client.hear(1);
        client
    };
    numbers.map(one).collect()
}

/// System calls for each lookup, connecting included. Each client sends `depth` requests at once.
fn calls_per_lookup(traced: &Traced, depth: usize) -> f64 {
    let before = traced.count();
    let clients = crowd(traced.server.address, 0..CROWD);
    for _ in 0..ROUNDS {
        traced.while_stopped(|| clients.iter().for_each(|client| client.ask(depth)));
        clients.iter().for_each(|client| client.hear(depth));
    }
    (traced.count() - before) as f64 / (ROUNDS * CROWD * depth) as f64
}

#[test]
fn a_lookup_costs_a_read_and_a_write() {
    let Some(traced) = Traced::start("a_lookup_costs_a_read_and_a_write") else { return };
    let calls = calls_per_lookup(&traced, 1);
    assert!((2.0..=CALLS_PER_LOOKUP_MAX).contains(&calls), "{calls} system calls for a lookup");
}

#[test]
fn sixteen_lookups_at_once_cost_as_many_calls_as_one() {
    let test = "sixteen_lookups_at_once_cost_as_many_calls_as_one";
    let Some(traced) = Traced::start(test) else { return };
    let calls = calls_per_lookup(&traced, 16);
    let bounds = 2.0 / 16.0..=CALLS_PER_PIPELINED_LOOKUP_MAX;
    assert!(bounds.contains(&calls), "{calls} system calls for a lookup");
}

#[test]
fn a_visit_costs_six_calls() {
    let Some(traced) = Traced::start("a_visit_costs_six_calls") else { return };
    let before = traced.count();
    let mut clients = Vec::new();
    for round in 0..ROUNDS / 2 {
        traced.while_stopped(|| {
            // The clients of the last round close now, so that the server finds their ends and the new
            // connections in one turn.
            let numbers = round * CROWD..(round + 1) * CROWD;
            let address = traced.server.address;
            clients = numbers.map(|number| Client::connect(address, number)).collect();
            clients.iter().for_each(Client::register);
        });
        clients.iter().for_each(|client| client.hear(1));
    }
    drop(clients);
    let calls = (traced.count() - before) as f64 / (ROUNDS / 2 * CROWD) as f64;
    assert!((6.0..=CALLS_PER_VISIT_MAX).contains(&calls), "{calls} system calls for a visit");
}

/// Raises the limit of descriptors. `false`, and SKIPPED: so many are not allowed here.
fn has_descriptors(wanted: u64) -> bool {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|maximum| maximum < wanted) {
        skip(&format!("{wanted} descriptors are needed, and the limit is {:?}", limit.maximum));
        return false;
    }
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(Resource::Nofile, raised).expect("up to its own maximum");
    true
}

#[test]
fn an_idle_client_costs_a_few_bytes() {
    if !has_descriptors(IDLE_CLIENTS as u64 + 200) {
        return;
    }
    let server = Server::start();
    let id = server.process.id();
    // The first clients also touch pages that belong to no client.
    let first = crowd(server.address, 0..CROWD);
    let before = proc::private_dirty_kib(id);
    let clients = crowd(server.address, CROWD..CROWD + IDLE_CLIENTS);
    let grown = proc::private_dirty_kib(id).saturating_sub(before) * 1024;
    let each = grown / IDLE_CLIENTS as u64;
    assert!((1..=BYTES_PER_CLIENT_MAX).contains(&each), "{each} bytes for each idle client");
    drop((first, clients));
}

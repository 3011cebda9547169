//! The common parts of the tests with processes and real sockets.
//!
//! | module | has |
//! | --- | --- |
//! | this one | [`Process`]: any child process; [`Server`]: a running `papo server` |
//! | [`proc`] | the figures of Linux about a process |
//! | [`pty`] | a program on a terminal |
//! | [`raw`], [`stranger`], [`fake_server`] | the test as a client, as a peer, as a server |
//! | [`folder`] | a folder of one test |
//! | [`tools`] | programs that a machine may lack |
//!
//! Everything is on loopback. A wait ends as soon as its condition holds. A wait that is longer than
//! [`PATIENCE`] fails, and the message has the condition.

#![allow(dead_code, unused_imports, unreachable_pub, reason = "each program uses its own part")]
#![allow(clippy::disallowed_methods, reason = "real sockets want a real clock")]

pub mod fake_server;
mod folder;
pub mod proc;
pub mod pty;
mod raw;
pub mod stranger;
pub mod tools;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

pub use folder::Folder;
pub use raw::Raw;

/// The longest wait of a test that is not about time. It is long, because the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The number of ports that are tried for a program that must be told its port.
const PORTS_MAX: usize = 8;

/// A child process, killed when this is dropped. Its output is collected line by line as it comes.
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines,
    stderr: Lines,
}

/// Lines from a pipe, read by a thread of the test.
pub struct Lines {
    incoming: Receiver<String>,
    /// All lines so far, for messages and for [`Lines::seen`].
    seen: Vec<String>,
}

impl Process {
    /// Starts `papo` with these arguments, its three streams piped to the test.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, Stdio::piped())
    }

    /// The same, with another stdin.
    pub fn start_with(arguments: &[&str], stdin: Stdio) -> Self {
        Self::start_command_with(Command::new(env!("CARGO_BIN_EXE_papo")).args(arguments), stdin)
    }

    /// The same, from a shell that runs `first` before, such as `ulimit -n 64`.
    pub fn start_after(first: &str, arguments: &[&str]) -> Self {
        let script = format!("{first}; exec \"$0\" \"$@\"");
        let papo = env!("CARGO_BIN_EXE_papo");
        let mut shell = Command::new("sh");
        Self::start_command(shell.args(["-c", &script, papo]).args(arguments))
    }

    /// Starts any command, with an empty stdin.
    pub fn start_command(command: &mut Command) -> Self {
        Self::start_command_with(command, Stdio::null())
    }

    /// The same, with another stdin.
    pub fn start_command_with(command: &mut Command, stdin: Stdio) -> Self {
        Self::start_as_it_is(command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()))
    }

    /// Starts a command whose streams the test has chosen. Those that are pipes are the test's.
    pub fn start_as_it_is(command: &mut Command) -> Self {
        Self::try_start(command).expect("it starts")
    }

    /// The same, where the program may be missing.
    pub fn try_start(command: &mut Command) -> io::Result<Self> {
        forget_choices(command);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().map_or_else(Lines::none, Lines::of);
        let stderr = child.stderr.take().map_or_else(Lines::none, Lines::of);
        Ok(Self { stdin: child.stdin.take(), child, stdout, stderr })
    }

    /// Starts a server that must be told its port, and waits until it listens there. If another
    /// program takes the port first, the server ends, and is started with another port.
    #[track_caller]
    pub fn start_listening(command: impl Fn(SocketAddr) -> Command) -> (Self, SocketAddr) {
        let mut output = Vec::new();
        for _ in 0..PORTS_MAX {
            let address = quiet_address();
            let mut process = Self::start_command(&mut command(address));
            if process.wait_until_it_listens(address.port()) {
                return (process, address);
            }
            output = [process.stdout.all(), process.stderr.all()].concat();
        }
        panic!("it listens on none of {PORTS_MAX} ports; its last output: {output:#?}");
    }

    /// Waits until it listens on this port; `false` if it ends before.
    #[track_caller]
    pub fn wait_until_it_listens(&mut self, port: u16) -> bool {
        let mut is_over = false;
        eventually("the process listens", || {
            is_over = self.status().is_some();
            is_over || proc::listens(self.id(), port)
        });
        !is_over
    }

    /// Types text, exactly as given. It is no failure if nobody reads it any more.
    pub fn type_text(&mut self, text: &str) {
        let _ = self.stdin.as_mut().expect("stdin is still open").write_all(text.as_bytes());
    }

    /// Types text that may be longer than a pipe holds, and then ends the input, without waiting
    /// for either.
    pub fn type_all(&mut self, text: String) {
        let mut stdin = self.stdin.take().expect("stdin is still open");
        let write = move || drop(stdin.write_all(text.as_bytes()));
        std::thread::Builder::new().spawn(write).expect("a thread for the pipe");
    }

    /// Ends the input.
    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Waits for a line on stdout that contains `text`, and returns it.
    #[track_caller]
    pub fn expect_screen(&mut self, text: &str) -> String {
        self.stdout.expect(text)
    }

    /// The same. `None`: stdout ends without such a line, or [`PATIENCE`] does.
    pub fn wait_for_screen(&mut self, text: &str) -> Option<String> {
        self.stdout.wait_for(text)
    }

    /// Waits for a line on stderr that contains `text`, and returns it.
    #[track_caller]
    pub fn expect_log(&mut self, text: &str) -> String {
        self.stderr.expect(text)
    }

    /// Everything on stdout so far, without waiting.
    pub fn screen(&mut self) -> Vec<String> {
        self.stdout.seen()
    }

    /// Everything on stderr so far, without waiting.
    pub fn log(&mut self) -> Vec<String> {
        self.stderr.seen()
    }

    /// Sends a signal by its name, such as `TERM`, `STOP`, `KILL`.
    pub fn signal(&self, name: &str) {
        proc::signal(self.id(), name);
    }

    /// Stops the process, and waits until it is stopped: a signal takes a moment.
    #[track_caller]
    pub fn stop(&self) {
        self.signal("STOP");
        eventually("the process is stopped", || proc::is_stopped(self.id()));
    }

    /// Lets a stopped process go on.
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    /// Kills it.
    pub fn kill(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end; returns the exit status, or 128 and the signal, as a shell would.
    #[track_caller]
    pub fn wait(&mut self) -> i32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.status() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the process goes on; screen: {:?}", self.screen());
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// The exit status, if it has ended.
    pub fn status(&mut self) -> Option<i32> {
        let status = self.child.try_wait().expect("waits")?;
        use std::os::unix::process::ExitStatusExt;
        Some(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
    }

    /// Shows the last lines of the process, next to the message of the failed test.
    #[allow(clippy::print_stderr, reason = "shown with the failed test")]
    fn explain(&mut self) {
        for (what, lines) in [("screen", self.stdout.all()), ("log", self.stderr.all())] {
            let from = lines.len().saturating_sub(40);
            if !lines.is_empty() {
                eprintln!("{what} of process {}: {:#?}", self.child.id(), &lines[from..]);
            }
        }
    }

    /// Waits for the end, and returns the status with all of stdout and stderr.
    #[track_caller]
    pub fn finish(mut self) -> (i32, Vec<String>, Vec<String>) {
        let status = self.wait();
        (status, self.stdout.all(), self.stderr.all())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It still runs if a test has failed.
        self.kill();
        if std::thread::panicking() {
            self.explain();
        }
    }
}

impl Lines {
    /// Of a stream that is no pipe.
    fn none() -> Self {
        Self { incoming: channel().1, seen: Vec::new() }
    }

    fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, incoming) = channel();
        std::thread::Builder::new()
            .spawn(move || {
                for line in BufReader::new(pipe).split(b'\n') {
                    let Ok(line) = line else { break };
                    if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                        break;
                    }
                }
            })
            .expect("a thread for the pipe");
        Self { incoming, seen: Vec::new() }
    }

    #[track_caller]
    fn expect(&mut self, text: &str) -> String {
        let found = self.wait_for(text);
        found.unwrap_or_else(|| panic!("no line with {text:?}; seen: {:#?}", self.seen))
    }

    fn wait_for(&mut self, text: &str) -> Option<String> {
        let start = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let line = self.incoming.recv_timeout(left).ok()?;
            self.seen.push(line.clone());
            if line.contains(text) {
                return Some(line);
            }
        }
    }

    fn seen(&mut self) -> Vec<String> {
        self.seen.extend(self.incoming.try_iter());
        self.seen.clone()
    }

    fn all(&mut self) -> Vec<String> {
        self.seen.extend(self.incoming.iter());
        self.seen.clone()
    }
}

/// A running `papo server`.
pub struct Server {
    /// The process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// A server with the handout's rules.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A server with further options.
    pub fn start_with(options: &[&str]) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), options)
    }

    /// A server at a given address, such as that of an earlier one. See [`quiet_address`].
    pub fn start_at(address: SocketAddr, options: &[&str]) -> Self {
        let address = address.to_string();
        let mut arguments = vec!["server", "--listen", &address];
        arguments.extend_from_slice(options);
        Self::of(Process::start_with(&arguments, Stdio::null()))
    }

    /// The server of this process, once it listens.
    pub fn of(mut process: Process) -> Self {
        let line = process.expect_log("event=listening");
        let address = line.split("address=").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.and_then(|text| text.parse().ok()).expect("its address");
        Self { process, address }
    }

    /// A raw connection to it.
    pub fn connect(&self) -> Raw {
        Raw::connect(self.address)
    }

    /// A raw client that has registered under this name.
    pub fn join(&self, name: &str, port: u16) -> Raw {
        let mut raw = self.connect();
        raw.send(&format!("USER {name}:{port}\r\n"));
        raw
    }

    /// Starts a `papo peer` of that name with this server, and waits until it is registered.
    pub fn peer(&mut self, name: &str, options: &[&str]) -> Process {
        let address = self.address.to_string();
        let mut arguments = vec!["peer", name, "--server", &address, "--lang", "en"];
        arguments.extend_from_slice(options);
        let peer = Process::start(&arguments);
        self.process.expect_log(&format!("event=join name=\"{name}\""));
        peer
    }

    /// The server's answer to ADDR with this name.
    pub fn address_of(&self, name: &str) -> SocketAddr {
        // Another name for each asker: the last one may not have left yet.
        let mut raw = self.join(&format!("asker for {name}"), 9);
        raw.send(&format!("ADDR {name}\r\n"));
        let reply = raw.line();
        reply.strip_prefix("ADDR ").and_then(|text| text.parse().ok()).expect("an ADDR reply")
    }
}

/// Removes the settings of the person who runs the tests, such as `PAPO_LANG`. The settings that a
/// test has made stay.
fn forget_choices(command: &mut Command) {
    let made: Vec<_> = command.get_envs().map(|(name, _)| name.to_os_string()).collect();
    let is_choice = |name: &std::ffi::OsString| {
        name == "RUST_LOG" || name.as_encoded_bytes().starts_with(b"PAPO_")
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_choice(name)) {
        if !made.contains(&name) {
            command.env_remove(name);
        }
    }
    if !made.iter().any(|name| name == "LC_ALL") {
        command.env("LC_ALL", "C");
    }
}

/// An address where nobody listens. Its port is below those that Linux gives to sockets without a
/// bind: a port from that range may be another program's a moment later, and a dial to it may even
/// connect to itself. No two calls in one process return the same address, and processes with
/// neighbouring numbers begin a hundred ports apart.
pub fn quiet_address() -> SocketAddr {
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 12_000;
    static CALLS: AtomicU16 = AtomicU16::new(0);
    loop {
        let call = u32::from(CALLS.fetch_add(1, Ordering::Relaxed));
        let offset = (std::process::id().wrapping_mul(100) + call) % COUNT;
        let port = u16::try_from(FIRST + offset).expect("below 32,000");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Waits until something is so.
#[track_caller]
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

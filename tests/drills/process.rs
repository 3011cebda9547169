//! `papo` as a process of a drill: a server, or a peer driven by lines. Its output goes to files, so
//! that no reader can slow it down.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::host::{self, seconds, wait_for};
pub use crate::support::PATIENCE;
use crate::support::{Process, proc};

/// The program: the one built with this test, or another that is to be drilled.
pub fn papo() -> String {
    std::env::var("PAPO").unwrap_or_else(|_| env!("CARGO_BIN_EXE_papo").to_string())
}

/// `papo` with these arguments, started by `prefix`, such as `prlimit --nofile=64`.
pub fn papo_after(prefix: &[&str], arguments: &[&str]) -> Command {
    let program = papo();
    let words: Vec<&str> = prefix.iter().copied().chain([program.as_str()]).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(arguments);
    command
}

/// A process whose output goes to files.
pub struct Papo {
    process: Process,
    screen: PathBuf,
    log: PathBuf,
}

impl Deref for Papo {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl DerefMut for Papo {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl Papo {
    /// Starts it, with stdin as given and both outputs in files.
    pub fn start(command: &mut Command, stdin: Stdio) -> Self {
        let log = host::fresh_path("log");
        let file = File::create(&log).expect("a file for the log");
        Self::start_logging_to(command, stdin, file.into(), log)
    }

    /// The same with another stderr, and the path where a drill can read it.
    pub fn start_logging_to(
        command: &mut Command,
        stdin: Stdio,
        stderr: Stdio,
        log: PathBuf,
    ) -> Self {
        let screen = host::fresh_path("screen");
        let stdout = File::create(&screen).expect("a file for the screen");
        command.stdin(stdin).stdout(stdout).stderr(stderr);
        Self { process: Process::start_as_it_is(command), screen, log }
    }

    /// Everything it logged.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Everything on its screen.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.screen).unwrap_or_default()).into_owned()
    }

    /// Waits for a text on the screen.
    #[track_caller]
    pub fn expect_screen(&self, text: &str) {
        let found = wait_for(PATIENCE, || self.screen().contains(text));
        assert!(found.is_some(), "no {text:?} on the screen: {}", tail(&self.screen()));
    }

    /// Waits for a text in the log.
    #[track_caller]
    pub fn expect_log(&self, text: &str) {
        let found = wait_for(PATIENCE, || self.log().contains(text));
        assert!(found.is_some(), "no {text:?} in the log: {}", tail(&self.log()));
    }

    /// Waits for its end: how long it took, and with which status.
    pub fn wait(&mut self, limit: Duration) -> (Option<Duration>, Option<i32>) {
        let took = wait_for(limit, || self.process.status().is_some());
        (took, self.process.status())
    }

    /// Resident memory, in KiB.
    pub fn resident_kib(&self) -> f64 {
        proc::resident_kib(self.id()) as f64
    }

    /// Processor time so far.
    pub fn processor(&self) -> Duration {
        Duration::from_millis(proc::processor_ticks(self.id()) * 10)
    }
}

/// The share of a core that a process uses from now on.
pub struct Share {
    from: Instant,
    used: Duration,
}

impl Share {
    /// Begins to measure.
    pub fn of(papo: &Papo) -> Self {
        Self { from: Instant::now(), used: papo.processor() }
    }

    /// The share since then, in per cent.
    pub fn percent(&self, papo: &Papo) -> f64 {
        let used = papo.processor().saturating_sub(self.used);
        used.as_secs_f64() / self.from.elapsed().as_secs_f64() * 100.0
    }
}

/// A server under test.
pub struct Server {
    /// Its process.
    pub papo: Papo,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// One on loopback, on a port of the system's choice.
    pub fn start() -> Self {
        Self::start_after(&[], "127.0.0.1:0", &[])
    }

    /// One started by `prefix`, at `listen`, with further options.
    pub fn start_after(prefix: &[&str], listen: &str, options: &[&str]) -> Self {
        let arguments = [&["server", "--listen", listen], options].concat();
        Self::of(Papo::start(&mut papo_after(prefix, &arguments), Stdio::null()))
    }

    /// The server of this process, once it listens.
    pub fn of(papo: Papo) -> Self {
        papo.expect_log("event=listening");
        let log = papo.log();
        let address = log.split("event=listening address=").nth(1).expect("an address");
        let address = address.split(' ').next().and_then(|text| text.parse().ok());
        Self { papo, address: address.expect("an address") }
    }

    /// A peer driven by lines from a pipe, registered.
    pub fn peer(&self, name: &str, options: &[&str]) -> Papo {
        self.peer_after(&[], self.address, name, options)
    }

    /// The same, started by `prefix`, and reaching the server under `address`.
    pub fn peer_after(
        &self,
        prefix: &[&str],
        address: SocketAddr,
        name: &str,
        options: &[&str],
    ) -> Papo {
        let address = address.to_string();
        let first = ["peer", name, "--server", &address, "--lang", "en"];
        let arguments = [&first, options].concat();
        let peer = Papo::start(&mut papo_after(prefix, &arguments), Stdio::piped());
        self.papo.expect_log(&format!("event=join name=\"{name}\""));
        peer
    }

    /// How often this text is in the log.
    pub fn logged(&self, text: &str) -> usize {
        self.papo.log().matches(text).count()
    }

    /// Waits until the server is idle: after a crowd has connected it is busy for a while.
    pub fn settle(&self) {
        wait_for(PATIENCE, || {
            let share = Share::of(&self.papo);
            host::pause(seconds(0.2));
            share.percent(&self.papo) < 6.0
        });
    }
}

/// The last few lines of a text.
pub fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

//! Starts the servers on the first core, and reads the figures of Linux about them.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Resource, Rlimit};

use crate::crowd::Dialect;
use crate::support::{Process, proc, tools};

/// The kind of server.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `papo server` without its log. Clients expire after three minutes, because most rows have no
    /// KEEP, and a row may take longer than 15 seconds on a busy machine.
    Papo,
    /// The same with the handout's 15 seconds.
    PapoExpiring,
    /// The same with its log, to a file.
    PapoLogging,
    /// The same, built without the features that a server does not need.
    PapoBare,
    /// The same, built to use poll(2) in the place of epoll(7).
    PapoOverPoll,
    /// The bare loop, with these options.
    Bare(&'static [&'static str]),
    /// The bare loop that answers with a LIST of this length.
    BareList(usize),
    /// `redis-server`, without disk.
    Redis,
}

/// A running server, ended when this is dropped.
pub struct Server {
    pub address: SocketAddr,
    pub dialect: Dialect,
    /// Its number is the server's: `taskset`, `env` and `strace -D` become what they start.
    process: Process,
}

impl Server {
    pub fn start(kind: Kind) -> Self {
        Self::launch(kind, pinned(0))
    }

    /// Under strace, which writes each system call to a file.
    pub fn start_traced(kind: Kind, calls: &Path) -> Self {
        let calls = calls.to_string_lossy();
        Self::launch(kind, words("strace -D -qq -s 16 -o").chain([calls.into_owned()]).collect())
    }

    /// `first` is the beginning of the command line.
    fn launch(kind: Kind, first: Vec<String>) -> Self {
        let command = |port| {
            let words = [first.clone(), kind.command_line(port)].concat();
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]);
            if !matches!(kind, Kind::PapoLogging) {
                command.env("RUST_LOG", "warn");
            }
            command
        };
        let (process, address) = if let Kind::Bare(_) | Kind::BareList(_) = kind {
            // The bare loop chooses its port, and prints it.
            let mut process = Process::start_command(&mut command(0));
            let line = process.expect_screen(":");
            (process, line.parse().expect("an address"))
        } else {
            Process::start_listening(|address| command(address.port()))
        };
        Self { address, dialect: kind.dialect(), process }
    }

    /// Processor time so far, in nanoseconds, of all its threads.
    pub fn cpu_ns(&self) -> u64 {
        let tasks =
            fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("it lives").flatten();
        let first = |task: fs::DirEntry| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        };
        tasks.filter_map(first).sum()
    }

    /// Memory that is its alone and was written to, in KiB.
    pub fn private_dirty_kib(&self) -> f64 {
        proc::private_dirty_kib(self.process.id()) as f64
    }

    /// Resident memory, in KiB.
    pub fn resident_kib(&self) -> f64 {
        proc::resident_kib(self.process.id()) as f64
    }
}

impl Kind {
    fn dialect(self) -> Dialect {
        match self {
            Self::Papo
            | Self::PapoExpiring
            | Self::PapoLogging
            | Self::PapoBare
            | Self::PapoOverPoll => Dialect::Papo,
            Self::Bare(_) | Self::BareList(_) => Dialect::Canned,
            Self::Redis => Dialect::Redis,
        }
    }

    fn command_line(self, port: u16) -> Vec<String> {
        let own = own().to_string_lossy().into_owned();
        match self {
            Self::Papo
            | Self::PapoExpiring
            | Self::PapoLogging
            | Self::PapoBare
            | Self::PapoOverPoll => {
                let program = match self {
                    Self::PapoBare => bare_papo(),
                    Self::PapoOverPoll => papo_over_poll().expect("asked for before"),
                    _ => papo(),
                };
                let keepalive = if matches!(self, Self::PapoExpiring) { 5 } else { 60 };
                let rest = format!("server --listen 127.0.0.1:{port} --keepalive {keepalive}");
                let papo = [program].into_iter().chain(words(&rest));
                if !matches!(self, Self::PapoLogging) {
                    return papo.collect();
                }
                let script = format!("exec \"$@\" 2>'{}'", scratch("server.log").display());
                ["sh", "-c", &script, "sh"].map(str::to_string).into_iter().chain(papo).collect()
            }
            Self::Bare(options) => {
                let options = options.iter().map(ToString::to_string);
                [own, "bare".to_string()].into_iter().chain(options).collect()
            }
            Self::BareList(bytes) => {
                vec![own, "bare".to_string(), "list".to_string(), bytes.to_string()]
            }
            Self::Redis => {
                let text = format!(
                    "redis-server --port {port} --bind 127.0.0.1 --protected-mode no \
                     --appendonly no --io-threads 1 --maxclients 19900 --logfile /dev/null --save"
                );
                words(&text).chain([String::new()]).collect()
            }
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(str::to_string)
}

/// The measured program: in `make bench`, the release.
pub fn papo() -> String {
    std::env::var("PAPO").unwrap_or_else(|_| env!("CARGO_BIN_EXE_papo").to_string())
}

/// The same without the features that a server does not need.
pub fn bare_papo() -> String {
    std::env::var("PAPO_BARE").unwrap_or_else(|_| papo())
}

/// The same over poll(2), if `make bench ONLY=pollers` has built it.
pub fn papo_over_poll() -> Option<String> {
    std::env::var("PAPO_POLL").ok().filter(|path| !path.is_empty())
}

fn own() -> PathBuf {
    std::env::current_exe().expect("this program")
}

/// This program in another role, as a process on this core that ends when it is dropped.
pub fn role(core: usize, arguments: &[&str]) -> Process {
    let words = pinned(core);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).arg(own()).args(arguments);
    Process::start_command_with(&mut command, Stdio::piped())
}

/// The beginning of a command line that runs on one core; `env` changes nothing.
fn pinned(core: usize) -> Vec<String> {
    let text = if can_pin() { format!("taskset -c {core}") } else { "env".to_string() };
    words(&text).collect()
}

/// Whether there are two cores, and a tool to pin processes to them.
pub fn can_pin() -> bool {
    cores() >= 2 && tools::installed("taskset").is_some()
}

/// The load average of the last 1, 5 and 15 minutes.
pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(", ")
}

/// How many cores the machine has, even if this process is pinned to one.
pub fn cores() -> usize {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    text.lines().filter(|line| line.starts_with("processor")).count()
}

pub fn raise_descriptor_limit() {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(Resource::Nofile, raised).expect("up to its own maximum");
}

/// How many descriptors this process may have.
pub fn descriptors() -> usize {
    let current = rustix::process::getrlimit(Resource::Nofile).current;
    current.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX)
}

/// The path of a scratch file.
pub fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

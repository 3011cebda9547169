//! Starts the servers on the first core, and reads what Linux says of them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit};

use crate::crowd::Dialect;

/// How long a server may take to begin.
const PATIENCE: Duration = Duration::from_secs(10);

/// The kind of server.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `papo server`, without log. Its clients have three minutes and not 15 seconds: most rows
    /// have no KEEP, and a busy machine may need longer than that for one of them.
    Papo,
    /// The same with the handout's 15 seconds.
    PapoExpiring,
    /// The same with its log, to a file.
    PapoLogging,
    /// The same, built without the features that only people need.
    PapoBare,
    /// The same, built to use poll(2) in the place of epoll(7).
    PapoOverPoll,
    /// The bare loop, with these options.
    Bare(&'static [&'static str]),
    /// The bare loop that answers a LIST of so many bytes.
    BareList(usize),
    /// `redis-server`, without disk.
    Redis,
}

/// A running server, ended when this is dropped.
pub struct Server {
    pub address: SocketAddr,
    pub dialect: Dialect,
    child: Child,
    /// Its number. `taskset`, `env` and `strace -D` become what they start.
    pub id: u32,
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

    fn launch(kind: Kind, mut command_line: Vec<String>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("any port");
        let mut address = free.local_addr().expect("bound");
        // Somebody else might take it now; then the server does not begin, and that is said.
        drop(free);
        command_line.extend(kind.command_line(address.port()));
        let mut command = Command::new(&command_line[0]);
        command.args(&command_line[1..]).stdin(Stdio::null()).stdout(Stdio::piped());
        command.env("RUST_LOG", "warn").stderr(Stdio::null());
        if matches!(kind, Kind::PapoLogging) {
            let log = fs::File::create(scratch("server.log")).expect("a log file");
            command.env_remove("RUST_LOG").stderr(log);
        }
        let mut child = command.spawn().expect("the server starts");
        if matches!(kind, Kind::Bare(_) | Kind::BareList(_)) {
            address = said_address(&mut child);
        }
        wait_until_it_listens(address, &command_line);
        let id = child.id();
        Self { address, dialect: kind.dialect(), child, id }
    }

    /// Processor time so far, in nanoseconds, of all its threads.
    pub fn cpu_ns(&self) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id)).expect("it lives").flatten();
        let first = |task: fs::DirEntry| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        };
        tasks.filter_map(first).sum()
    }

    /// Memory that is its alone and was written to, in KiB.
    pub fn private_dirty_kib(&self) -> f64 {
        self.value("smaps_rollup", "Private_Dirty:")
    }

    /// Resident memory, in KiB.
    pub fn resident_kib(&self) -> f64 {
        self.value("status", "VmRSS:")
    }

    fn value(&self, file: &str, key: &str) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/{file}", self.id)).expect("it lives");
        let value = text.lines().find_map(|line| line.strip_prefix(key)).expect(key);
        value.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is over already only where a measurement failed, which has been said then.
        let _ = self.child.kill();
        let _ = self.child.wait();
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
                [program].into_iter().chain(words(&rest)).collect()
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

/// The program that is measured: the release, where `make bench` has built it.
pub fn papo() -> String {
    std::env::var("PAPO").unwrap_or_else(|_| env!("CARGO_BIN_EXE_papo").to_string())
}

/// The same without the features that a server does not need.
pub fn bare_papo() -> String {
    std::env::var("PAPO_BARE").unwrap_or_else(|_| papo())
}

/// The same over poll(2), where `make bench ONLY=pollers` has built it.
pub fn papo_over_poll() -> Option<String> {
    std::env::var("PAPO_POLL").ok().filter(|path| !path.is_empty())
}

fn own() -> PathBuf {
    std::env::current_exe().expect("this program")
}

/// The bare loop chooses its port, and says it on stdout.
fn said_address(child: &mut Child) -> SocketAddr {
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("says where");
    line.trim().parse().expect("an address")
}

fn wait_until_it_listens(address: SocketAddr, command_line: &[String]) {
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(start.elapsed() < PATIENCE, "{command_line:?} does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(100));
}

/// This program in another role, in a process of its own that ends when this is dropped.
pub struct Role {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Role {
    pub fn start(core: usize, arguments: &[&str]) -> Self {
        let mut command_line = pinned(core);
        command_line.push(own().to_string_lossy().into_owned());
        let mut command = Command::new(&command_line[0]);
        command.args(&command_line[1..]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a role starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        Self { stdin: child.stdin.take(), child, stdout }
    }

    pub fn tell(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("not finished");
        writeln!(stdin, "{line}").expect("it listens");
    }

    pub fn hear(&mut self) -> String {
        let mut line = String::new();
        let count = self.stdout.read_line(&mut line).expect("it answers");
        assert!(count > 0, "it is over");
        line.trim().to_string()
    }

    /// Tells it nothing more; whether it then ends well.
    pub fn finish(mut self) -> bool {
        self.stdin = None;
        self.child.wait().expect("ends").success()
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        // As with a server.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The beginning of a command line that runs on one core; `env` changes nothing.
fn pinned(core: usize) -> Vec<String> {
    let text = if can_pin() { format!("taskset -c {core}") } else { "env".to_string() };
    words(&text).collect()
}

/// Whether there is a core for each side, and a way to say so.
pub fn can_pin() -> bool {
    cores() >= 2 && is_installed("taskset")
}

/// How many wanted to run, in the last 1, 5 and 15 minutes.
pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(", ")
}

/// How many cores there are; pinned or not.
pub fn cores() -> usize {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    text.lines().filter(|line| line.starts_with("processor")).count()
}

pub fn is_installed(program: &str) -> bool {
    let tried = Command::new(program).arg("--version").stdout(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
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

/// A file that may be written over.
pub fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

//! An engine of a test's own: `redis-server` or `valkey-server` as a process, in a folder that goes
//! with it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::support::{Raw, eventually, quiet_address};

/// What an engine may be called.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];

/// A running engine.
pub(crate) struct Engine {
    program: &'static str,
    options: Vec<String>,
    process: Option<Child>,
    pub(crate) address: SocketAddr,
    folder: PathBuf,
}

impl Engine {
    /// One with nothing in it, that keeps nothing on the disk. `None`: none is installed.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&["--appendonly", "no"])
    }

    /// One that has its data again after it was killed.
    pub(crate) fn start_lasting() -> Option<Self> {
        Self::start_with(&["--appendonly", "yes", "--appendfsync", "always"])
    }

    #[allow(clippy::print_stderr, reason = "who reads the tests' output wants to know")]
    pub(crate) fn start_with(options: &[&str]) -> Option<Self> {
        let is_there = |program: &&str| {
            let version = Command::new(program).arg("--version").stdout(Stdio::null()).status();
            version.is_ok_and(|status| status.success())
        };
        let Some(program) = PROGRAMS.into_iter().find(is_there) else {
            eprintln!("SKIPPED: wants redis-server or valkey-server, and neither is installed");
            return None;
        };
        let address = quiet_address();
        let folder = std::env::temp_dir().join(format!("papo-engine-{}", address.port()));
        std::fs::create_dir_all(&folder).expect("a folder for the engine");
        let options = options.iter().map(ToString::to_string).collect();
        let mut engine = Self { program, options, process: None, address, folder };
        engine.launch();
        Some(engine)
    }

    /// Starts it, or starts it again.
    pub(crate) fn launch(&mut self) {
        let port = self.address.port().to_string();
        let mut command = Command::new(self.program);
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--dir"]);
        command.arg(&self.folder).args(&self.options).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(command.spawn().expect("the engine starts"));
        let address = self.address;
        eventually("the engine listens", || std::net::TcpStream::connect(address).is_ok());
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// What `--directory` takes.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Asks it something, and returns the first line of the reply. Blanks separate the words.
    #[track_caller]
    pub(crate) fn ask(&self, command: &str) -> String {
        let mut raw = Raw::connect(self.address);
        raw.send(&format!("{command}\r\n"));
        raw.line()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

//! An engine of a test: `redis-server` or `valkey-server` as a process, with a folder of its own.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::{Folder, Process, Raw, tools};

/// A running engine.
pub(crate) struct Engine {
    program: PathBuf,
    options: Vec<String>,
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    folder: Folder,
}

impl Engine {
    /// An empty engine that keeps nothing on the disk. `None`, and SKIPPED: none is installed.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&["--appendonly", "no"])
    }

    /// An engine that has its data again after it was killed.
    pub(crate) fn start_lasting() -> Option<Self> {
        Self::start_with(&["--appendonly", "yes", "--appendfsync", "always"])
    }

    pub(crate) fn start_with(options: &[&str]) -> Option<Self> {
        let program = tools::wanted(&["redis-server", "valkey-server"])?;
        let folder = Folder::new("engine");
        let options: Vec<_> = options.iter().map(ToString::to_string).collect();
        let start = |address| command(&program, address, &folder, &options);
        let (process, address) = Process::start_listening(start);
        Some(Self { program, options, process, address, folder })
    }

    /// Starts it again, at the same address.
    #[track_caller]
    pub(crate) fn start_again(&mut self) {
        let mut command = command(&self.program, self.address, &self.folder, &self.options);
        self.process = Process::start_command(&mut command);
        let port = self.address.port();
        assert!(self.process.wait_until_it_listens(port), "the engine starts again");
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// The value of `--directory`.
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

fn command(program: &Path, address: SocketAddr, folder: &Path, options: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(["--port", &address.port().to_string(), "--bind", "127.0.0.1", "--save", ""]);
    command.arg("--dir").arg(folder).args(options);
    command
}

/// A relay between servers and an engine. A test can cut it.
pub(crate) struct Relay {
    pub(crate) url: String,
    is_cut: Arc<AtomicBool>,
    ends: Arc<Mutex<Vec<TcpStream>>>,
}

impl Relay {
    pub(crate) fn to(engine: &Engine) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("redis://{}", listener.local_addr().expect("its address"));
        let relay = Self { url, is_cut: Arc::default(), ends: Arc::default() };
        let (is_cut, ends, to) = (relay.is_cut.clone(), relay.ends.clone(), engine.address);
        let carry = move || {
            for here in listener.incoming().flatten() {
                let there = TcpStream::connect(to);
                let (false, Ok(there)) = (is_cut.load(Ordering::SeqCst), there) else { continue };
                let copy = |stream: &TcpStream| stream.try_clone().expect("another handle");
                ends.lock().expect("one thread").extend([copy(&here), copy(&there)]);
                for (from, to) in [(copy(&here), copy(&there)), (there, here)] {
                    let carry = move || carry(from, to);
                    std::thread::Builder::new().spawn(carry).expect("a thread for a direction");
                }
            }
        };
        std::thread::Builder::new().spawn(carry).expect("a thread for the relay");
        relay
    }

    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for end in self.ends.lock().expect("one thread").drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = [0; 16_384];
    while let Ok(count) = from.read(&mut piece)
        && count > 0
        && to.write_all(&piece[..count]).is_ok()
    {}
    let _ = to.shutdown(Shutdown::Write);
}

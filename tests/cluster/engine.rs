//! An engine of a test's own: `redis-server` or `valkey-server` as a process, in a folder that goes
//! with it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::{Raw, eventually, quiet_address};

/// The names of programs that are an engine.
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
        eventually("the engine listens", || TcpStream::connect(address).is_ok());
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
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

impl Drop for Engine {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A cable between servers and an engine, which can be cut.
pub(crate) struct Cable {
    pub(crate) url: String,
    is_cut: Arc<AtomicBool>,
    ends: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    pub(crate) fn to(engine: &Engine) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("redis://{}", listener.local_addr().expect("its address"));
        let cable = Self { url, is_cut: Arc::default(), ends: Arc::default() };
        let (is_cut, ends, to) = (cable.is_cut.clone(), cable.ends.clone(), engine.address);
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
        std::thread::Builder::new().spawn(carry).expect("a thread for the cable");
        cable
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

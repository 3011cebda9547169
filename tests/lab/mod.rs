//! The lectures' services over real sockets, with the lectures' own dialogues: their clients,
//! replayed call by call (and with their own Python where there is one), and then everything that
//! a lecture leaves out.

mod broadcast;
mod browser;
mod client;
mod datagram_loops;
mod daytime;
mod dict;
mod echo;
mod lectures;
mod pieces;
mod receive;
mod reverb;
mod throughput;
mod upper;
mod web;
mod web_machine;
mod web_parts;
mod web_rules;

use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Stdio};

use crate::support::{PATIENCE, Process, Raw, tools};

/// A running service.
struct Service {
    process: Process,
    address: SocketAddr,
}

impl Service {
    /// On a port that the system chose.
    fn start(words: &[&str]) -> Self {
        let arguments = [&["lab"], words, &["--listen", "127.0.0.1:0"]].concat();
        Self::of(Process::start_with(&arguments, Stdio::null()))
    }

    /// The one that this process is, once it listens.
    fn of(mut process: Process) -> Self {
        let line = process.expect_log(" listens on ");
        let address = line.rsplit(' ').next().and_then(|text| text.parse().ok());
        Self { process, address: address.expect("its address") }
    }

    fn connect(&self) -> Raw {
        Raw::connect(self.address)
    }

    /// A datagram socket that receives only from this service.
    fn datagrams(&self) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("any port");
        socket.connect(self.address).expect("an address");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        socket
    }

    /// How much of its memory is resident, in KiB.
    fn resident_kib(&self) -> u64 {
        crate::support::proc::resident_kib(self.process.id())
    }
}

/// One `recv` of at most `length` bytes, as the lectures' clients do it.
fn recv(raw: &mut Raw, length: usize) -> Vec<u8> {
    use std::io::Read;
    let mut buffer = vec![0; length];
    let count = raw.stream.read(&mut buffer).expect("an answer");
    buffer.truncate(count);
    buffer
}

/// All that comes until the other side closes.
fn recv_all(raw: &mut Raw) -> Vec<u8> {
    use std::io::Read;
    let mut all = Vec::new();
    raw.stream.read_to_end(&mut all).expect("the end of the stream");
    all
}

/// The text that a program of a lecture prints when `typed` is typed. `None`, and SKIPPED: there is
/// no Python.
fn python(script: &str, arguments: &[&str], typed: &str) -> Option<String> {
    use std::io::Write;
    let mut command = Command::new(tools::wanted(&["python3"])?);
    command.args(["-c", script]).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("python3 starts");
    child.stdin.take().expect("piped").write_all(typed.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).expect("text"))
}

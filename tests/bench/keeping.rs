//! KEEP of many clients, evenly spread, measured in windows of a few seconds.
//!
//! Each server has a crowd in a process of its own: two crowds of 10,000 need more descriptors than
//! one process may have. Both stay connected, so that windows can alternate, and so that the expiry
//! goes on meanwhile.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::crowd::{self, Dialect};
use crate::rig::{self, Server};
use crate::support::Process;

/// How often each client sends KEEP.
const INTERVAL: Duration = Duration::from_secs(5);

/// A crowd in a process of its own.
pub struct Crowd(Process);

impl Crowd {
    /// `count` clients, registered. If the server never answers, they are only connected.
    pub fn start(server: &Server, count: usize) -> Self {
        let dialect = if server.dialect == Dialect::Canned { "canned" } else { "papo" };
        let (address, count) = (server.address.to_string(), count.to_string());
        let mut role = rig::role(1, &["crowd", &address, dialect, &count]);
        role.expect_screen("ready");
        Self(role)
    }

    /// Sends KEEPs for this time. Returns their number.
    pub fn keep(&mut self, seconds: f64) -> u64 {
        self.0.type_text(&format!("{seconds}\n"));
        self.0.expect_screen("").parse().expect("a number")
    }

    /// Asserts that all clients are still registered.
    pub fn finish(mut self) {
        self.0.end_input();
        assert_eq!(self.0.wait(), 0, "the server has forgotten a client");
    }
}

/// The process of a crowd. Each line on stdin is a window in seconds, and each line on stdout the
/// number of its KEEPs.
pub fn run(address: &str, is_silent: bool, count: &str) {
    rig::raise_descriptor_limit();
    let server = address.parse().expect("an address");
    let count: usize = count.parse().expect("a number");
    let mut clients: Vec<TcpStream> = if is_silent {
        (0..count).map(|number| crowd::socket(server, number, true).into()).collect()
    } else {
        crowd::open_at(server, Dialect::Papo, 0, count)
    };
    println!("ready");
    let mut next = 0;
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let seconds: f64 = line.parse().expect("seconds");
        println!("{}", keep(&mut clients, &mut next, Duration::from_secs_f64(seconds)));
    }
    if !is_silent {
        check(&mut clients);
    }
}

fn keep(clients: &mut [TcpStream], next: &mut usize, window: Duration) -> u64 {
    let step = INTERVAL / u32::try_from(clients.len()).expect("few enough");
    let start = Instant::now();
    let mut said = 0;
    while step * said < window {
        let due = start + step * said;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        clients[*next].write_all(b"KEEP\r\n").expect("is still a client");
        *next = (*next + 1) % clients.len();
        said += 1;
    }
    u64::from(said)
}

/// Asserts that the server knows each client, so that it has read their KEEPs.
fn check(clients: &mut [TcpStream]) {
    for (number, client) in clients.iter_mut().enumerate() {
        client.write_all(Dialect::Papo.lookup(number).as_bytes()).expect("is still a client");
        let mut answer = [0; 5];
        client.read_exact(&mut answer).expect("is still registered");
        assert_eq!(&answer, b"ADDR ");
    }
}

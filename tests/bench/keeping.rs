//! KEEP of many clients, evenly spread: a process that holds them, and windows of a few seconds.
//!
//! A process of its own for each server: two crowds of 10,000 are more descriptors than one
//! process may have, and both must be there all the time, so that windows can alternate and the
//! expiry of the server that has one is at work in them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::crowd::{self, Dialect};
use crate::rig::{self, Server};
use crate::support::Process;

/// How often each says KEEP.
const INTERVAL: Duration = Duration::from_secs(5);

/// A crowd in a process of its own.
pub struct Crowd(Process);

impl Crowd {
    /// So many clients, registered; where the server never answers, just connected.
    pub fn start(server: &Server, count: usize) -> Self {
        let dialect = if server.dialect == Dialect::Canned { "canned" } else { "papo" };
        let (address, count) = (server.address.to_string(), count.to_string());
        let mut role = rig::role(1, &["crowd", &address, dialect, &count]);
        role.expect_screen("ready");
        Self(role)
    }

    /// Keeps for so many seconds; how many KEEPs that were.
    pub fn keep(&mut self, seconds: f64) -> u64 {
        self.0.type_text(&format!("{seconds}\n"));
        self.0.expect_screen("").parse().expect("a number")
    }

    /// Lets all ask once whether they are still there.
    pub fn finish(mut self) {
        self.0.end_input();
        assert_eq!(self.0.wait(), 0, "the server has forgotten a client");
    }
}

/// The process. Each line on stdin is a window in seconds, each on stdout what came of it.
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

/// Whether they were heard: who was not is gone.
fn check(clients: &mut [TcpStream]) {
    for (number, client) in clients.iter_mut().enumerate() {
        client.write_all(Dialect::Papo.lookup(number).as_bytes()).expect("is still a client");
        let mut answer = [0; 5];
        client.read_exact(&mut answer).expect("is still registered");
        assert_eq!(&answer, b"ADDR ");
    }
}

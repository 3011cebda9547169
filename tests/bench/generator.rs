//! Lookups, visits and LISTs, as fast as the server answers: closed loops on one thread.
//!
//! It is not `papo load`, which takes as long to check an answer as the server takes to give it, and
//! has no RESP. This generator counts lines, and checks only the beginning of each batch.

use std::io::Write;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::crowd::{self, read_some};
use crate::rig::Server;

/// The costs of a run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub operations: u64,
    pub seconds: f64,
    /// The server's processor time for each operation, in microseconds.
    pub cpu_us: f64,
}

impl Run {
    pub fn per_second(&self) -> f64 {
        self.operations as f64 / self.seconds
    }
}

/// Measures `act`, which returns its number of operations.
pub fn timed(server: &Server, act: impl FnOnce() -> u64) -> Run {
    let (cpu, start) = (server.cpu_ns(), Instant::now());
    let operations = act();
    let seconds = start.elapsed().as_secs_f64();
    let cpu_us = (server.cpu_ns() - cpu) as f64 / 1e3 / operations as f64;
    Run { operations, seconds, cpu_us }
}

/// A run without an answer for this time has failed.
const STALLED_AFTER: Duration = Duration::from_secs(20);

/// The number of requests that are made beforehand. A batch is a part of them.
const SLOTS: usize = 8192;

struct Asker {
    stream: TcpStream,
    /// Answers that have not come.
    left: usize,
    /// Lines of an answer that is not complete.
    lines: usize,
}

/// `wanted` lookups over `clients` connections, each of which waits for a batch of `depth`.
pub fn lookups(server: &Server, clients: usize, depth: usize, wanted: u64) -> Run {
    let poll = Poll::new().expect("a poller");
    let streams = crowd::open(server, 0, clients);
    let askers: Vec<_> = streams.into_iter().enumerate().map(|it| asker(&poll, it)).collect();
    let die = &mut Die(0x9E37_79B9_7F4A_7C15);
    let length = server.dialect.lookup(0).len();
    let pool: String =
        (0..SLOTS + depth).map(|_| server.dialect.lookup(die.below(clients))).collect();
    let mut lookups = Lookups { poll, askers, pool: pool.into(), length, depth, asked: 0 };
    timed(server, || lookups.run(server, wanted, die))
}

fn asker(poll: &Poll, (number, stream): (usize, std::net::TcpStream)) -> Asker {
    stream.set_nonblocking(true).expect("non-blocking");
    let mut stream = TcpStream::from_std(stream);
    poll.registry().register(&mut stream, Token(number), Interest::READABLE).expect("registers");
    Asker { stream, left: 0, lines: 0 }
}

struct Lookups {
    poll: Poll,
    askers: Vec<Asker>,
    pool: Vec<u8>,
    length: usize,
    depth: usize,
    asked: u64,
}

impl Lookups {
    fn run(&mut self, server: &Server, wanted: u64, die: &mut Die) -> u64 {
        let (lines_each, begins) = server.dialect.answer();
        let (mut answered, mut buffer) = (0, vec![0; 64 * 1024]);
        let mut events = Events::with_capacity(1024);
        for number in 0..self.askers.len() {
            self.ask(number, die);
        }
        while answered < self.asked {
            self.poll.poll(&mut events, Some(STALLED_AFTER)).expect("polls");
            assert!(!events.is_empty(), "stalled at {answered} of {}", self.asked);
            for event in &events {
                let number = event.token().0;
                let asker = &mut self.askers[number];
                let Some(count) = read_some(&mut asker.stream, &mut buffer) else { continue };
                let fresh = &buffer[..count];
                let is_start = asker.left == self.depth && asker.lines == 0;
                assert!(!is_start || fresh.starts_with(begins), "{}", fresh.escape_ascii());
                asker.lines += fresh.iter().filter(|&&byte| byte == b'\n').count();
                let got = asker.lines / lines_each;
                asker.lines %= lines_each;
                asker.left = asker.left.checked_sub(got).expect("only what was asked");
                answered += got as u64;
                if asker.left == 0 && self.asked < wanted {
                    self.ask(number, die);
                }
            }
        }
        answered
    }

    fn ask(&mut self, number: usize, die: &mut Die) {
        let from = die.below(SLOTS) * self.length;
        let batch = &self.pool[from..from + self.depth * self.length];
        let asker = &mut self.askers[number];
        asker.stream.write_all(batch).expect("fits the kernel");
        asker.left = self.depth;
        self.asked += self.depth as u64;
    }
}

/// The costs of lookups at a steady rate.
#[derive(Clone, Copy, Debug)]
pub struct Paced {
    /// The server's processor time for each lookup, in microseconds.
    pub cpu_us: f64,
    /// The 99th percentile of the latency since a request was due, in milliseconds.
    pub p99_ms: f64,
}

/// How long the generator sleeps between two polls: a tenth of the time between two requests.
const LOOK_EVERY: Duration = Duration::from_micros(30);

/// Lookups at this rate for this time, each by a client that waits for no other answer.
pub fn paced(server: &Server, clients: usize, rate: u32, seconds: f64) -> Paced {
    let mut poll = Poll::new().expect("a poller");
    let streams = crowd::open(server, 0, clients);
    let mut askers: Vec<_> = streams.into_iter().enumerate().map(|it| asker(&poll, it)).collect();
    let die = &mut Die(0x9E37_79B9_7F4A_7C15);
    let wanted = (f64::from(rate) * seconds) as u32;
    let mut latencies = Vec::with_capacity(wanted as usize);
    let run = timed(server, || {
        let (mut events, mut buffer) = (Events::with_capacity(1024), vec![0; 64 * 1024]);
        let (start, mut asked, mut due_at) = (Instant::now(), 0, vec![Duration::ZERO; clients]);
        while latencies.len() < wanted as usize {
            assert!(start.elapsed() < STALLED_AFTER + Duration::from_secs_f64(seconds), "stalled");
            let due = Duration::from_secs(1) * asked / rate;
            if asked < wanted && start.elapsed() >= due {
                let number = die.below(clients);
                // A client has one request at a time. If all of them wait, the request is late, and
                // its latency grows.
                if askers[number].left == 0 {
                    let lookup = server.dialect.lookup(die.below(clients));
                    askers[number].stream.write_all(lookup.as_bytes()).expect("fits the kernel");
                    (askers[number].left, due_at[number]) = (1, due);
                    asked += 1;
                }
            } else {
                std::thread::sleep(LOOK_EVERY);
            }
            poll.poll(&mut events, Some(Duration::ZERO)).expect("polls");
            for event in &events {
                let number = event.token().0;
                while let Some(count) = read_some(&mut askers[number].stream, &mut buffer) {
                    if buffer[count - 1] == b'\n' {
                        latencies.push(start.elapsed() - due_at[number]);
                        askers[number].left = 0;
                    }
                }
            }
        }
        u64::from(wanted)
    });
    latencies.sort_unstable();
    let p99 = latencies[latencies.len() * 99 / 100];
    Paced { cpu_us: run.cpu_us, p99_ms: p99.as_secs_f64() * 1e3 }
}

/// Visits: connect, register and look up in one write, close. `at_once` of them at a time.
pub fn visits(server: &Server, at_once: usize, wanted: u64) -> Run {
    let mut poll = Poll::new().expect("a poller");
    let mut events = Events::with_capacity(1024);
    timed(server, || {
        let mut begun = 0;
        let mut begin = |poll: &Poll, slot: usize| {
            let socket = crowd::socket(server.address, begun, false);
            let request = server.dialect.register(begun);
            begun += 1;
            let mut stream = TcpStream::from_std(socket.into());
            // On loopback the handshake is over when connect returns.
            (&stream).write_all(request.as_bytes()).expect("connected at once");
            let token = Token(slot);
            poll.registry().register(&mut stream, token, Interest::READABLE).expect("registers");
            stream
        };
        let mut visitors: Vec<_> = (0..at_once).map(|slot| Some(begin(&poll, slot))).collect();
        let (mut over, mut left, mut buffer) = (0, at_once as u64, vec![0; 4096]);
        while over < wanted {
            poll.poll(&mut events, Some(STALLED_AFTER)).expect("polls");
            assert!(!events.is_empty(), "stalled at {over} of {wanted}");
            for event in &events {
                let slot = event.token().0;
                let Some(stream) = &mut visitors[slot] else { continue };
                let Some(count) = read_some(stream, &mut buffer) else { continue };
                assert_eq!(buffer[count - 1], b'\n', "an answer in one piece");
                over += 1;
                // The client closes first. Then the next one connects.
                visitors[slot] = None;
                if left < wanted {
                    left += 1;
                    visitors[slot] = Some(begin(&poll, slot));
                }
            }
        }
        over
    })
}

/// `rounds` times, all readers ask for LIST at once, and each reads it to its end.
pub fn lists(server: &Server, readers: &mut [std::net::TcpStream], rounds: u64) -> (Run, usize) {
    let mut poll = Poll::new().expect("a poller");
    let streams: Vec<_> = readers.iter().map(|it| it.try_clone().expect("a copy")).collect();
    let mut askers: Vec<_> = streams.into_iter().enumerate().map(|it| asker(&poll, it)).collect();
    let mut events = Events::with_capacity(1024);
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    let run = timed(server, || {
        for _ in 0..rounds {
            askers.iter_mut().for_each(|it| it.stream.write_all(b"LIST\r\n").expect("small"));
            let mut left = askers.len();
            while left > 0 {
                poll.poll(&mut events, Some(STALLED_AFTER)).expect("polls");
                assert!(!events.is_empty(), "stalled with {left} readers");
                for event in &events {
                    let stream = &mut askers[event.token().0].stream;
                    while let Some(count) = read_some(stream, &mut buffer) {
                        bytes += count;
                        left -= usize::from(buffer[count - 1] == b'\n');
                        if count < buffer.len() {
                            break;
                        }
                    }
                }
            }
        }
        rounds * askers.len() as u64
    });
    (run, bytes / run.operations as usize)
}

/// Marsaglia's xorshift: the same requests in every run.
struct Die(u64);

impl Die {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

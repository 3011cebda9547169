//! Thousands of clients in one process, on one poller, without threads. A drill decides whether they
//! register, send KEEP, ask for LIST, go silent, come back, or never read.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

use crate::client::Client;
use crate::figure::percentile;

/// The handout's interval between KEEPs.
pub const KEEP_EVERY: Duration = Duration::from_secs(5);

/// The most dials without a poll between them: the server's accept queue is finite.
const DIALS_AT_ONCE: usize = 200;

/// Delays between attempts to come back, as `papo peer` has them.
const BACK_FIRST: Duration = Duration::from_millis(250);
const BACK_LONGEST: Duration = Duration::from_secs(5);

/// All of them.
pub struct Crowd {
    poll: Poll,
    events: Events,
    /// The servers. Each client begins at the first one, and goes to the next one when it loses its
    /// connection.
    pub servers: Vec<SocketAddr>,
    pub clients: Vec<Client>,
    keeps: VecDeque<(Instant, usize)>,
    returns: BinaryHeap<Reverse<(Instant, usize)>>,
    scratch: Vec<u8>,
    /// Whether clients that dial from now on dial again when they lose their connection.
    pub comes_back: bool,
    /// The bytes that each client sends every interval, and the interval.
    pub refrain: (&'static [u8], Duration),
    /// The source address of the next dials. `None`: the system's choice.
    pub source: Option<IpAddr>,
    /// Clients that ask for LIST again and again, and when the next request is due.
    probes: Vec<usize>,
    probe_every: Duration,
    next_probe: Instant,
    /// How long the answers to LIST took.
    pub answered: Vec<Duration>,
    /// How long the connections lasted that have ended, from the dial on.
    pub lasted: Vec<Duration>,
    die: u64,
}

impl Crowd {
    /// An empty crowd for this server.
    pub fn of(server: SocketAddr) -> Self {
        Self {
            poll: Poll::new().expect("a poller"),
            events: Events::with_capacity(4096),
            servers: vec![server],
            clients: Vec::new(),
            keeps: VecDeque::new(),
            returns: BinaryHeap::new(),
            scratch: vec![0; 256 * 1024],
            comes_back: false,
            refrain: (b"KEEP\r\n", KEEP_EVERY),
            source: None,
            probes: Vec::new(),
            probe_every: Duration::from_millis(20),
            next_probe: Instant::now(),
            answered: Vec::new(),
            lasted: Vec::new(),
            die: 0x9E37_79B9_7F4A_7C15 ^ u64::from(std::process::id()),
        }
    }

    /// Adds clients that register and send KEEP. Their names begin with `prefix`. Returns when all of
    /// them have sent USER.
    #[track_caller]
    pub fn register(&mut self, prefix: &str, count: usize) -> std::ops::Range<usize> {
        let first = self.clients.len();
        for number in 0..count {
            self.dial(&format!("USER {prefix}{number}:20000\r\n"));
            if number % DIALS_AT_ONCE == DIALS_AT_ONCE - 1 {
                self.wait_greeted();
            }
        }
        self.wait_greeted();
        first..first + count
    }

    /// Adds a client, which sends `hello` as soon as it is connected.
    pub fn dial(&mut self, hello: &str) -> usize {
        let index = self.clients.len();
        let now = Instant::now();
        self.clients.push(Client::new(hello, self.comes_back, now));
        self.open(index);
        index
    }

    /// Adds a registered client that asks for LIST again and again. The times of the answers are
    /// collected.
    #[track_caller]
    pub fn probe(&mut self, name: &str, every: Duration) -> usize {
        let index = self.register(name, 1).start;
        self.probes.push(index);
        self.probe_every = every;
        index
    }

    /// The 99th percentile of the answers since the last call, in milliseconds.
    pub fn take_p99(&mut self) -> f64 {
        percentile(&std::mem::take(&mut self.answered), 0.99)
    }

    /// Lets time pass.
    pub fn run_for(&mut self, time: Duration) {
        self.run_until(time, |_| false);
    }

    /// Lets time pass until something is so. Returns whether it was so within the limit.
    pub fn run_until(&mut self, limit: Duration, mut is_so: impl FnMut(&Self) -> bool) -> bool {
        let end = Instant::now() + limit;
        loop {
            if is_so(self) {
                return true;
            }
            let now = Instant::now();
            if now >= end {
                return false;
            }
            self.turn(end - now);
        }
    }

    /// Asks for LIST on one connection, waits for the answer, and returns the number of names.
    pub fn count_listed(&mut self, asker: usize, limit: Duration) -> Option<usize> {
        self.ask(asker);
        let has_answer = |crowd: &Self| crowd.clients[asker].asked_at.is_none();
        if !self.run_until(limit, has_answer) || !self.is_open(asker) {
            return None;
        }
        let names = self.clients[asker].reply.strip_prefix(b"LIST ")?;
        let names = names.split(|&byte| byte == b':').filter(|name| !name.trim_ascii().is_empty());
        Some(names.count())
    }

    /// Asks until LIST has this number of names. Returns how long that took.
    pub fn wait_listed(&mut self, asker: usize, count: usize, limit: Duration) -> Option<Duration> {
        let start = Instant::now();
        while start.elapsed() < limit {
            if self.count_listed(asker, limit) == Some(count) {
                return Some(start.elapsed());
            }
            self.run_for(Duration::from_millis(20));
        }
        None
    }

    /// Sends bytes on one connection. Returns how many the kernel took; none before the first line.
    pub fn say(&mut self, index: usize, bytes: &[u8]) -> usize {
        if !self.clients[index].has_greeted {
            return 0;
        }
        let stream = self.clients[index].stream.as_mut();
        stream.map_or(0, |stream| stream.write(bytes).unwrap_or(0))
    }

    /// Closes a connection.
    pub fn close(&mut self, index: usize) {
        let client = &mut self.clients[index];
        client.stream = None;
        (client.keeps, client.comes_back) = (false, false);
    }

    /// Whether this client has a connection.
    pub fn is_open(&self, index: usize) -> bool {
        self.clients[index].stream.is_some()
    }

    /// How many of these clients have lost their connection.
    pub fn ended(&self, clients: impl IntoIterator<Item = usize>) -> usize {
        clients.into_iter().filter(|&index| self.clients[index].ended_at.is_some()).count()
    }

    #[track_caller]
    fn wait_greeted(&mut self) {
        let all = |crowd: &Self| crowd.clients.iter().all(|one| one.has_greeted || one.is_over());
        let is_done = self.run_until(Duration::from_secs(20), all);
        assert!(is_done, "not all clients could connect");
    }

    /// Asks for LIST.
    pub fn ask(&mut self, index: usize) {
        if self.say(index, b"LIST\r\n") > 0 {
            self.clients[index].asked_at = Some(Instant::now());
        }
    }

    fn open(&mut self, index: usize) {
        let server = self.servers[self.clients[index].server % self.servers.len()];
        let socket = Socket::new(Domain::for_address(server), Type::STREAM, None);
        let socket = socket.expect("a socket: are there descriptors enough?");
        socket.set_nonblocking(true).expect("non-blocking");
        socket.set_tcp_nodelay(true).expect("no delay");
        if let Some(source) = self.source {
            socket.bind(&SocketAddr::new(source, 0).into()).expect("an address of ours");
        }
        // Read before the dial: the server cannot have accepted it earlier.
        let dialed_at = Instant::now();
        // In progress, or refused: the poller reports which.
        let _ = socket.connect(&server.into());
        let mut stream = TcpStream::from_std(socket.into());
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(index), both).expect("registered");
        let client = &mut self.clients[index];
        client.stream = Some(stream);
        client.dialed_at = dialed_at;
        client.has_greeted = false;
        client.ended_at = None;
        client.asked_at = None;
        client.inbox.clear();
    }

    fn turn(&mut self, limit: Duration) {
        let now = Instant::now();
        self.say_refrains(now);
        self.come_back(now);
        self.ask_probes(now);
        let next_keep = self.keeps.front().map(|(due, _)| *due);
        let next_return = self.returns.peek().map(|Reverse((due, _))| *due);
        let next_probe = (!self.probes.is_empty()).then_some(self.next_probe);
        let due = [next_keep, next_return, next_probe].into_iter().flatten().min();
        let wait = due.map_or(limit, |due| due.saturating_duration_since(now).min(limit));
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => result.expect("polls"),
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            self.serve(event);
        }
        self.events = events;
    }

    fn say_refrains(&mut self, now: Instant) {
        let (text, every) = self.refrain;
        while let Some(&(due, index)) = self.keeps.front() {
            if due > now {
                return;
            }
            self.keeps.pop_front();
            // Read before the send: the server cannot have received it earlier.
            let now = Instant::now();
            if self.clients[index].keeps && self.say(index, text) > 0 {
                self.clients[index].said_at = now;
                self.keeps.push_back((due + every, index));
            }
        }
    }

    fn come_back(&mut self, now: Instant) {
        while let Some(&Reverse((due, index))) = self.returns.peek() {
            if due > now {
                return;
            }
            self.returns.pop();
            if self.clients[index].comes_back {
                self.clients[index].attempts += 1;
                self.open(index);
            }
        }
    }

    fn ask_probes(&mut self, now: Instant) {
        if now < self.next_probe {
            return;
        }
        self.next_probe = now + self.probe_every;
        for place in 0..self.probes.len() {
            let index = self.probes[place];
            if self.clients[index].asked_at.is_none() {
                self.ask(index);
            }
        }
    }

    fn serve(&mut self, event: &Event) {
        let index = event.token().0;
        if self.clients[index].stream.is_none() {
            return;
        }
        if event.is_writable() && !self.clients[index].has_greeted {
            self.greet(index);
        }
        if event.is_readable() && self.clients[index].reads {
            self.read(index);
        }
    }

    fn greet(&mut self, index: usize) {
        let client = &mut self.clients[index];
        let Some(stream) = client.stream.as_mut() else { return };
        if stream.take_error().is_ok_and(|error| error.is_some()) {
            return self.on_ended(index);
        }
        let now = Instant::now();
        if stream.peer_addr().is_err() || stream.write(&client.hello).is_err() {
            return;
        }
        client.has_greeted = true;
        client.tried_most = client.tried_most.max(std::mem::take(&mut client.attempts));
        (client.said_at, client.greeted_at) = (now, Some(now));
        self.keeps.push_back((now + self.refrain.1, index));
    }

    fn read(&mut self, index: usize) {
        loop {
            let Some(stream) = self.clients[index].stream.as_mut() else { return };
            match stream.read(&mut self.scratch) {
                Ok(0) => return self.on_ended(index),
                Ok(count) => self.on_bytes(index, count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.on_ended(index),
            }
        }
    }

    fn on_bytes(&mut self, index: usize, count: usize) {
        let client = &mut self.clients[index];
        client.inbox.extend_from_slice(&self.scratch[..count]);
        if client.inbox.last() == Some(&b'\n') {
            client.reply = std::mem::take(&mut client.inbox);
            if let Some(asked_at) = client.asked_at.take() {
                self.answered.push(asked_at.elapsed());
            }
        }
    }

    fn on_ended(&mut self, index: usize) {
        let client = &mut self.clients[index];
        client.stream = None;
        client.asked_at = None;
        let now = Instant::now();
        client.ended_at = Some(now);
        client.server += 1;
        self.lasted.push(now - client.dialed_at);
        if client.comes_back {
            let attempts = client.attempts;
            let delay = (BACK_FIRST * (1 << attempts.min(8))).min(BACK_LONGEST);
            let spread = 0.5 + self.throw();
            self.returns.push(Reverse((now + delay.mul_f64(spread), index)));
        }
    }

    /// A random number from 0 to 1.
    pub fn throw(&mut self) -> f64 {
        self.die ^= self.die << 13;
        self.die ^= self.die >> 7;
        self.die ^= self.die << 17;
        (self.die >> 11) as f64 / (1_u64 << 53) as f64
    }
}

//! The round trip of a line between two processes: between two peers, and between two blocking
//! sockets.
//!
//! The peers are [`Peer`] on the event loop, as in `papo peer`, registered with a real server. Only the
//! person is simulated, and sends each line back. So the time is that of a line from one machine to the
//! other and back, without the pipes of a test.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use papo::event_loop::{EventLoop, socket};
use papo::machine::Framing;
use papo::peer::command::Command;
use papo::peer::notice::Notice;
use papo::peer::{Peer, Rules};
use papo::wire::name::Name;
use papo::wire::reply::Edition;
use papo::wire::{KEEP_INTERVAL_MS, SPEECH_LIMIT};

use crate::rig::{self, Kind, Server};

/// A chat line of 32 bytes, its end included.
const LINE: &str = "one line of a chat, 30 bytes..";

/// How long the two may take to meet.
const PATIENCE: Duration = Duration::from_secs(20);

/// The person, who sends back each line.
struct Person {
    /// The name to call first.
    calls: Option<&'static str>,
    typed: VecDeque<Command>,
    said_at: Instant,
    /// How long each line took to come back, in nanoseconds.
    round_trips: Vec<u64>,
}

impl Person {
    fn new(calls: Option<&'static str>) -> Self {
        let (typed, round_trips) = (VecDeque::new(), Vec::new());
        Self { calls, typed, said_at: Instant::now(), round_trips }
    }

    fn say(&mut self, line: &str) {
        self.typed.push_back(Command::Say(line.into()));
        self.said_at = Instant::now();
    }
}

impl Person {
    fn hear(&mut self, notice: Notice) {
        if let Notice::Text { text, .. } = notice {
            assert_eq!(text, LINE.as_bytes());
            if self.calls.is_some() {
                let took = self.said_at.elapsed().as_nanos();
                self.round_trips.push(u64::try_from(took).expect("short"));
            }
            self.say(LINE);
        } else if let (Some(name), Notice::Welcome { .. }) = (self.calls, &notice) {
            self.typed.push_back(Command::Chat(name.into()));
        } else if let (Some(_), Notice::Connected { .. }) = (self.calls, &notice) {
            self.say(LINE);
        }
    }
}

/// One turn of a peer and its person.
fn turn(chat: &mut EventLoop<Peer>, person: &mut Person) {
    chat.turn(Some(PATIENCE)).expect("turns");
    loop {
        chat.notices().for_each(|notice| person.hear(notice));
        let Some(typed) = chat.accepts_command().then(|| person.typed.pop_front()).flatten() else {
            break;
        };
        chat.command(&typed);
    }
}

fn peer(name: &str, server: SocketAddr) -> EventLoop<Peer> {
    let listener = socket::listen("127.0.0.1:0".parse().expect("an address")).expect("listens");
    socket::probe_silent(&listener).expect("probes");
    let rules = Rules {
        name: Some(Name::parse(name.as_bytes()).expect("a name")),
        port: listener.local_addr().expect("bound").port(),
        names: Vec::new(),
        servers: vec![vec![server]],
        keep_interval_ms: KEEP_INTERVAL_MS,
        edition: Some(Edition::Of2024),
        pace_ms: 0,
        exits_on_disconnect: false,
        numbers_name: false,
        verify: false,
        scripted: false,
        stays: false,
        seed: 1,
    };
    let mut event_loop = EventLoop::new(Peer::new(rules)).expect("a poller");
    event_loop.listen(listener, Framing::Lines(SPEECH_LIMIT)).expect("listens");
    event_loop
}

/// The other peer, in a process of its own.
pub fn echo_person(server: &str) {
    let server = server.parse().expect("an address");
    let (mut chat, mut person) = (peer("Echo", server), Person::new(None));
    println!("ready");
    loop {
        turn(&mut chat, &mut person);
    }
}

/// The median round trip of a line between two peers, in microseconds.
pub fn peers_us(count: usize) -> f64 {
    let server = Server::start(Kind::Papo);
    let mut other = rig::role(0, &["person", &server.address.to_string()]);
    other.expect_screen("ready");
    // Until the server has registered it.
    std::thread::sleep(Duration::from_millis(300));
    let (mut chat, mut person) = (peer("Asker", server.address), Person::new(Some("Echo")));
    let start = Instant::now();
    while person.round_trips.len() < count + count / 10 {
        turn(&mut chat, &mut person);
        assert!(start.elapsed() < 3 * PATIENCE, "the two do not talk");
    }
    median_us(&mut person.round_trips, count)
}

/// The other end of the raw sockets.
pub fn echo_raw() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("any port");
    println!("{}", listener.local_addr().expect("bound"));
    let (mut stream, _) = listener.accept().expect("a caller");
    stream.set_nodelay(true).expect("no delay");
    let mut line = [0; LINE.len() + 2];
    while stream.read_exact(&mut line).is_ok() && stream.write_all(&line).is_ok() {}
}

/// The same between two blocking sockets.
pub fn raw_us(count: usize) -> f64 {
    let mut other = rig::role(0, &["echo"]);
    let mut stream = TcpStream::connect(other.expect_screen(":")).expect("connects");
    stream.set_nodelay(true).expect("no delay");
    let line = format!("{LINE}\r\n");
    let mut back = [0; LINE.len() + 2];
    let mut round_trips = Vec::new();
    for _ in 0..count + count / 10 {
        let start = Instant::now();
        stream.write_all(line.as_bytes()).expect("goes");
        stream.read_exact(&mut back).expect("comes back");
        round_trips.push(u64::try_from(start.elapsed().as_nanos()).expect("short"));
    }
    median_us(&mut round_trips, count)
}

/// The first tenth is for warming up.
fn median_us(round_trips: &mut [u64], count: usize) -> f64 {
    let from = round_trips.len() - count;
    let timed = &mut round_trips[from..];
    timed.sort_unstable();
    timed[count / 2] as f64 / 1e3
}

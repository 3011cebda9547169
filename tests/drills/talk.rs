//! Conversations between peers when something is in their way: a flood, a dial that meets
//! oneself, two who call each other at the same moment.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::figure::Report;
use crate::host::{fresh_path, pause, seconds, wait_for};
use crate::network::Network;
use crate::process::{PATIENCE, Papo, Server, papo_after};
use crate::strangers::server_on;
use crate::support::Raw;

/// The lines before each goodbye: more than the kernel buffers hold, so that a part of them is still
/// under way when `/bye` is typed. A close with unread input would reset the connection, and lose that
/// part.
const LINES: usize = 400;

/// How long Bruno does not read: until Ana has sent all lines.
const DEAF: Duration = Duration::from_millis(300);

/// stdout to nowhere: a flood of ten megabytes a second would fill the disk.
const NO_SCREEN: [&str; 4] = ["sh", "-c", "exec \"$@\" >/dev/null", "sh"];

/// D25: `/bye` while the other side floods. All lines arrive, and the goodbye, too.
pub fn bye_under_flood(report: &mut Report) {
    let rounds = report.scaled(100, 20);
    report.say_scale(format!("{rounds} goodbyes on loopback, 200 KB said before each"));
    let server = Server::start();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    expect_goodbyes(report, &server, (&NO_SCREEN, listener, rounds));
}

/// D25 on a network whose link is thinner than the flood.
pub fn bye_under_flood_on_a_link(report: &mut Report) {
    let rounds = 50;
    report.say_scale(format!("{rounds} goodbyes over a link of 20 Mbit/s; planned 100"));
    let network = Network::of(3);
    network.thin(1, "20mbit");
    let server = server_on(&network, 3);
    let listener =
        network.within(2, || TcpListener::bind((network.address(2), 0)).expect("a port"));
    let on = network.on(1);
    let prefix: Vec<_> = on.iter().map(String::as_str).chain(NO_SCREEN).collect();
    // Bruno registers from the host where he waits.
    network.within(2, || expect_goodbyes(report, &server, (&prefix, listener, rounds)));
}

fn expect_goodbyes(
    report: &mut Report,
    server: &Server,
    (prefix, listener, rounds): (&[&str], TcpListener, usize),
) {
    let port = listener.local_addr().expect("bound").port();
    let mut bruno = Raw::connect(server.address);
    bruno.send(&format!("USER Bruno:{port}\r\n"));
    let filler = "x".repeat(480);
    let lines: String = (0..LINES).map(|number| format!("line {number} {filler}\n")).collect();
    let address = server.address.to_string();
    let arguments = ["peer", "Ana", "--server", &address, "--lang", "en", "--pace", "0"];
    let mut ana = Papo::start(&mut papo_after(prefix, &arguments), Stdio::piped());
    let wanted = format!("USER Ana\r\n{}DISC\r\n", lines.replace('\n', "\r\n"));
    SockRef::from(&listener).set_recv_buffer_size(16 * 1024).expect("a small buffer");
    let (mut whole, mut flooded) = (0_usize, 0);
    for _ in 0..rounds {
        bruno.send("KEEP\r\n");
        // Not before the last round is over: who waits two seconds for Bruno gives him up.
        ana.type_text(&format!("/chat Bruno\n{lines}/bye\n"));
        let (heard, sent) = flood(Raw::accept(&listener).stream);
        whole += usize::from(heard.as_deref() == Some(wanted.as_bytes()));
        flooded += sent;
    }
    report.exactly("whole conversations", whole, rounds);
    let each = flooded as f64 / rounds as f64 / 1e3;
    report.at_least("flood against each, on average", each, 100.0, "kB");
    ana.type_text("/exit\n");
    let (_, status) = ana.wait(PATIENCE);
    report.exactly("exit status", status.map_or(f64::NAN, f64::from), 0.0);
}

/// Sends text without a pause until the other side ends the stream. Returns the received bytes, if the
/// stream ended in order, and the number of sent bytes.
fn flood(mut stream: TcpStream) -> (Option<Vec<u8>>, usize) {
    stream.set_nonblocking(true).expect("non-blocking");
    let text = "water water water water water\r\n".repeat(512);
    let (mut heard, mut sent, mut scratch) = (Vec::new(), 0, vec![0; 16 * 1024]);
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Ok(count) = stream.write(&text.as_bytes()[sent % text.len()..]) {
            sent += count;
        }
        if start.elapsed() < DEAF {
            pause(Duration::from_millis(1));
            continue;
        }
        match stream.read(&mut scratch) {
            Ok(0) => return (Some(heard), sent),
            Ok(count) => heard.extend_from_slice(&scratch[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                // About ten megabytes a second on a loopback that would take more.
                pause(Duration::from_millis(1));
            }
            Err(_) => break,
        }
    }
    (None, sent)
}

/// D26: dials to a port without a listener, in the range of the source ports of dials. Sooner or later
/// such a dial connects to itself.
pub fn self_connect(report: &mut Report) {
    let dials = report.scaled(10_000, 2_000);
    report.say_scale(format!("{dials} dials to 127.0.0.1:45000, where nobody listens"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let script = fresh_path("script");
    std::fs::write(&script, "/chat Ghost\n".repeat(dials)).expect("written");
    let address = listener.local_addr().expect("bound").to_string();
    let arguments = ["peer", "Ana", "--server", &address, "--lang", "en"];
    let stdin = Stdio::from(File::open(script).expect("the script"));
    let mut ana = Papo::start(&mut papo_after(&[], &arguments), stdin);
    let mut directory = Raw::accept(&listener);
    // A test's end may lie beyond any patience: the drill as a whole has a limit.
    while let Some(line) = directory.line_or_end() {
        if line.starts_with("ADDR ") {
            directory.send("ADDR 127.0.0.1:45000\r\n");
        } else if line.starts_with("LIST") {
            directory.send("LIST Ghost\r\n");
        }
    }
    let (_, status) = ana.wait(PATIENCE);
    let screen = ana.screen();
    report.exactly("conversations with oneself", screen.matches("Connected to").count(), 0_usize);
    let told = screen.matches("Could not connect to Ghost").count();
    report.exactly("failures told", told, dials);
    report.exactly("exit status", status.map_or(f64::NAN, f64::from), 1.0);
}

/// D27: both ask for each other's address, and receive it at the same moment.
pub fn both_at_once(report: &mut Report) {
    let rounds = report.scaled(50_usize, 10);
    report.say_scale(format!("{rounds} rounds; the directory answers both at once; planned 1,000"));
    let mut directory = Directory::open();
    let mut ana = directory.join("Ana");
    let mut bruno = directory.join("Bruno");
    let (mut once, mut unsaid, mut ended) = (0_usize, 0_usize, 0_usize);
    for round in 0..rounds {
        let before = [&ana, &bruno].map(|peer| peer.screen().len());
        directory.hold = true;
        ana.type_text("/chat Bruno\n");
        bruno.type_text("/chat Ana\n");
        directory.run_until(|directory| directory.held.len() == 2);
        directory.release();
        let since = |peer: &Papo, place: usize| peer.screen()[before[place]..].to_string();
        directory.run_until(|_| {
            since(&ana, 0).contains("Connected to") && since(&bruno, 1).contains("Connected to")
        });
        // Both calls come through: whichever link a text goes over, it comes once.
        directory.run_for(seconds(0.2));
        ana.type_text(&format!("from Ana {round}\n"));
        bruno.type_text(&format!("from Bruno {round}\n"));
        let texts = [format!("Bruno: from Bruno {round}\n"), format!("Ana: from Ana {round}\n")];
        directory.run_until(|_| {
            since(&ana, 0).contains(&texts[0]) && since(&bruno, 1).contains(&texts[1])
        });
        ana.type_text("/bye\n");
        let is_over = directory.run_until(|_| since(&bruno, 1).contains("ended the conversation"));
        directory.run_for(seconds(0.1));
        let screens = [since(&ana, 0), since(&bruno, 1)];
        let connected = screens.iter().map(|one| one.matches("Connected to").count());
        once += usize::from(connected.eq([1, 1]));
        let said = screens.iter().zip(&texts).map(|(one, text)| one.matches(text.as_str()).count());
        unsaid += usize::from(!said.eq([1, 1]));
        ended += usize::from(is_over);
    }
    report.exactly("rounds with one conversation", once, rounds);
    report.exactly("rounds with text lost or doubled", unsaid, 0_usize);
    report.exactly("rounds with a goodbye", ended, rounds);
}

/// A directory that the drill drives. It can delay its answers.
struct Directory {
    listener: TcpListener,
    people: Vec<(String, String, Raw)>,
    /// Whether answers are delayed, and the clients that wait, with the names.
    hold: bool,
    held: Vec<(usize, String)>,
}

impl Directory {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        Self { listener, people: Vec::new(), hold: false, held: Vec::new() }
    }

    fn join(&mut self, name: &str) -> Papo {
        let address: SocketAddr = self.listener.local_addr().expect("bound");
        let address = address.to_string();
        let arguments = ["peer", name, "--server", &address, "--lang", "en"];
        let peer = Papo::start(&mut papo_after(&[], &arguments), Stdio::piped());
        let mut raw = Raw::accept(&self.listener);
        let line = raw.line();
        let port = line.rsplit(':').next().expect("a port").to_string();
        raw.stream.set_nonblocking(true).expect("non-blocking");
        self.people.push((name.to_string(), port, raw));
        // A script waits for a refusal before its first line takes effect.
        self.run_for(seconds(0.5));
        peer
    }

    fn run_for(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.answer_all();
            pause(Duration::from_millis(1));
        }
    }

    fn run_until(&mut self, mut is_so: impl FnMut(&Self) -> bool) -> bool {
        let found = wait_for(seconds(5.0), || {
            self.answer_all();
            is_so(self)
        });
        found.is_some()
    }

    fn answer_all(&mut self) {
        for place in 0..self.people.len() {
            let mut piece = [0; 4096];
            let Ok(count) = self.people[place].2.stream.read(&mut piece) else { continue };
            let text = String::from_utf8_lossy(&piece[..count]).into_owned();
            for line in text.lines() {
                let Some(name) = line.strip_prefix("ADDR ") else { continue };
                self.held.push((place, name.to_string()));
            }
        }
        if !self.hold {
            self.release();
        }
    }

    fn release(&mut self) {
        self.hold = false;
        for (asker, name) in std::mem::take(&mut self.held) {
            let found = self.people.iter().find(|(one, ..)| *one == name);
            let answer = found.map(|(_, port, _)| format!("ADDR 127.0.0.1:{port}\r\n"));
            self.people[asker].2.send(&answer.unwrap_or_default());
        }
    }
}

//! The peer and its server: registration, KEEP, and the return after a loss.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::{AT_ONCE, ana, expect_at_once};
use crate::support::fake_server::FakeServer;
use crate::support::{Process, Server, eventually, quiet_address};

/// An address that never answers a dial: its accept queue is full, and the kernel drops further dials.
struct BlackHole {
    address: SocketAddr,
    _listener: Socket,
    _queue: Vec<TcpStream>,
}

impl BlackHole {
    fn open() -> Self {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        listener.bind(&any.into()).expect("any port");
        listener.listen(0).expect("listens");
        let address = listener.local_addr().expect("bound").as_socket().expect("IPv4");
        let knock = || TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok();
        let queue = std::iter::from_fn(knock).collect();
        Self { address, _listener: listener, _queue: queue }
    }
}

/// C19, P31: a KEEP every 5 seconds, while a dial has no answer and the keyboard brings more than the
/// peer reads. A KEEP that waited for either would be many seconds late.
#[test]
fn keep_comes_every_five_seconds_whatever_else_goes_on() {
    let hole = BlackHole::open();
    let server = FakeServer::start();
    let mut peer = server.peer(&[]);
    let (mut raw, _) = server.registered();
    let mut times = vec![Instant::now()];
    let typed = "/chat Hole\n".repeat(2) + &"x\n".repeat(30_000);
    peer.type_text(&typed);

    while times.len() < 3 {
        match raw.line().as_str() {
            "KEEP" => times.push(Instant::now()),
            "ADDR Hole" => raw.send(&format!("ADDR {}\r\n", hole.address)),
            other => assert_eq!(other, "LIST", "nothing else is asked"),
        }
    }
    for pair in times.windows(2) {
        let seconds = (pair[1] - pair[0]).as_secs_f64();
        assert!((3.5..=6.5).contains(&seconds), "{seconds} s between two KEEPs");
    }
    peer.expect_screen("Could not connect to Hole (no answer)");
}

/// C1: the port in USER accepts calls at once.
#[test]
fn user_is_sent_when_the_peer_listens_and_not_before() {
    for _ in 0..5 {
        let (mut peer, _server, address) = ana(&[]);
        let call = TcpStream::connect(address);
        assert!(call.is_ok(), "the peer does not listen at {address} yet");
        let _caller = super::call(address, "Bruno");
        peer.expect_screen("Connected to Bruno");
    }
}

/// C2, the handout's hint on bind.
#[test]
fn a_port_in_use_is_an_error_and_is_not_registered() {
    let taken = super::listen();
    let port = super::address_of(&taken).port().to_string();
    let server = FakeServer::start();
    let peer = server.peer(&["--port", &port]);
    let (status, screen, log) = peer.finish();
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{log:?}");
    assert!(log[0].contains(&port), "{log:?}");
}

/// A chosen port that is free is the one that is registered.
#[test]
fn a_chosen_port_is_registered() {
    let port = quiet_address().port().to_string();
    let (_peer, _server, address) = ana(&["--port", &port]);
    assert_eq!(address.port().to_string(), port);
}

/// C22, C23, S54: the server is killed during a conversation and comes back empty. No line is lost, and
/// both peers come back with the same name and port.
#[test]
fn a_server_that_dies_and_comes_back_costs_no_line() {
    let address = quiet_address();
    let mut server = Server::start_at(address, &[]);
    let mut ana = server.peer("Ana", &[]);
    let mut bruno = server.peer("Bruno", &[]);
    let before = [server.address_of("Ana"), server.address_of("Bruno")];
    ana.type_text("/chat Bruno\n");
    bruno.expect_screen("Connected to Ana");
    // A server that closes soon after USER without an answer would have refused the name.
    bruno.type_text("/list\n");
    bruno.expect_screen("Online (besides you): Ana");

    server.process.signal("KILL");
    server.process.wait();
    ana.expect_screen("Lost the server");
    bruno.expect_screen("Lost the server");
    converse(&mut ana, &mut bruno, "offline");

    let mut server = Server::start_at(address, &[]);
    converse(&mut ana, &mut bruno, "meanwhile");
    for name in ["Ana", "Bruno"] {
        let join = format!("event=join name=\"{name}\"");
        eventually(&join, || server.process.log().iter().any(|line| line.contains(&join)));
    }
    assert_eq!([server.address_of("Ana"), server.address_of("Bruno")], before);
    ana.expect_screen("Back online.");
    converse(&mut ana, &mut bruno, "online");
}

/// Sends a hundred lines both ways, and waits until each has arrived, in order.
#[track_caller]
fn converse(ana: &mut Process, bruno: &mut Process, topic: &str) {
    let text: String = (0..100).map(|number| format!("{topic} {number}\n")).collect();
    ana.type_text(&text);
    bruno.type_text(&text);
    for number in 0..100 {
        assert_eq!(bruno.expect_screen("Ana: "), format!("Ana: {topic} {number}"));
        assert_eq!(ana.expect_screen("Bruno: "), format!("Bruno: {topic} {number}"));
    }
}

/// C4, R14.
#[test]
fn a_script_with_a_name_that_is_taken_ends_with_the_name_on_stderr() {
    let server = Server::start();
    let mut holder = server.join("Ana", 1);
    holder.list();
    let address = server.address.to_string();
    let peer = Process::start(&["peer", "Ana", "--server", &address, "--lang", "en"]);
    let (status, screen, log) = peer.finish();
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{screen:?} {log:?}");
    assert!(log[0].starts_with("papo: ") && log[0].contains("Ana"), "{log:?}");
    assert!(holder.list().is_empty(), "the holder is still there, and alone");
}

/// C3, R14: there is no server for 5 seconds.
#[test]
fn a_script_without_a_server_ends_with_the_address_on_stderr() {
    let address = quiet_address().to_string();
    let start = Instant::now();
    let peer = Process::start(&["peer", "Ana", "--server", &address, "--lang", "en"]);
    let (status, screen, log) = peer.finish();
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds >= 4.5, "after {seconds} s");
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{screen:?} {log:?}");
    assert!(log[0].starts_with("papo: ") && log[0].contains(&address), "{log:?}");
}

/// C3.
#[test]
fn a_server_that_starts_a_little_later_is_found() {
    let address = quiet_address();
    let text = address.to_string();
    let _peer = Process::start(&["peer", "Ana", "--server", &text, "--lang", "en"]);
    std::thread::park_timeout(Duration::from_millis(700));
    let mut server = Server::start_at(address, &[]);
    let start = Instant::now();
    server.process.expect_log("event=join name=\"Ana\"");
    assert!(start.elapsed() < AT_ONCE, "found after {:?}", start.elapsed());
}

/// The server is gone, and the peer dials again and again.
#[test]
fn the_loss_of_the_server_is_reported_once() {
    let (mut peer, server, _) = ana(&["--keepalive", "0.2"]);
    // Longer than a refusal of the name would take.
    std::thread::park_timeout(Duration::from_millis(2_200));
    drop(server);
    expect_at_once(&mut peer, "Lost the server");
    std::thread::park_timeout(Duration::from_millis(1_500));
    let told = peer.screen().iter().filter(|line| line.contains("server")).count();
    assert_eq!(told, 1, "{:?}", peer.screen());
}

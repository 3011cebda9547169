//! The answers of the server, and missing answers.

use std::time::{Duration, Instant};

use super::{A_WHILE, AT_ONCE, address_of, ana, call, expect_at_once, listen, request};
use crate::support::{Raw, Server, quiet_address};

/// C17: an unknown name gets no answer. LIST is always answered, so its answer shows that no answer to
/// ADDR will come.
#[test]
fn an_unknown_name_is_found_out_by_a_list_after_addr() {
    let (mut peer, mut server, _) = ana(&[]);
    peer.type_text("/chat Nobody\n");
    assert_eq!(request(&mut server), "ADDR Nobody");
    let start = Instant::now();
    assert_eq!(request(&mut server), "LIST");
    assert!(start.elapsed() > Duration::from_millis(250), "a slow server has some time");
    server.send("LIST \r\n");
    expect_at_once(&mut peer, "Nobody is not online");
}

/// The same with the real server.
#[test]
fn an_unknown_name_is_reported_as_offline() {
    let mut server = Server::start();
    let mut ana = server.peer("Ana", &[]);
    ana.type_text("/chat Nobody\n/list\n");
    expect_at_once(&mut ana, "Nobody is not online");
    expect_at_once(&mut ana, "Online (besides you): nobody");
}

/// C18: Bruno's address comes after its lookup was given up, while Camila's lookup is under way. Taken
/// for Camila's, it would send her texts to Bruno.
#[test]
fn a_late_answer_is_not_taken_for_the_next_lookup() {
    let (bruno, camila) = (listen(), listen());
    let (mut peer, mut server, _) = ana(&[]);
    peer.type_text("/chat Bruno\n/chat Camila\n");
    assert_eq!(request(&mut server), "ADDR Bruno");
    assert_eq!(request(&mut server), "LIST");
    // Neither is answered until the peer has given up.
    peer.expect_screen("The server did not answer.");
    assert_eq!(request(&mut server), "ADDR Camila");
    server.send(&format!("ADDR {}\r\nLIST Bruno:Camila\r\n", address_of(&bruno)));
    server.send(&format!("ADDR {}\r\n", address_of(&camila)));
    assert_eq!(Raw::accept(&camila).line(), "USER Ana");
    peer.expect_screen("Connected to Camila");
    bruno.set_nonblocking(true).expect("non-blocking");
    assert!(bruno.accept().is_err(), "Bruno was not called");
}

/// C17: the answer comes after the LIST was sent, but in time.
#[test]
fn a_slow_answer_is_taken_and_its_list_is_not_taken_for_the_next_one() {
    let bruno = listen();
    let (mut peer, mut server, _) = ana(&[]);
    peer.type_text("/chat Bruno\n/list\n");
    assert_eq!(request(&mut server), "ADDR Bruno");
    assert_eq!(request(&mut server), "LIST");
    server.send(&format!("ADDR {}\r\n", address_of(&bruno)));
    let _bruno = Raw::accept(&bruno);
    assert_eq!(request(&mut server), "LIST", "the user's own");
    server.send("LIST the:old:one\r\n");
    server.send("LIST the:new:one\r\n");
    assert_eq!(expect_at_once(&mut peer, "Online"), "Online (besides you): the, new, one");
}

/// C12 to C14, C16: the handout's two editions, blanks, and an address that means "here".
#[test]
fn an_address_may_be_written_in_several_ways() {
    let bruno = listen();
    let port = address_of(&bruno).port();
    let (mut peer, mut server, _) = ana(&[]);
    let replies = [
        format!("ADDR 127.0.0.1:{port}\r\n"),
        format!("ADDR Bruno:127.0.0.1:{port}\r\n"),
        format!("ADDR 127.0.0.1: {port}\n"),
        format!("ADDR ::ffff:127.0.0.1:{port}\r\n"),
        format!("ADDR 0.0.0.0:{port}\r\n"),
        format!("ADDR Bruno:0.0.0.0:{port}\r\n"),
    ];
    for reply in replies {
        peer.type_text("/chat Bruno\n");
        assert_eq!(request(&mut server), "ADDR Bruno");
        server.send(&reply);
        let mut link = Raw::accept(&bruno);
        assert_eq!(link.line(), "USER Ana", "{reply}");
        drop(link);
        expect_at_once(&mut peer, "Bruno ended the conversation");
    }
}

/// C13.
#[test]
fn an_address_with_another_name_is_ignored() {
    let (mallory, bruno) = (listen(), listen());
    let (mut peer, mut server, _) = ana(&[]);
    peer.type_text("/chat Bruno\n");
    assert_eq!(request(&mut server), "ADDR Bruno");
    server.send(&format!("ADDR Mallory:{}\r\n", address_of(&mallory)));
    server.send(&format!("ADDR Bruno:{}\r\n", address_of(&bruno)));
    assert_eq!(Raw::accept(&bruno).line(), "USER Ana");
}

/// C15.
#[test]
fn a_broadcast_or_multicast_address_is_reported_and_not_dialed() {
    let (mut peer, mut server, _) = ana(&[]);
    for address in ["255.255.255.255:21500", "224.0.0.1:21500"] {
        peer.type_text("/chat Bruno\n");
        assert_eq!(request(&mut server), "ADDR Bruno");
        server.send(&format!("ADDR {address}\r\n"));
        expect_at_once(&mut peer, "no valid address for Bruno");
    }
}

/// P31.
#[test]
fn a_refused_call_is_reported_at_once() {
    let (mut peer, mut server, _) = ana(&[]);
    peer.type_text("/chat Bruno\n");
    assert_eq!(request(&mut server), "ADDR Bruno");
    server.send(&format!("ADDR {}\r\n", quiet_address()));
    expect_at_once(&mut peer, "Could not connect to Bruno (connection refused)");
}

/// C11, C24: five public clients take any line of the server for the answer to their next request.
#[test]
fn unexpected_lines_of_the_server_are_ignored() {
    let (mut peer, mut server, address) = ana(&["--keepalive", "0.3"]);
    let unasked = "Welcome!\r\n\r\nOK\r\nLIST Eva:Ivo\r\nADDR 127.0.0.1:1\r\nUSER Eva\r\nDISC\r\n\
                   ADDR Eva:127.0.0.1:1\r\nLI\r\n\x1b[2J\r\n\u{FEFF}\r\n";
    server.send(unasked);
    let mut bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    peer.type_text("/list\nstill here\n");
    assert_eq!(request(&mut server), "LIST");
    server.send("LIST Bruno\r\n");
    assert_eq!(peer.expect_screen("Online"), "Online (besides you): Bruno");
    assert_eq!(bruno.line(), "still here");
    server.send(unasked);
    assert_eq!(server.line(), "KEEP");
    assert_eq!(peer.screen().len(), 2, "{:?}", peer.screen());
}

/// P15, C25.
#[test]
fn text_never_goes_to_the_server_and_protocol_words_never_to_a_peer() {
    let (mut peer, mut server, address) = ana(&["--keepalive", "3600"]);
    peer.type_text("anybody there?\n");
    expect_at_once(&mut peer, "No active P2P connection");
    let mut bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    peer.type_text("DISC\nUSER Eva\nLIST\n");
    peer.expect_screen("Not sent");
    peer.expect_screen("Not sent");
    assert_eq!(bruno.line(), "LIST", "which means nothing between peers");
    assert!(server.is_silent_for(A_WHILE), "the server receives none of it");
}

/// C10.
#[test]
fn a_list_of_a_million_bytes_is_shown_whole() {
    let (mut peer, mut server, _) = ana(&[]);
    let names: Vec<String> = (0..20_000).map(|number| format!("{number:0>50}")).collect();
    peer.type_text("/list\n");
    assert_eq!(request(&mut server), "LIST");
    let start = Instant::now();
    server.send(&format!("LIST {}\r\n", names.join(":")));
    let line = peer.expect_screen("Online");
    assert!(line == format!("Online (besides you): {}", names.join(", ")));
    assert!(start.elapsed() < AT_ONCE);
}

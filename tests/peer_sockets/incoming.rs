//! Calls of other programs, in every way that was seen.

use std::time::{Duration, Instant};

use super::{A_WHILE, AT_ONCE, ana, call, expect_at_once};
use crate::support::{PATIENCE, Raw, eventually};

/// P9. No DISC comes back (P13).
#[test]
fn a_name_a_text_and_a_goodbye_may_come_in_one_segment() {
    let (mut peer, _server, address) = ana(&[]);
    let mut camila = Raw::connect(address);
    camila.send("USER Camila\r\nOi\r\n\r\nTchau\r\nDISC\r\nnot any more\r\n");
    let shown = [
        "Connected to Camila",
        "Camila: Oi",
        "Camila: ",
        "Camila: Tchau",
        "Camila ended the conversation",
    ];
    for line in shown {
        assert_eq!(peer.expect_screen("Camila"), line);
    }
    assert_eq!(camila.line_or_end(), None, "closed without a DISC of its own");
    assert_eq!(peer.screen().len(), shown.len(), "text after DISC is ignored");
}

/// P3: one byte at a time.
#[test]
fn lines_that_come_byte_by_byte_are_put_together() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = Raw::connect(address);
    for byte in "USER Bruno\r\nTudo bem, João?\r\nDISC\r\n".as_bytes() {
        bruno.send_bytes(&[*byte]);
        // Most bytes then get a read of their own. The result does not depend on it.
        std::thread::park_timeout(Duration::from_millis(1));
    }
    assert_eq!(peer.expect_screen("Bruno"), "Connected to Bruno");
    assert_eq!(peer.expect_screen("Bruno"), "Bruno: Tudo bem, João?");
    assert_eq!(peer.expect_screen("Bruno"), "Bruno ended the conversation");
}

/// P12, P14, P16: only the exact word at the right time is an instruction.
#[test]
fn a_line_that_only_looks_like_an_instruction_is_text() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    let texts = ["DISCO", " DISC", "DISC ", "disc", "DISC oi", "USER Eva", "LIST", "KEEP", "\tx"];
    for text in texts {
        bruno.send(&format!("{text}\r\n"));
        let shown = format!("Bruno: {}", text.replace('\t', "    "));
        assert_eq!(peer.expect_screen("Bruno"), shown);
    }
    bruno.send("DISC\r\n");
    expect_at_once(&mut peer, "Bruno ended the conversation");
}

/// P21.
#[test]
fn a_reset_is_reported_as_a_reset() {
    let (mut peer, _server, address) = ana(&[]);
    let bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    bruno.reset();
    expect_at_once(&mut peer, "Lost the connection to Bruno (connection reset)");
    peer.type_text("are you there?\n");
    expect_at_once(&mut peer, "No active P2P connection");
}

/// P20: the 2026 edition ends without DISC, and so does a program that crashes.
#[test]
fn an_end_without_disc_ends_the_conversation_and_the_unfinished_line_is_text() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = call(address, "Bruno");
    bruno.send("Oi\r\nTchau");
    bruno.half_close();
    assert_eq!(peer.expect_screen("Bruno"), "Connected to Bruno");
    assert_eq!(peer.expect_screen("Bruno"), "Bruno: Oi");
    assert_eq!(peer.expect_screen("Bruno"), "Bruno: Tchau");
    assert_eq!(peer.expect_screen("Bruno"), "Bruno ended the conversation");
    assert_eq!(bruno.line_or_end(), None);
}

/// P4, P7, P10, R7: a first line that is no name.
#[test]
fn a_caller_that_does_not_send_user_first_is_closed_and_reported() {
    let firsts = ["Oi!\r\n", "DISC\r\n", "USER \r\n", "USER Ana\r\n", "USER \x1b[2J\r\n", "\r\n"];
    for first in firsts {
        // A peer for each caller: the reports of many such callers are folded.
        let (mut peer, _server, address) = ana(&[]);
        let mut raw = Raw::connect(address);
        let from = raw.stream.local_addr().expect("an address").to_string();
        raw.send(first);
        let line = expect_at_once(&mut peer, "hung up");
        assert!(line.contains(&from), "{line}");
        assert!(raw.wait_closed() < AT_ONCE);
    }
}

/// Some programs never end a line. A second of silence ends it.
#[test]
fn a_caller_that_never_ends_a_line_is_understood_after_a_second() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = Raw::connect(address);
    let says = [
        ("USER Bruno", "Connected to Bruno"),
        ("Oi", "Bruno: Oi"),
        ("DISC", "Bruno ended the conversation"),
    ];
    for (said, shown) in says {
        let start = Instant::now();
        bruno.send(said);
        assert_eq!(peer.expect_screen("Bruno"), shown);
        let seconds = start.elapsed().as_secs_f64();
        assert!(seconds >= 0.9, "{said} was understood after {seconds} s");
    }
    assert_eq!(bruno.line_or_end(), None);
}

#[test]
fn a_caller_whose_only_line_end_is_that_of_user_is_understood_after_a_second() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = call(address, "Bruno");
    bruno.send("Oi");
    peer.expect_screen("Connected to Bruno");
    assert_eq!(peer.expect_screen("Bruno"), "Bruno: Oi");
    bruno.send("DISC");
    assert_eq!(peer.expect_screen("Bruno"), "Bruno ended the conversation");
}

#[test]
fn a_partner_that_has_ended_one_line_of_text_may_pause_within_another() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = call(address, "Bruno");
    bruno.send("Oi\r\nTudo ");
    std::thread::park_timeout(Duration::from_millis(1_500));
    bruno.send("bem?\r\n");
    peer.expect_screen("Connected to Bruno");
    assert_eq!(peer.expect_screen("Bruno"), "Bruno: Oi");
    assert_eq!(peer.expect_screen("Bruno"), "Bruno: Tudo bem?");
}

/// P36.
#[test]
fn a_new_caller_does_not_become_the_target_of_typed_lines() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    let mut camila = call(address, "Camila");
    camila.send("Oi!\r\n");
    peer.expect_screen("Camila: Oi!");
    peer.type_text("for Bruno\n/chat Camila\nfor Camila\n");
    assert_eq!(bruno.line(), "for Bruno");
    assert_eq!(camila.line(), "for Camila");
    assert!(bruno.is_silent_for(A_WHILE));
}

/// P37.
#[test]
fn text_typed_for_a_partner_that_has_left_goes_to_no_other() {
    let (mut peer, _server, address) = ana(&[]);
    let bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    let mut camila = call(address, "Camila");
    peer.expect_screen("Connected to Camila");
    drop(bruno);
    peer.expect_screen("Bruno ended");
    peer.type_text("for Bruno\n");
    expect_at_once(&mut peer, "To whom?");
    assert!(camila.is_silent_for(A_WHILE));
}

/// P28: control characters are shown and not obeyed.
#[test]
fn hostile_text_is_harmless_on_the_screen() {
    let (mut peer, _server, address) = ana(&[]);
    let mut eva = call(address, "Eva");
    let tower = format!("a{}b\r\n", "\u{0301}".repeat(1000));
    let said: [(&[u8], &str); 6] = [
        (b"\x1b[2J\x1b]0;owned\x07\x1b[31m\r\n", "Eva: ^[[2J^[]0;owned^G^[[31m"),
        ("\u{9B}31m\u{90}q\u{9C}\r\n".as_bytes(), "Eva: <U+009B>31m<U+0090>q<U+009C>"),
        ("\u{202E}txet\u{2066}\u{200F}\r\n".as_bytes(), "Eva: <U+202E>txet<U+2066><U+200F>"),
        (b"a\rb\x08\x7f\0\r\n", "Eva: a^Mb^H^?^@"),
        (b"\xC3\x28 \x9B31m \xFF\r\n", "Eva: \u{FFFD}( \u{FFFD}31m \u{FFFD}"),
        (tower.as_bytes(), "Eva: a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}b"),
    ];
    for (bytes, shown) in said {
        eva.send_bytes(bytes);
        assert_eq!(peer.expect_screen("Eva: "), shown);
    }
    let screen = peer.screen().concat();
    assert!(!screen.chars().any(char::is_control), "{}", screen.escape_debug());
}

/// P24.
#[test]
fn a_very_long_line_is_shown_cut_and_an_endless_one_closes() {
    let (mut peer, _server, address) = ana(&[]);
    let mut eva = call(address, "Eva");
    eva.send(&format!("{}\r\nOi\r\n", "x".repeat(20_000)));
    assert_eq!(peer.expect_screen("Eva: "), format!("Eva: {} [...]", "x".repeat(4096)));
    assert_eq!(peer.expect_screen("Eva: "), "Eva: Oi");
    eva.send(&"x".repeat(1 << 20));
    expect_at_once(&mut peer, "Cut the connection to Eva");
}

/// P6: a new caller displaces the oldest silent one.
#[test]
fn a_hundred_silent_callers_do_not_block_a_new_one() {
    let (mut peer, _server, address) = ana(&[]);
    let start = Instant::now();
    let silent: Vec<Raw> = (0..100).map(|_| Raw::connect(address)).collect();
    // A silent caller keeps its place for a second. After that each new caller displaces one.
    eventually("all but sixteen are closed", || {
        drop(Raw::connect(address));
        count_open(&silent) <= 16
    });
    let mut bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    peer.type_text("Oi\n");
    assert_eq!(bruno.line(), "Oi");
    // Before the ten seconds are over that a caller has for its name.
    assert!(start.elapsed() < Duration::from_secs(8));
    assert!(count_open(&silent) > 0, "the others still have time for USER");
}

fn count_open(callers: &[Raw]) -> usize {
    let is_open = |raw: &&Raw| {
        raw.stream.set_nonblocking(true).expect("non-blocking");
        let result = raw.stream.peek(&mut [0; 1]);
        result.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    };
    callers.iter().filter(is_open).count()
}

/// P5: bytes without a line end do not extend it.
#[test]
fn a_caller_has_ten_seconds_for_user() {
    let (_peer, _server, address) = ana(&[]);
    let mut raw = Raw::connect(address);
    let start = Instant::now();
    while raw.is_silent_for(Duration::from_millis(500)) && start.elapsed() < 2 * PATIENCE {
        raw.send("U");
    }
    assert_eq!(raw.line_or_end(), None, "it is closed");
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds >= 9.9, "hung up after {seconds} s");
}

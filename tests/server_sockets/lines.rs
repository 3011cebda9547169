//! Bytes that arrive in any pieces, and the instructions in them.

use std::time::{Duration, Instant};

use socket2::SockRef;

use super::{A_WHILE, AT_ONCE, crowd, crowd_name, member};
use crate::support::{Raw, Server, proc};

/// Sends each byte in a segment of its own.
fn trickle(raw: &mut Raw, text: &str) {
    for byte in text.as_bytes() {
        raw.send_bytes(&[*byte]);
        // Most bytes then get a read of their own. The result does not depend on it.
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

/// S3.
#[test]
fn an_instruction_may_come_one_byte_at_a_time() {
    let server = Server::start();
    let mut ana = server.connect();
    trickle(&mut ana, "USER Ana:20000\r\nLIST\r\nADDR Ana\r\n");
    assert_eq!(ana.line(), "LIST ");
    assert_eq!(ana.line(), "ADDR 127.0.0.1:20000");
    assert_eq!(member(&server, "Bia", 1).list(), ["Ana"]);
}

/// S4: the handout's own example.
#[test]
fn several_instructions_in_one_segment_are_all_done_in_order() {
    let server = Server::start();
    let _bruno = member(&server, "Bruno", 21500);
    let mut ana = server.connect();
    ana.send("USER Ana:20000\r\nKEEP\r\nLIST\r\nADDR Bruno\r\nKEEP\r\n");
    assert_eq!(ana.line(), "LIST Bruno");
    assert_eq!(ana.line(), "ADDR 127.0.0.1:21500");
    assert!(ana.is_silent_for(A_WHILE), "neither USER nor KEEP has a reply");
}

/// S5, S6: a line ends at its LF, and not before.
#[test]
fn a_segment_may_end_between_cr_and_lf() {
    let server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    ana.send("LIST\r");
    assert!(ana.is_silent_for(A_WHILE), "the line is not over");
    ana.send("\nADDR Ana\r");
    assert_eq!(ana.line(), "LIST ");
    assert!(ana.is_silent_for(A_WHILE), "this one is not over either");
    ana.send("\nLIST\n");
    assert_eq!(ana.line(), "ADDR 127.0.0.1:20000");
    assert_eq!(ana.line(), "LIST ");
}

/// S8: real names, each of them cut in two, one in the middle of a letter.
#[test]
fn names_may_have_blanks_and_letters_of_any_script() {
    let server = Server::start();
    let names = ["flavin do pneu", "João Conceição", "李雷", "🚀 Ωmega"];
    let mut asker = member(&server, "Ana", 1);
    let mut clients = Vec::new();
    for (name, port) in names.iter().zip(20_000..) {
        let mut raw = server.connect();
        let user = format!("USER {name}:{port}\r\n").into_bytes();
        let (front, back) = user.split_at("USER ".len() + 3);
        raw.send_bytes(front);
        raw.send_bytes(back);
        raw.list();
        clients.push(raw);
        asker.send(&format!("ADDR {name}\r\n"));
        assert_eq!(asker.line(), format!("ADDR 127.0.0.1:{port}"), "{name}");
    }
    assert_eq!(asker.list(), names);
}

/// S24: the answers are far more than the output bound, so the server stops reading requests, and
/// begins again.
#[test]
fn a_thousand_requests_at_once_get_a_thousand_right_answers() {
    let server = Server::start();
    let _others = crowd(&server, 100);
    let mut ana = member(&server, "Ana", 20000);
    let names: Vec<String> = (0..100).map(crowd_name).collect();
    assert_eq!(ana.list(), names);
    let list = format!("LIST {}", names.join(":"));
    ana.send(&"LIST\r\nADDR Ana\r\n".repeat(1000));
    for number in 0..1000 {
        assert!(ana.line() == list, "LIST no. {number}");
        assert_eq!(ana.line(), "ADDR 127.0.0.1:20000", "ADDR no. {number}");
    }
    assert!(ana.is_silent_for(A_WHILE), "and nothing more");
}

/// S46: 512 bytes with the line's end are a line, and one more is too many.
#[test]
fn a_line_of_512_bytes_is_taken_and_one_of_513_is_not() {
    let server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    ana.send(&format!("{:<510}\r\nADDR Ana\r\n", "LIST"));
    assert_eq!(ana.line(), "LIST ");
    assert_eq!(ana.line(), "ADDR 127.0.0.1:20000");
    ana.send(&format!("{:<511}\r\nADDR Ana\r\n", "LIST"));
    assert_eq!(ana.line_or_end(), None, "closed without a reply");
}

/// S55. The server is stopped meanwhile, so that it finds all bytes at once: a read ends before the
/// urgent byte, although more bytes are behind it.
#[test]
fn an_urgent_byte_in_the_middle_of_a_line_is_ignored() {
    let server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    server.process.stop();
    ana.send("LI");
    SockRef::from(&ana.stream).send_out_of_band(b"!").expect("sends an urgent byte");
    ana.send("ST\r\n");
    server.process.signal("CONT");
    let start = Instant::now();
    assert_eq!(ana.line(), "LIST ");
    assert!(start.elapsed() < AT_ONCE, "answered only after {:?}", start.elapsed());
}

/// S55: the byte stays in the kernel, and must not wake the server again and again.
#[test]
fn an_urgent_byte_does_not_keep_the_server_busy() {
    let server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    SockRef::from(&ana.stream).send_out_of_band(b"!").expect("sends an urgent byte");
    assert!(ana.list().is_empty());
    let before = proc::processor_ticks(server.process.id());
    std::thread::park_timeout(Duration::from_secs(1));
    let used = proc::processor_ticks(server.process.id()) - before;
    assert!(used <= 10, "{used} hundredths of a second of processor time in one second");
}

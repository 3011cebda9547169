//! `papo lab client`: keyboard and socket at the same time.

use std::net::{SocketAddr, TcpListener, UdpSocket};

use papo::lab::client::{ANSWERS_WAIT_MS, LabClient, TYPED_AHEAD_BYTES_MAX, Transport};
use papo::lab::{Notice, STALLED_MS};
use papo::machine::{ConnId, DialId, Input, Machine, Millis, Typed};

use super::Service;
use crate::driver::Driver;
use crate::support::{PATIENCE, Process, Raw};

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("any port");
    let address = listener.local_addr().expect("an address").to_string();
    (listener, address)
}

#[test]
fn keyboard_and_socket_do_not_wait_for_each_other() {
    let (listener, to) = listener();
    let mut client = Process::start(&["lab", "client", &to]);
    let mut server = Raw::accept(&listener);
    server.send("before anything was typed\n");
    client.expect_screen("before anything was typed");
    client.type_text("um\ndois\n");
    assert_eq!(server.line_or_end().as_deref(), Some("um\n"));
    assert_eq!(server.line_or_end().as_deref(), Some("dois\n"));
    server.send("and again\n");
    client.expect_screen("and again");
    drop(server);
    assert_eq!(client.finish().0, 0);
}

/// After the last line it ends its stream, and still reads.
#[test]
fn the_answers_to_the_last_lines_are_shown() {
    let (listener, to) = listener();
    let mut client = Process::start(&["lab", "client", &to, "--exit-word", "FIM"]);
    let mut server = Raw::accept(&listener);
    client.type_text("EXIT\nFIM\nnever sent\n");
    assert_eq!(server.line_or_end().as_deref(), Some("EXIT\n"));
    assert_eq!(server.line_or_end(), None, "the end of the stream");
    server.send("late answer\n");
    client.expect_screen("late answer");
    drop(server);
    assert_eq!(client.finish().0, 0);
}

#[test]
fn a_full_stdout_is_status_1() {
    let (listener, to) = listener();
    let mut client = Process::start_after("exec >/dev/full", &["lab", "client", &to]);
    let mut server = Raw::accept(&listener);
    server.send("an answer\n");
    drop(server);
    client.expect_log("cannot write to stdout");
    assert_eq!(client.wait(), 1);
}

#[test]
fn a_file_longer_than_all_buffers_arrives_whole() {
    let service = Service::start(&["echo"]);
    let to = service.address.to_string();
    let mut client = Process::start(&["lab", "client", &to]);
    let lines: Vec<_> = (0..40_000).map(|number| format!("line {number} of a long file")).collect();
    client.type_all(lines.join("\n") + "\n");
    let (status, screen, _) = client.finish();
    assert!(status == 0 && screen == lines, "{status}, {} lines", screen.len());
}

#[test]
fn over_udp_each_line_is_a_datagram() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("any port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let to = socket.local_addr().expect("an address").to_string();
    let mut client = Process::start(&["lab", "client", "--udp", &to]);
    client.type_text("frase\n\nEXIT\n");
    let mut buffer = [0; 100];
    let (count, from) = socket.recv_from(&mut buffer).expect("a datagram");
    assert_eq!(&buffer[..count], b"frase");
    assert_eq!(socket.recv(&mut buffer).expect("a datagram"), 0);
    let stranger = UdpSocket::bind("127.0.0.1:0").expect("any port");
    let its_port = from.port();
    stranger.send_to(b"from a stranger", ("127.0.0.1", its_port)).expect("leaves");
    socket.send_to(b"FRASE", from).expect("leaves");
    let (status, screen, errors) = client.finish();
    assert_eq!(screen, ["FRASE"], "a datagram of another source is not shown: {errors:?}");
    assert_eq!(status, 0, "UDP has no end of a stream, and it ends");
}

#[test]
fn wrong_usage_is_status_2() {
    for words in [
        ["lab", "no-such-service"].as_slice(),
        &["lab", "client"],
        &["lab", "client", "127.0.0.1"],
        &["lab", "echo", "--delay", "1"],
        &["lab", "echo", "twice"],
        &["lab", "throughput"],
        &["lab", "throughput", "send", "127.0.0.1", "--size", "1000000"],
        &["lab", "dict", "--root", "."],
    ] {
        let (status, screen, errors) = Process::start(words).finish();
        assert!(status == 2 && screen.is_empty() && !errors.is_empty(), "{words:?}: {errors:?}");
    }
    let (status, screen, _) = Process::start(&["lab"]).finish();
    let rows = screen.iter().filter(|line| line.starts_with("  ")).count();
    assert!(status == 0 && rows == 9, "{screen:?}");
}

const CONN: ConnId = ConnId { slot: 0, generation: 1 };

/// A client that is connected.
fn connected() -> Driver<LabClient> {
    let to = SocketAddr::from(([127, 0, 0, 1], 1));
    let mut client = Driver::new(LabClient::new(to, Transport::Tcp, "EXIT"));
    client.feed(Input::Tick);
    client.answer(DialId(0));
    client
}

/// The bytes that it shows, and its status if it leaves.
fn seen(client: &mut Driver<LabClient>, input: Input<'_, Typed>) -> (Vec<u8>, Option<u8>) {
    client.feed(input);
    let shown = client.take_notices().into_iter().filter_map(|notice| match notice {
        Notice::Said(bytes) => Some(bytes),
        _ => None,
    });
    (shown.flatten().collect(), client.status)
}

/// A file on stdin is faster than a network.
#[test]
fn no_line_is_taken_while_too_much_waits() {
    let mut client = connected();
    for (bytes, accepts_command) in [(0, true), (TYPED_AHEAD_BYTES_MAX, false), (1, true)] {
        seen(&mut client, Input::Backlog { conn: CONN, bytes });
        assert_eq!(client.machine.accepts_command(), accepts_command, "{bytes}");
    }
}

/// A read may end in the middle of a letter.
#[test]
fn a_letter_that_comes_in_two_reads_is_shown_as_one() {
    let mut client = connected();
    let mut hear = |bytes| seen(&mut client, Input::Bytes { conn: CONN, bytes }).0;
    assert_eq!(hear(b"ol\xc3"), b"ol");
    assert_eq!(hear(b"\xa1!\n\xf0\x9f"), "á!\n".as_bytes());
    assert_eq!(hear(b"\x98"), b"");
    assert_eq!(hear(b"\x80\xa1"), b"\xf0\x9f\x98\x80\xa1", "the last byte begins no letter");
}

/// Bytes that are no UTF-8 are shown as they are, and so is a letter whose rest never comes.
#[test]
fn an_unfinished_letter_is_shown_at_the_end() {
    for end in [Input::EndOfStream { conn: CONN }, Input::Stop] {
        let mut client = connected();
        assert_eq!(seen(&mut client, Input::Bytes { conn: CONN, bytes: b"x\xe2" }).0, b"x");
        assert_eq!(seen(&mut client, end), (b"\xe2".to_vec(), Some(0)));
    }
}

/// The other side reads slowly. The wait for its answers begins when it has taken everything.
#[test]
fn a_slow_reader_gets_everything_that_was_typed() {
    let mut client = connected();
    seen(&mut client, Input::Backlog { conn: CONN, bytes: 50_000 });
    seen(&mut client, Input::Command(&Typed::End));
    for step in 1..=5 {
        let bytes = 50_000 - 10_000 * usize::try_from(step).expect("small");
        client.now = Millis(step * (STALLED_MS - 1));
        let ahead = client.machine.next_deadline().is_some_and(|at| at > client.now);
        assert!(ahead, "{bytes} bytes");
        seen(&mut client, Input::Backlog { conn: CONN, bytes });
    }
    let leaves_at = Millis(5 * (STALLED_MS - 1)) + ANSWERS_WAIT_MS;
    assert_eq!(client.machine.next_deadline(), Some(leaves_at));
    client.now = leaves_at;
    assert_eq!(seen(&mut client, Input::Tick), (Vec::new(), Some(0)));
}

#[test]
fn typed_lines_that_the_other_side_does_not_take_are_a_failure() {
    let mut client = connected();
    seen(&mut client, Input::Command(&Typed::End));
    // The attempt to write follows in the same turn.
    seen(&mut client, Input::Backlog { conn: CONN, bytes: 50_000 });
    assert_eq!(client.machine.next_deadline(), Some(Millis(STALLED_MS)));
    client.now = Millis(STALLED_MS);
    assert_eq!(seen(&mut client, Input::Tick).1, Some(1));
}

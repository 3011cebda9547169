//! The same on real sockets: the command, its log, and the bytes of the kernel.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::support::{Process, Raw, Server};

/// The proxy whose headers count: an address of loopback.
const PROXY: &str = "127.0.0.3";

fn server() -> Server {
    Server::start_with(&["--proxy-protocol", "--proxy-from", PROXY])
}

/// A connection from this address of loopback.
fn connect(server: &Server, from: &str) -> Raw {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let from = SocketAddr::new(from.parse().expect("an address"), 0);
    socket.bind(&from.into()).expect("binds");
    socket.connect(&server.address.into()).expect("connects");
    Raw::over(TcpStream::from(socket))
}

#[test]
fn addr_has_the_true_address() {
    let mut server = server();
    let mut ana = connect(&server, PROXY);
    ana.send("PROXY TCP4 203.0.113.7 192.0.2.1 40000 10000\r\nUSER Ana:20000\r\n");
    server.process.expect_log("event=join name=\"Ana\" address=203.0.113.7:20000");
    let mut bruno = connect(&server, PROXY);
    let header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x08\xc0\0\x02\x01\x9c\x40\x27\x10";
    bruno.send_bytes(header);
    bruno.send("USER Bruno:21500\r\nADDR Ana\r\n");
    assert_eq!(bruno.line(), "ADDR 203.0.113.7:20000");
    ana.send("ADDR Bruno\r\n");
    assert_eq!(ana.line(), "ADDR 203.0.113.8:21500");
    let mut direct = connect(&server, "127.0.0.4");
    direct.send("USER Camila:3\r\n");
    server.process.expect_log("event=join name=\"Camila\" address=127.0.0.4:3");
    assert_eq!(direct.list(), ["Ana", "Bruno"]);
}

#[test]
fn a_header_and_a_line_may_come_byte_by_byte() {
    let mut server = server();
    let mut ana = connect(&server, PROXY);
    for byte in b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 10000\r\nUSER Ana:20000\r\n" {
        ana.send_bytes(&[*byte]);
        std::thread::park_timeout(Duration::from_millis(1));
    }
    server.process.expect_log("event=join name=\"Ana\" address=203.0.113.7:20000");
}

#[test]
fn the_log_has_the_address_and_the_line_that_came_instead_of_a_header() {
    let mut server = server();
    let mut no_header = connect(&server, PROXY);
    no_header.send("USER Ana:20000\r\n");
    no_header.wait_closed();
    let line = server.process.expect_log("event=refuse");
    assert!(line.contains("reason=no_proxy_header from=127.0.0.3:"), "{line}");
    assert!(line.contains("line=\"USER Ana:20000"), "{line}");
    let mut stranger = connect(&server, "127.0.0.4");
    stranger.send("PROXY TCP4 203.0.113.7 192.0.2.1 40000 10000\r\nUSER Ana:20000\r\n");
    stranger.wait_closed();
    let line = server.process.expect_log("event=refuse");
    assert!(line.contains("reason=unexpected_proxy_header from=127.0.0.4:"), "{line}");
    server.process.signal("USR2");
    let line = server.process.expect_log("event=state");
    assert!(line.contains("names=0") && line.contains("refused=2"), "{line}");
}

/// Without the option a header is no USER, but the log names it.
#[test]
fn a_server_without_the_option_names_a_header_in_its_log() {
    let mut server = Server::start();
    for header in ["PROXY TCP4 10.0.0.7 10.0.0.1 1 2\r\n", "\r\n\r\n\0\r\nQUIT\n\x21\x11"] {
        let mut raw = server.connect();
        raw.send(header);
        raw.wait_closed();
        server.process.expect_log("reason=unexpected_proxy_header");
    }
}

#[test]
fn each_of_the_two_options_needs_the_other() {
    let wrong: [&[&str]; 6] = [
        &["--proxy-protocol"],
        &["--proxy-from", "10.0.0.1"],
        &["--proxy-protocol", "--proxy-from", "proxy.example"],
        &["--proxy-protocol", "--proxy-from", "10.0.0.0/33"],
        &["--proxy-protocol", "--proxy-from", "10.0.0.1,"],
        &["--proxy-protocol", "--proxy-from", "10.0.0.1:80"],
    ];
    for options in wrong {
        let arguments = [&["server", "--listen", "127.0.0.1:0"], options].concat();
        let (status, _, log) = Process::start(&arguments).finish();
        assert_eq!(status, 2, "{options:?}: {log:?}");
        assert!(log.concat().contains("proxy-from"), "{options:?}: {log:?}");
    }
}

//! `papo server --watch`: the page, its events and the metrics, over real sockets. What a browser
//! makes of them is in `tests/player`.

use std::io::Write;
use std::net::SocketAddr;

use papo::watch::VIEWERS_MAX;

use crate::support::{Raw, Server, proc};

/// A server with `--watch`, and the address of its page.
fn watched(options: &[&str]) -> (Server, SocketAddr) {
    let mut server = Server::start_with(&[&["--watch", "127.0.0.1:0"], options].concat());
    let line = server.process.expect_log("event=watch ");
    let (_, address) = line.split_once("address=").expect("it says where");
    (server, address.trim().parse().expect("an address"))
}

/// A connection with one request, and its answer.
struct Reader(Raw);

impl Reader {
    fn get(at: SocketAddr, path: &str) -> Self {
        Self::ask(at, &format!("GET {path} HTTP/1.1\r\nHost: {at}\r\n\r\n"))
    }

    fn ask(at: SocketAddr, request: &str) -> Self {
        let mut raw = Raw::connect(at);
        raw.send(request);
        Self(raw)
    }

    /// All of an answer that ends.
    fn whole(mut self) -> String {
        std::iter::from_fn(|| self.0.line_or_end()).collect()
    }

    /// The next event whose data has this text.
    fn event(&mut self, text: &str) -> String {
        loop {
            let line = self.0.line_or_end().unwrap_or_else(|| panic!("the end, and no {text}"));
            if let Some(data) = line.strip_prefix("data: ").filter(|data| data.contains(text)) {
                return data.trim_end().to_string();
            }
        }
    }

    fn events(at: SocketAddr) -> Self {
        let mut reader = Self::get(at, "/events");
        reader.event(r#"{"papo":"recording","version":1"#);
        reader
    }
}

#[test]
fn the_page_comes_with_its_policy() {
    let (_server, at) = watched(&[]);
    let answer = Reader::get(at, "/").whole();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let policy = papo::player::policy(true);
    assert!(head.contains(&format!("Content-Security-Policy: {policy}")), "{head}");
    assert_eq!(body, papo::player::live_page("/events"));
}

/// A foreign page whose name resolves to this address has that name in Host (DNS rebinding).
#[test]
fn only_get_with_an_address_in_host_is_answered() {
    let (_server, at) = watched(&[]);
    let refused = [
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_string(), "403"),
        (format!("PUT / HTTP/1.1\r\nHost: {at}\r\n\r\n"), "405"),
        (format!("POST / HTTP/1.1\r\nHost: {at}\r\n\r\n"), "405"),
        (format!("GET /etc/passwd HTTP/1.1\r\nHost: {at}\r\n\r\n"), "404"),
        ("USER Ana:20000\r\nLIST\r\n".to_string(), "400"),
    ];
    for (request, status) in refused {
        let answer = Reader::ask(at, &request).whole();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
    }
}

/// For monitoring tools, and `curl -I`.
#[test]
fn head_gets_the_head_without_a_body() {
    let (_server, at) = watched(&[]);
    for path in ["/", "/events", "/metrics"] {
        let request = format!("HEAD {path} HTTP/1.1\r\nHost: {at}\r\n\r\n");
        let answer = Reader::ask(at, &request).whole();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{path}: {answer}");
        assert_eq!(answer.matches("\r\n\r\n").count(), 1, "{path}: {answer}");
    }
}

/// A class sees in plain words why Maria's program does not register.
#[test]
fn a_viewer_sees_joins_and_refusals_as_they_happen() {
    let (server, at) = watched(&["--lang", "en"]);
    let mut viewer = Reader::events(at);
    let mut ana = server.join("Ana", 20_000);
    viewer.event("Ana joined from 127.0.0.1:20000; 1 online");
    let mut maria = Raw::connect(server.address);
    maria.send("USER <Maria>\r\n");
    viewer.event("was refused: USER has no :port");
    ana.send("LIST\r\n");
    assert_eq!(ana.line(), "LIST ");
    viewer.event(r#""bytes":"LIST \\r\\n""#);
}

#[test]
fn a_late_viewer_receives_the_clients_online_at_once() {
    let (mut server, at) = watched(&[]);
    let _ana = server.join("Ana", 20_000);
    server.process.expect_log("event=join");
    let first = Reader::events(at).event(r#""whole":true"#);
    assert!(first.contains(r#""name":"Ana""#), "{first}");
    let second = Reader::events(at).event(r#""whole":true"#);
    assert!(second.contains(r#""name":"Ana""#), "{second}");
}

/// Otherwise each event would cause another event.
#[test]
fn viewers_do_not_see_their_own_connections() {
    let (mut server, at) = watched(&[]);
    let mut viewer = Reader::events(at);
    viewer.event(r#""whole":true"#);
    let other = Reader::events(at);
    let _ana = server.join("Ana", 20_000);
    server.process.expect_log("event=join");
    let own = other.0.stream.local_addr().expect("its address").to_string();
    loop {
        let turn = viewer.event(r#""turn":"#);
        assert!(!turn.contains(&own) && !turn.contains(r#""listener":1"#), "{turn}");
        if turn.contains("USER Ana:20000") {
            break;
        }
    }
}

#[test]
fn metrics_are_text_for_prometheus() {
    let (mut server, at) = watched(&[]);
    let _ana = server.join("Ana", 20_000);
    server.process.expect_log("event=join");
    let _viewer = Reader::events(at);
    let answer = Reader::get(at, "/metrics").whole();
    assert!(answer.contains("\r\nContent-Type: text/plain; version=0.0.4"), "{answer}");
    for line in ["papo_people_online 1", "papo_connections_accepted_total 1", "papo_viewers 1"] {
        assert!(answer.contains(&format!("\n{line}\n")), "{line}: {answer}");
    }
}

/// A browser comes back by itself.
#[test]
fn a_viewer_that_does_not_read_is_dropped_and_delays_no_client() {
    let (server, at) = watched(&[]);
    let mut lazy = Raw::connect_narrow(at);
    lazy.send(&format!("GET /events HTTP/1.1\r\nHost: {at}\r\n\r\n"));
    let mut ana = server.join("Ana", 20_000);
    let before = proc::resident_kib(server.process.id());
    let is_dropped = || Reader::get(at, "/metrics").whole().contains("\npapo_viewers 0\n");
    let mut rounds = 0;
    while !is_dropped() {
        for _ in 0..200 {
            ana.send("LIST\r\nADDR Ana\r\n");
            assert_eq!(ana.line(), "LIST ");
            assert_eq!(ana.line(), "ADDR 127.0.0.1:20000");
        }
        rounds += 1;
        assert!(rounds < 500, "it is not dropped");
    }
    let grown = proc::peak_kib(server.process.id()).saturating_sub(before);
    assert!(grown < 12 * 1024, "grown by {grown} KiB");
    Reader::events(at).event(r#""whole":true"#);
}

#[test]
fn one_viewer_too_many_gets_status_503() {
    let (_server, at) = watched(&[]);
    let viewers: Vec<_> = (0..VIEWERS_MAX).map(|_| Reader::events(at)).collect();
    let answer = Reader::get(at, "/events").whole();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    drop(viewers);
}

#[test]
fn an_unfinished_request_is_closed_in_time() {
    let (_server, at) = watched(&[]);
    let mut half = Raw::connect(at);
    let _ = half.stream.write_all(b"GET / HTT");
    assert_eq!(half.line_or_end(), None, "closed after its time");
}

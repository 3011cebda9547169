//! The meaning of each header, and of each fault in one.

use super::scene::{DIRECT, PROXY, Scene, v1, v2, v2_client};

const USER: &[u8] = b"USER Ana:20000\r\n";

#[test]
fn a_client_has_the_address_of_its_header() {
    for header in [v1("10.0.0.7"), v2_client()] {
        let mut scene = Scene::new();
        let ana = scene.accept(PROXY);
        scene.expect([]);
        scene.send(ana, &header);
        scene.send(ana, USER);
        scene.expect(["Ana joins at 10.0.0.7:20000"]);
    }
}

#[test]
fn the_first_lines_may_come_with_the_header() {
    for header in [v1("10.0.0.7"), v2_client()] {
        let mut scene = Scene::new();
        let bruno = scene.accept(DIRECT);
        scene.send(bruno, b"USER Bruno:21500\r\n");
        let ana = scene.accept(PROXY);
        scene.send(ana, &[&header, USER, b"ADDR Bruno\r\nLI"].concat());
        scene.send(ana, b"ST\r\n");
        scene.expect([
            "Bruno joins at 10.0.0.9:21500",
            "Ana joins at 10.0.0.7:20000",
            "1 < ADDR 10.0.0.9:21500",
            "1 < LIST Bruno",
        ]);
        scene.send(bruno, b"ADDR Ana\r\n");
        scene.expect(["0 < ADDR 10.0.0.7:20000"]);
    }
}

/// A client on the proxy's own host is reached at the address of the proxy for clients, and not at the
/// one by which the proxy reaches us.
#[test]
fn a_client_on_the_host_of_the_proxy_has_the_address_of_the_proxy() {
    let mut scene = Scene::new();
    let ana = scene.accept(PROXY);
    scene.send(ana, b"PROXY TCP4 127.0.0.1 127.0.0.1 5 6\r\nUSER Ana:20000\r\n");
    let bruno = scene.accept(PROXY);
    scene.send(bruno, &[&v1("10.0.0.8")[..], b"USER Bruno:1\r\nADDR Ana\r\n"].concat());
    let log = scene.look();
    assert_eq!(log.last().map(String::as_str), Some("1 < ADDR 10.9.0.50:20000"));
}

#[test]
fn a_client_without_a_proxy_is_served() {
    let mut scene = Scene::new();
    let ana = scene.accept(DIRECT);
    scene.send(ana, b"USER An");
    scene.send(ana, b"a:20000\r\n");
    scene.expect(["Ana joins at 10.0.0.9:20000"]);
    scene.end(ana);
    scene.expect(["Ana leaves", "0 closed"]);
}

/// Otherwise any client could choose its address.
#[test]
fn a_header_from_another_address_than_the_proxys_is_refused() {
    for header in [v1("10.0.0.7"), v2_client(), v2(0, 0, &[])] {
        let mut scene = Scene::new();
        let eve = scene.accept(DIRECT);
        scene.send(eve, &[&header, USER].concat());
        scene.expect(["refused 10.0.0.9: ProxyHeader", "0 closed"]);
        assert_eq!(scene.online(), 0);
    }
}

#[test]
fn a_proxy_that_sends_no_header_is_refused() {
    for bytes in [USER, b"\r\nUSER Ana:1\r\n", b"GET / HTTP/1.1\r\n", b"\n", b"PROXYx"] {
        let mut scene = Scene::new();
        let caller = scene.accept(PROXY);
        scene.send(caller, bytes);
        scene.expect(["refused 10.9.0.1: Missing", "0 closed"]);
    }
}

#[test]
fn a_header_that_is_wrong_or_too_long_is_refused() {
    let long_v1 = [b"PROXY TCP4 ", &[b'1'; 200][..]].concat();
    let mut long_v2 = v2_client();
    long_v2[14..16].copy_from_slice(&[0x10, 0]);
    let cases = [
        (b"PROXY TCP4 10.0.0.7 10.9.0.50 40000 99999\r\n".to_vec(), "Malformed"),
        (b"PROXY TCP4 10.0.0.7 10.9.0.50\r\n".to_vec(), "Malformed"),
        (b"PROXY TCP4 10.0.0.7 10.9.0.50 1 2\n".to_vec(), "Malformed"),
        (v2(2, 0x11, &[0; 12]), "Malformed"),
        (v2(1, 0x11, &[0; 11]), "Malformed"),
        (v2(1, 0x71, &[0; 12]), "Malformed"),
        (long_v1, "TooLong"),
        (long_v2, "TooLong"),
    ];
    for (bytes, fault) in cases {
        let mut scene = Scene::new();
        let caller = scene.accept(PROXY);
        scene.send(caller, &bytes);
        let refused = format!("refused 10.9.0.1: {fault}");
        scene.expect([&refused, "0 closed"]);
    }
}

/// A check gets no answer, no log line and no place in a count.
#[test]
fn a_health_check_is_closed_without_a_notice() {
    let mut scene = Scene::new();
    let check = scene.accept(PROXY);
    scene.send(check, &v2(0, 0x00, &[]));
    scene.expect(["0 closed"]);
    let check = scene.accept(PROXY);
    scene.send(check, &[&v2(0, 0x11, &[7; 12])[..], USER].concat());
    scene.expect(["1 closed"]);
    let connects_only = scene.accept(PROXY);
    scene.end(connects_only);
    scene.expect(["2 closed"]);
    assert_eq!(scene.online(), 0);
}

/// Version 1 has no other header for a check, and a client over a Unix socket has no address.
#[test]
fn a_connection_without_an_address_is_a_check_until_it_sends_a_line() {
    let unix = v2(1, 0x31, &[b'x'; 216]);
    for header in [b"PROXY UNKNOWN\r\n".to_vec(), v2(1, 0x00, &[]), unix] {
        let mut scene = Scene::new();
        let check = scene.accept(PROXY);
        scene.send(check, &header);
        scene.expect([]);
        scene.end(check);
        scene.expect(["0 closed"]);
        let client = scene.accept(PROXY);
        scene.send(client, &header);
        scene.send(client, USER);
        scene.expect(["refused 10.9.0.1: NoAddress", "1 closed"]);
        let hurried = scene.accept(PROXY);
        scene.send(hurried, &[&header, USER].concat());
        scene.expect(["refused 10.9.0.1: NoAddress", "2 closed"]);
    }
}

#[test]
fn extra_fields_of_a_header_are_skipped() {
    let tlvs = [0x02, 0, 4, b'p', b'a', b'p', b'o', 0x05, 0, 1, 9];
    let ends = [10, 0, 0, 7, 10, 9, 0, 50, 0x9c, 0x40, 0x27, 0x10];
    let mut scene = Scene::new();
    let ana = scene.accept(PROXY);
    scene.send(ana, &[&v2(1, 0x11, &[&ends[..], &tlvs].concat())[..], USER].concat());
    scene.expect(["Ana joins at 10.0.0.7:20000"]);
}

/// A stop closes connections whose header has not come yet.
#[test]
fn a_stop_does_not_wait_for_headers() {
    let mut scene = Scene::new();
    let ana = scene.accept(PROXY);
    scene.send(ana, &[&v1("10.0.0.7")[..], USER].concat());
    scene.accept(PROXY);
    scene.stop();
    let late = scene.accept(PROXY);
    assert!(!scene.is_open(late));
    let log = scene.look();
    let wanted = ["Ana joins at 10.0.0.7:20000", "1 aborted", "Ana leaves", "0 aborted", "exit 0"];
    assert_eq!(log[..5], wanted);
}

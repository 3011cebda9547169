//! Which addresses of the server's answers are called. A text that is no address is never looked
//! up.

use papo::peer::Rules;

use super::desk::{Desk, rules};

/// The log after `/chat Bruno` and this answer of the server.
fn after(desk: &mut Desk, reply: &str) -> Vec<String> {
    desk.types("/chat Bruno");
    desk.forget();
    desk.hears("server", reply);
    desk.look()
}

/// Ana with the server at this address.
fn with_server(server: &str) -> Desk {
    let rules = Rules { servers: vec![vec![server.parse().expect("an address")]], ..rules() };
    let mut desk = Desk::new(rules);
    desk.answers(server, "server");
    desk.wait(250);
    desk.forget();
    desk
}

/// C14, R12: an address is cut at its last colon, with or without brackets.
#[test]
fn an_ipv6_address_is_cut_at_its_last_colon() {
    let cases = [
        ("ADDR 2001:db8::5:21500", "dial [2001:db8::5]:21500"),
        ("ADDR [2001:db8::5]:21500", "dial [2001:db8::5]:21500"),
        ("ADDR Bruno:[2001:db8::5]:21500", "dial [2001:db8::5]:21500"),
    ];
    for (reply, expected) in cases {
        assert_eq!(after(&mut Desk::ana(), reply), [expected], "{reply}");
    }
}

/// R12: IPv4-mapped addresses are IPv4.
#[test]
fn an_ipv4_mapped_address_is_called_as_ipv4() {
    assert_eq!(after(&mut Desk::ana(), "ADDR ::ffff:10.0.0.2:80"), ["dial 10.0.0.2:80"]);
}

/// Some servers send them (`ADDR 200.235.90.80: 21500`).
#[test]
fn blanks_in_an_address_are_dropped() {
    assert_eq!(after(&mut Desk::ana(), "ADDR  10.0.0.2: 80 "), ["dial 10.0.0.2:80"]);
}

/// C15.
#[test]
fn multicast_and_broadcast_are_refused_with_a_message() {
    for address in ["224.0.0.1:80", "239.1.2.3:80", "255.255.255.255:80", "ff02::1:80"] {
        let reply = format!("ADDR {address}");
        assert_eq!(after(&mut Desk::ana(), &reply), ["bad address: Bruno"], "{address}");
    }
}

/// C15.
/// I4: 0.0.0.0/8, 240.0.0.0/4, and link-local addresses of another link.
#[test]
fn addresses_that_no_host_has_are_refused_with_a_message() {
    for address in ["0.1.2.3:80", "240.0.0.1:80", "254.1.2.3:80", "169.254.1.2:80", "fe80::2:80"] {
        let reply = format!("ADDR {address}");
        assert_eq!(after(&mut Desk::ana(), &reply), ["bad address: Bruno"], "{address}");
    }
    let mut ana = with_server("169.254.0.1:10000");
    assert_eq!(after(&mut ana, "ADDR 169.254.1.2:80"), ["dial 169.254.1.2:80"]);
    let mut ana = with_server("[fe80::1%7]:10000");
    assert_eq!(after(&mut ana, "ADDR fe80::2:80"), ["dial [fe80::2%7]:80"]);
}

/// C15: a host name, or a bad port. The notice is not that Bruno is not online.
#[test]
fn text_that_is_no_address_is_refused_with_a_message() {
    for address in ["host:2", "10.0.0.2:0", "10.0.0.2:65536", "10.0.0.2", "10.0.0.256:2"] {
        let reply = format!("ADDR {address}");
        assert_eq!(after(&mut Desk::ana(), &reply), ["bad address: Bruno"], "{address}");
    }
}

/// C15: and the question ends.
#[test]
fn text_that_is_no_address_is_never_called() {
    for address in ["host:2", "10.0.0.2:0", "localhost:80", "10.0.0.2:65536", "x", ""] {
        let mut ana = Desk::ana();
        let mut log = after(&mut ana, &format!("ADDR {address}"));
        ana.wait(3_000);
        log.extend(ana.look());
        assert!(log.iter().all(|it| !it.starts_with("dial")), "{address}: {log:?}");
        assert!(!ana.has_waiting_lines());
    }
}

/// C16.
#[test]
fn loopback_from_a_remote_server_means_the_servers_host() {
    for address in ["127.0.0.1:21500", "127.9.9.9:21500", "0.0.0.0:21500", "[::1]:21500"] {
        let reply = format!("ADDR {address}");
        assert_eq!(after(&mut Desk::ana(), &reply), ["dial 10.0.0.1:21500"], "{address}");
    }
}

/// C16.
#[test]
fn loopback_from_a_server_on_loopback_is_called_as_it_is() {
    let mut ana = with_server("127.0.0.1:10000");
    assert_eq!(after(&mut ana, "ADDR 127.0.0.1:21500"), ["dial 127.0.0.1:21500"]);
    let mut ana = with_server("127.0.0.1:10000");
    assert_eq!(after(&mut ana, "ADDR 0.0.0.0:21500"), ["dial 127.0.0.1:21500"]);
}

/// C16 and R12 together: a server reached by a mapped address.
#[test]
fn a_server_behind_a_mapped_address_is_ipv4() {
    let mut ana = with_server("[::ffff:10.0.0.1]:10000");
    assert_eq!(after(&mut ana, "ADDR 127.0.0.1:21500"), ["dial 10.0.0.1:21500"]);
}

/// C16.
/// R10: no server can know the zone.
#[test]
fn a_link_local_address_is_called_in_the_zone_of_the_server() {
    let mut ana = with_server("[fe80::1%7]:10000");
    assert_eq!(after(&mut ana, "ADDR fe80::2:21500"), ["dial [fe80::2%7]:21500"]);
    let mut ana = with_server("[fe80::1%7]:10000");
    assert_eq!(after(&mut ana, "ADDR ::1:21500"), ["dial [fe80::1%7]:21500"]);
}

/// R10.
#[test]
fn an_address_that_is_not_link_local_has_no_zone() {
    let mut ana = with_server("[fe80::1%3]:10000");
    assert_eq!(after(&mut ana, "ADDR fe80::7:21500"), ["dial [fe80::7%3]:21500"]);
    let mut ana = with_server("[fe80::1%3]:10000");
    assert_eq!(after(&mut ana, "ADDR 2001:db8::5:21500"), ["dial [2001:db8::5]:21500"]);
}

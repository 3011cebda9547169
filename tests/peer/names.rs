//! Servers with names: the host looks the names up again before each attempt.

use std::io::ErrorKind;
use std::net::SocketAddr;

use papo::machine::CloseReason;
use papo::peer::Rules;
use papo::peer::command::Command;

use super::desk::{DIAL, Desk, SERVER, rules};

/// Another address of the server.
const MOVED: &str = "10.0.0.7:10000";

/// One server with a name that has no address yet.
fn unknown() -> Rules {
    Rules { servers: vec![vec![]], ..named() }
}

/// One server with a name, which leads to [`SERVER`].
fn named() -> Rules {
    Rules { names: vec!["papo.example".to_string()], ..rules() }
}

/// Ana, registered there for a minute.
fn registered() -> Desk {
    let mut ana = Desk::registered(named());
    ana.wait(60_000);
    ana.forget();
    ana
}

/// The host reports the result of a lookup.
fn finds(ana: &mut Desk, addresses: &[&str]) {
    let address = |text: &&str| text.parse::<SocketAddr>().expect("an address");
    ana.commands(&Command::Servers(vec![addresses.iter().map(address).collect()]));
}

#[test]
fn a_name_is_looked_up_again_in_each_pause_and_the_next_dial_uses_the_result() {
    let mut ana = registered();
    ana.breaks("server", CloseReason::Failed(ErrorKind::TimedOut));
    ana.expect(["offline: 10.0.0.1:10000", "addresses wanted"]);
    finds(&mut ana, &[SERVER]);
    ana.wait_for(DIAL);
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.expect([DIAL, "addresses wanted"]);
    finds(&mut ana, &[MOVED]);
    ana.expect([]);
    ana.wait_for("dial 10.0.0.7:10000");
    ana.answers(MOVED, "server");
    ana.wait(250);
    let back = ["dial 10.0.0.7:10000", "server > USER Ana:20000", "back online at 10.0.0.7:10000"];
    ana.expect(back);
}

/// A lookup may take longer than the pause, and end while the old address is dialed.
#[test]
fn a_late_result_is_used_at_the_next_dial() {
    let mut ana = Desk::new(named());
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.wait_for(DIAL);
    ana.forget();
    finds(&mut ana, &[MOVED]);
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.expect(["addresses wanted"]);
    ana.wait_for("dial 10.0.0.7:10000");
}

#[test]
fn a_lookup_does_not_change_the_address_at_which_we_are_registered() {
    let mut ana = registered();
    finds(&mut ana, &[MOVED]);
    ana.breaks("server", CloseReason::Failed(ErrorKind::TimedOut));
    ana.expect(["offline: 10.0.0.1:10000", "addresses wanted"]);
    ana.wait_for("dial 10.0.0.7:10000");
}

#[test]
fn a_name_that_a_lookup_does_not_find_keeps_its_address() {
    let mut ana = Desk::new(named());
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.forget();
    finds(&mut ana, &[]);
    ana.expect([]);
    ana.wait_for(DIAL);
}

/// E5: the resolver starts later.
#[test]
fn an_unknown_name_is_reported_once_and_dialed_as_soon_as_it_is_known() {
    let mut ana = Desk::new(Rules { scripted: true, stays: true, ..unknown() });
    ana.expect(["addresses wanted"]);
    finds(&mut ana, &[]);
    ana.expect(["unknown: papo.example"]);
    ana.wait(60_000);
    let asked = ana.look();
    assert!(asked.len() > 10 && asked.iter().all(|it| it == "addresses wanted"), "{asked:?}");
    finds(&mut ana, &[]);
    ana.expect([]);
    finds(&mut ana, &[SERVER]);
    ana.wait(0);
    ana.expect([DIAL]);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["server > USER Ana:20000", "BackOnline"]);
}

#[test]
fn a_known_name_without_a_server_is_reported_too() {
    let mut ana = Desk::new(unknown());
    finds(&mut ana, &[]);
    finds(&mut ana, &[SERVER]);
    ana.wait(0);
    ana.forget();
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.expect(["no server: 10.0.0.1:10000 ConnectionRefused", "addresses wanted"]);
}

#[test]
fn no_lookup_is_asked_for_without_names() {
    let mut ana = Desk::new(rules());
    for _ in 0..5 {
        ana.refuses(SERVER, ErrorKind::ConnectionRefused);
        ana.wait_for(DIAL);
    }
    let log = ana.look();
    assert!(!log.contains(&"addresses wanted".to_string()), "{log:?}");
}

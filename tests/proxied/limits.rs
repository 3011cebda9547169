//! The address that each client counts for, and the time that a header may take.

use papo::directory::Rules;
use papo::proxied::HEADER_WITHIN_MS;

use super::scene::{PROXY, Scene, v1, v2};

/// All of them come from one proxy. Each counts for the address in its header.
#[test]
fn the_limit_of_an_address_is_that_of_the_header() {
    let mut scene = Scene::with(Rules { per_address_max: 2, ..Rules::default() });
    for from in ["10.0.0.7", "10.0.0.7", "10.0.0.8", "10.0.0.8"] {
        let caller = scene.accept(PROXY);
        scene.send(caller, &v1(from));
    }
    scene.expect([]);
    let third = scene.accept(PROXY);
    scene.send(third, &v1("10.0.0.7"));
    scene.expect(["refused 10.0.0.7: AddressLimit", "4 reset"]);
}

#[test]
fn health_checks_count_for_no_limit() {
    let rules = Rules { per_address_max: 1, clients_max: 2, ..Rules::default() };
    let mut scene = Scene::with(rules);
    for _ in 0..10 {
        scene.accept(PROXY);
        let check = scene.accept(PROXY);
        scene.send(check, &v2(0, 0, &[]));
        let unknown = scene.accept(PROXY);
        scene.send(unknown, b"PROXY UNKNOWN\r\n");
    }
    scene.look();
    let ana = scene.accept(PROXY);
    scene.send(ana, &[&v1("10.0.0.7")[..], b"USER Ana:20000\r\n"].concat());
    scene.expect(["Ana joins at 10.0.0.7:20000"]);
}

#[test]
fn a_header_that_does_not_come_in_time_is_refused() {
    let mut scene = Scene::new();
    let silent = scene.accept(PROXY);
    scene.wait(1_000);
    let slow = scene.accept(PROXY);
    scene.send(slow, b"PROXY TCP4 10.0.0.7");
    scene.wait(HEADER_WITHIN_MS - 1_001);
    scene.expect([]);
    scene.wait(100);
    scene.expect(["refused 10.9.0.1: Unfinished", "0 closed"]);
    assert!(!scene.is_open(silent));
    // A byte now and then does not extend the time.
    scene.send(slow, b" ");
    scene.wait(1_000);
    scene.expect(["refused 10.9.0.1: Unfinished", "1 closed"]);
}

#[test]
fn a_check_that_stays_connected_is_closed_in_time() {
    let mut scene = Scene::new();
    let check = scene.accept(PROXY);
    scene.send(check, b"PROXY UNKNOWN\r\n");
    scene.wait(HEADER_WITHIN_MS + 100);
    scene.expect(["0 aborted"]);
    assert!(!scene.is_open(check));
}

/// The 15 s of the handout begin after the header.
#[test]
fn a_client_whose_header_has_come_has_the_time_of_any_client() {
    let mut scene = Scene::new();
    let ana = scene.accept(PROXY);
    scene.wait(4_000);
    scene.send(ana, &v1("10.0.0.7"));
    scene.wait(14_900);
    scene.expect([]);
    scene.send(ana, b"USER Ana:20000\r\n");
    scene.expect(["Ana joins at 10.0.0.7:20000"]);
}

#[test]
fn a_connection_that_ends_in_the_middle_of_its_header_is_refused() {
    let mut scene = Scene::new();
    let caller = scene.accept(PROXY);
    scene.send(caller, b"PROXY TCP4 10.0");
    scene.end(caller);
    scene.expect(["refused 10.9.0.1: Unfinished", "0 closed"]);
}

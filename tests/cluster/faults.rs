//! A server or the engine dies, is stopped, or comes back. The drills K1 to K5 measure how long it
//! takes.

use std::time::{Duration, Instant};

use super::engine::{Engine, Relay};
use super::{expect_list, member, server, server_at};
use crate::support::{Raw, Server, eventually};

/// The LIST of a client. It sends KEEP before, so that it does not expire in a long test.
fn list(client: &mut Raw) -> Vec<String> {
    client.send("KEEP\r\n");
    client.list()
}

#[test]
fn the_clients_of_a_killed_server_leave_the_list_when_its_lease_ends() {
    let Some(engine) = Engine::start() else { return };
    let (one, mut other) = (server(&engine), server(&engine));
    let _ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&other, "Bruno", 20_001);
    expect_list(&mut bruno, &["Ana"]);
    let killed_at = Instant::now();
    one.process.signal("KILL");
    let mut early = other.join("Ana", 20_002);
    assert_eq!(early.line_or_end(), None, "its lease has not ended");
    eventually("Ana has left the list", || list(&mut bruno).is_empty());
    // The lease is renewed every 5 s, for 15 s.
    let took = killed_at.elapsed();
    assert!(took > Duration::from_secs(9), "{took:?}");
    other.process.expect_log("event=server_gone");
    let mut ana = member(&other, "Ana", 20_002);
    assert_eq!(ana.list(), ["Bruno"]);
    assert_eq!(engine.ask("HLEN papo:names"), ":2");
}

#[test]
fn a_server_that_was_stopped_longer_than_its_lease_claims_again() {
    let Some(engine) = Engine::start() else { return };
    let (one, other) = (server(&engine), server(&engine));
    let mut ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&one, "Bruno", 20_001);
    let mut camila = member(&other, "Camila", 20_002);
    expect_list(&mut camila, &["Ana", "Bruno"]);
    one.process.stop();
    eventually("its clients have left the list", || list(&mut camila).is_empty());
    // Another client takes one of the names meanwhile.
    let mut second = other.join("Ana", 20_009);
    eventually("the name is free", || list(&mut second) == ["Camila"]);
    for client in [&mut ana, &mut bruno] {
        client.send("KEEP\r\n");
    }
    one.process.go_on();
    assert_eq!(ana.line_or_end(), None, "the name was lost");
    eventually("Bruno is back", || list(&mut camila).contains(&"Bruno".to_string()));
    let names = list(&mut bruno);
    assert!(names.len() == 2 && names.iter().all(|it| it == "Ana" || it == "Camila"), "{names:?}");
}

/// Joins and lookups go on without the engine. A join waits two seconds.
fn goes_on_without(engine: &mut Engine, return_with_data: bool) {
    let (mut one, mut other) = (server(engine), server(engine));
    let mut ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&other, "Bruno", 20_001);
    expect_list(&mut ana, &["Bruno"]);
    engine.kill();
    one.process.expect_log("event=engine_down");
    other.process.expect_log("event=engine_down");
    assert_eq!(list(&mut ana), ["Bruno"], "the list stays");
    let asked_at = Instant::now();
    let mut camila = member(&one, "Camila", 20_002);
    let waited = asked_at.elapsed();
    assert!(waited >= Duration::from_millis(1_900), "{waited:?}");
    one.process.expect_log("event=unclaimed name=\"Camila\"");
    assert_eq!(list(&mut camila), ["Ana", "Bruno"]);
    assert_eq!(list(&mut bruno), ["Ana"], "not known here yet");
    let mut taken = one.join("Bruno", 9);
    assert_eq!(taken.line_or_end(), None, "a name in the list is refused");
    engine.start_again();
    eventually("all servers list all clients", || {
        let lists = [list(&mut ana), list(&mut bruno), list(&mut camila)];
        assert!(return_with_data || lists[0].contains(&"Bruno".to_string()), "{lists:?}");
        lists == [vec!["Bruno", "Camila"], vec!["Ana", "Camila"], vec!["Ana", "Bruno"]]
    });
    eventually("all are claimed", || engine.ask("HLEN papo:names") == ":3");
}

#[test]
fn an_engine_that_comes_back_empty_receives_all_names_again() {
    let Some(mut engine) = Engine::start() else { return };
    goes_on_without(&mut engine, false);
}

#[test]
fn an_engine_that_comes_back_with_its_data_goes_on() {
    let Some(mut engine) = Engine::start_lasting() else { return };
    goes_on_without(&mut engine, true);
}

#[test]
fn after_flushall_all_names_are_claimed_again_and_none_was_missing() {
    let Some(engine) = Engine::start() else { return };
    let (mut one, other) = (server(&engine), server(&engine));
    let mut ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&other, "Bruno", 20_001);
    let mut camila = member(&one, "Camila", 20_002);
    expect_list(&mut bruno, &["Ana", "Camila"]);
    assert_eq!(engine.ask("FLUSHALL"), "+OK");
    eventually("all are claimed", || {
        assert_eq!(list(&mut ana), ["Bruno", "Camila"]);
        assert_eq!(list(&mut bruno), ["Ana", "Camila"]);
        assert_eq!(list(&mut camila), ["Ana", "Bruno"]);
        engine.ask("HLEN papo:names") == ":3"
    });
    one.process.expect_log("event=lease_lost");
    let _davi = member(&other, "Davi", 20_003);
    expect_list(&mut ana, &["Bruno", "Camila", "Davi"]);
}

#[test]
fn of_two_clients_that_took_a_name_without_the_engine_one_is_closed() {
    let Some(mut engine) = Engine::start() else { return };
    let (mut one, mut other) = (server(&engine), server(&engine));
    engine.kill();
    one.process.expect_log("event=engine_down");
    other.process.expect_log("event=engine_down");
    let (mut here, mut there) = (one.join("Ana", 20_000), other.join("Ana", 20_001));
    assert!(here.list().is_empty() && there.list().is_empty());
    engine.start_again();
    let lost = |server: &mut Server| {
        server.process.log().iter().any(|line| line.contains("reason=name_lost"))
    };
    eventually("one has lost the name", || lost(&mut one) || lost(&mut other));
    let (mut winner, mut loser) = if lost(&mut one) { (there, here) } else { (here, there) };
    assert_eq!(loser.line_or_end(), None);
    assert!(winner.list().is_empty());
    let mut bruno = member(if lost(&mut one) { &one } else { &other }, "Bruno", 20_002);
    expect_list(&mut bruno, &["Ana"]);
    assert!(!(lost(&mut one) && lost(&mut other)), "one of the two stays");
}

#[test]
fn an_engine_that_is_stopped_delays_a_join_by_two_seconds() {
    let Some(engine) = Engine::start() else { return };
    let mut one = server(&engine);
    engine.process.stop();
    let asked_at = Instant::now();
    let _ana = member(&one, "Ana", 20_000);
    let waited = asked_at.elapsed();
    assert!(waited >= Duration::from_millis(1_900), "{waited:?}");
    one.process.expect_log("event=unclaimed name=\"Ana\"");
    engine.process.go_on();
    eventually("she is claimed", || engine.ask("HLEN papo:names") == ":1");
}

#[test]
fn the_servers_go_to_the_next_engine_when_one_dies() {
    let (Some(mut first), Some(second)) = (Engine::start(), Engine::start()) else { return };
    let url = format!("{},{}", first.url(), second.address);
    let (mut one, mut other) = (server_at(&url), server_at(&url));
    for server in [&mut one, &mut other] {
        server.process.expect_log(&format!("event=engine_up engine={}", first.address));
    }
    let mut ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&other, "Bruno", 20_001);
    expect_list(&mut ana, &["Bruno"]);
    first.kill();
    for server in [&mut one, &mut other] {
        server.process.expect_log(&format!("event=engine_up engine={}", second.address));
    }
    eventually("both are claimed there", || second.ask("HLEN papo:names") == ":2");
    assert_eq!((list(&mut ana), list(&mut bruno)), (vec!["Bruno".into()], vec!["Ana".into()]));
}

/// A partition that is longer than a lease: a name may have two owners until it ends.
#[test]
fn a_server_that_was_cut_off_gives_up_the_names_that_were_taken_meanwhile() {
    let Some(engine) = Engine::start() else { return };
    let relay = Relay::to(&engine);
    let (mut one, other) = (server_at(&relay.url), server(&engine));
    one.process.expect_log("event=engine_up");
    let mut ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&one, "Bruno", 20_001);
    let mut camila = member(&other, "Camila", 20_002);
    expect_list(&mut camila, &["Ana", "Bruno"]);
    expect_list(&mut bruno, &["Ana", "Camila"]);
    relay.cut();
    eventually("the lease ends", || {
        assert_eq!(list(&mut bruno), ["Ana", "Camila"], "its own list stays");
        list(&mut ana);
        list(&mut camila).is_empty()
    });
    let mut second = member(&other, "Ana", 20_009);
    assert_eq!(second.list(), ["Camila"]);
    relay.mend();
    assert_eq!(ana.line_or_end(), None, "the name has one owner again");
    one.process.expect_log("reason=name_lost");
    let both = |client: &mut Raw, names: [&str; 2]| {
        let mut found = list(client);
        found.sort();
        found == names
    };
    eventually("all servers list all clients", || {
        list(&mut second);
        both(&mut bruno, ["Ana", "Camila"]) && both(&mut camila, ["Ana", "Bruno"])
    });
    bruno.send("ADDR Ana\r\n");
    assert_eq!(bruno.line(), "ADDR 127.0.0.1:20009");
}

//! A server or the engine dies, sleeps, or comes back.

use std::time::{Duration, Instant};

use super::engine::{Cable, Engine};
use super::{expect_list, server, server_at};
use crate::support::{Raw, Server, eventually};

#[track_caller]
fn member(server: &Server, name: &str, port: u16) -> Raw {
    let mut raw = server.join(name, port);
    raw.list();
    raw
}

/// A client that says KEEP whenever it is asked for a LIST, so that it outlives long waits.
fn list(client: &mut Raw) -> Vec<String> {
    client.send("KEEP\r\n");
    client.list()
}

#[test]
fn the_people_of_a_killed_server_are_gone_when_its_lease_ends() {
    let Some(engine) = Engine::start() else { return };
    let (one, mut other) = (server(&engine), server(&engine));
    let _ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&other, "Bruno", 20_001);
    expect_list(&mut bruno, &["Ana"]);
    let killed_at = Instant::now();
    one.process.signal("KILL");
    let mut early = other.join("Ana", 20_002);
    assert_eq!(early.line_or_end(), None, "its lease still lives");
    eventually("Ana is gone", || list(&mut bruno).is_empty());
    let took = killed_at.elapsed();
    assert!(took > Duration::from_secs(9) && took < Duration::from_secs(18), "{took:?}");
    other.process.expect_log("event=server_gone");
    let mut ana = member(&other, "Ana", 20_002);
    assert_eq!(ana.list(), ["Bruno"]);
    assert_eq!(engine.ask("HLEN papo:names"), ":2");
}

#[test]
fn a_server_that_slept_longer_than_its_lease_claims_again() {
    let Some(engine) = Engine::start() else { return };
    let (one, other) = (server(&engine), server(&engine));
    let mut ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&one, "Bruno", 20_001);
    let mut camila = member(&other, "Camila", 20_002);
    expect_list(&mut camila, &["Ana", "Bruno"]);
    one.process.stop();
    eventually("its people are gone", || list(&mut camila).is_empty());
    // One name is somebody else's by the time that it wakes up.
    let mut second = other.join("Ana", 20_009);
    eventually("the name is free", || list(&mut second) == ["Camila"]);
    for client in [&mut ana, &mut bruno] {
        client.send("KEEP\r\n");
    }
    one.process.signal("CONT");
    assert_eq!(ana.line_or_end(), None, "the name was lost");
    eventually("Bruno is back", || list(&mut camila).contains(&"Bruno".to_string()));
    let names = list(&mut bruno);
    assert!(names.len() == 2 && names.iter().all(|it| it == "Ana" || it == "Camila"), "{names:?}");
}

/// Joins and lookups go on without the engine; whoever joins waits two seconds.
fn goes_on_without(engine: &mut Engine, return_with_data: bool) {
    let (mut one, mut other) = (server(engine), server(engine));
    let mut ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&other, "Bruno", 20_001);
    expect_list(&mut ana, &["Bruno"]);
    engine.kill();
    one.process.expect_log("event=engine_down");
    other.process.expect_log("event=engine_down");
    assert_eq!(list(&mut ana), ["Bruno"], "what is known stays");
    let asked_at = Instant::now();
    let mut camila = member(&one, "Camila", 20_002);
    let waited = asked_at.elapsed();
    assert!(waited >= Duration::from_millis(1_900), "{waited:?}");
    one.process.expect_log("event=unclaimed name=\"Camila\"");
    assert_eq!(list(&mut camila), ["Ana", "Bruno"]);
    assert_eq!(list(&mut bruno), ["Ana"], "not known here yet");
    let mut taken = one.join("Bruno", 9);
    assert_eq!(taken.line_or_end(), None, "a name that is known is refused at once");
    engine.start_again();
    let back_at = Instant::now();
    eventually("all are known everywhere", || {
        let lists = [list(&mut ana), list(&mut bruno), list(&mut camila)];
        assert!(return_with_data || lists[0].contains(&"Bruno".to_string()), "{lists:?}");
        lists == [vec!["Bruno", "Camila"], vec!["Ana", "Camila"], vec!["Ana", "Bruno"]]
    });
    assert!(back_at.elapsed() < Duration::from_secs(5), "{:?}", back_at.elapsed());
    eventually("all are claimed", || engine.ask("HLEN papo:names") == ":3");
}

#[test]
fn an_engine_that_comes_back_empty_is_told_everybody_again() {
    let Some(mut engine) = Engine::start() else { return };
    goes_on_without(&mut engine, false);
}

#[test]
fn an_engine_that_comes_back_with_its_data_goes_on() {
    let Some(mut engine) = Engine::start_lasting() else { return };
    goes_on_without(&mut engine, true);
}

#[test]
fn after_flushall_everybody_is_claimed_again_and_nobody_was_missing() {
    let Some(engine) = Engine::start() else { return };
    let (mut one, other) = (server(&engine), server(&engine));
    let mut ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&other, "Bruno", 20_001);
    let mut camila = member(&one, "Camila", 20_002);
    expect_list(&mut bruno, &["Ana", "Camila"]);
    assert_eq!(engine.ask("FLUSHALL"), "+OK");
    let flushed_at = Instant::now();
    eventually("all are claimed", || {
        assert_eq!(list(&mut ana), ["Bruno", "Camila"]);
        assert_eq!(list(&mut bruno), ["Ana", "Camila"]);
        assert_eq!(list(&mut camila), ["Ana", "Bruno"]);
        engine.ask("HLEN papo:names") == ":3"
    });
    assert!(flushed_at.elapsed() < Duration::from_secs(5), "{:?}", flushed_at.elapsed());
    one.process.expect_log("event=lease_lost");
    let _davi = member(&other, "Davi", 20_003);
    expect_list(&mut ana, &["Bruno", "Camila", "Davi"]);
}

/// Two people took one name while the engine was away.
#[test]
fn of_two_who_took_a_name_without_the_engine_one_is_closed() {
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
fn an_engine_that_stands_still_delays_a_join_by_two_seconds() {
    let Some(engine) = Engine::start() else { return };
    let mut one = server(&engine);
    let _ = engine.ask("CLIENT PAUSE 2500 ALL");
    let asked_at = Instant::now();
    let _ana = member(&one, "Ana", 20_000);
    let waited = asked_at.elapsed();
    let range = Duration::from_millis(1_900)..Duration::from_millis(2_490);
    assert!(range.contains(&waited), "{waited:?}");
    one.process.expect_log("event=unclaimed name=\"Ana\"");
    eventually("she is claimed", || engine.ask("HLEN papo:names") == ":1");
}

#[test]
fn the_next_engine_is_taken_where_one_is_gone() {
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

/// A partition: for as long as it lasts, and longer than a lease, a name may be had on both sides.
#[test]
fn a_server_that_was_cut_off_gives_up_the_names_that_were_taken_meanwhile() {
    let Some(engine) = Engine::start() else { return };
    let cable = Cable::to(&engine);
    let (mut one, other) = (server_at(&cable.url), server(&engine));
    one.process.expect_log("event=engine_up");
    let mut ana = member(&one, "Ana", 20_000);
    let mut bruno = member(&one, "Bruno", 20_001);
    let mut camila = member(&other, "Camila", 20_002);
    expect_list(&mut camila, &["Ana", "Bruno"]);
    expect_list(&mut bruno, &["Ana", "Camila"]);
    cable.cut();
    eventually("the lease ends", || {
        assert_eq!(list(&mut bruno), ["Ana", "Camila"], "it serves its people with what it knows");
        list(&mut ana);
        list(&mut camila).is_empty()
    });
    let mut second = member(&other, "Ana", 20_009);
    assert_eq!(second.list(), ["Camila"]);
    cable.mend();
    assert_eq!(ana.line_or_end(), None, "two have the name no longer");
    one.process.expect_log("reason=name_lost");
    let both = |client: &mut Raw, names: [&str; 2]| {
        let mut found = list(client);
        found.sort();
        found == names
    };
    eventually("all know all", || {
        list(&mut second);
        both(&mut bruno, ["Ana", "Camila"]) && both(&mut camila, ["Ana", "Bruno"])
    });
    bruno.send("ADDR Ana\r\n");
    assert_eq!(bruno.line(), "ADDR 127.0.0.1:20009");
}

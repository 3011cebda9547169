//! Each server lists the clients of all servers, and a name has one owner.

use super::engine::Engine;
use super::{expect_list, member, server};
use crate::support::{Server, eventually};
#[test]
fn clients_of_three_servers_are_one_list_in_one_order() {
    let Some(engine) = Engine::start() else { return };
    let servers = [server(&engine), server(&engine), server(&engine)];
    let mut ana = member(&servers[0], "Ana", 20_000);
    let mut bruno = member(&servers[1], "Bruno", 20_001);
    let mut camila = member(&servers[2], "Camila", 20_002);
    let mut davi = member(&servers[0], "Davi", 20_003);
    expect_list(&mut ana, &["Bruno", "Camila", "Davi"]);
    expect_list(&mut bruno, &["Ana", "Camila", "Davi"]);
    expect_list(&mut camila, &["Ana", "Bruno", "Davi"]);
    expect_list(&mut davi, &["Ana", "Bruno", "Camila"]);
    ana.send("ADDR Camila\r\n");
    assert_eq!(ana.line(), "ADDR 127.0.0.1:20002");
    drop(bruno);
    expect_list(&mut ana, &["Camila", "Davi"]);
    expect_list(&mut camila, &["Ana", "Davi"]);
}

#[test]
fn a_server_that_starts_later_lists_all_clients() {
    let Some(engine) = Engine::start() else { return };
    let first = server(&engine);
    let names: Vec<_> = (0..1_500).map(|number| format!("person {number:04}")).collect();
    let clients: Vec<_> = names.iter().map(|name| first.join(name, 20_000)).collect();
    let mut last = member(&first, "Last", 20_000);
    let mut names: Vec<_> = names.iter().map(String::as_str).collect();
    expect_list(&mut last, &names);
    let second = server(&engine);
    let mut eva = member(&second, "Eva", 20_001);
    names.push("Last");
    expect_list(&mut eva, &names);
    drop(clients);
    expect_list(&mut eva, &["Last"]);
}

#[test]
fn a_live_name_cannot_be_taken_at_another_server() {
    let Some(engine) = Engine::start() else { return };
    let (mut one, mut other) = (server(&engine), server(&engine));
    let mut ana = member(&one, "Ana", 20_000);
    let mut second = other.join("Ana", 20_001);
    assert_eq!(second.line_or_end(), None, "refused as a server alone refuses");
    other.process.expect_log("event=refuse reason=name_taken");
    assert!(ana.list().is_empty());
    drop(ana);
    one.process.expect_log("event=leave name=\"Ana\"");
    // The release reaches the engine a moment after the log line.
    eventually("the name is free", || {
        let mut third = other.join("Ana", 20_001);
        third.send("LIST\r\n");
        third.line_or_end().is_some()
    });
}

/// R2: the same name from the same IP address with the same port is the same person.
#[test]
fn the_same_person_takes_over_at_another_server_and_at_the_same_one() {
    let Some(engine) = Engine::start() else { return };
    let (mut one, mut other) = (server(&engine), server(&engine));
    let mut bruno = member(&one, "Bruno", 20_009);
    let mut before = member(&one, "Ana", 20_000);
    let mut now = member(&other, "Ana", 20_000);
    assert_eq!(before.line_or_end(), None);
    one.process.expect_log("reason=taken_over");
    expect_list(&mut bruno, &["Ana"]);
    let mut again = member(&other, "Ana", 20_000);
    assert_eq!(now.line_or_end(), None);
    other.process.expect_log("reason=taken_over");
    expect_list(&mut again, &["Bruno"]);
    expect_list(&mut bruno, &["Ana"]);
    assert_eq!(engine.ask("HLEN papo:names"), ":2");
}

#[test]
fn lines_sent_after_user_wait_and_are_answered() {
    let Some(engine) = Engine::start() else { return };
    let one = server(&engine);
    let mut ana = one.connect();
    ana.send("USER Ana:20000\r\nLIST\r\nADDR Ana\r\n");
    assert_eq!(ana.line(), "LIST ");
    assert_eq!(ana.line(), "ADDR 127.0.0.1:20000");
}

#[test]
fn a_server_that_stops_in_order_gives_its_names_and_its_lease_back() {
    let Some(engine) = Engine::start() else { return };
    let (mut one, other) = (server(&engine), server(&engine));
    let clients: Vec<_> = (0..200).map(|it| one.join(&format!("p{it}"), 20_000)).collect();
    let mut ana = member(&other, "Ana", 20_000);
    eventually("everybody is there", || ana.list().len() == 200);
    one.process.signal("TERM");
    assert_eq!(one.process.wait(), 0);
    assert_eq!(engine.ask("HLEN papo:names"), ":1");
    assert_eq!(engine.ask("KEYS papo:lease:*"), "*1");
    expect_list(&mut ana, &[]);
    drop(clients);
}

#[test]
fn two_worlds_share_an_engine() {
    let Some(engine) = Engine::start() else { return };
    let one = server(&engine);
    let arguments = ["--directory", &engine.url(), "--directory-prefix", "other"];
    let mut elsewhere = Server::start_with(&arguments);
    elsewhere.process.expect_log("event=engine_up");
    let mut ana = member(&one, "Ana", 20_000);
    let mut namesake = member(&elsewhere, "Ana", 20_001);
    assert!(ana.list().is_empty() && namesake.list().is_empty());
}

/// SIGUSR2's line.
#[test]
fn a_report_has_the_lease_the_stream_and_the_claims() {
    let Some(engine) = Engine::start() else { return };
    let (mut one, other) = (server(&engine), server(&engine));
    let mut ana = member(&one, "Ana", 20_000);
    let _bruno = member(&other, "Bruno", 20_001);
    expect_list(&mut ana, &["Bruno"]);
    one.process.signal("USR2");
    let line = one.process.expect_log("event=state");
    let sharing = "lease=held stream_lag=0 claims=0 releases=0 remote=1 servers=1";
    assert!(line.contains("clients=1 names=2") && line.ends_with(sharing), "{line}");
}

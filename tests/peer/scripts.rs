//! A script on stdin: each command waits for the effect of the one before.

use std::io::ErrorKind;

use papo::peer::Rules;
use papo::peer::server::RETRY_LONGEST_MS;

use super::desk::{BRUNO, Desk, SERVER, rules};

/// A script of these lines, just started.
fn script(lines: &[&str]) -> Desk {
    let mut ana = Desk::new(Rules { scripted: true, verify: false, ..rules() });
    for line in lines {
        ana.types(line);
    }
    ana.types_end();
    ana
}

/// The server may still refuse the name.
#[test]
fn a_script_waits_until_it_is_registered() {
    let mut ana = script(&["/list"]);
    ana.wait(1_000);
    ana.answers(SERVER, "server");
    ana.wait(249);
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000"]);
    ana.wait(1);
    ana.expect(["server > LIST"]);
}

#[test]
fn a_script_waits_for_the_answer_to_list() {
    let mut ana = script(&["/list"]);
    ana.answers(SERVER, "server");
    ana.wait(250);
    assert!(ana.has_waiting_lines());
    ana.hears("server", "LIST Bruno");
    assert_eq!(ana.look()[2..], ["server > LIST", "online: Bruno", "server closed", "exit 0"]);
}

#[test]
fn a_script_waits_until_its_call_is_answered_and_its_text_has_left() {
    let mut ana = script(&["/chat Bruno", "Oi", "Tchau"]);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    assert!(ana.has_waiting_lines());
    ana.answers(BRUNO, "bruno");
    ana.forget();
    ana.wait(49);
    ana.expect([]);
    ana.wait(71);
    ana.expect([
        "bruno > Oi",
        "server closed",
        "bruno > Tchau",
        "bruno > DISC",
        "bruno half-closed",
    ]);
}

#[test]
fn a_script_goes_on_when_its_call_fails() {
    let mut ana = script(&["/chat Bruno", "Oi"]);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.forget();
    ana.refuses(BRUNO, ErrorKind::ConnectionRefused);
    ana.expect([
        "unreachable: Bruno ConnectionRefused",
        "NoConversation",
        "server closed",
        "exit 1",
    ]);
}

/// Otherwise its texts would fill the memory.
#[test]
fn a_script_waits_for_a_slow_reader() {
    let mut ana = Desk::script();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.stalls("bruno");
    ana.types("um");
    ana.types("dois");
    assert!(ana.has_waiting_lines());
    ana.wait(60_000);
    assert!(ana.has_waiting_lines());
    ana.forget();
    ana.takes("bruno", 4);
    ana.expect(["bruno > dois"]);
}

/// Otherwise the next call could reach the other side before our DISC, join the old conversation
/// there and end with it.
#[test]
fn a_script_waits_until_its_goodbye_has_left() {
    let mut ana = script(&["/chat Bruno", "Oi", "/bye", "/chat Bruno"]);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.forget();
    ana.wait(100);
    let log = ana.look();
    let place = |line: &str| log.iter().position(|it| it == line);
    let (goodbye, call) = (place("bruno > DISC"), place("server > ADDR Bruno"));
    assert!(goodbye.is_some() && call.is_some(), "{log:?}");
    assert!(goodbye < call, "{log:?}");
}

/// R14.
#[test]
fn a_script_without_a_server_ends_after_five_seconds_with_status_1() {
    let mut ana = script(&["/list"]);
    for _ in 0..100 {
        ana.wait(50);
        if ana.look().iter().any(|it| it.starts_with("dial")) {
            ana.refuses(SERVER, ErrorKind::ConnectionRefused);
        }
        assert_eq!(ana.has_exited(), ana.now.0 >= 5_000, "at {:?}", ana.now);
    }
}

/// R14.
#[test]
fn a_script_waits_for_a_server_that_starts_later() {
    let mut ana = script(&["/list"]);
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.wait(375);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.hears("server", "LIST ");
    let log = ana.look();
    assert!(log.ends_with(&["online: ", "server closed", "exit 0"].map(String::from)), "{log:?}");
}

/// R14.
#[test]
fn a_script_whose_name_is_refused_ends_with_status_1() {
    let mut ana = script(&["/list"]);
    ana.answers(SERVER, "server");
    ana.ends("server");
    let log = ana.look();
    assert!(log.ends_with(&["fatal: refused Ana", "exit 1"].map(String::from)), "{log:?}");
    assert!(!log.contains(&"server > LIST".to_string()));
}

#[test]
fn the_first_line_of_a_script_without_a_name_is_the_name() {
    let mut ana = Desk::new(Rules { name: None, scripted: true, ..rules() });
    ana.types("Ana");
    ana.types("/list");
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["AskName", "dial 10.0.0.1:10000", "server > USER Ana:20000", "server > LIST"]);
}

#[test]
fn a_script_without_a_good_name_ends_with_status_1() {
    let mut ana = Desk::new(Rules { name: None, scripted: true, ..rules() });
    ana.types("A:na");
    ana.expect(["AskName", "fatal: Colon", "exit 1"]);
    let mut ana = Desk::new(Rules { name: None, scripted: true, ..rules() });
    ana.types_end();
    ana.expect(["AskName", "fatal: no name", "exit 1"]);
}

/// Under a service manager, stdin is `/dev/null`.
#[test]
fn a_script_that_stays_goes_on_after_its_last_line() {
    let mut ana = Desk::registered(Rules { scripted: true, stays: true, verify: false, ..rules() });
    ana.types_end();
    ana.accepts("bruno", "10.0.0.2");
    ana.hears_at_once("bruno", &["USER Bruno", "Ainda aí?"]);
    ana.expect(["connected: Bruno", "Bruno says Ainda aí?"]);
    ana.stop();
    assert!(ana.look().contains(&"bruno > DISC".to_string()));
}

/// C3: a service may start before its server.
#[test]
fn a_script_that_stays_waits_for_its_server() {
    let mut ana = Desk::new(Rules { scripted: true, stays: true, verify: false, ..rules() });
    ana.types_end();
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.expect(["dial 10.0.0.1:10000", "no server: 10.0.0.1:10000 ConnectionRefused"]);
    while ana.now.0 < 60_000 {
        ana.wait(1_000);
        if ana.look().iter().any(|it| it.starts_with("dial")) {
            ana.refuses(SERVER, ErrorKind::ConnectionRefused);
        }
        assert!(!ana.has_exited() && ana.look().is_empty(), "at {:?}", ana.now);
    }
    let tries = (0..RETRY_LONGEST_MS * 3 / 2 / 100).any(|_| {
        ana.wait(100);
        ana.look() == ["dial 10.0.0.1:10000"]
    });
    assert!(tries, "it never tries again");
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["server > USER Ana:20000", "BackOnline"]);
}

#[test]
fn a_script_that_stays_and_gives_no_name_fails() {
    let mut desk = Desk::new(Rules { name: None, scripted: true, stays: true, ..rules() });
    desk.forget();
    desk.types_end();
    desk.expect(["fatal: no name", "exit 1"]);
}

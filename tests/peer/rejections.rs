//! A server that ends the connection soon after USER. Each cause has its own notice, and only one
//! is a refused name.

use std::io::ErrorKind;

use papo::machine::CloseReason;
use papo::peer::Rules;

use super::desk::{DIAL, Desk, RESET, SERVER, rules};

/// A description, and what happens.
type Case = (&'static str, fn(&mut Desk));

fn service() -> Rules {
    Rules { scripted: true, stays: true, ..rules() }
}

/// A server that restarts closes in order too. A server that refuses the name does so again.
#[test]
fn a_server_that_closes_late_is_tried_once_more() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.wait(900);
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "10.0.0.1:10000 hung up"]);
    ana.wait_for(DIAL);
    ana.answers(SERVER, "server");
    ana.wait(1_999);
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "refused: Ana", "AskName"]);
}

/// A full server closes before it has read USER, which resets the connection.
#[test]
fn a_reset_after_user_does_not_refuse_the_name() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.forget();
    ana.breaks("server", RESET);
    ana.expect(["10.0.0.1:10000 hung up"]);
    ana.wait_for(DIAL);
}

#[test]
fn a_line_without_end_after_user_does_not_refuse_the_name() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.forget();
    ana.breaks("server", CloseReason::LineTooLong);
    ana.expect(["10.0.0.1:10000 ends no line"]);
    ana.wait_for(DIAL);
}

#[test]
fn a_line_without_its_end_that_is_no_reply_is_shown() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.hears_unended("server", "nome em uso");
    ana.forget();
    ana.breaks("server", CloseReason::Asked);
    ana.expect(["10.0.0.1:10000 said: nome em uso", "AskName"]);
}

/// Each cause is reported once.
#[test]
fn a_script_that_stays_tries_again_whatever_the_server_does() {
    let troubles: [Case; 4] = [
        ("refused: Ana", |ana| ana.ends("server")),
        ("10.0.0.1:10000 hung up", |ana| ana.breaks("server", RESET)),
        ("10.0.0.1:10000 ends no line", |ana| ana.breaks("server", CloseReason::LineTooLong)),
        ("10.0.0.1:10000 said: não", |ana| {
            ana.hears("server", "não");
            ana.ends("server");
        }),
    ];
    for (told, trouble) in troubles {
        let mut ana = Desk::new(service());
        let mut log = Vec::new();
        for _ in 0..5 {
            ana.answers(SERVER, "server");
            trouble(&mut ana);
            log.extend(ana.look());
            ana.wait_for(DIAL);
        }
        assert_eq!(log.iter().filter(|it| *it == told).count(), 1, "{log:?}");
        ana.answers(SERVER, "server");
        ana.forget();
        ana.wait(250);
        ana.expect(["BackOnline"]);
    }
}

#[test]
fn a_script_that_does_not_stay_ends_with_the_cause() {
    let mut ana = Desk::new(Rules { scripted: true, ..rules() });
    let mut log = Vec::new();
    while !ana.has_exited() {
        let dials = ana.look();
        let is_dialed = dials.iter().any(|it| it == DIAL);
        log.extend(dials);
        if is_dialed {
            ana.answers(SERVER, "server");
            ana.breaks("server", RESET);
        }
        ana.wait(10);
    }
    log.extend(ana.look());
    let end = ["fatal: 10.0.0.1:10000 hung up", "exit 1"].map(String::from);
    assert!(log.ends_with(&end), "{log:?}");
    assert!(ana.now.0 >= 5_000);
}

/// B9.
#[test]
fn an_answer_without_a_line_end_is_shown() {
    let mut ana = Desk::ana();
    ana.types("/list");
    ana.hears_unended("server", "LIST Bruno");
    ana.wait(3_000);
    ana.expect(["server > LIST", "unended: LIST Bruno"]);
    ana.types("/list");
    ana.wait(3_000);
    ana.expect(["server > LIST", "server > KEEP", "ServerSilent"]);
}

/// C5, E16: a full server may reset the connection before the dial has ended.
#[test]
fn a_dial_that_ends_with_a_reset_does_not_refuse_the_name() {
    let mut ana = Desk::new(rules());
    ana.forget();
    for told in [&["10.0.0.1:10000 hung up"][..], &[]] {
        ana.refuses(SERVER, ErrorKind::ConnectionReset);
        assert_eq!(ana.look(), told);
        ana.wait_for(DIAL);
        ana.forget();
    }
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["server > USER Ana:20000", "welcome: Ana"]);
}

/// And no attempt is made without one.
#[test]
fn after_a_line_that_is_no_reply_another_name_is_asked_for() {
    let mut ana = Desk::new(rules());
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.expect([DIAL, "no server: 10.0.0.1:10000 ConnectionRefused"]);
    ana.wait_for(DIAL);
    ana.answers(SERVER, "server");
    ana.hears("server", "nome em uso");
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "10.0.0.1:10000 said: nome em uso", "AskName"]);
    ana.wait(60_000);
    ana.expect([]);
    ana.types("Ana Maria");
    ana.expect([DIAL]);
}

/// R14: it does not wait five seconds.
#[test]
fn a_script_ends_at_once_after_a_line_that_is_no_reply() {
    let mut ana = Desk::new(Rules { scripted: true, ..rules() });
    ana.answers(SERVER, "server");
    ana.hears("server", "nome em uso");
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "fatal: 10.0.0.1:10000 said: nome em uso", "exit 1"]);
}

//! A server that is reached and lets nobody in: each reason has its own words, and only one of
//! them is a name that was refused.

use std::io::ErrorKind;

use papo::machine::CloseReason;
use papo::peer::Rules;

use super::desk::{DIAL, Desk, SERVER, rules};

/// The events of these tests, in words and in deed.
type Case = (&'static str, fn(&mut Desk));

const RESET: CloseReason = CloseReason::Failed(ErrorKind::ConnectionReset);

fn service() -> Rules {
    Rules { scripted: true, stays: true, ..rules() }
}

/// A server that is restarted a moment after USER closes in order too. A server that refuses the
/// name does so again.
#[test]
fn a_server_that_hangs_up_after_a_while_is_asked_once_more() {
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
fn a_reset_right_behind_user_is_no_refusal_of_the_name() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.forget();
    ana.breaks("server", RESET);
    ana.expect(["10.0.0.1:10000 hung up"]);
    ana.wait_for(DIAL);
}

#[test]
fn a_line_without_end_right_behind_user_is_no_refusal_of_the_name() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.forget();
    ana.breaks("server", CloseReason::LineTooLong);
    ana.expect(["10.0.0.1:10000 ends no line"]);
    ana.wait_for(DIAL);
}

/// Words without a line end are words all the same.
#[test]
fn words_that_no_line_end_follows_are_shown() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.hears_unended("server", "nome em uso");
    ana.forget();
    ana.breaks("server", CloseReason::Asked);
    ana.expect(["10.0.0.1:10000 said: nome em uso", "AskName"]);
}

/// A service keeps trying, whatever the server does, and each kind of trouble is told once.
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

/// A script that does not stay says what it met.
#[test]
fn a_script_that_is_let_in_by_nobody_says_why() {
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

/// B9: a student's server that answers without a line end.
#[test]
fn an_answer_without_a_line_end_is_named() {
    let mut ana = Desk::ana();
    ana.types("/list");
    ana.hears_unended("server", "LIST Bruno");
    ana.wait(3_000);
    ana.expect(["server > LIST", "unended: LIST Bruno"]);
    ana.types("/list");
    ana.wait(3_000);
    ana.expect(["server > LIST", "server > KEEP", "ServerSilent"]);
}

/// C5, E16: a full server resets the connection at once, and that may come with the news that it is
/// open.
#[test]
fn a_connection_that_is_reset_at_once_is_no_refusal_of_the_name_either() {
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

/// A person is asked for another name, and nothing is tried without one.
#[test]
fn who_was_turned_away_with_words_is_told_them_and_asked_for_another_name() {
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

/// R14: words are a reason, and nothing is gained by five seconds of waiting.
#[test]
fn a_script_that_is_turned_away_with_words_ends_at_once() {
    let mut ana = Desk::new(Rules { scripted: true, ..rules() });
    ana.answers(SERVER, "server");
    ana.hears("server", "nome em uso");
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "fatal: 10.0.0.1:10000 said: nome em uso", "exit 1"]);
}

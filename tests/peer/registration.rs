//! The start: the name, USER, KEEP, and a server that does not answer or refuses.

use std::io::ErrorKind;

use papo::machine::CloseReason;
use papo::peer::Rules;
use papo::wire::REPLY_LIMIT;

use super::desk::{DIAL, Desk, RESET, SERVER, rules};

/// C1, R5: USER comes first, and KEEP is the only other line that nobody typed.
#[test]
fn the_server_receives_user_and_keep_and_nothing_else_unasked() {
    let mut ana = Desk::new(rules());
    ana.expect(["dial 10.0.0.1:10000"]);
    ana.answers(SERVER, "server");
    ana.expect(["server > USER Ana:20000"]);
    ana.wait(14_999);
    ana.expect(["welcome: Ana", "server > KEEP", "server > KEEP"]);
}

/// C10: a LIST may have megabytes, and is read whole.
#[test]
fn the_server_may_send_lines_of_four_megabytes() {
    let ana = Desk::new(rules());
    assert_eq!(ana.last_limit, Some(REPLY_LIMIT));
    assert_eq!(REPLY_LIMIT.keep, 4 * 1024 * 1024);
}

/// C10: beyond that, the peer closes, tells the person, and tries again.
#[test]
fn a_server_that_ends_no_line_is_left_and_tried_again() {
    let mut ana = Desk::ana();
    ana.wait(5_000);
    ana.forget();
    ana.breaks("server", CloseReason::LineTooLong);
    ana.expect(["offline: 10.0.0.1:10000"]);
    ana.wait(375);
    ana.expect(["dial 10.0.0.1:10000"]);
}

/// C19: intervals count from USER, so that small delays do not add up.
#[test]
fn keep_stays_on_its_schedule_however_late_single_ticks_are() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.wait(250);
    for round in 1..=20 {
        ana.freeze(10_000 * round - 5_000 + 137 - ana.now.0);
        ana.wait(10_000 * round - 1 - ana.now.0);
        assert_eq!(ana.look().last().map(String::as_str), Some("server > KEEP"));
        ana.wait(1);
        ana.expect(["server > KEEP"]);
    }
}

/// C19, C21: missed KEEPs are not sent later.
#[test]
fn after_a_stall_there_is_one_keep_and_then_the_old_schedule() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.forget();
    ana.freeze(61_950);
    ana.expect(["server > KEEP"]);
    ana.wait(2_799);
    ana.expect([]);
    ana.wait(1);
    ana.expect(["server > KEEP"]);
}

/// C19: a call under way does not delay KEEP.
#[test]
fn keep_goes_on_during_a_call() {
    let mut ana = Desk::ana();
    ana.wait(4_000);
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.forget();
    ana.wait(800);
    ana.expect(["server > KEEP"]);
}

/// The user can choose the interval, for a server with another one.
#[test]
fn the_interval_of_keep_can_be_chosen() {
    let mut ana = Desk::registered(Rules { keep_interval_ms: 700, ..rules() });
    ana.wait(449);
    ana.expect([]);
    ana.wait(1);
    ana.expect(["server > KEEP"]);
    ana.wait(700);
    ana.expect(["server > KEEP"]);
}

/// C3: the person is told once, and the peer goes on trying.
#[test]
fn a_server_that_does_not_answer_is_reported_once_and_tried_again() {
    let mut ana = Desk::new(rules());
    ana.forget();
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.expect(["no server: 10.0.0.1:10000 ConnectionRefused"]);
    for _ in 0..30 {
        ana.wait_for(DIAL);
        ana.expect(["dial 10.0.0.1:10000"]);
        ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    }
    ana.wait_for(DIAL);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000", "welcome: Ana"]);
}

/// C3: after one second the person is told which address is dialed.
#[test]
fn an_unanswered_dial_to_the_server_is_given_up_after_five_seconds() {
    let mut ana = Desk::new(rules());
    ana.wait(999);
    ana.expect(["dial 10.0.0.1:10000"]);
    ana.wait(1);
    ana.expect(["dialing 10.0.0.1:10000"]);
    ana.wait(3_999);
    ana.expect([""; 0]);
    ana.wait(1);
    ana.expect(["give up 10.0.0.1:10000", "no server: 10.0.0.1:10000 TimedOut"]);
}

/// C3: a name of a server may have several addresses.
#[test]
fn all_addresses_of_the_server_are_tried_in_turn() {
    let servers = ["10.0.0.1:10000", "10.0.0.9:10000"].map(|it| it.parse().expect("an address"));
    let mut ana = Desk::new(Rules { servers: vec![servers.to_vec()], ..rules() });
    for (to, next) in [(servers[0], servers[1]), (servers[1], servers[0])] {
        ana.refuses(&to.to_string(), ErrorKind::ConnectionRefused);
        ana.wait_for(&format!("dial {next}"));
    }
}

/// Waits for the next dial, and returns how long that took, in milliseconds.
fn pause_before_dial(ana: &mut Desk) -> u64 {
    let start = ana.now;
    while !ana.look().contains(&format!("dial {SERVER}")) {
        ana.wait(1);
        assert!(ana.now.since(start) < 60_000, "it is never tried again");
    }
    ana.now.since(start)
}

/// C3, R13: 250 ms doubling to 5 s, spread by half of itself both ways.
#[test]
fn pauses_between_attempts_double_up_to_five_seconds_and_are_spread() {
    let mut first_pauses = Vec::new();
    for seed in 0..64 {
        let mut ana = Desk::new(Rules { seed, ..rules() });
        let mut middle = 250;
        for attempt in 0..7 {
            ana.refuses(SERVER, ErrorKind::ConnectionRefused);
            ana.forget();
            let pause = pause_before_dial(&mut ana);
            assert!((middle / 2..=middle * 3 / 2).contains(&pause), "{attempt}: {pause} ms");
            first_pauses.extend((attempt == 0).then_some(pause));
            middle = (middle * 2).min(5_000);
        }
    }
    let (least, most) = (first_pauses.iter().min(), first_pauses.iter().max());
    assert!(least < Some(&175) && most > Some(&325), "the pauses are not spread");
}

/// C4, R5: a server that closes within two seconds without a line has refused the name.
#[test]
fn after_a_refused_name_another_is_asked_for() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.forget();
    ana.wait(249);
    ana.ends("server");
    ana.expect(["server aborted", "refused: Ana", "AskName"]);
    ana.types("Ana Maria");
    ana.expect(["dial 10.0.0.1:10000"]);
    ana.answers(SERVER, "server");
    ana.expect(["server > USER Ana Maria:20000"]);
}

/// C4: after two seconds the end of the connection is no refusal.
#[test]
fn a_server_that_closes_later_has_not_refused_the_name() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.wait(2_000);
    ana.forget();
    ana.breaks("server", RESET);
    ana.expect(["offline: 10.0.0.1:10000"]);
}

/// C4: a reply means that the server has taken the name.
#[test]
fn a_server_that_has_answered_has_not_refused_the_name() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.types("/list");
    ana.hears("server", "LIST Bruno");
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "offline: 10.0.0.1:10000"]);
}

/// C4: another program at that port, or a server that gives its reason. The person sees the first
/// line.
#[test]
fn a_line_that_is_no_reply_is_shown_and_takes_no_name() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.hears("server", "HTTP/1.1 400 Bad Request");
    ana.hears("server", "Connection: close");
    ana.forget();
    ana.ends("server");
    let said = "10.0.0.1:10000 said: HTTP/1.1 400 Bad Request";
    ana.expect(["server aborted", said, "AskName"]);
}

#[test]
fn a_long_line_that_is_no_reply_is_not_shown_whole() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.hears("server", &"x".repeat(5_000));
    ana.forget();
    ana.ends("server");
    let said = format!("10.0.0.1:10000 said: {}", "x".repeat(120));
    ana.expect(["server aborted", &said, "AskName"]);
}

/// The handout asks for "Nome de usuário:".
#[test]
fn a_missing_name_is_asked_for_until_one_is_given() {
    let mut ana = Desk::new(Rules { name: None, ..rules() });
    ana.expect(["AskName"]);
    ana.types("A:na");
    ana.expect(["NotAName(Colon)", "AskName"]);
    ana.types("");
    ana.expect(["NotAName(Empty)", "AskName"]);
    ana.types(" Ana ");
    ana.answers(SERVER, "server");
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000"]);
}

/// C28.
#[test]
fn exit_and_the_end_of_input_end_the_question_for_a_name() {
    let mut ana = Desk::new(Rules { name: None, ..rules() });
    ana.types("/exit");
    ana.expect(["AskName", "exit 0"]);
    let mut ana = Desk::new(Rules { name: None, ..rules() });
    ana.types_end();
    ana.expect(["AskName", "exit 0"]);
}

/// A person whose name was refused may go on typing commands.
#[test]
fn a_command_is_not_taken_for_the_name() {
    let mut ana = Desk::new(Rules { name: None, ..rules() });
    ana.types("/list");
    ana.types("/chat Bruno");
    ana.expect(["AskName", "NameFirst", "AskName", "NameFirst", "AskName"]);
}

/// C28.
#[test]
fn a_person_without_a_server_can_exit() {
    let mut ana = Desk::new(rules());
    ana.stop();
    ana.expect(["dial 10.0.0.1:10000", "give up 10.0.0.1:10000", "exit 0"]);
}

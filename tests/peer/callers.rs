//! Calls of others: the first line must be USER and a name.

use papo::machine::LineEnd;
use papo::peer::chat::{
    FIRST_LINE_BYTES_MAX, FOLD_MS, LINKS_MAX, LINKS_PER_PLACE_MAX, SILENT_CALLS_TOLD_MAX,
    TURNED_AWAY_TOLD_MAX, UNNAMED_MAX, UNNAMED_PATIENCE_MS, UNNAMED_YOUNG_MAX,
};

use super::desk::{Desk, RESET};

/// Ana, without checks.
fn ana() -> Desk {
    Desk::without_checks()
}

/// P3: the handout's first line.
#[test]
fn user_and_a_name_open_a_conversation() {
    let mut ana = ana();
    ana.accepts("camila", "10.0.0.4");
    ana.expect([]);
    ana.hears("camila", "USER Camila");
    ana.hears("camila", "Oi!");
    ana.expect(["connected: Camila", "Camila says Oi!"]);
}

/// The handout: the side that accepts sends no USER.
#[test]
fn the_called_side_sends_nothing_unasked() {
    let mut ana = ana();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.wait(60_000);
    assert!(ana.look().iter().all(|it| !it.starts_with("camila >")));
}

/// P4, R7.
#[test]
fn a_caller_whose_first_line_is_not_user_is_closed_and_reported() {
    for line in ["Oi", "", "DISC", "USER", "user Camila", " USER Camila", "Zeca"] {
        let mut ana = ana();
        ana.accepts("x", "10.0.0.4");
        ana.hears("x", line);
        ana.expect([&format!("bad caller: 10.0.0.4 NotUser {line}"), "x aborted"]);
        assert!(!ana.is_open("x"), "{line}");
    }
    let mut ana = ana();
    ana.accepts("x", "10.0.0.4");
    ana.hears("x", "GET / HTTP/1.1");
    ana.expect(["bad caller: 10.0.0.4 Http GET / HTTP/1.1", "x aborted"]);
}

/// R7.
#[test]
fn a_long_first_line_is_not_shown_whole() {
    let mut ana = ana();
    ana.accepts("x", "10.0.0.4");
    ana.hears("x", &"x".repeat(4_000));
    let shown = "x".repeat(FIRST_LINE_BYTES_MAX);
    ana.expect([&format!("bad caller: 10.0.0.4 NotUser {shown}"), "x aborted"]);
}

/// P7.
#[test]
fn a_caller_with_an_illegal_name_is_closed() {
    let long = format!("USER {}", "x".repeat(256));
    for line in ["USER ", "USER    ", "USER :20000", "USER A\u{1b}[2J", "USER \u{202e}anA", &long] {
        let mut ana = ana();
        ana.accepts("x", "10.0.0.4");
        ana.hears("x", line);
        let log = ana.look();
        assert!(log[0].starts_with("bad caller: 10.0.0.4 NotAName("), "{line}: {log:?}");
        assert_eq!(log[1..], ["x aborted"]);
    }
    let mut ana = ana();
    ana.accepts("x", "10.0.0.4");
    ana.hears_bytes("x", b"USER Jo\xE3o", LineEnd::Terminator);
    ana.expect(["bad caller: 10.0.0.4 NotAName(NotUtf8) USER Jo\u{fffd}o", "x aborted"]);
}

/// P10.
#[test]
fn a_caller_with_our_own_name_is_closed() {
    let mut ana = ana();
    ana.accepts_as("x", "Ana", "10.0.0.4");
    ana.expect(["bad caller: 10.0.0.4 OurName USER Ana", "x aborted"]);
}

/// P8: some programs send the same USER as to the server.
#[test]
fn a_port_behind_the_name_is_dropped() {
    let mut ana = ana();
    ana.accepts_as("camila", "Camila:20000", "10.0.0.4");
    ana.expect(["connected: Camila"]);
}

/// P9.
#[test]
fn a_whole_conversation_in_one_segment_is_shown_in_order() {
    let mut ana = ana();
    ana.accepts("camila", "10.0.0.4");
    ana.hears_at_once("camila", &["USER Camila", "Oi", "DISC"]);
    ana.expect([
        "connected: Camila",
        "Camila says Oi",
        "ended by them: Camila",
        "camila half-closed",
    ]);
}

/// P12.
#[test]
fn a_second_user_is_text() {
    let mut ana = ana();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.hears("camila", "USER Bruno");
    ana.hears("camila", "Oi");
    ana.expect(["connected: Camila", "Camila says USER Bruno", "Camila says Oi"]);
}

/// P5: bytes do not extend them.
#[test]
fn a_caller_has_ten_seconds_to_send_its_name() {
    let mut ana = ana();
    ana.accepts("x", "10.0.0.4");
    ana.wait(9_999);
    assert!(ana.is_open("x"));
    ana.wait(1);
    assert!(!ana.is_open("x"));

    ana.accepts("drop by drop", "10.0.0.4");
    let start = ana.now;
    while ana.is_open("drop by drop") {
        ana.hears_unended("drop by drop", "U");
        ana.wait(500);
        assert!(ana.now.since(start) <= 10_000, "bytes extend the time");
    }
}

/// P5.
#[test]
fn a_caller_that_has_sent_its_name_has_no_time_limit() {
    let mut ana = ana();
    ana.accepts("camila", "10.0.0.4");
    ana.wait(9_999);
    ana.hears("camila", "USER Camila");
    ana.wait(3_600_000);
    assert!(ana.is_open("camila"));
}

/// For example a port scanner.
#[test]
fn a_caller_that_closes_without_a_line_is_not_reported() {
    let mut ana = ana();
    ana.accepts("x", "10.0.0.4");
    ana.ends("x");
    ana.expect(["x closed"]);
}

/// P6.
#[test]
fn the_seventeenth_unnamed_caller_from_an_address_closes_the_oldest() {
    let mut ana = ana();
    for number in 0..UNNAMED_MAX {
        ana.accepts(&format!("{number}"), "10.0.0.4");
        ana.wait(10);
    }
    ana.wait(UNNAMED_PATIENCE_MS);
    ana.accepts("16", "10.0.0.4");
    ana.expect(["0 aborted"]);
    assert!(ana.is_open("1") && ana.is_open("16"));
}

/// P6.
#[test]
fn unnamed_callers_from_one_address_do_not_close_those_from_another() {
    let mut ana = ana();
    ana.accepts("bruno", "10.0.0.2");
    for number in 0..100 {
        ana.accepts(&format!("{number}"), "10.0.0.4");
    }
    ana.hears("bruno", "USER Bruno");
    assert!(ana.look().contains(&"connected: Bruno".to_string()));
}

/// P6: the oldest is the one that called first.
#[test]
fn an_unfinished_name_does_not_make_a_caller_older() {
    let mut ana = ana();
    for number in 0..UNNAMED_MAX {
        ana.accepts(&format!("{number}"), "10.0.0.4");
        ana.wait(10);
    }
    ana.hears_unended("15", "USER Cam");
    ana.wait(UNNAMED_PATIENCE_MS - 10);
    ana.accepts("16", "10.0.0.4");
    ana.expect(["0 aborted"]);
}

/// P6: a class behind one router.
#[test]
fn forty_callers_from_one_address_can_call_at_once() {
    let mut ana = ana();
    let labels: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    let borrowed: Vec<_> = labels.iter().map(String::as_str).collect();
    ana.accepts_at_once(&borrowed, "10.0.0.4");
    for label in &labels {
        ana.hears(label, &format!("USER P{label}"));
    }
    let seen = ana.look();
    let connected = seen.iter().filter(|line| line.starts_with("connected: P")).count();
    assert_eq!(connected, labels.len(), "{seen:?}");
}

/// P6: the loop may accept many before it closes any.
#[test]
fn the_number_of_young_unnamed_callers_is_bounded() {
    let mut ana = ana();
    let labels: Vec<_> = (0..200).map(|number| number.to_string()).collect();
    let labels: Vec<_> = labels.iter().map(String::as_str).collect();
    ana.accepts_at_once(&labels, "10.0.0.4");
    let open = labels.iter().filter(|label| ana.is_open(label)).count();
    assert_eq!(open, UNNAMED_YOUNG_MAX);
}

/// I2, C8: a host with IPv6 has many addresses.
#[test]
fn one_host_cannot_have_all_connections() {
    let places: [fn(usize) -> String; 2] =
        [|_| "10.0.0.66".to_string(), |number| format!("2001:db8:0:1::{number:x}")];
    for place in places {
        let mut ana = ana();
        for number in 0..2 * LINKS_PER_PLACE_MAX {
            let label = number.to_string();
            ana.accepts(&label, &place(number + 1));
            if ana.is_open(&label) {
                ana.hears(&label, &format!("USER Nome {number}"));
            }
        }
        let open = (0..2 * LINKS_PER_PLACE_MAX).filter(|number| ana.is_open(&number.to_string()));
        assert_eq!(open.count(), LINKS_PER_PLACE_MAX);
        ana.forget();
        ana.accepts_as("bruno", "Bruno", "10.0.0.2");
        ana.expect(["connected: Bruno"]);
    }
}

/// C9: a program that calls again and again does not fill the screen.
#[test]
fn callers_without_a_name_are_reported_a_few_times_and_then_counted() {
    let mut ana = ana();
    for number in 0..1_000 {
        let label = number.to_string();
        ana.accepts(&label, "10.0.0.66");
        ana.hears(&label, "HELP");
    }
    let told = |log: Vec<String>| log.iter().filter(|it| it.starts_with("bad caller")).count();
    assert_eq!(told(ana.look()), TURNED_AWAY_TOLD_MAX);
    ana.wait(FOLD_MS);
    let more = format!("turned away: {} more", 1_000 - TURNED_AWAY_TOLD_MAX);
    assert!(ana.look().contains(&more));
    ana.accepts("again", "10.0.0.66");
    ana.hears("again", "HELP");
    assert_eq!(told(ana.look()), 1, "reported again after a minute");
    ana.wait(FOLD_MS);
    assert!(!ana.look().iter().any(|it| it.starts_with("turned away")), "each was reported");
}

/// P40.
#[test]
fn the_number_of_conversations_is_bounded() {
    let mut ana = ana();
    for number in 0..LINKS_MAX {
        let label = number.to_string();
        ana.accepts(&label, &format!("10.1.{}.{}", number / 200, number % 200));
        ana.hears(&label, &format!("USER Nome {number}"));
    }
    ana.forget();
    ana.hears("1000", "Oi");
    ana.accepts("one more", "10.0.0.4");
    ana.expect(["Nome 1000 says Oi", "one more aborted"]);
}

/// P39.
#[test]
fn a_caller_may_have_the_name_of_a_command() {
    let mut ana = ana();
    ana.accepts_as("x", "/exit", "10.0.0.4");
    ana.hears("x", "/exit");
    ana.types("/chat /exit");
    ana.types("/bye /exit");
    ana.expect([
        "connected: /exit",
        "/exit says /exit",
        "target: /exit",
        "ended by us: /exit",
        "x > DISC",
        "x half-closed",
    ]);
    assert!(!ana.has_exited());
}

/// A call, its name, and its end, each in a connection of its own.
fn call_silently(ana: &mut Desk, count: usize, end: impl Fn(&mut Desk, &str)) {
    for number in 0..count {
        let label = format!("z{number}");
        ana.accepts_as(&label, &format!("Z{number}"), "10.0.0.66");
        end(ana, &label);
        if ana.is_open(&label) {
            ana.breaks(&label, RESET);
        }
    }
}

/// However the name is checked and the call ends: two lines for each would bury the conversation.
#[test]
fn silent_calls_are_shown_ten_times_a_minute_and_then_counted() {
    let ends: [fn(&mut Desk, &str); 3] =
        [|ana, label| ana.ends(label), |ana, label| ana.hears(label, "DISC"), |_, _| {}];
    for end in ends {
        for mut ana in [Desk::ana(), Desk::without_checks()] {
            call_silently(&mut ana, 100, end);
            let log = ana.look();
            let shown = log.iter().filter(|it| it.starts_with("connected")).count();
            let ended = log.iter().filter(|it| it.starts_with("ended")).count();
            assert_eq!((shown, ended), (SILENT_CALLS_TOLD_MAX, SILENT_CALLS_TOLD_MAX), "{log:?}");
            assert_eq!(ana.standing.open, []);
            ana.wait(FOLD_MS - 1);
            assert!(!ana.look().contains(&"silent calls: 90 more".to_string()));
            ana.wait(1);
            assert!(ana.look().contains(&"silent calls: 90 more".to_string()));
            call_silently(&mut ana, 1, end);
            assert!(ana.look().iter().any(|it| it.starts_with("connected")), "a new minute");
        }
    }
}

/// The text of a caller is shown at once, with the conversation before it.
#[test]
fn a_caller_with_a_text_is_shown_while_silent_calls_are_counted() {
    let mut ana = Desk::without_checks();
    call_silently(&mut ana, 20, |ana, label| ana.ends(label));
    ana.forget();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.expect([]);
    ana.hears("bruno", "oi");
    ana.expect(["connected: Bruno", "Bruno says oi"]);

    let mut ana = Desk::ana();
    call_silently(&mut ana, 20, |ana, label| ana.ends(label));
    ana.wait(500);
    ana.forget();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.wait(2_000);
    ana.hears("bruno", "oi");
    let log = ana.look();
    let from = log.iter().position(|it| it.starts_with("connected: Bruno")).expect("shown");
    assert_eq!(log[from + 1..], ["Bruno:11? says oi"], "{log:?}");
}

/// A caller that stays is shown when silent calls are shown again.
#[test]
fn a_silent_caller_that_stays_is_shown_after_the_minute() {
    let mut ana = Desk::without_checks();
    call_silently(&mut ana, 20, |ana, label| ana.ends(label));
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.wait(FOLD_MS - 1);
    assert!(!ana.look().contains(&"connected: Bruno".to_string()));
    ana.wait(1);
    assert!(ana.look().contains(&"connected: Bruno".to_string()));
}

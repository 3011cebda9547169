//! Before USER: a client may be silent for 15 seconds, and its first line that is not empty must be
//! USER.

use papo::machine::Input;

use super::world::{World, expect_refused, plays};

/// S1.
#[test]
fn a_client_that_sends_nothing_is_refused_after_15_seconds() {
    plays(
        r"
         1.000  eve     connects from 10.0.0.9
        16.016  log     10.0.0.9 refused: silent
        16.016  eve     is aborted
        ",
    );
}

/// S1, S7.
#[test]
fn before_user_an_empty_line_is_skipped_and_renews_nothing() {
    plays(
        r"
         1.000  ana     connects
         1.000  eve     connects from 10.0.0.9
         9.000  ana     >
         9.000  eve     >
         9.000  ana     > USER Ana:20000
         9.000  log     Ana joins at 10.0.0.1:20000, 1 online
        16.016  log     10.0.0.9 refused: silent
        16.016  eve     is aborted
        ",
    );
}

/// S10, S12, S20, S21, S26, S44, S45, S47, S48. R3.
#[test]
fn before_user_any_other_line_closes_without_an_answer() {
    let lines: [&[u8]; 19] = [
        b"LIST",
        b"KEEP",
        b"DISC",
        b"ADDR Ana",
        b"oi",
        b" ",
        b"user Ana:20000",
        b" USER Ana:20000",
        b"USER\tAna:20000",
        b"USE\0R Ana:20000",
        b"\0",
        b"USERAna:20000",
        "\u{FEFF}USER Ana:20000".as_bytes(),
        b"\xFFUSER Ana:20000",
        b"KEEPLIST",
        b"GET / HTTP/1.1",
        b"SSH-2.0-OpenSSH_9.6",
        b"\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03",
        b"USER",
    ];
    lines.into_iter().for_each(expect_refused);
}

/// S48. The first bytes of TLS have no line end, so the server does not wait for one.
#[test]
fn bytes_that_cannot_become_user_close_before_their_line_ends() {
    for (line, is_refused) in [
        (&b"\x16\x03\x01\x02\0\x01"[..], true),
        (b"GET / HT", true),
        (b"USERS", true),
        (b"U", false),
        (b"USER ", false),
        (b"USER Ana:200", false),
        (b"\r", false),
    ] {
        let mut world = World::default();
        world.plays("0.000 eve connects");
        world.handle(Input::Pending { conn: world.people["eve"], line });
        let log = world.take_log();
        assert_eq!(log.iter().any(|entry| entry.contains("refused")), is_refused, "{log:?}");
    }
}

/// S1. A program that ends no line waits for ever. The log shows all that it sent, from every read.
#[test]
fn a_line_that_never_ends_is_shown_when_its_time_is_up() {
    let mut world = World::default();
    world.plays("1.000 eve connects from 10.0.0.9");
    for line in [&b"US"[..], b"USER Maria:20000"] {
        world.handle(Input::Pending { conn: world.people["eve"], line });
    }
    world.plays(
        r#"
        16.000  server  waits
        16.016  log     10.0.0.9 refused: 16 bytes unended "USER Maria:20000"
        16.016  eve     is aborted
        "#,
    );
}

/// The unfinished line is forgotten when its end arrives.
#[test]
fn a_line_that_ends_late_is_not_logged_as_unended() {
    let mut world = World::default();
    world.plays("1.000 ana connects");
    world.handle(Input::Pending { conn: world.people["ana"], line: b"USER Ana" });
    world.plays(
        r"
         2.000  ana     > USER Ana:20000
         2.000  log     Ana joins at 10.0.0.1:20000, 1 online
         3.000  ana     hangs up
         3.000  log     Ana leaves: Closed, 0 online
         3.000  ana     is closed
        ",
    );
}

/// S10, S11.
#[test]
fn a_user_line_without_a_name_or_a_port_closes() {
    let lines = ["USER ", "USER :20000", "USER  :20000", "USER Ana", "USER Ana:", "USER A:B:20000"];
    lines.map(str::as_bytes).into_iter().for_each(expect_refused);
}

/// S12.
#[test]
fn a_port_that_is_no_number_from_1_to_65535_closes() {
    for port in
        ["0", "65536", "99999", "100000", "-1", "+20000", "20_000", "2e4", "٢٠٠٠٠", "0x50", "2 0"]
    {
        expect_refused(format!("USER Ana:{port}").as_bytes());
    }
}

/// S14.
#[test]
fn a_name_that_is_too_long_or_invisible_closes() {
    let long = "x".repeat(256);
    let wide = "李".repeat(86);
    let names = [&long, &wide, "A\u{1b}[2JB", "A\0B", "A\u{7f}", "A\u{202e}B", "\u{feff}Ana"];
    for name in names {
        expect_refused(format!("USER {name}:20000").as_bytes());
    }
    expect_refused(b"USER Jo\xE3o:20000");
}

/// A refused client is removed at once, although its connection is still open.
#[test]
fn lines_of_a_refused_client_are_ignored() {
    plays(
        r#"
         1.000  eve     connects from 10.0.0.9
         1.000  eve     lingers
         1.000  eve     > LIST
         1.000  log     10.0.0.9 refused: not USER but "LIST"
         1.000  eve     is closed
         1.000  eve     > USER Eve:666
         1.000  eve     > LIST
         2.000  ana     registers as Ana:20000
         2.000  ana     > LIST
         2.000  ana     < LIST \r\n
        "#,
    );
}

/// S49. The client reads nothing. The deadline that it had before the close still holds.
#[test]
fn a_close_that_takes_too_long_becomes_an_abort() {
    plays(
        r#"
         1.000  eve     connects from 10.0.0.9
         1.000  eve     lingers
         2.000  eve     > oi
         2.000  log     10.0.0.9 refused: not USER but "oi"
         2.000  eve     is closed
        16.016  eve     is aborted
        "#,
    );
    plays(
        r"
         1.000  ana     registers as Ana:20000
         1.000  ana     lingers
         6.000  ana     > KEEP
         7.000  ana     > DISC
         7.000  log     Ana leaves: Closed, 0 online
         7.000  ana     is closed
         8.000  ana     > KEEP
        21.008  ana     is aborted
        ",
    );
}

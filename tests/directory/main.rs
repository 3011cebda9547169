//! The central server without a socket: each test is a log that must come out to the letter.
//!
//! A log has one line for each thing that happens: when, to whom, what. The lines on the left
//! happen *to* the server and are played; those on the right are what it does about them, and
//! must come in just that order and at just that time, with nothing more in between.
//!
//! ```text
//! played                                   done by the server
//! ana     connects from 10.0.0.1           ana     < LIST Bruno\r\n
//! ana     registers as Ana:20000           ana     is closed      (in order, output first)
//! ana     > LIST                           ana     is aborted     (at once)
//! ana     hangs up                         log     Ana leaves: Expired, 0 online
//! ana     breaks                           server  exits 0
//! server  waits | was busy | stops | is asked
//! ```
//!
//! A blank at the end of a line is written `␣`: what cannot be seen gets lost.
//!
//! The numbers (S15) are those of the table of cases in `docs/PROTOCOL.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use papo::directory::notice::{Notice, Refusal, State};
use papo::directory::{BAD_LINES_MAX, Directory, OLD_LISTS_BYTES_MAX, PER_ADDRESS_MAX, Rules};
use papo::machine::{
    Action, Actions, CloseReason, ConnId, Figures, Input, LineEnd, Machine, Millis, Shared,
};
use papo::wire::reply::Edition;

// ------------------------------------------------------------------ before USER

/// S1.
#[test]
fn who_says_nothing_is_turned_away_after_15_seconds() {
    plays(
        r"
         1.000  eve     connects from 10.0.0.9
        16.000  log     10.0.0.9 refused: silent
        16.000  eve     is aborted
        ",
    );
}

/// S1, S7.
#[test]
fn before_user_an_empty_line_is_skipped_and_wins_no_time() {
    plays(
        r"
         1.000  ana     connects
         1.000  eve     connects from 10.0.0.9
         9.000  ana     >
         9.000  eve     >
         9.000  ana     > USER Ana:20000
         9.000  log     Ana joins at 10.0.0.1:20000, 1 online
        16.000  log     10.0.0.9 refused: silent
        16.000  eve     is aborted
        ",
    );
}

/// S10, S12, S20, S21, S26, S44, S45, S47, S48. Ruling 3: whatever comes before USER closes.
#[test]
fn before_user_any_other_line_closes_without_an_answer() {
    let lines: [&[u8]; 16] = [
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
        b"\xFFUSER Ana:20000",
        b"KEEPLIST",
        b"GET / HTTP/1.1",
        b"SSH-2.0-OpenSSH_9.6",
        b"\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03",
        b"USER",
    ];
    lines.into_iter().for_each(expect_refused);
}

/// S48. A greeting in TLS has no line end to wait for.
#[test]
fn before_user_bytes_that_cannot_become_one_close_before_their_line_ends() {
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
fn a_name_too_long_or_not_to_be_seen_closes() {
    let long = "x".repeat(33);
    let wide = "李".repeat(22);
    let names = [&long, &wide, "A\u{1b}[2JB", "A\0B", "A\u{7f}", "A\u{202e}B", "\u{feff}Ana"];
    for name in names {
        expect_refused(format!("USER {name}:20000").as_bytes());
    }
    expect_refused(b"USER Jo\xE3o:20000");
}

/// What is refused is gone from the table at once and takes nothing along.
#[test]
fn who_is_turned_away_is_not_heard_again() {
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

/// S49. A goodbye that nobody reads: the deadline that stands bounds how long it may take.
#[test]
fn an_end_in_order_becomes_an_end_by_force_when_it_takes_too_long() {
    plays(
        r#"
         1.000  eve     connects from 10.0.0.9
         1.000  eve     lingers
         2.000  eve     > oi
         2.000  log     10.0.0.9 refused: not USER but "oi"
         2.000  eve     is closed
        16.000  eve     is aborted
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

// ------------------------------------------------------------------ USER

/// S2.
#[test]
fn a_person_is_registered_with_the_address_seen_and_the_port_told() {
    plays(
        r"
         0.000  ana     connects from 200.235.90.80
         0.000  ana     > USER Ana:20000
         0.000  log     Ana joins at 200.235.90.80:20000, 1 online
        ",
    );
}

/// S4.
#[test]
fn requests_that_arrive_together_are_done_in_order() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         1.000  bruno   connects
         1.000  bruno   > USER Bruno:21500
         1.000  log     Bruno joins at 10.0.0.1:21500, 2 online
         1.000  bruno   > LIST
         1.000  bruno   < LIST Ana\r\n
         1.000  bruno   > ADDR Ana
         1.000  bruno   < ADDR 10.0.0.1:20000\r\n
         1.000  bruno   > KEEP
         1.000  bruno   > LIST
         1.000  bruno   < LIST Ana\r\n
        ",
    );
}

/// S8, S9.
#[test]
fn a_name_keeps_the_blanks_inside_and_loses_those_outside() {
    plays(
        r"
         0.000  maria   connects
         0.000  maria   > USER Ana Maria:20000
         0.000  log     Ana Maria joins at 10.0.0.1:20000, 1 online
         0.000  ana     connects
         0.000  ana     > USER  Ana : 20000␣
         0.000  log     Ana joins at 10.0.0.1:20000, 2 online
         0.000  ana     > LIST
         0.000  ana     < LIST Ana Maria\r\n
        ",
    );
}

/// S13.
#[test]
fn a_port_may_have_leading_zeros() {
    plays(
        r"
         0.000  ana     connects
         0.000  ana     > USER Ana:00080
         0.000  log     Ana joins at 10.0.0.1:80, 1 online
        ",
    );
}

/// S15.
#[test]
fn a_live_name_cannot_be_taken() {
    plays(
        r"
         0.000  ana     registers as Ana:20000 from 10.0.0.1
         1.000  eve     connects from 10.0.0.9
         1.000  eve     > USER Ana:666
         1.000  log     10.0.0.9 refused: Ana is taken
         1.000  eve     is closed
         2.000  bruno   registers as Bruno:21500
         2.000  bruno   > LIST
         2.000  bruno   < LIST Ana\r\n
         2.000  bruno   > ADDR Ana
         2.000  bruno   < ADDR 10.0.0.1:20000\r\n
         3.000  ana     > LIST
         3.000  ana     < LIST Bruno\r\n
        ",
    );
}

/// S16. The handout's 15 seconds are the holder's, whoever else wants the name.
#[test]
fn a_name_is_its_holders_until_the_holder_is_gone() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
        15.900  eve     connects from 10.0.0.9
        15.900  eve     > USER Ana:666
        15.900  log     10.0.0.9 refused: Ana is taken
        15.900  eve     is closed
        16.000  log     Ana leaves: Expired, 0 online
        16.000  ana     is aborted
        16.001  eve     connects from 10.0.0.9
        16.001  eve     > USER Ana:666
        16.001  log     Ana joins at 10.0.0.9:666, 1 online
        ",
    );
}

/// S17.
#[test]
fn a_name_is_free_as_soon_as_its_holder_hangs_up() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         1.000  ana     hangs up
         1.000  log     Ana leaves: Closed, 0 online
         1.000  ana     is closed
         1.000  again   connects
         1.000  again   > USER Ana:20001
         1.000  log     Ana joins at 10.0.0.1:20001, 1 online
        ",
    );
}

/// S17. Gone from the roster with the first word of it, though its output still waits.
#[test]
fn a_name_is_free_while_its_holders_last_answer_is_under_way() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  ana     lingers
         1.000  ana     > DISC
         1.000  log     Ana leaves: Closed, 0 online
         1.000  ana     is closed
         1.000  again   registers as Ana:20001
         2.000  ana     goes
         2.000  bruno   registers as Bruno:21500
         2.000  bruno   > LIST
         2.000  bruno   < LIST Ana\r\n
        ",
    );
}

/// S18, as ruling 2 has it: no folding of case.
#[test]
fn names_that_differ_in_one_byte_are_two_people() {
    plays(
        r"
         0.000  upper   registers as Ana:20000 from 10.0.0.1
         0.000  lower   registers as ana:20001 from 10.0.0.2
         1.000  upper   > LIST
         1.000  upper   < LIST ana\r\n
         1.000  lower   > ADDR Ana
         1.000  lower   < ADDR 10.0.0.1:20000\r\n
         1.000  lower   > ADDR ANA
        ",
    );
}

/// S19. It is one of the bad lines, and it is no KEEP either.
#[test]
fn a_second_user_changes_nothing() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
         2.000  bruno   registers as Bruno:21500
         9.000  ana     > USER Anna:30000
         9.000  ana     > USER Ana:30000
         9.000  bruno   > KEEP
         9.000  bruno   > LIST
         9.000  bruno   < LIST Ana\r\n
         9.000  bruno   > ADDR Ana
         9.000  bruno   < ADDR 10.0.0.1:20000\r\n
         9.000  bruno   > ADDR Anna
        16.000  log     Ana leaves: Expired, 1 online
        16.000  ana     is aborted
        ",
    );
}

/// S52. So it looks from outside when two people sit behind one router.
#[test]
fn one_address_and_port_may_have_two_names() {
    plays(
        r"
         0.000  ana     registers as Ana:20000 from 10.0.0.1
         0.000  bruno   registers as Bruno:20000 from 10.0.0.1
         1.000  ana     > ADDR Bruno
         1.000  ana     < ADDR 10.0.0.1:20000\r\n
         1.000  bruno   > ADDR Ana
         1.000  bruno   < ADDR 10.0.0.1:20000\r\n
        ",
    );
}

// ------------------------------------------------------------------ LIST

/// S22.
#[test]
fn a_list_has_everybody_else_in_order_of_arrival() {
    plays(
        r"
         0.000  camila  registers as Camila:45000
         1.000  ana     registers as Ana:20000
         2.000  bruno   registers as Bruno:21500
         3.000  camila  > LIST
         3.000  camila  < LIST Ana:Bruno\r\n
         3.000  ana     > LIST
         3.000  ana     < LIST Camila:Bruno\r\n
         3.000  bruno   > LIST
         3.000  bruno   < LIST Camila:Ana\r\n
         3.500  diego   registers as Diego:45001
         3.500  bruno   > LIST
         3.500  bruno   < LIST Camila:Ana:Diego\r\n
         4.000  camila  hangs up
         4.000  log     Camila leaves: Closed, 3 online
         4.000  camila  is closed
         5.000  camila  registers as Camila:45000
         5.000  bruno   > LIST
         5.000  bruno   < LIST Ana:Diego:Camila\r\n
        ",
    );
}

/// S22. The asker is left out by its place, and not by looking for its name in the text.
#[test]
fn a_name_within_another_name_is_not_left_out() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  mariana registers as Ana Maria:20001
         0.000  anana   registers as AnaAna:20002
         1.000  ana     > LIST
         1.000  ana     < LIST Ana Maria:AnaAna\r\n
         1.000  anana   > LIST
         1.000  anana   < LIST Ana:Ana Maria\r\n
        ",
    );
}

/// S23, ruling 4: a bare `LIST` makes one public client crash and another show a user "LIST".
#[test]
fn a_list_of_nobody_keeps_its_blank() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         1.000  ana     > LIST
         1.000  ana     < LIST \r\n
        ",
    );
}

/// S23. Connected is not registered.
#[test]
fn who_has_not_said_user_is_in_no_list() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  eve     connects
         1.000  ana     > LIST
         1.000  ana     < LIST \r\n
        ",
    );
}

/// S24.
#[test]
fn a_thousand_lists_are_a_thousand_answers() {
    let mut world = World::default();
    world.plays("0.000 ana registers as Ana:20000");
    world.plays("0.000 bruno registers as Bruno:21500");
    (0..1_000).for_each(|_| world.says("bruno", b"LIST"));
    assert_eq!(world.take_log(), vec![r"0.000 bruno < LIST Ana\r\n"; 1_000]);
}

/// S25, S35.
#[test]
fn list_keep_and_disc_may_have_blanks_behind_them() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
         2.000  ana     > LIST␣
         2.000  ana     < LIST \r\n
         5.000  ana     > KEEP␣␣
        16.500  ana     > DISC␣
        16.500  log     Ana leaves: Closed, 0 online
        16.500  ana     is closed
        ",
    );
}

// ------------------------------------------------------------------ ADDR

/// S27, S29.
#[test]
fn addr_answers_for_everybody_who_is_online_oneself_too() {
    plays(
        r"
         0.000  ana     registers as Ana:20000 from 10.0.0.1
         0.000  bruno   registers as Bruno:21500 from 200.235.90.80
         1.000  ana     > ADDR Bruno
         1.000  ana     < ADDR 200.235.90.80:21500\r\n
         1.000  ana     > ADDR  Bruno␣
         1.000  ana     < ADDR 200.235.90.80:21500\r\n
         1.000  ana     > ADDR Ana
         1.000  ana     < ADDR 10.0.0.1:20000\r\n
        ",
    );
}

/// S28, ruling 4. And it is no bad line: one may ask in vain as often as one likes.
#[test]
fn addr_for_somebody_unknown_is_met_with_silence() {
    let mut world = World::default();
    world.plays("0.000 ana registers as Ana:20000");
    let long = format!("ADDR {}", "x".repeat(400));
    for line in ["ADDR Nobody", "ADDR Bruno", "ADDR ana", "ADDR A\u{202e}", &long] {
        (0..20).for_each(|_| world.says("ana", line.as_bytes()));
    }
    world.says("ana", b"LIST");
    assert_eq!(world.take_log(), [r"0.000 ana < LIST \r\n"]);
}

/// S31.
#[test]
fn addr_is_silent_about_somebody_who_has_just_left() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  bruno   registers as Bruno:21500
         1.000  bruno   hangs up
         1.000  log     Bruno leaves: Closed, 1 online
         1.000  bruno   is closed
         1.000  ana     > ADDR Bruno
         1.000  ana     > LIST
         1.000  ana     < LIST \r\n
        ",
    );
}

/// S32, ruling 10. `127.0.0.1` is of no use elsewhere.
#[test]
fn who_registered_from_loopback_is_found_at_the_address_the_asker_reached() {
    plays(
        r"
         0.000  ana     registers as Ana:20000 from 127.0.0.1 to 127.0.0.1
         0.000  bruno   registers as Bruno:21500 from 127.0.0.1 to 127.0.0.1
         0.000  camila  registers as Camila:45000 from 10.0.0.3 to 10.0.0.100
         0.000  diego   registers as Diego:45001 from 203.0.113.5 to 198.51.100.1
         1.000  bruno   > ADDR Ana
         1.000  bruno   < ADDR 127.0.0.1:20000\r\n
         1.000  camila  > ADDR Ana
         1.000  camila  < ADDR 10.0.0.100:20000\r\n
         1.000  diego   > ADDR Ana
         1.000  diego   < ADDR 198.51.100.1:20000\r\n
         1.000  ana     > ADDR Diego
         1.000  ana     < ADDR 203.0.113.5:45001\r\n
        ",
    );
}

/// S32. Linux lets any program here send from an address that is nobody's.
#[test]
fn who_reached_us_by_loopback_is_on_this_machine_whatever_address_it_comes_from() {
    plays(
        r"
         0.000  ana     registers as Ana:20000 from 127.0.0.1 to 127.0.0.1
         0.000  eve     registers as Eve:21500 from 192.0.2.2 to 127.0.0.1
         1.000  eve     > ADDR Ana
         1.000  eve     < ADDR 127.0.0.1:20000\r\n
         2.000  bruno   registers as Bruno:21501 from 10.0.0.3 to 10.0.0.100
         3.000  eve     > ADDR Ana
         3.000  eve     < ADDR 127.0.0.1:20000\r\n
        ",
    );
}

/// S32.
#[test]
fn loopback_of_ipv6_is_of_no_use_elsewhere_either() {
    plays(
        r"
         0.000  ana     registers as Ana:20000 from ::1 to ::1
         0.000  bruno   registers as Bruno:21500 from 2001:db8::5 to 2001:db8::1
         1.000  bruno   > ADDR Ana
         1.000  bruno   < ADDR 2001:db8::1:20000\r\n
         1.000  ana     > ADDR Ana
         1.000  ana     < ADDR ::1:20000\r\n
        ",
    );
}

/// S33, ruling 12.
#[test]
fn an_ipv6_address_has_no_brackets_and_a_mapped_one_is_ipv4() {
    plays(
        r"
         0.000  ana     registers as Ana:20000 from 2001:db8::5
         0.000  bruno   registers as Bruno:21500 from ::ffff:10.0.0.7
         1.000  bruno   > ADDR Ana
         1.000  bruno   < ADDR 2001:db8::5:20000\r\n
         1.000  ana     > ADDR Bruno
         1.000  ana     < ADDR 10.0.0.7:21500\r\n
        ",
    );
}

/// The handout of 2026 says whose address it is.
#[test]
fn in_the_edition_of_2026_addr_carries_the_name() {
    let rules = Rules { edition: Edition::Of2026, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     registers as Ana:20000 from 10.0.0.1
         0.000  bruno   registers as Bruno Luís:21500 from 200.235.90.80
         1.000  ana     > ADDR Bruno Luís
         1.000  ana     < ADDR Bruno Luís:200.235.90.80:21500\r\n
         1.000  ana     > ADDR Nobody
         1.000  ana     > LIST
         1.000  ana     < LIST Bruno Luís\r\n
        ",
    );
}

// ------------------------------------------------------------------ bad lines

/// S19, S25, S26, S30, S35, S36, S45, S47, S48.
#[test]
fn after_user_a_bad_line_gets_no_answer_and_the_eighth_closes() {
    let lines: [&[u8]; 17] = [
        b"USER Ana:20000",
        b"LIST x",
        b"list",
        b"Keep",
        b" LIST",
        b"ADDR",
        b"ADDR ",
        b"ADDR a:b",
        b"ADDR \xFF",
        b"KEEP x",
        b"KEEPLIST",
        b"LISTKEEP",
        b"oi",
        b" ",
        b"LI\0ST",
        b"KEEP\x80",
        b"GET / HTTP/1.1",
    ];
    for line in lines {
        let mut world = World::default();
        world.plays("0.000 ana registers as Ana:20000");
        (1..BAD_LINES_MAX).for_each(|_| world.says("ana", line));
        assert_eq!(world.take_log(), [""; 0], "{}", line.escape_ascii());
        world.says("ana", line);
        let end = ["0.000 log Ana leaves: Misbehaved, 0 online", "0.000 ana is closed"];
        assert_eq!(world.take_log(), end, "{}", line.escape_ascii());
    }
}

/// Ruling 3. The count is of the connection: it is not forgotten, and a new one has its own.
#[test]
fn good_lines_between_bad_ones_do_not_make_up_for_them() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  ana     > oi
         0.000  ana     > oi
         0.000  ana     > oi
         0.000  ana     > KEEP
         0.000  ana     > oi
         0.000  ana     > oi
         1.000  ana     > LIST
         1.000  ana     < LIST \r\n
         1.000  ana     > oi
         1.000  ana     > oi
         1.000  ana     > oi
         1.000  log     Ana leaves: Misbehaved, 0 online
         1.000  ana     is closed
         2.000  ana     registers as Ana:20000
         2.000  ana     > oi
         2.000  ana     > LIST
         2.000  ana     < LIST \r\n
        ",
    );
}

/// S7.
#[test]
fn after_user_an_empty_line_is_neither_bad_nor_a_keep() {
    let mut world = World::default();
    world.plays("1.000 ana registers as Ana:20000");
    world.plays("9.000 server waits");
    (0..100).for_each(|_| world.says("ana", b""));
    world.plays(
        r"
        16.000  log     Ana leaves: Expired, 0 online
        16.000  ana     is aborted
        ",
    );
}

/// S41. The port of `USER Ana:2000` may have been 20000.
#[test]
fn half_a_line_is_not_heard() {
    let mut world = World::default();
    world.plays("0.000 ana connects");
    world.says_in_part("ana", b"USER Ana:2000", LineEnd::Rest);
    world.says_in_part("ana", b"USER Ana:2000", LineEnd::Cut);
    assert_eq!(world.take_log(), [""; 0]);
    world.plays("1.000 bruno registers as Bruno:21500");
    world.plays(
        r"
         1.000  bruno   > LIST
         1.000  bruno   < LIST \r\n
         1.000  ana     hangs up
         1.000  ana     is closed
        ",
    );
}

/// S46. Somebody who has no name yet leaves no word in the roster: so it is said here.
#[test]
fn a_stranger_whose_line_does_not_end_is_logged_and_counted() {
    plays(
        r"
         1.000  eve     connects from 10.0.0.9
         2.000  eve     overruns the line
         2.000  log     10.0.0.9 refused: a line without an end
         3.000  server  is asked
         3.000  log     0 online, 1 refused, 0 expired
        ",
    );
}

/// S46.
#[test]
fn who_sends_a_line_without_an_end_is_gone_at_once() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  bruno   registers as Bruno:21500
         1.000  ana     overruns the line
         1.000  log     Ana leaves: Misbehaved, 1 online
         1.000  bruno   > LIST
         1.000  bruno   < LIST \r\n
        ",
    );
}

/// Hazard 16. Each slow reader may be reading another LIST; together they keep 16 MiB at most.
#[test]
fn who_is_behind_with_a_list_of_before_goes_when_there_are_too_many_of_them() {
    let mut directory = Directory::new(Rules::default());
    let mut actions = Actions::default();
    let mut kept: BTreeMap<ConnId, Shared> = BTreeMap::new();
    let mut aborted = Vec::new();
    for slot in 0..3000 {
        let conn = ConnId { slot, generation: 0 };
        let from = SocketAddr::from(([127, 0, 0, 1], 1));
        directory.handle(
            Millis(0),
            Input::Accepted { conn, from, reached: from.ip() },
            &mut actions,
        );
        let user = format!("USER {slot:04}{}:1", "é".repeat(28));
        for line in [user.as_bytes(), b"LIST"].into_iter().take(if slot < 1000 { 1 } else { 2 }) {
            let input = Input::Line { conn, line, end: LineEnd::Terminator };
            directory.handle(Millis(0), input, &mut actions);
        }
        while let Some(action) = actions.pop() {
            if let Action::Abort { conn } = action {
                kept.remove(&conn);
                aborted.push(conn);
            } else if let Action::SendShared { conn, shared } = action {
                kept.insert(conn, shared);
            }
        }
        directory.handle(Millis(0), Input::Backlog { conn, bytes: 1 }, &mut actions);
        let in_memory: usize = kept.values().map(|shared| shared.bytes.len()).sum();
        assert!(in_memory < OLD_LISTS_BYTES_MAX + 4 * 200_000, "{in_memory} at {slot}");
    }
    assert!(!aborted.is_empty() && !kept.is_empty());
    assert!(aborted.iter().all(|conn| conn.slot >= 1000), "who asked for no LIST holds none");
}

// ------------------------------------------------------------------ KEEP and time

/// S34, S38. Fifteen seconds after the last KEEP, by force, as the handout has it.
#[test]
fn who_stops_saying_keep_is_gone_after_15_seconds() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
         1.000  bruno   registers as Bruno:21500
         6.000  ana     > KEEP
         6.000  bruno   > KEEP
        11.000  ana     > KEEP
        20.000  ana     > KEEP
        20.000  ana     > LIST
        20.000  ana     < LIST Bruno\r\n
        21.008  log     Bruno leaves: Expired, 1 online
        21.008  bruno   is aborted
        22.000  ana     > LIST
        22.000  ana     < LIST \r\n
        22.000  ana     > ADDR Bruno
        34.000  ana     > KEEP
        48.900  ana     > LIST
        48.900  ana     < LIST \r\n
        ",
    );
}

/// S38, for each millisecond at which it may begin: both ends of what we promise.
#[test]
fn nobody_is_expired_before_15_seconds_nor_half_a_second_after_them() {
    for start in 0..200 {
        for keep_after in [0, 1, 4_999, 5_000, 14_999, 15_000] {
            let mut world = World::default();
            world.advance(Millis(start));
            world.play("ana", "registers as Ana:20000");
            world.advance(Millis(start + keep_after));
            world.says("ana", b"KEEP");
            let silent_ms = world.wait_until_gone("ana").since(Millis(start + keep_after));
            let promise = 15_000..=15_500;
            assert!(promise.contains(&silent_ms), "{start} + {keep_after}: {silent_ms} ms");
        }
    }
}

/// S1, with the same promise.
#[test]
fn no_guest_is_expired_early_or_late_either() {
    for start in 0..200 {
        let mut world = World::default();
        world.advance(Millis(start));
        world.play("eve", "connects");
        let silent_ms = world.wait_until_gone("eve").since(Millis(start));
        assert!((15_000..=15_500).contains(&silent_ms), "{start}: {silent_ms} ms");
    }
}

/// S37, ruling 1: a program that only asks is not a person who is there.
#[test]
fn only_keep_renews() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
         4.000  ana     > LIST
         4.000  ana     < LIST \r\n
         7.000  ana     > ADDR Ana
         7.000  ana     < ADDR 10.0.0.1:20000\r\n
        10.000  ana     >
        13.000  ana     > oi
        15.900  ana     > LIST
        15.900  ana     < LIST \r\n
        16.000  log     Ana leaves: Expired, 0 online
        16.000  ana     is aborted
        ",
    );
}

/// S1, ruling 1: USER renews what the connection began with.
#[test]
fn user_starts_the_15_seconds_anew() {
    plays(
        r"
         1.000  ana     connects
        15.800  ana     > USER Ana:20000
        15.800  log     Ana joins at 10.0.0.1:20000, 1 online
        30.700  ana     > LIST
        30.700  ana     < LIST \r\n
        30.800  log     Ana leaves: Expired, 0 online
        30.800  ana     is aborted
        ",
    );
}

/// S39. The loop serves before it ticks: who has said KEEP in time is heard before judgement.
#[test]
fn a_keep_that_waited_for_a_busy_server_counts() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
         1.000  bruno   registers as Bruno:21500
        16.200  server  was busy
        16.200  ana     > KEEP
        16.200  log     Bruno leaves: Expired, 1 online
        16.200  bruno   is aborted
        30.000  ana     > LIST
        30.000  ana     < LIST \r\n
        31.200  log     Ana leaves: Expired, 0 online
        31.200  ana     is aborted
        ",
    );
}

/// S40.
#[test]
fn four_keeps_at_once_are_one() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         1.000  ana     > KEEP
         1.000  ana     > KEEP
         1.000  ana     > KEEP
         1.000  ana     > KEEP
        16.000  log     Ana leaves: Expired, 0 online
        16.000  ana     is aborted
        ",
    );
}

/// `--keepalive SECONDS` moves the expiry, three times as far.
#[test]
fn another_keep_interval_is_another_expiry() {
    let rules = Rules { keep_interval_ms: 1_000, ..Rules::default() };
    World::with(rules).plays(
        r"
         1.000  ana     registers as Ana:20000
         1.000  eve     connects from 10.0.0.9
         2.000  ana     > KEEP
         4.000  log     10.0.0.9 refused: silent
         4.000  eve     is aborted
         5.008  log     Ana leaves: Expired, 0 online
         5.008  ana     is aborted
        ",
    );
}

/// Longer than the wheel sees ahead: keys that come out early are armed again.
#[test]
fn a_keep_interval_of_a_minute_is_kept_too() {
    let rules = Rules { keep_interval_ms: 60_000, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     registers as Ana:20000
       170.000  ana     > KEEP
       349.900  ana     > LIST
       349.900  ana     < LIST \r\n
       350.000  log     Ana leaves: Expired, 0 online
       350.000  ana     is aborted
        ",
    );
}

/// Nobody there, nothing to wake up for.
#[test]
fn an_empty_directory_sleeps() {
    let mut world = World::default();
    assert_eq!(world.directory.next_deadline(), None);
    world.plays("0.000 ana registers as Ana:20000");
    assert!(world.directory.next_deadline().is_some());
    world.wait_until_gone("ana");
    assert_eq!(world.directory.next_deadline(), None);
}

// ------------------------------------------------------------------ the end of a connection

/// S41, S43. In order: what was asked for is still delivered.
#[test]
fn who_hangs_up_is_gone_at_once() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  bruno   registers as Bruno:21500
         1.000  ana     > LIST
         1.000  ana     < LIST Bruno\r\n
         1.000  ana     hangs up
         1.000  log     Ana leaves: Closed, 1 online
         1.000  ana     is closed
         1.000  bruno   > LIST
         1.000  bruno   < LIST \r\n
        ",
    );
}

/// S42.
#[test]
fn who_is_reset_is_gone_at_once() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  bruno   registers as Bruno:21500
         1.000  ana     breaks
         1.000  log     Ana leaves: Lost(ConnectionReset), 1 online
         1.000  bruno   > LIST
         1.000  bruno   < LIST \r\n
        ",
    );
}

/// S44. DISC belongs between peers, but a public client says it here before it leaves.
#[test]
fn disc_is_goodbye() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  bruno   registers as Bruno:21500
         1.000  ana     > LIST
         1.000  ana     < LIST Bruno\r\n
         1.000  ana     > DISC
         1.000  log     Ana leaves: Closed, 1 online
         1.000  ana     is closed
         1.000  bruno   > LIST
         1.000  bruno   < LIST \r\n
        ",
    );
}

/// S49.
#[test]
fn who_does_not_read_is_named_so() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         1.000  ana     reads too slowly
         1.000  log     Ana leaves: SlowReader, 0 online
        ",
    );
}

/// A guest who leaves is nobody's news.
#[test]
fn a_guest_who_hangs_up_leaves_without_a_word() {
    plays(
        r"
         0.000  eve     connects
         1.000  eve     hangs up
         1.000  eve     is closed
         1.000  again   connects
         1.000  again   breaks
        20.000  server  waits
        ",
    );
}

/// S56.
#[test]
fn ten_thousand_who_come_and_go_leave_nothing_behind() {
    let mut world = World::default();
    world.plays("0.000 ana registers as Ana:20000");
    for number in 0..10_000 {
        world.play("eve", &format!("registers as Eve {number}:20000"));
        world.play("eve", "breaks");
    }
    world.take_log();
    world.says("ana", b"LIST");
    assert_eq!(world.take_log(), [r"0.000 ana < LIST \r\n"]);
    assert_eq!(world.slots.len(), 2, "one slot, ten thousand times");
    world.wait_until_gone("ana");
    assert_eq!(world.directory.next_deadline(), None, "no key is left in the wheel");
    assert!(world.directory.roster().is_empty());
}

/// The slot of somebody who left is the next one's, but the time and the count are not.
#[test]
fn who_comes_after_in_the_same_slot_inherits_nothing() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
         1.000  ana     > oi
         1.000  ana     > oi
         1.000  ana     > oi
         1.000  ana     > oi
         1.000  ana     > oi
         1.000  ana     > oi
         1.000  ana     > oi
         9.000  ana     hangs up
         9.000  log     Ana leaves: Closed, 0 online
         9.000  ana     is closed
        10.000  bruno   registers as Bruno:21500
        10.000  bruno   > oi
        16.500  bruno   > LIST
        16.500  bruno   < LIST \r\n
        25.008  log     Bruno leaves: Expired, 0 online
        25.008  bruno   is aborted
        ",
    );
}

/// What a machine hears of a connection that is gone must not touch the one in its place.
#[test]
fn late_news_of_a_connection_that_is_gone_do_nothing() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         1.000  ana     breaks
         1.000  log     Ana leaves: Lost(ConnectionReset), 0 online
         2.000  bruno   registers as Bruno:21500
         3.000  ana     > USER Ana:20000
         3.000  ana     > LIST
         3.000  ana     > oi
         3.000  ana     > DISC
         3.000  ana     hangs up
         3.000  ana     breaks
         3.000  ana     goes
         4.000  bruno   > LIST
         4.000  bruno   < LIST \r\n
         4.000  bruno   > ADDR Ana
         4.000  bruno   > ADDR Bruno
         4.000  bruno   < ADDR 10.0.0.1:21500\r\n
        ",
    );
}

/// The same, of a slot that never was.
#[test]
fn news_of_a_connection_that_never_was_do_nothing() {
    let mut world = World::default();
    world.plays("0.000 ana registers as Ana:20000");
    let conn = ConnId { slot: 1_000, generation: 7 };
    let end = LineEnd::Terminator;
    for line in [&b"USER Eve:1"[..], b"LIST", b"KEEP", b"oi", b"DISC", b""] {
        world.handle(Input::Line { conn, line, end });
    }
    world.handle(Input::EndOfStream { conn });
    world.handle(Input::Closed { conn, reason: CloseReason::Asked });
    assert_eq!(world.take_log(), [""; 0]);
    assert_eq!(world.directory.roster().len(), 1);
}

/// The directory dials nobody, nobody types here, and output is bounded by the driver.
#[test]
fn what_a_directory_does_not_care_about_does_nothing() {
    let mut world = World::default();
    world.plays("0.000 ana registers as Ana:20000");
    let conn = world.people["ana"];
    world.handle(Input::Pending { conn, line: b"LI" });
    world.handle(Input::Backlog { conn, bytes: 1 << 20 });
    world.handle(Input::Typed(b"/exit"));
    world.handle(Input::TypedEnd);
    world.handle(Input::Tick);
    assert_eq!(world.take_log(), [""; 0]);
}

// ------------------------------------------------------------------ limits

/// S50, with a limit of two.
#[test]
fn one_connection_too_many_from_an_address_is_turned_away_until_another_leaves() {
    let rules = Rules { per_address_max: 2, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     registers as Ana:20000 from 10.0.0.1
         0.000  guest   connects from 10.0.0.1
         1.000  camila  connects from 10.0.0.1
         1.000  log     10.0.0.1 refused: too many from one address
         1.000  camila  is closed
         2.000  bruno   registers as Bruno:21500 from 10.0.0.2
         3.000  guest   breaks
         3.000  camila  registers as Camila:45000 from 10.0.0.1
         4.000  diego   connects from 10.0.0.1
         4.000  log     10.0.0.1 refused: too many from one address
         4.000  diego   is closed
         5.000  ana     > LIST
         5.000  ana     < LIST Bruno:Camila\r\n
        ",
    );
}

/// S50. Who is turned away counts as long as its connection is there, and is not heard.
#[test]
fn who_is_one_too_many_counts_until_it_is_gone() {
    let rules = Rules { per_address_max: 1, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     connects from 10.0.0.1
         1.000  bruno   lingers
         1.000  bruno   connects from 10.0.0.1
         1.000  log     10.0.0.1 refused: too many from one address
         1.000  bruno   is closed
         2.000  bruno   > USER Bruno:21500
         2.000  ana     breaks
         3.000  camila  connects from 10.0.0.1
         3.000  log     10.0.0.1 refused: too many from one address
         3.000  camila  is closed
         4.000  bruno   goes
         5.000  camila  registers as Camila:45000 from 10.0.0.1
        ",
    );
}

/// S50.
#[test]
fn sixty_four_may_come_from_one_address_and_any_number_from_loopback() {
    let mut world = World::default();
    for number in 0..=PER_ADDRESS_MAX {
        world.play(&format!("far{number}"), "connects from 10.0.0.1");
    }
    let end = ["0.000 log 10.0.0.1 refused: too many from one address", "0.000 far64 is closed"];
    assert_eq!(world.take_log(), end);
    for number in 0..200 {
        world.play(&format!("four{number}"), "connects from 127.0.0.1");
        world.play(&format!("six{number}"), "connects from ::1");
    }
    assert_eq!(world.take_log(), [""; 0]);
}

/// S50. However a connection ends, its place is given back.
#[test]
fn the_count_of_an_address_goes_back_however_a_connection_ends() {
    let mut world = World::with(Rules { per_address_max: 1, ..Rules::default() });
    for end in ["hangs up", "breaks", "overruns the line", "reads too slowly", "> oi", "> DISC"] {
        world.play("eve", "connects from 10.0.0.9");
        world.play("eve", end);
    }
    for end in ["hangs up", "> DISC"] {
        world.play("eve", "registers as Eve:666 from 10.0.0.9");
        world.play("eve", end);
    }
    world.play("eve", "connects from 10.0.0.9");
    world.wait_until_gone("eve");
    world.play("eve", "registers as Eve:666 from 10.0.0.9");
}

/// S51, with a limit of two.
#[test]
fn one_client_too_many_is_turned_away_until_another_leaves() {
    let rules = Rules { clients_max: 2, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     registers as Ana:20000 from 127.0.0.1
         0.000  guest   connects from 10.0.0.1
         1.000  bruno   connects from 10.0.0.2
         1.000  log     10.0.0.2 refused: too many in all
         1.000  bruno   is closed
         2.000  guest   hangs up
         2.000  guest   is closed
         3.000  bruno   registers as Bruno:21500 from 10.0.0.2
         4.000  bruno   > LIST
         4.000  bruno   < LIST Ana\r\n
        ",
    );
}

/// S50, S51. One limit does not undo the other: who is too many in all counts for its address.
#[test]
fn who_is_turned_away_by_the_client_limit_frees_no_place_of_its_address() {
    let rules = Rules { clients_max: 2, per_address_max: 1, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     registers as Ana:20000 from 10.0.0.1
         0.000  guest   connects from 10.0.0.2
         1.000  bruno   connects from 10.0.0.1
         1.000  log     10.0.0.1 refused: too many in all
         1.000  bruno   is closed
         2.000  guest   breaks
         3.000  bruno   connects from 10.0.0.1
         3.000  log     10.0.0.1 refused: too many from one address
         3.000  bruno   is closed
        ",
    );
}

// ------------------------------------------------------------------ how it is

/// Each who was turned away is counted once, whatever the reason; and of those whose time is up,
/// only who was online has expired.
#[test]
fn asked_how_it_is_the_server_says_what_it_has_counted() {
    plays(
        r"
         0.000  server  is asked
         0.000  log     0 online, 0 refused, 0 expired
         0.000  ana     registers as Ana:20000
         1.000  eve     connects
         1.000  ivo     connects from 10.0.0.9
         1.000  ivo     > USER Ana:1
         1.000  log     10.0.0.9 refused: Ana is taken
         1.000  ivo     is closed
         2.000  bruno   registers as Bruno:21500
         2.000  bruno   hangs up
         2.000  log     Bruno leaves: Closed, 1 online
         2.000  bruno   is closed
        15.008  log     Ana leaves: Expired, 0 online
        15.008  ana     is aborted
        16.000  log     10.0.0.1 refused: silent
        16.000  eve     is aborted
        17.000  server  is asked
        17.000  log     0 online, 2 refused, 1 expired
        ",
    );
}

// ------------------------------------------------------------------ the end of the server

/// S53.
#[test]
fn a_server_that_is_stopped_drops_everybody_and_then_exits() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  eve     connects
         0.000  bruno   registers as Bruno:21500
         5.000  server  stops
         5.000  log     Ana leaves: Closed, 1 online
         5.000  ana     is aborted
         5.000  eve     is aborted
         5.000  log     Bruno leaves: Closed, 0 online
         5.000  bruno   is aborted
         5.000  server  exits 0
        ",
    );
}

/// S53. One that is on its way out already does not hold the server up.
#[test]
fn a_server_that_is_stopped_waits_for_no_last_answer() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  ana     lingers
         1.000  ana     > DISC
         1.000  log     Ana leaves: Closed, 0 online
         1.000  ana     is closed
         2.000  server  stops
         2.000  ana     is aborted
         2.000  ana     goes
         2.000  server  exits 0
        ",
    );
}

/// S53. The loop still accepts in the turn in which it is told to stop.
#[test]
fn who_connects_while_the_server_stops_does_not_hold_it_up() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  ana     lingers
         5.000  server  stops
         5.000  log     Ana leaves: Closed, 0 online
         5.000  ana     is aborted
         5.000  eve     connects
         5.000  eve     is aborted
         5.000  ana     goes
         5.000  server  exits 0
        ",
    );
}

/// S53.
#[test]
fn an_empty_server_that_is_stopped_exits_at_once() {
    plays(
        r"
         5.000  server  stops
         5.000  server  exits 0
        ",
    );
}

// ------------------------------------------------------------------ the world of a log

/// Plays a log on a directory with the rules of the handout.
#[track_caller]
fn plays(script: &str) {
    World::default().plays(script);
}

/// Points at the first line that differs, which assert_eq would not.
#[track_caller]
fn expect_equal(log: &[String], wanted: &[String]) {
    let Some(line) = (0..log.len().max(wanted.len())).find(|&i| log.get(i) != wanted.get(i)) else {
        return;
    };
    let (got, wanted) = (log.get(line), wanted.get(line));
    panic!("wanted {wanted:?}\ngot    {got:?}\nthe whole log:\n{}", log.join("\n"));
}

/// A connection whose first line is this is closed, told nothing, and leaves no name behind.
#[track_caller]
fn expect_refused(line: &[u8]) {
    let mut world = World::default();
    world.play("eve", "connects from 10.0.0.9");
    world.says("eve", line);
    let text = line.escape_ascii();
    let refused = format!("0.000 log 10.0.0.9 refused: not USER but \"{text}\"");
    assert_eq!(world.take_log(), [refused, "0.000 eve is closed".to_string()], "{text}");
    assert!(world.directory.roster().is_empty(), "{text}");
}

/// A directory, and a driver for it that is made of nothing but a number for the time.
struct World {
    directory: Directory,
    actions: Actions<Notice>,
    now: Millis,
    /// The last connection of each person in the log, open or gone.
    people: BTreeMap<String, ConnId>,
    /// Like the slab of the real loop: what is free is used again, lowest first.
    slots: Vec<Slot>,
    /// Whose end takes, after the server has asked for it, until the log says that they go.
    lingering: BTreeSet<String>,
    log: Vec<String>,
}

#[derive(Default)]
struct Slot {
    generation: u32,
    taken: bool,
}

impl Default for World {
    fn default() -> Self {
        Self::with(Rules::default())
    }
}

impl World {
    fn with(rules: Rules) -> Self {
        Self {
            directory: Directory::new(rules),
            actions: Actions::default(),
            now: Millis::default(),
            people: BTreeMap::new(),
            slots: Vec::new(),
            lingering: BTreeSet::new(),
            log: Vec::new(),
        }
    }

    /// Plays the lines that happen to the server. All lines together must be what happened.
    #[track_caller]
    fn plays(&mut self, script: &str) {
        let lines: Vec<_> = script.lines().filter_map(ScriptLine::parse).collect();
        for line in &lines {
            self.reach(line.at, line.what);
            if line.is_played() {
                self.note(line.who, line.what);
                self.play(line.who, line.what);
            }
        }
        self.tick_if_due();
        let wanted: Vec<_> = lines.iter().map(ToString::to_string).collect();
        expect_equal(&self.take_log(), &wanted);
    }

    /// Goes to the time of a line. What is due at just that time comes after it, as in the loop,
    /// which serves before it ticks.
    fn reach(&mut self, at: Millis, what: &str) {
        assert!(at >= self.now, "a log goes forward: {what}");
        if what == "was busy" {
            self.now = at;
        }
        self.advance(at);
    }

    /// Lets time pass up to `until`, with every tick that is asked for before then.
    fn advance(&mut self, until: Millis) {
        while self.now < until && self.directory.next_deadline().is_some_and(|at| at < until) {
            self.tick();
        }
        self.now = self.now.max(until);
    }

    fn tick_if_due(&mut self) {
        if self.directory.next_deadline().is_some_and(|at| at <= self.now) {
            self.tick();
        }
    }

    fn tick(&mut self) {
        let deadline = self.directory.next_deadline().expect("a deadline to wait for");
        self.now = self.now.max(deadline);
        self.handle(Input::Tick);
        let next = self.directory.next_deadline();
        assert!(next.is_none_or(|next| next > self.now), "a tick that leads to itself: {next:?}");
    }

    /// Ticks until the server has ended this person's connection, and says when that was.
    fn wait_until_gone(&mut self, who: &str) -> Millis {
        while self.is_open(self.people[who]) {
            self.tick();
        }
        self.now
    }

    fn play(&mut self, who: &str, what: &str) {
        match what.split_once(' ').unwrap_or((what, "")) {
            (">", line) => self.says(who, line.replace('␣', " ").as_bytes()),
            ("connects", route) => self.connects(who, route),
            ("registers", user) => self.registers(who, user),
            ("hangs", "up") => self.handle(Input::EndOfStream { conn: self.people[who] }),
            ("breaks", "") => self.ends(who, CloseReason::Failed(io::ErrorKind::ConnectionReset)),
            ("overruns", "the line") => self.ends(who, CloseReason::LineTooLong),
            ("reads", "too slowly") => self.ends(who, CloseReason::SlowReader),
            ("goes", "") => self.ends(who, CloseReason::Asked),
            ("lingers", "") => drop(self.lingering.insert(who.to_string())),
            ("stops", "") => self.handle(Input::Stop),
            ("is", "asked") => self.handle(Input::Report(FIGURES)),
            ("waits", "") | ("was", "busy") => {}
            _ => panic!("nobody knows how to play {what:?}"),
        }
    }

    /// `from 10.0.0.9 to 10.0.0.100`, of which both may be missing.
    fn connects(&mut self, who: &str, route: &str) {
        let ip = |word: &str, default: Ipv4Addr| -> IpAddr {
            let mut words = route.split(' ').skip_while(|&other| other != word).skip(1);
            words.next().map_or(default.into(), |text| text.parse().expect("an address"))
        };
        let from = SocketAddr::new(ip("from", Ipv4Addr::new(10, 0, 0, 1)), 50_000);
        let reached = ip("to", Ipv4Addr::new(10, 0, 0, 100));
        let conn = self.take_slot();
        self.people.insert(who.to_string(), conn);
        self.handle(Input::Accepted { conn, from, reached });
    }

    /// `as Ana:20000 from ...`: connects and says USER, in one line of the log.
    fn registers(&mut self, who: &str, user: &str) {
        let user = user.strip_prefix("as ").expect("a name and a port");
        let (user, route) = user.split_at(user.find(" from ").unwrap_or(user.len()));
        let start = self.log.len();
        self.connects(who, route.trim_start());
        self.says(who, format!("USER {user}").as_bytes());
        let done: Vec<_> = self.log.drain(start..).collect();
        assert!(done.len() == 1 && done[0].contains(" joins at "), "{who} {user}: {done:?}");
    }

    fn says(&mut self, who: &str, line: &[u8]) {
        self.says_in_part(who, line, LineEnd::Terminator);
    }

    fn says_in_part(&mut self, who: &str, line: &[u8], end: LineEnd) {
        self.handle(Input::Line { conn: self.people[who], line, end });
    }

    fn ends(&mut self, who: &str, reason: CloseReason) {
        let conn = self.people[who];
        if self.is_open(conn) {
            self.slots[conn.slot as usize].taken = false;
        }
        self.handle(Input::Closed { conn, reason });
    }

    /// Tells the directory, does all that it asks for, and tells it what came of that.
    fn handle(&mut self, input: Input<'_>) {
        self.directory.handle(self.now, input, &mut self.actions);
        let mut closing = BTreeSet::new();
        while let Some(action) = self.actions.pop() {
            closing.extend(self.perform(action));
        }
        for who in closing {
            self.ends(&who, CloseReason::Asked);
        }
    }

    /// Writes what is asked for into the log. Gives back whose connection is closed by it.
    fn perform(&mut self, action: Action<Notice>) -> Option<String> {
        match action {
            Action::Send { conn, span } => {
                let bytes = self.actions.bytes(&span).to_vec();
                self.note_sent(conn, &bytes);
            }
            Action::SendShared { conn, shared: Shared { bytes, skip } } => {
                self.note_sent(conn, &[&bytes[..skip.start], &bytes[skip.end..]].concat());
            }
            Action::Close { conn } => return self.note_end(conn, "is closed"),
            Action::Abort { conn } => return self.note_end(conn, "is aborted"),
            Action::Show(notice) => self.note("log", &describe(&notice)),
            Action::Exit { status } => self.note("server", &format!("exits {status}")),
            Action::EndLine { .. }
            | Action::ReceiveAll { .. }
            | Action::SendTo { .. }
            | Action::AwaitDrain { .. }
            | Action::HalfClose { .. }
            | Action::Dial { .. }
            | Action::Abandon { .. } => panic!("a directory has no use for {action:?}"),
        }
        None
    }

    fn note_sent(&mut self, conn: ConnId, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).expect("names are UTF-8");
        let text = text.replace('\r', r"\r").replace('\n', r"\n");
        self.note(&self.name_of(conn), &format!("< {text}"));
    }

    /// Gives back whose end it is, but for those whose end takes.
    fn note_end(&mut self, conn: ConnId, what: &str) -> Option<String> {
        let who = self.name_of(conn);
        self.note(&who, what);
        Some(who).filter(|who| !self.lingering.contains(who))
    }

    fn note(&mut self, who: &str, what: &str) {
        self.log.push(ScriptLine { at: self.now, who, what }.to_string());
    }

    fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    /// Whose connection it is. One that is gone has no claim to an action.
    fn name_of(&self, conn: ConnId) -> String {
        let owner = self.people.iter().find(|&(_, &of)| of == conn && self.is_open(conn));
        owner.map_or_else(|| format!("nobody's {conn:?}"), |(who, _)| who.clone())
    }

    fn is_open(&self, conn: ConnId) -> bool {
        let slot = &self.slots[conn.slot as usize];
        slot.taken && slot.generation == conn.generation
    }

    fn take_slot(&mut self) -> ConnId {
        let free = self.slots.iter().position(|slot| !slot.taken).unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() - 1
        });
        let slot = &mut self.slots[free];
        *slot = Slot { generation: slot.generation + 1, taken: true };
        ConnId { slot: free as u32, generation: slot.generation }
    }
}

/// One line of a log: `1.000  ana  > LIST`.
struct ScriptLine<'a> {
    at: Millis,
    who: &'a str,
    what: &'a str,
}

impl<'a> ScriptLine<'a> {
    /// `None`: an empty line. The blanks between the columns do not count, those behind do:
    /// they are part of what is said.
    fn parse(line: &'a str) -> Option<Self> {
        let (time, rest) = line.trim_start().split_once(' ')?;
        let (who, what) = rest.trim_start().split_once(' ')?;
        let (seconds, millis) = time.split_once('.').expect("a time like 1.000");
        assert_eq!(millis.len(), 3, "a time like 1.000");
        let number = |digits: &str| digits.parse::<u64>().expect("digits");
        let at = Millis(number(seconds) * 1_000 + number(millis));
        Some(Self { at, who, what: what.trim_start() })
    }

    /// Whether this happens to the server, and not because of it.
    fn is_played(&self) -> bool {
        let done = ["< ", "is closed", "is aborted", "exits "];
        self.who != "log" && !done.iter().any(|start| self.what.starts_with(start))
    }
}

impl std::fmt::Display for ScriptLine<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { at: Millis(at), who, what } = self;
        write!(formatter, "{}.{:03} {who} {what}", at / 1_000, at % 1_000)
    }
}

/// What a driver may have counted.
const FIGURES: Figures =
    Figures { connections: 3, pending_bytes: 70, accepted: 9, shed: 2, turns: 1234 };

fn describe(notice: &Notice) -> String {
    match notice {
        Notice::Joined { name, address, online } => {
            format!("{name} joins at {address}, {online} online")
        }
        Notice::Left { name, why, online, .. } => {
            format!("{name} leaves: {why:?}, {online} online")
        }
        Notice::Refused { from, why } => format!("{} refused: {}", from.ip(), reason(why)),
        Notice::State(State { driver, names, refused, expired }) => {
            assert_eq!(*driver, FIGURES, "handed on as they are");
            format!("{names} online, {refused} refused, {expired} expired")
        }
    }
}

fn reason(why: &Refusal) -> String {
    match why {
        Refusal::NameTaken(name) => format!("{name} is taken"),
        Refusal::NotUser(line) => format!("not USER but \"{}\"", line.escape_ascii()),
        Refusal::LineTooLong => "a line without an end".to_string(),
        Refusal::Silent => "silent".to_string(),
        Refusal::AddressLimit => "too many from one address".to_string(),
        Refusal::ClientLimit => "too many in all".to_string(),
    }
}

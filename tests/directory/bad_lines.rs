//! Lines that are no request, and lines without an end: what the server does, and when it closes.

use papo::directory::BAD_LINES_MAX;
use papo::machine::LineEnd;

use super::world::{World, plays};

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
        let left = format!("0.000 log Ana leaves: BadLines {}, 0 online", line.escape_ascii());
        assert_eq!(world.take_log(), [&left, "0.000 ana is closed"], "{}", line.escape_ascii());
    }
}

/// R3. Each connection has its own count, and good lines do not lower it.
#[test]
fn good_lines_do_not_lower_the_count_of_bad_ones() {
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
         1.000  log     Ana leaves: BadLines oi, 0 online
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
        16.016  log     Ana leaves: Expired, 0 online
        16.016  ana     is aborted
        ",
    );
}

/// S41. The whole line may have been `USER Ana:20000`, with another port.
#[test]
fn an_unfinished_line_is_no_request_and_the_log_shows_it() {
    let mut world = World::default();
    world.plays("0.000 ana connects from 10.0.0.9");
    world.says_in_part("ana", b"USER Ana:2000", LineEnd::Cut);
    assert_eq!(world.take_log(), [""; 0]);
    world.says_in_part("ana", b"USER Ana:2000", LineEnd::Rest);
    let refused = "0.000 log 10.0.0.9 refused: 13 bytes unended \"USER Ana:2000\"";
    assert_eq!(world.take_log(), [refused, "0.000 ana is closed"]);
    world.plays("1.000 bruno registers as Bruno:21500");
    world.says_in_part("bruno", b"LI", LineEnd::Rest);
    world.plays(
        r"
         1.000  bruno   > LIST
         1.000  bruno   < LIST \r\n
        ",
    );
}

/// S46. The client has no name, so the log has no line of a name that leaves.
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
fn a_client_that_sends_an_endless_line_leaves_the_list_at_once() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  bruno   registers as Bruno:21500
         1.000  ana     overruns the line
         1.000  log     Ana leaves: LineTooLong, 1 online
         1.000  bruno   > LIST
         1.000  bruno   < LIST \r\n
        ",
    );
}

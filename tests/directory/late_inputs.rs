//! News of a connection that is gone, or never was, or is no concern of a directory: it
//! must not touch whoever is there now.

use papo::machine::{CloseReason, ConnId, Input, LineEnd};

use super::world::{World, plays};

/// The slot of somebody who left is the next one's, but the time and the count are not.
#[test]
fn the_next_client_in_the_same_slot_inherits_nothing() {
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

/// News of a connection that is gone must not touch the one in its place.
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
    assert_eq!(world.machine.roster().len(), 1);
}

/// The directory dials nobody, and output is bounded by the driver.
#[test]
fn inputs_that_a_directory_has_no_use_for_do_nothing() {
    let mut world = World::default();
    world.plays("0.000 ana registers as Ana:20000");
    let conn = world.people["ana"];
    world.handle(Input::Pending { conn, line: b"LI" });
    world.handle(Input::Backlog { conn, bytes: 1 << 20 });
    world.handle(Input::Tick);
    assert_eq!(world.take_log(), [""; 0]);
}

//! Inputs about a connection that is closed or never was, and inputs that a directory does not use:
//! they must not change anything.

use papo::machine::{CloseReason, ConnId, Input, LineEnd};

use super::world::{World, plays};

/// The slot is used again. Its deadline and its count of bad lines are new.
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

#[test]
fn late_inputs_of_a_closed_connection_do_not_reach_the_next_one_in_its_slot() {
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

#[test]
fn inputs_of_a_slot_that_was_never_used_do_nothing() {
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

#[test]
fn inputs_that_a_directory_does_not_use_do_nothing() {
    let mut world = World::default();
    world.plays("0.000 ana registers as Ana:20000");
    let conn = world.people["ana"];
    world.handle(Input::Pending { conn, line: b"LI" });
    world.handle(Input::Backlog { conn, bytes: 1 << 20 });
    world.handle(Input::Tick);
    assert_eq!(world.take_log(), [""; 0]);
}

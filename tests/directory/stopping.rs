//! The end of the server: it aborts all connections, and exits.

use super::world::plays;

/// S53.
#[test]
fn a_server_that_is_stopped_aborts_all_connections_and_then_exits() {
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

/// S53. A connection that is closing already does not delay the exit.
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

/// S53. The loop still accepts in the turn of the stop.
#[test]
fn a_client_that_connects_while_the_server_stops_is_reset() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         0.000  ana     lingers
         5.000  server  stops
         5.000  log     Ana leaves: Closed, 0 online
         5.000  ana     is aborted
         5.000  eve     connects
         5.000  eve     is reset
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

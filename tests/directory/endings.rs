//! The end of a connection: the name is free at once, and the log has the reason.

use super::world::plays;

/// S41, S43. The answer before the end is still delivered.
#[test]
fn a_client_that_ends_its_stream_leaves_the_list_at_once() {
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
fn a_client_that_resets_leaves_the_list_at_once() {
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

/// S44. DISC is an instruction between peers, but some clients send it to the server, too.
#[test]
fn disc_ends_the_connection() {
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
fn a_client_that_does_not_read_is_logged_as_a_slow_reader() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         1.000  ana     reads too slowly
         1.000  log     Ana leaves: SlowReader, 0 online
        ",
    );
}

#[test]
fn a_client_without_a_name_leaves_without_a_log_line() {
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

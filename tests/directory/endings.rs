//! The end of a connection, whoever ends it: the name is gone at once, and what is logged says why.

use super::world::plays;

/// S41, S43. In order: what was asked for is still delivered.
#[test]
fn a_client_that_hangs_up_is_gone_at_once() {
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
fn a_client_that_resets_is_gone_at_once() {
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
fn a_partner_that_does_not_read_is_named_so() {
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

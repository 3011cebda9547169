//! USER: which client is registered, under which name, and for how long the name is taken.

use super::world::plays;

/// S2.
#[test]
fn a_client_is_registered_with_its_address_and_the_port_of_user() {
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
fn requests_that_arrive_together_are_answered_in_order() {
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

/// S16.
#[test]
fn a_silent_holder_keeps_its_name_until_it_expires() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
        15.900  eve     connects from 10.0.0.9
        15.900  eve     > USER Ana:666
        15.900  log     10.0.0.9 refused: Ana is taken
        15.900  eve     is closed
        16.016  log     Ana leaves: Expired, 0 online
        16.016  ana     is aborted
        16.017  eve     connects from 10.0.0.9
        16.017  eve     > USER Ana:666
        16.017  log     Ana joins at 10.0.0.9:666, 1 online
        ",
    );
}

/// S17.
#[test]
fn a_name_is_free_as_soon_as_its_holder_ends_the_stream() {
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

/// S17. The holder's output still waits when its name is free.
#[test]
fn a_name_is_free_while_its_holders_connection_is_closing() {
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

/// S18, R2: names are case-sensitive.
#[test]
fn names_that_differ_in_one_byte_are_two_names() {
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

/// S19. It is a bad line, and does not renew the 15 seconds.
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
        16.016  log     Ana leaves: Expired, 1 online
        16.016  ana     is aborted
        ",
    );
}

/// S52. Two clients behind one NAT look like this.
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

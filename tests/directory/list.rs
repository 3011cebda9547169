//! LIST: all other registered clients, in order of arrival.

use super::world::{World, plays};

/// S22.
#[test]
fn a_list_has_all_other_clients_in_order_of_arrival() {
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

/// S22. The server leaves the asker out by its place, and does not search the text for its name.
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

/// S23, R4. A bare `LIST` makes one public client crash, and another one show a user "LIST".
#[test]
fn an_empty_list_keeps_its_blank() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         1.000  ana     > LIST
         1.000  ana     < LIST \r\n
        ",
    );
}

/// S23.
#[test]
fn a_client_that_has_not_sent_user_is_in_no_list() {
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
fn list_keep_and_disc_may_end_in_blanks() {
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

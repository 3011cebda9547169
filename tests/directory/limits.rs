//! The limits of connections: from one address, and in all.

use papo::directory::{PER_ADDRESS_MAX, Rules};

use super::world::World;

/// S50, with a limit of two.
#[test]
fn one_connection_too_many_from_an_address_is_refused_until_another_leaves() {
    let rules = Rules { per_address_max: 2, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     registers as Ana:20000 from 10.0.0.1
         0.000  guest   connects from 10.0.0.1
         1.000  camila  connects from 10.0.0.1
         1.000  log     10.0.0.1 refused: too many from one address
         1.000  camila  is reset
         2.000  bruno   registers as Bruno:21500 from 10.0.0.2
         3.000  guest   breaks
         3.000  camila  registers as Camila:45000 from 10.0.0.1
         4.000  diego   connects from 10.0.0.1
         4.000  log     10.0.0.1 refused: too many from one address
         4.000  diego   is reset
         5.000  ana     > LIST
         5.000  ana     < LIST Bruno:Camila\r\n
        ",
    );
}

/// S50. Its lines are ignored meanwhile.
#[test]
fn a_refused_connection_counts_until_it_is_closed() {
    let rules = Rules { per_address_max: 1, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     connects from 10.0.0.1
         1.000  bruno   lingers
         1.000  bruno   connects from 10.0.0.1
         1.000  log     10.0.0.1 refused: too many from one address
         1.000  bruno   is reset
         2.000  bruno   > USER Bruno:21500
         2.000  ana     breaks
         3.000  camila  connects from 10.0.0.1
         3.000  log     10.0.0.1 refused: too many from one address
         3.000  camila  is reset
         4.000  bruno   goes
         5.000  camila  registers as Camila:45000 from 10.0.0.1
        ",
    );
}

/// S50.
#[test]
fn sixty_four_connections_may_come_from_one_address_and_any_number_from_loopback() {
    let mut world = World::default();
    for number in 0..=PER_ADDRESS_MAX {
        world.play(&format!("far{number}"), "connects from 10.0.0.1");
    }
    let end = ["0.000 log 10.0.0.1 refused: too many from one address", "0.000 far64 is reset"];
    assert_eq!(world.take_log(), end);
    for number in 0..200 {
        world.play(&format!("four{number}"), "connects from 127.0.0.1");
        world.play(&format!("six{number}"), "connects from ::1");
    }
    assert_eq!(world.take_log(), [""; 0]);
}

/// S50.
#[test]
fn every_way_to_end_a_connection_lowers_the_count_of_its_address() {
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
fn one_client_too_many_is_refused_until_another_leaves() {
    let rules = Rules { clients_max: 2, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     registers as Ana:20000 from 127.0.0.1
         0.000  guest   connects from 10.0.0.1
         1.000  bruno   connects from 10.0.0.2
         1.000  log     10.0.0.2 refused: too many in all
         1.000  bruno   is reset
         2.000  guest   hangs up
         2.000  guest   is closed
         3.000  bruno   registers as Bruno:21500 from 10.0.0.2
         4.000  bruno   > LIST
         4.000  bruno   < LIST Ana\r\n
        ",
    );
}

/// S50, S51. The count of its address must not fall below the open connections.
#[test]
fn a_client_refused_by_the_client_limit_does_not_lower_the_count_of_its_address() {
    let rules = Rules { clients_max: 2, per_address_max: 1, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     registers as Ana:20000 from 10.0.0.1
         0.000  guest   connects from 10.0.0.2
         1.000  bruno   connects from 10.0.0.1
         1.000  log     10.0.0.1 refused: too many in all
         1.000  bruno   is reset
         2.000  guest   breaks
         3.000  bruno   connects from 10.0.0.1
         3.000  log     10.0.0.1 refused: too many from one address
         3.000  bruno   is reset
        ",
    );
}

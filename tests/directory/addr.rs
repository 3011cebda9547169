//! ADDR: the address of a client that is online, in a form that the asker can use. No answer about
//! any other name.

use papo::directory::Rules;
use papo::wire::reply::Edition;

use super::world::{World, plays};

/// S27, S29.
#[test]
fn addr_answers_for_every_client_online_and_for_the_asker() {
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

/// S28, R4. It is no bad line either: a client may ask for unknown names without a limit.
#[test]
fn addr_of_an_unknown_name_gets_no_answer() {
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
fn addr_of_a_client_that_has_just_left_gets_no_answer() {
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

/// S32, R10. `127.0.0.1` is wrong on any other machine.
#[test]
fn a_client_from_loopback_is_found_at_the_address_that_the_asker_reached() {
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

/// S32. Linux lets a local program send from an address that this machine does not have.
#[test]
fn a_client_that_reached_the_server_by_loopback_is_on_this_machine_whatever_its_address() {
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

/// S33, R12.
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

/// The handout of 2026 adds the name to the answer.
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

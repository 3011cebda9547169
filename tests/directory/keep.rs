//! KEEP and time: which clients expire after 15 seconds, and when the directory wakes up.

use papo::directory::Rules;
use papo::machine::{Machine, Millis};

use super::world::{World, plays};

/// S34, S38. Fifteen seconds after the last KEEP the connection is aborted.
#[test]
fn a_client_that_stops_sending_keep_expires_after_15_seconds() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
         1.000  bruno   registers as Bruno:21500
         6.000  ana     > KEEP
         6.000  bruno   > KEEP
        11.000  ana     > KEEP
        20.000  ana     > KEEP
        20.000  ana     > LIST
        20.000  ana     < LIST Bruno\r\n
        21.008  log     Bruno leaves: Expired, 1 online
        21.008  bruno   is aborted
        22.000  ana     > LIST
        22.000  ana     < LIST \r\n
        22.000  ana     > ADDR Bruno
        34.000  ana     > KEEP
        48.900  ana     > LIST
        48.900  ana     < LIST \r\n
        ",
    );
}

/// S38, for each millisecond of a tick at which a connection may begin.
#[test]
fn a_client_expires_after_15_seconds_and_at_most_half_a_second_more() {
    for start in 0..200 {
        for keep_after in [0, 1, 4_999, 5_000, 14_999, 15_000] {
            let mut world = World::default();
            world.advance(Millis(start));
            world.play("ana", "registers as Ana:20000");
            world.advance(Millis(start + keep_after));
            world.says("ana", b"KEEP");
            let silent_ms = world.wait_until_gone("ana").since(Millis(start + keep_after));
            // KEEP may come at the end of its millisecond, and the expiry at the beginning of another
            // one. So 15,001 is the least difference that is never below 15 seconds.
            let promise = 15_001..=15_500;
            assert!(promise.contains(&silent_ms), "{start} + {keep_after}: {silent_ms} ms");
        }
    }
}

/// S1.
#[test]
fn a_client_without_a_name_expires_in_the_same_time() {
    for start in 0..200 {
        let mut world = World::default();
        world.advance(Millis(start));
        world.play("eve", "connects");
        let silent_ms = world.wait_until_gone("eve").since(Millis(start));
        assert!((15_001..=15_500).contains(&silent_ms), "{start}: {silent_ms} ms");
    }
}

/// S37, R1. No other line does.
#[test]
fn only_keep_renews() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
         4.000  ana     > LIST
         4.000  ana     < LIST \r\n
         7.000  ana     > ADDR Ana
         7.000  ana     < ADDR 10.0.0.1:20000\r\n
        10.000  ana     >
        13.000  ana     > oi
        15.900  ana     > LIST
        15.900  ana     < LIST \r\n
        16.016  log     Ana leaves: Expired, 0 online
        16.016  ana     is aborted
        ",
    );
}

/// S1, R1.
#[test]
fn user_renews_the_15_seconds() {
    plays(
        r"
         1.000  ana     connects
        15.800  ana     > USER Ana:20000
        15.800  log     Ana joins at 10.0.0.1:20000, 1 online
        30.700  ana     > LIST
        30.700  ana     < LIST \r\n
        30.816  log     Ana leaves: Expired, 0 online
        30.816  ana     is aborted
        ",
    );
}

/// S39. The loop reads before it ticks, so a KEEP that waits in the kernel is read in time.
#[test]
fn a_keep_that_waited_for_a_busy_server_counts() {
    plays(
        r"
         1.000  ana     registers as Ana:20000
         1.000  bruno   registers as Bruno:21500
        16.200  server  was busy
        16.200  ana     > KEEP
        16.200  log     Bruno leaves: Expired, 1 online
        16.200  bruno   is aborted
        30.000  ana     > LIST
        30.000  ana     < LIST \r\n
        31.216  log     Ana leaves: Expired, 0 online
        31.216  ana     is aborted
        ",
    );
}

/// S40.
#[test]
fn four_keeps_at_once_are_one() {
    plays(
        r"
         0.000  ana     registers as Ana:20000
         1.000  ana     > KEEP
         1.000  ana     > KEEP
         1.000  ana     > KEEP
         1.000  ana     > KEEP
        16.016  log     Ana leaves: Expired, 0 online
        16.016  ana     is aborted
        ",
    );
}

/// `--keepalive SECONDS`.
#[test]
fn the_expiry_is_three_keep_intervals() {
    let rules = Rules { keep_interval_ms: 1_000, ..Rules::default() };
    World::with(rules).plays(
        r"
         1.000  ana     registers as Ana:20000
         1.000  eve     connects from 10.0.0.9
         2.000  ana     > KEEP
         4.016  log     10.0.0.9 refused: silent
         4.016  eve     is aborted
         5.008  log     Ana leaves: Expired, 0 online
         5.008  ana     is aborted
        ",
    );
}

/// The expiry is beyond the range of the timer wheel, so its key comes out early and is armed again.
#[test]
fn a_keep_interval_of_a_minute_is_kept_too() {
    let rules = Rules { keep_interval_ms: 60_000, ..Rules::default() };
    World::with(rules).plays(
        r"
         0.000  ana     registers as Ana:20000
       170.000  ana     > KEEP
       349.900  ana     > LIST
       349.900  ana     < LIST \r\n
       350.016  log     Ana leaves: Expired, 0 online
       350.016  ana     is aborted
        ",
    );
}

#[test]
fn a_directory_without_clients_has_no_deadline() {
    let mut world = World::default();
    assert_eq!(world.machine.next_deadline(), None);
    world.plays("0.000 ana registers as Ana:20000");
    assert!(world.machine.next_deadline().is_some());
    world.wait_until_gone("ana");
    assert_eq!(world.machine.next_deadline(), None);
}

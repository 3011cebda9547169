//! The 15 seconds, and a server that sleeps meanwhile.

use std::time::{Duration, Instant};

use super::{crowd, crowd_name, member};
use crate::support::{PATIENCE, Raw, Server, proc};

/// S34, S37, S38, R1: never before 15.000 seconds after the last KEEP; LIST renews nothing. The drill
/// D5 measures the latest time, which a busy machine decides here.
#[test]
fn a_client_without_keep_expires_after_fifteen_seconds_and_never_before() {
    let server = Server::start();
    let mut silent = member(&server, "silent", 1);
    let mut asking = member(&server, "asking", 2);
    let mut watcher = member(&server, "watcher", 3);
    let kept_at = Instant::now();
    silent.send("KEEP\r\n");
    asking.send("KEEP\r\n");

    let mut gone_after = [None, None];
    let mut asked = 0;
    while gone_after.contains(&None) && kept_at.elapsed() < 2 * PATIENCE {
        watcher.send("KEEP\r\n");
        let here = watcher.list();
        for (name, gone) in ["silent", "asking"].iter().zip(&mut gone_after) {
            if gone.is_none() && !here.iter().any(|other| other == name) {
                *gone = Some(kept_at.elapsed().as_secs_f64());
            }
        }
        // Four times, 3 seconds apart.
        if asked < 4 && kept_at.elapsed() > Duration::from_secs(3) * (asked + 1) {
            asking.send("LIST\r\n");
            asked += 1;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    for gone in gone_after {
        let seconds = gone.expect("it expires");
        assert!(seconds >= 15.0, "gone after {gone_after:?} seconds");
    }
    assert_eq!(silent.line_or_end(), None, "the connection is ended by force");
    asking.wait_closed();
}

/// The same promise with a shorter interval, for many clients: the end of the connection never comes
/// early, not even by a part of a millisecond.
#[test]
fn no_client_expires_early() {
    let server = Server::start_with(&["--keepalive", "0.5"]);
    let mut clients: Vec<_> = (0..60)
        .map(|number| {
            let mut raw = member(&server, &crowd_name(number), 1);
            let kept_at = Instant::now();
            raw.send("KEEP\r\n");
            // So that they begin at all distances from a tick.
            std::thread::park_timeout(Duration::from_micros(7_300));
            (raw, kept_at)
        })
        .collect();
    for (raw, kept_at) in &mut clients {
        assert_eq!(raw.line_or_end(), None);
        let after = kept_at.elapsed();
        assert!(after >= Duration::from_millis(1500), "cut off after {after:?}");
    }
}

/// S39, S40: the server is stopped for longer than the expiry.
#[test]
fn keeps_that_wait_in_the_kernel_are_read_before_any_client_expires() {
    let server = Server::start_with(&["--keepalive", "1"]);
    let mut members = crowd(&server, 40);
    server.process.stop();
    for raw in &mut members {
        raw.send("KEEP\r\nKEEP\r\n");
    }
    std::thread::park_timeout(Duration::from_secs(4));
    server.process.go_on();
    assert_eq!(members[0].list().len(), 39, "no client is missing");
}

#[test]
fn an_idle_server_sleeps() {
    let server = Server::start();
    let members: Vec<Raw> = crowd(&server, 20);
    let before = proc::sleeps(server.process.id());
    std::thread::park_timeout(Duration::from_secs(5));
    let woken = proc::sleeps(server.process.id()) - before;
    assert!(woken <= 2, "woken up {woken} times in 5 seconds, with {} clients", members.len());
}

//! The operations of a run, and its report.

use std::time::Duration;

use super::{report, run, start};
use crate::support::{Process, Server, quiet_address};

#[test]
fn every_mix_is_served_without_a_mistake() {
    let server = Server::start();
    for (options, operations_min) in [
        ("--mix lookup --clients 20 --seconds 0.5", 100.0),
        ("--mix lookup --clients 20 --pipeline 16 --seconds 0.5", 100.0),
        ("--mix lookup --clients 20 --rate 100 --seconds 0.5", 10.0),
        ("--mix list --clients 100 --seconds 0.5", 100.0),
        ("--mix list --clients 1 --seconds 0.5", 10.0),
        ("--mix keep --clients 20 --keepalive 0.2 --seconds 0.5", 20.0),
        ("--mix churn --clients 20 --seconds 0.5", 20.0),
        ("--mix churn --clients 20 --rate 100 --seconds 0.5", 10.0),
    ] {
        let (status, report) = run(server.address, options);
        assert_eq!(status, 0, "{options}: {report:?}");
        for mistakes in ["wrong", "lost", "unanswered"] {
            assert_eq!(report.number(mistakes), 0.0, "{options}: {report:?}");
        }
        assert!(report.number("operations") >= operations_min, "{options}: {report:?}");
        assert!(report.number("seconds") >= 0.5, "{options}: {report:?}");
        let is_silent = options.contains("keep --");
        assert_eq!(report.is_null("latency_us"), is_silent, "{options}: {report:?}");
    }
}

/// The clients would expire after three intervals without KEEP.
#[test]
fn a_long_run_keeps_its_clients_alive() {
    let server = Server::start_with(&["--keepalive", "0.5"]);
    let options = "--mix list --clients 20 --rate 50 --keepalive 0.5 --seconds 2.5";
    let (status, report) = run(server.address, options);
    assert_eq!(status, 0, "{report:?}");
    let (status, report) = run(server.address, &options.replace("e 0.5", "e 60"));
    assert_eq!(status, 1, "without KEEP in time: {report:?}");
    assert!(report.number("lost") > 0.0, "{report:?}");
}

#[test]
fn the_newer_edition_is_understood() {
    let server = Server::start_with(&["--edition", "2026"]);
    let (status, report) = run(server.address, "--clients 5 --seconds 0.3");
    assert_eq!((status, report.number("wrong")), (0, 0.0), "{report:?}");
}

/// It cannot be more than the option, and is less than half of it only if the machine is stopped for
/// half of the time.
#[test]
fn a_rate_is_about_that_rate() {
    let server = Server::start();
    let (status, report) = run(server.address, "--clients 10 --rate 200 --seconds 2");
    let planned = 200.0 * report.number("seconds");
    let operations = report.number("operations");
    assert_eq!(status, 0, "{report:?}");
    assert!(operations <= planned + 1.0 && operations >= planned / 2.0, "{report:?}");
}

/// A closed loop sends no request while the server is stopped, and so has one slow answer among
/// thousands. An open loop counts all requests that were due meanwhile.
#[test]
fn the_latencies_show_a_server_that_was_stopped() {
    let mut server = Server::start();
    let mut load = start(server.address, "--clients 1 --rate 200 --seconds 2 --json");
    load.expect_log("registered");
    server.process.stop();
    std::thread::park_timeout(Duration::from_millis(600));
    server.process.signal("CONT");
    let (status, report) = report(load);
    assert_eq!(status, 0, "{report:?}");
    assert!(report.latency_us("p99") >= 400_000.0, "{report:?}");
    assert!(report.latency_us("p50") <= report.latency_us("p99"), "{report:?}");
    server.process.signal("TERM");
    assert_eq!(server.process.wait(), 0);
}

#[test]
fn progress_is_shown_and_ctrl_c_ends_it_with_a_report() {
    let server = Server::start();
    let mut load = start(server.address, "--clients 10 --seconds 60");
    load.expect_log("10 clients registered");
    load.expect_log("ops/s");
    load.signal("INT");
    let (status, screen, _) = load.finish();
    assert_eq!(status, 0, "{screen:?}");
    for (line, word) in ["lookup by 10", "ops/s", "p50", "p99", "p99.9"].iter().enumerate() {
        assert!(screen[line].starts_with(word), "{word}: {screen:?}");
    }
}

/// A LIST has all clients, and not only those of the run.
#[test]
fn others_are_a_mistake_unless_they_are_expected() {
    let server = Server::start();
    let mut ana = server.join("Ana", 20000);
    ana.list();
    let options = "--mix list --clients 5 --seconds 0.3";
    let (status, report) = run(server.address, options);
    assert_eq!(status, 1, "{report:?}");
    let (status, report) = run(server.address, &format!("{options} --others"));
    assert_eq!(status, 0, "{report:?}");
}

#[test]
fn without_a_server_it_names_the_address_and_says_what_to_do() {
    let address = quiet_address();
    let (status, screen, log) = start(address, "--clients 5").finish();
    assert_eq!((status, screen.len()), (1, 0), "{screen:?}");
    let expected = format!(
        "papo: there is no server at {address}: connection refused. Start it first, and compare \
         host and port"
    );
    assert_eq!(log, [expected]);
}

#[test]
fn wrong_usage_is_status_2() {
    for (options, word) in [
        ("", "SERVER"),
        ("127.0.0.1 127.0.0.1", "SERVER"),
        ("127.0.0.1 --clients 0", "--clients"),
        ("127.0.0.1 --clients 999999999", "ulimit"),
        ("127.0.0.1 --rate 0", "--rate"),
        ("127.0.0.1 --rate 100000000", "--rate"),
        ("127.0.0.1 --pipeline 0", "--pipeline"),
        ("127.0.0.1 --pipeline 1025", "--pipeline"),
        ("127.0.0.1 --rate 5 --pipeline 5", "either"),
        ("127.0.0.1 --mix keep --rate 5", "KEEP"),
        ("127.0.0.1 --mix churn --pipeline 5", "churn"),
        ("127.0.0.1 --mix dance", "dance"),
        ("127.0.0.1 --seconds 0", "--seconds"),
    ] {
        let mut arguments = vec!["load"];
        arguments.extend(options.split_whitespace());
        let (status, screen, log) = Process::start(&arguments).finish();
        assert_eq!((status, screen.len()), (2, 0), "{options}: {screen:?}");
        assert!(log.join(" ").contains(word), "{options}: {log:?}");
    }
}

/// The message comes before any connection.
#[test]
fn more_clients_than_descriptors_are_an_error() {
    let load = Process::start_after("ulimit -n 64", &["load", "127.0.0.1", "--clients", "60"]);
    let (status, _, log) = load.finish();
    assert_eq!(status, 2, "{log:?}");
    assert!(log.join(" ").contains("more than the 32"), "{log:?}");
}

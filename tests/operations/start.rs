//! The log of the server at its start, and the cases in which it refuses to start.

use papo::cli::server::memory_bound::{clients_within, worst_case};

use super::number;
use crate::support::{Process, Server};

const ARGUMENTS: [&str; 3] = ["server", "--listen", "127.0.0.1:0"];

/// The server logs it before it listens.
#[track_caller]
fn memory(server: &mut Server) -> String {
    let log = server.process.log();
    log.into_iter().find(|line| line.contains("event=memory")).expect("a line about memory")
}

#[test]
fn it_says_how_much_memory_it_may_need() {
    let mut server = Server::start_with(&["--max-clients", "100"]);
    let line = memory(&mut server);
    assert_eq!(number(&line, "clients_max"), 100);
    assert_eq!(number(&line, "worst_case_bytes"), worst_case(100));
    assert_eq!(number(&line, "longest_list_bytes"), 25607);
}

fn for_clients(count: &str) -> Vec<&str> {
    [&ARGUMENTS[..], &["--max-clients", count]].concat()
}

/// A server of root warns once, and serves.
#[test]
fn as_root_it_says_one_line_and_serves() {
    let mut server = Server::start();
    assert!(server.join("Ana", 1).list().is_empty());
    server.process.expect_log("event=join");
    let warned =
        server.process.log().iter().filter(|line| line.contains("WARN event=root")).count();
    assert_eq!(warned, usize::from(rustix::process::geteuid().is_root()));
}

/// With the number that it suggests, it starts.
#[test]
fn with_less_memory_than_that_it_says_so_and_does_not_start() {
    let first = "ulimit -v 32768";
    let (status, screen, log) = Process::start_after(first, &for_clients("1000")).finish();
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{log:?}");
    let fit = clients_within(32 << 20);
    assert!(log[0].contains(&format!("--max-clients {fit} would do")), "{log:?}");

    let mut server = Server::of(Process::start_after(first, &for_clients(&fit.to_string())));
    let line = memory(&mut server);
    assert!(number(&line, "worst_case_bytes") <= 32 << 20, "{line}");
    assert!(server.join("Ana", 1).list().is_empty());
}

/// `--max-clients 0` would be refused, so it is not suggested.
#[test]
fn with_memory_for_no_client_it_says_so() {
    let (status, _, log) = Process::start_after("ulimit -v 8000", &for_clients("25")).finish();
    let expected = "papo: not even one client fits: it may need 9 MiB, and `ulimit -v` allows 8";
    assert_eq!((status, log), (1, vec![expected.to_string()]));
}

/// An operator may forget `LimitNOFILE` of a service manager.
#[test]
fn with_descriptors_for_fewer_clients_it_warns_and_serves() {
    for (wanted, warnings) in [("25", 1), ("9", 0)] {
        let mut server = Server::of(Process::start_after("ulimit -n 41", &for_clients(wanted)));
        assert!(server.join("Ana", 1).list().is_empty());
        server.process.expect_log("event=join");
        let log = server.process.log();
        let warned = log
            .iter()
            .filter(|line| line.contains("WARN event=descriptors clients_max=9 wanted=25 "));
        assert_eq!(warned.count(), warnings, "{log:?}");
    }
}

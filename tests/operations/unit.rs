//! The unit in `docs/deploy`: its command works, and its limits fit each other.

use std::fs;

use super::number;
use crate::support::{Process, Server};

fn unit(name: &str) -> String {
    let path = format!("{}/docs/deploy/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The value of a setting that occurs once.
#[track_caller]
fn setting<'a>(unit: &'a str, key: &str) -> &'a str {
    let values = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let values: Vec<_> = values.collect();
    assert_eq!(values.len(), 1, "{key}");
    values[0]
}

/// The descriptors are enough for the clients of the command, and in the worst case half of the
/// memory is left for the kernel.
#[test]
fn descriptors_and_memory_of_the_service_are_enough_for_its_clients() {
    let service = unit("papo.service");
    let command = setting(&service, "ExecStart").strip_prefix("/usr/local/bin/papo ");
    let mut arguments: Vec<_> = command.expect("papo").split(' ').collect();
    arguments.extend(["--listen", "127.0.0.1:0"]);
    let limit = format!("ulimit -n {}", setting(&service, "LimitNOFILE"));
    let mut process = Process::start_after(&limit, &arguments);
    let line = process.expect_log("event=memory");
    assert!(
        arguments.join(" ").contains(&format!("--max-clients {} ", number(&line, "clients_max")))
    );
    let most = setting(&service, "MemoryMax").strip_suffix('M').and_then(|text| text.parse().ok());
    let most: u64 = most.expect("so many M");
    assert!(most << 20 >= 2 * number(&line, "worst_case_bytes"), "{most}M: {line}");
    drop(process);
    let server = Server::of(Process::start_after(&limit, &arguments));
    assert!(server.join("Ana", 1).list().is_empty());
}

/// The port is the handout's, and the backlog is long enough for the kernel to refuse no client.
#[test]
fn the_socket_is_the_one_that_the_server_would_open() {
    let socket = unit("papo.socket");
    assert_eq!(setting(&socket, "ListenStream"), "0.0.0.0:10000");
    assert_eq!(setting(&socket, "Backlog"), papo::event_loop::socket::BACKLOG.to_string());
}

//! Signals that must not end a server.

use super::member;
use crate::support::{Process, Server};

/// `nohup papo server`: a signal that was ignored at the start stays ignored.
#[test]
fn an_ignored_hangup_stays_ignored() {
    let process = Process::start_after("trap '' HUP", &["server", "--listen", "127.0.0.1:0"]);
    let mut server = Server::of(process);
    server.process.signal("HUP");
    let mut ana = member(server.address, "Ana");
    assert_eq!(ana.list(), [""; 0]);
    server.process.signal("TERM");
    assert_eq!(server.process.wait(), 0);
}

/// SIGUSR1 would end a program that does not catch it.
#[test]
fn sigusr1_does_nothing() {
    let mut server = Server::start();
    server.process.signal("USR1");
    let mut ana = member(server.address, "Ana");
    assert_eq!(ana.list(), [""; 0]);
    server.process.signal("TERM");
    assert_eq!(server.process.wait(), 0);
}

//! Several servers that share a directory through a real Redis or Valkey, which each test starts
//! for itself on a port of its own.
//!
//! | file | asks |
//! | --- | --- |
//! | [`engine`] | the harness: an engine that can be killed, stopped and asked |
//! | [`sharing`] | who is seen where, and whose is a name? |
//! | [`faults`] | what if a server, or the engine, dies or sleeps? |
//! | [`strange`] | what if the engine is none, or holds what is not ours? |
//! | [`machine`] | what if replies and entries come in a rare order? |
//! | [`model`] | the simulator's model of an engine, which passes the same script |
//! | [`operations`] | do the operations on the engine mean what their file says? |
//!
//! Where neither `redis-server` nor `valkey-server` is installed, they are skipped, and say so.

mod engine;
mod faults;
mod machine;
#[allow(dead_code, reason = "the simulator uses more of it")]
#[path = "../simulation/cluster/model.rs"]
mod model;
mod operations;
mod sharing;
mod strange;

use crate::support::{self, Process, Raw, Server};
pub(crate) use engine::Engine;

/// A server of the world that this engine has, once it is there.
#[track_caller]
pub(crate) fn server(engine: &Engine) -> Server {
    let mut server = server_at(&engine.url());
    server.process.expect_log("event=engine_up");
    server
}

/// A server with this `--directory`.
pub(crate) fn server_at(url: &str) -> Server {
    Server::of(Process::start_with(
        &["server", "--listen", "127.0.0.1:0", "--directory", url],
        std::process::Stdio::null(),
    ))
}

/// Waits until this client's LIST has just these names, in this order.
#[track_caller]
pub(crate) fn expect_list(client: &mut Raw, names: &[&str]) {
    let mut last = Vec::new();
    let what = format!("a LIST of {names:?}");
    support::eventually(&what, || {
        client.send("KEEP\r\n");
        last = client.list();
        last == names
    });
}

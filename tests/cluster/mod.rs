//! Several servers that share a directory through a real Redis or Valkey. Each test starts its own
//! engine. They are SKIPPED if neither `redis-server` nor `valkey-server` is installed.
//!
//! | file | about |
//! | --- | --- |
//! | [`engine`] | the harness: an engine that can be killed, stopped and asked |
//! | [`sharing`] | LIST and ADDR at all servers, and the owner of a name |
//! | [`faults`] | a server or the engine dies, or is stopped |
//! | [`strange`] | the engine is another program, or has foreign data |
//! | [`machine`] | replies and stream entries in a rare order |
//! | [`model`] | the simulator's model of an engine, which passes the same script |
//! | [`operations`] | each operation on the engine does what its file says |

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

/// A server at this engine, once it is connected to it.
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

/// A client that has registered, and has received an answer.
#[track_caller]
pub(crate) fn member(server: &Server, name: &str, port: u16) -> Raw {
    let mut raw = server.join(name, port);
    raw.list();
    raw
}

/// Waits until this client's LIST has exactly these names, in this order.
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

//! `papo load` as a process, against our server and against servers that lie; and the figures of our
//! server that have no noise.
//!
//! | file | about |
//! | --- | --- |
//! | [`runs`] | the operations of each mix, and its report |
//! | [`lies`] | every wrong answer is found |
//! | [`figures`] | system calls and memory of the server |

mod figures;
mod lies;
mod runs;

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::support::Process;
use tinyjson::JsonValue;

/// Starts `papo load` at a server.
pub(crate) fn start(server: SocketAddr, options: &str) -> Process {
    let server = server.to_string();
    let mut arguments = vec!["load", &server];
    arguments.extend(options.split_whitespace());
    Process::start(&arguments)
}

/// The report of a run with `--json`, and the exit status.
#[track_caller]
pub(crate) fn report(load: Process) -> (i32, Report) {
    let (status, screen, log) = load.finish();
    assert_eq!(screen.len(), 1, "one object in one line: {screen:?}, {log:?}");
    let value: JsonValue = screen[0].parse().expect("JSON");
    (status, Report(value.get::<HashMap<_, _>>().expect("an object").clone()))
}

/// Starts a run and waits for its report.
#[track_caller]
pub(crate) fn run(server: SocketAddr, options: &str) -> (i32, Report) {
    report(start(server, &format!("{options} --json")))
}

/// The report of a run.
#[derive(Debug)]
pub(crate) struct Report(HashMap<String, JsonValue>);

impl Report {
    /// A number of the object.
    #[track_caller]
    pub(crate) fn number(&self, key: &str) -> f64 {
        *self.0.get(key).and_then(|value| value.get::<f64>()).expect(key)
    }

    /// A latency, in microseconds.
    #[track_caller]
    pub(crate) fn latency_us(&self, key: &str) -> f64 {
        let latency = self.0["latency_us"].get::<HashMap<String, JsonValue>>().expect("latencies");
        *latency[key].get::<f64>().expect(key)
    }

    /// Whether the value of a key is null.
    pub(crate) fn is_null(&self, key: &str) -> bool {
        self.0[key].is_null()
    }
}

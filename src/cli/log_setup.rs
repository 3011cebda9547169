//! The log: to stderr, one line an event.

use std::io::{IsTerminal, Write};

use env_logger::fmt::Formatter;
use log::{LevelFilter, Record};

use crate::event_loop::TRACE_TARGET;

/// Starts the log. `level` is what is logged where `RUST_LOG` does not say otherwise; `trace`
/// adds every line of the protocol, with its direction and other end.
pub fn start(level: LevelFilter, trace: bool) {
    let mut builder = env_logger::Builder::new();
    builder.filter_level(level).parse_default_env();
    let wire_level = if trace { LevelFilter::Trace } else { LevelFilter::Off };
    builder.filter_module(TRACE_TARGET, wire_level);
    let is_red = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    builder.format(move |out, record| {
        if record.target() == TRACE_TARGET {
            trace_line(out, record, is_red)
        } else {
            writeln!(out, "{} {} {}", out.timestamp_millis(), record.level(), record.args())
        }
    });
    builder.init();
}

/// As the handout prints the messages of the protocol: in red.
fn trace_line(out: &mut Formatter, record: &Record<'_>, is_red: bool) -> std::io::Result<()> {
    let (on, off) = if is_red { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
    writeln!(out, "{} wire {on}{}{off}", out.timestamp_millis(), record.args())
}

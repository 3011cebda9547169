//! The log: to stderr, one line an event, never blocking, and never more than a person reads.
//!
//! ```text
//! log::info! ──► env_logger: level, time ──► log_flood: 10 a second ──► log_sink ──► stderr
//! ```
//!
//! Read next: [`super::turns`], which lets the log catch up after each turn of the loop.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use env_logger::fmt::Formatter;
use log::{LevelFilter, Record};

use super::log_flood::{FLOOD_WINDOW_MS, Flood, Kind};
use super::log_sink::{LogSink, Stderr};
use crate::event_loop::TRACE_TARGET;
use crate::machine::Millis;

/// The log of this process, to be looked after between two turns of its loop.
#[derive(Clone, Debug)]
pub struct Log(Arc<Shared>);

/// There is one thread, so the locks are never waited for: `log` asks for them.
#[derive(Debug)]
struct Shared {
    flood: Mutex<Flood>,
    sink: Mutex<LogSink<Stderr>>,
    /// Something was logged, and what follows from that is not done yet. Most turns log nothing,
    /// and cost one look at this.
    is_busy: AtomicBool,
}

/// Starts the log. `level` is what is logged where `RUST_LOG` does not say otherwise; `trace`
/// adds every line of the protocol, with its direction and other end.
pub fn start(level: LevelFilter, trace: bool) -> Log {
    let log = Log(Arc::new(Shared {
        flood: Mutex::default(),
        sink: Mutex::new(LogSink::new(Stderr::open())),
        is_busy: AtomicBool::new(false),
    }));
    let mut builder = env_logger::Builder::new();
    builder.filter_level(level).parse_default_env();
    let wire_level = if trace { LevelFilter::Trace } else { LevelFilter::Off };
    builder.filter_module(TRACE_TARGET, wire_level);
    builder.target(env_logger::Target::Pipe(Box::new(log.clone())));
    let is_red = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let shared = Arc::clone(&log.0);
    builder.format(move |out, record| {
        if record.target() == TRACE_TARGET {
            trace_line(out, record, is_red)
        } else if shared.admits(record) {
            writeln!(out, "{} {} {}", out.timestamp_millis(), record.level(), record.args())
        } else {
            Ok(())
        }
    });
    builder.init();
    log
}

impl Log {
    /// Writes what waits, and once a second says what could not be said.
    pub fn catch_up(&self, now: Millis) {
        let Shared { flood, sink, is_busy } = &*self.0;
        if !is_busy.load(Relaxed) {
            return;
        }
        lock(sink).drain();
        let suppressed = lock(flood).next_window(now);
        for it in suppressed {
            log::log!(it.level, "{} suppressed={}", it.kind, it.count);
        }
        let dropped = lock(sink).take_dropped();
        if let Some(lines) = dropped {
            log::warn!("event=log {lines} lines dropped");
        }
        is_busy.store(lock(flood).has_counted() || lock(sink).is_behind(), Relaxed);
    }

    /// How long the log can be left alone. `None`: nothing waits.
    #[must_use]
    pub fn may_wait(&self) -> Option<Duration> {
        let Shared { flood, sink, is_busy } = &*self.0;
        let is_behind =
            is_busy.load(Relaxed) && (lock(sink).is_behind() || lock(flood).is_behind());
        is_behind.then_some(Duration::from_millis(FLOOD_WINDOW_MS))
    }
}

impl Shared {
    fn admits(&self, record: &Record<'_>) -> bool {
        self.is_busy.store(true, Relaxed);
        lock(&self.flood).admits(Kind::of(record.args()), record.level())
    }
}

/// What [`env_logger`] writes to: one call for each line.
impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut sink = lock(&self.0.sink);
        sink.push(line);
        if sink.is_behind() {
            self.0.is_busy.store(true, Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A panic while logging is no reason to stop logging.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As the handout prints the messages of the protocol: in red.
fn trace_line(out: &mut Formatter, record: &Record<'_>, is_red: bool) -> io::Result<()> {
    let (on, off) = if is_red { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
    writeln!(out, "{} wire {on}{}{off}", out.timestamp_millis(), record.args())
}

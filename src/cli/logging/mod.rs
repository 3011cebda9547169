//! The log: to stderr, one line an event, never blocking, and never more than a person reads.
//!
//! ```text
//! log::info! ──► log_filter: level ──► log_flood: 10 a second ──► time ──► log_sink ──► stderr
//!                                                                               └─ or held: a
//!                               terminal that is drawn on shows it above the line being typed
//! ```
//!
//! Read next: [`crate::cli::host::program`], which lets the log catch up after each turn of the
//! loop.

#[cfg_attr(not(feature = "full"), path = "filter_small.rs")]
pub mod filter;
pub mod flood;
pub mod sink;

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use log::{LevelFilter, Metadata, Record};

use crate::cli::system::clock;
use crate::cli::system::terminal;
use crate::console::journal::SPOKEN_TARGET;
use crate::console::language::{Language, Text, text};
use crate::console::outlet::Outlet;
#[cfg(any(feature = "editor", feature = "tools"))]
use crate::console::wall_clock::{self, WallTime};
use crate::event_loop::trace::TRACE_TARGET;
use crate::machine::Millis;
use filter::LogFilter;
use flood::{FLOOD_WINDOW_MS, Flood, LogKind, Suppressed};
use sink::LogSink;

/// The log of this process, to be looked after between two turns of its loop.
#[derive(Clone, Debug)]
pub struct Log(Arc<LogShared>);

/// There is one thread, so the locks are never waited for: `log` asks for them.
#[derive(Debug)]
struct LogShared {
    filter: LogFilter,
    /// A person reads stderr, in this language: sentences, and the time on the wall.
    reader: Option<Language>,
    /// As the handout prints the messages of the protocol.
    is_red: bool,
    flood: Mutex<Flood>,
    sink: Mutex<LogSink<Outlet>>,
    /// Something was logged, and what follows from that is not done yet. Most turns log nothing,
    /// and cost one look at this.
    is_busy: AtomicBool,
}

/// Starts the log. `level` is what is logged where `RUST_LOG` does not say otherwise; `trace`
/// adds every line of the protocol, with its direction and other end.
pub fn start(level: LevelFilter, trace: bool) -> Log {
    start_for(None, level, trace)
}

/// The same for a person who reads stderr in this language, if there is one.
pub fn start_for(reader: Option<Language>, level: LevelFilter, trace: bool) -> Log {
    let wire_level = if trace { LevelFilter::Trace } else { LevelFilter::Off };
    let log = Log(Arc::new(LogShared {
        filter: LogFilter::new(level, wire_level),
        reader,
        is_red: io::stderr().is_terminal()
            && std::env::var_os("NO_COLOR").is_none()
            && terminal::obeys_escapes(),
        flood: Mutex::default(),
        sink: Mutex::new(LogSink::new(Outlet::unwatched_stderr())),
        is_busy: AtomicBool::new(false),
    }));
    // A program starts one log: where a host has its own, that one stays.
    if log::set_boxed_logger(Box::new(log.clone())).is_ok() {
        log::set_max_level(log.0.filter.finest());
    }
    log
}

impl Log {
    /// Writes what waits, and once a second says what could not be said.
    pub fn catch_up(&self, now: Millis) {
        let LogShared { flood, sink, is_busy, .. } = &*self.0;
        if !is_busy.load(Relaxed) {
            return;
        }
        lock(sink).drain();
        let suppressed = lock(flood).next_window(now);
        for it in suppressed {
            self.0.tell_suppressed(it);
        }
        let dropped = lock(sink).take_dropped();
        if let Some(lines) = dropped {
            log::warn!("event=log {lines} lines dropped");
        }
        is_busy.store(lock(flood).has_counted() || lock(sink).is_behind(), Relaxed);
    }

    /// Writes lines as they are, without a time.
    pub fn say(&self, lines: &str) {
        self.0.push(lines);
    }

    /// A terminal has shown `^C` where its cursor was: what follows begins on a line of its own.
    pub fn begin_line(&self) {
        if io::stderr().is_terminal() && !lock(&self.0.sink).is_held() {
            self.say("\n");
        }
    }

    /// Writes nothing to stderr from now on, which is the terminal that is drawn on: a line would
    /// fall into the row that somebody is typing. They are for [`Log::take_held`].
    pub fn hold(&self) {
        lock(&self.0.sink).hold();
    }

    /// The lines that were held since the last call, without colours, and how many more there was
    /// no room for.
    #[must_use]
    pub fn take_held(&self) -> Option<(Vec<u8>, usize)> {
        let is_busy = self.0.is_busy.load(Relaxed);
        is_busy.then(|| lock(&self.0.sink).take_held()).flatten()
    }

    /// Writes to stderr again, what was held and not taken first.
    pub fn release(&self) {
        lock(&self.0.sink).release();
    }

    /// How long the log can be left alone. `None`: nothing waits.
    #[must_use]
    pub fn may_wait(&self) -> Option<Duration> {
        let LogShared { flood, sink, is_busy, .. } = &*self.0;
        let is_behind =
            is_busy.load(Relaxed) && (lock(sink).is_behind() || lock(flood).is_behind());
        is_behind.then_some(Duration::from_millis(FLOOD_WINDOW_MS))
    }
}

impl log::Log for Log {
    fn enabled(&self, kind: &Metadata<'_>) -> bool {
        self.0.filter.wants(kind)
    }

    fn log(&self, record: &Record<'_>) {
        if self.0.filter.wants_line(record) && self.0.admits(record) {
            self.0.push(&self.0.line(record));
        }
    }

    /// For a program that ends by a panic: what was held comes out. For what stderr does not take
    /// nobody waits, and where it was the log that panicked there is nothing to be had.
    fn flush(&self) {
        if let Ok(mut sink) = self.0.sink.try_lock() {
            sink.release();
        }
    }
}

impl LogShared {
    /// All of a trace, since it was asked for.
    fn admits(&self, record: &Record<'_>) -> bool {
        if record.target() == TRACE_TARGET {
            return true;
        }
        self.is_busy.store(true, Relaxed);
        let kind = match record.target().strip_prefix(SPOKEN_TARGET) {
            Some(kind) => LogKind::of(&format_args!("{kind}")),
            None => LogKind::of(record.args()),
        };
        lock(&self.flood).admits(kind, record.level())
    }

    fn line(&self, record: &Record<'_>) -> String {
        let (now, said) = (self.time(), record.args());
        // The terminal that takes held lines has colours of its own.
        let is_red = self.is_red && !lock(&self.sink).is_held();
        match (record.target() == TRACE_TARGET, is_red) {
            (true, true) => format!("{now} wire \x1b[31m{said}\x1b[0m\n"),
            (true, false) => format!("{now} wire {said}\n"),
            (false, _) if record.target().starts_with(SPOKEN_TARGET) => format!("{now} {said}\n"),
            (false, _) => format!("{now} {} {said}\n", record.level()),
        }
    }

    /// Lines that are held stand on one screen with the chat, and have its clock.
    fn time(&self) -> String {
        let wall = if self.reader().is_some() {
            wall_time()
        } else if lock(&self.sink).is_held() {
            wall_time().map(|minute| minute + &seconds(&clock::utc()))
        } else {
            None
        };
        wall.unwrap_or_else(clock::utc)
    }

    /// The language of the person who reads stderr: known at compile time to be none, where the
    /// sentences are not compiled in.
    fn reader(&self) -> Option<Language> {
        self.reader.filter(|_| cfg!(feature = "tools"))
    }

    /// Says how many lines of a kind were held back.
    fn tell_suppressed(&self, Suppressed { kind, level, count }: Suppressed) {
        const MORE: Text =
            text!("and {count} more of this: {kind}", "e mais {count} assim: {kind}");
        match self.reader() {
            None => log::log!(level, "{kind} suppressed={count}"),
            Some(language) => {
                let told = MORE.fill(language, &[("count", &count), ("kind", &kind)]);
                log::log!(target: &format!("{SPOKEN_TARGET}more"), level, "{told}");
            }
        }
    }

    fn push(&self, line: &str) {
        let mut sink = lock(&self.sink);
        sink.push(line.as_bytes());
        if sink.is_behind() {
            self.is_busy.store(true, Relaxed);
        }
    }
}

/// `:02.123` of `2026-11-21T07:46:02.123Z`: the same in every zone.
fn seconds(utc: &str) -> String {
    utc.trim_end_matches('Z').chars().skip("2026-11-21T07:46".len()).collect()
}

/// The time where the person is: `14:03`. `None`: the zone is not known.
#[cfg(any(feature = "editor", feature = "tools"))]
fn wall_time() -> Option<String> {
    let WallTime { hour, minute, .. } = wall_clock::wall_time()?;
    Some(format!("{hour:02}:{minute:02}"))
}

/// A small build has no time zones.
#[cfg(not(any(feature = "editor", feature = "tools")))]
fn wall_time() -> Option<String> {
    None
}

/// A panic while logging is no reason to stop logging.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

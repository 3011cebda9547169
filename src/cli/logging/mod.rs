//! The log: one line for each event, to stderr. It never blocks, and it bounds the lines of each
//! kind.
//!
//! ```text
//! log::info! ──► filter: level ──► flood: 10 a second ──► time ──► sink ──► stderr
//!                                                                     └─ held while a terminal is
//!                                  drawn on, which shows it above the line being typed
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

/// The log of this process. Its host lets it catch up after each turn.
#[derive(Clone, Debug)]
pub struct Log(Arc<LogShared>);

/// The crate `log` requires the locks. There is one thread, so nothing waits for them.
#[derive(Debug)]
struct LogShared {
    filter: LogFilter,
    /// The language of the person who reads stderr: sentences, with the local time. `None`: lines
    /// for programs.
    reader: Option<Language>,
    /// Whether lines of the protocol are red, as in the handout.
    is_red: bool,
    flood: Mutex<Flood>,
    sink: Mutex<LogSink<Outlet>>,
    /// Whether [`Log::catch_up`] has anything to do. Most turns log nothing, and read only this.
    is_busy: AtomicBool,
}

/// Starts the log. `level` is the level without `RUST_LOG`; `trace` adds every line of the
/// protocol, with its direction and the address of the other side.
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
    // A host with a logger of its own keeps it.
    if log::set_boxed_logger(Box::new(log.clone())).is_ok() {
        log::set_max_level(log.0.filter.finest());
    }
    log
}

impl Log {
    /// Writes what waits, and once a second a line about the lines that were left out.
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

    /// Holds all lines from now on, for [`Log::take_held`]: stderr is the terminal that is drawn
    /// on, and a line would tear the row that the person is typing.
    pub fn hold(&self) {
        lock(&self.0.sink).hold();
    }

    /// The lines that were held since the last call, without colors, and how many more had no room.
    #[must_use]
    pub fn take_held(&self) -> Option<(Vec<u8>, usize)> {
        let is_busy = self.0.is_busy.load(Relaxed);
        is_busy.then(|| lock(&self.0.sink).take_held()).flatten()
    }

    /// Writes to stderr again, first the lines that were held and not taken.
    pub fn release(&self) {
        lock(&self.0.sink).release();
    }

    /// How long the loop may sleep before [`Log::catch_up`] has to run. `None`: nothing waits.
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

    /// Writes what was held, for a program that ends by a panic. It does not wait for stderr, and
    /// does nothing if the log itself panicked.
    fn flush(&self) {
        if let Ok(mut sink) = self.0.sink.try_lock() {
            sink.release();
        }
    }
}

impl LogShared {
    /// Whether the flood limit lets a line pass. It lets each line of a trace pass.
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
        // The terminal that shows held lines has its own colors.
        let is_red = self.is_red && !lock(&self.sink).is_held();
        match (record.target() == TRACE_TARGET, is_red) {
            (true, true) => format!("{now} wire \x1b[31m{said}\x1b[0m\n"),
            (true, false) => format!("{now} wire {said}\n"),
            (false, _) if record.target().starts_with(SPOKEN_TARGET) => format!("{now} {said}\n"),
            (false, _) => format!("{now} {} {said}\n", record.level()),
        }
    }

    /// The time of a line. Held lines are on the screen of the chat, and have local time as it has.
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

    /// The language of the person who reads stderr. Without `tools` it is `None` at compile time,
    /// so the sentences are not compiled in.
    fn reader(&self) -> Option<Language> {
        self.reader.filter(|_| cfg!(feature = "tools"))
    }

    /// Logs how many lines of a kind were left out.
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

/// `:02.123` of `2026-11-21T07:46:02.123Z`. It is the same in every zone.
fn seconds(utc: &str) -> String {
    utc.trim_end_matches('Z').chars().skip("2026-11-21T07:46".len()).collect()
}

/// The local time: `14:03`. `None`: the zone is not known.
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

/// Ignores a panic that happened while the lock was held: the log goes on.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use log::Level;

    use super::*;

    fn line(target: &str, level: Level) -> Metadata<'_> {
        Metadata::builder().target(target).level(level).build()
    }

    #[test]
    fn the_protocol_has_a_level_of_its_own() {
        let filter = LogFilter::new(LevelFilter::Warn, LevelFilter::Trace);
        assert!(filter.wants(&line(TRACE_TARGET, Level::Trace)));
        assert!(filter.wants(&line("papo::directory", Level::Error)));
        assert!(!filter.wants(&line("mio::poll", Level::Trace)));
        assert_eq!(filter.finest(), LevelFilter::Trace);
        let filter = LogFilter::new(LevelFilter::Info, LevelFilter::Off);
        assert!(!filter.wants(&line(TRACE_TARGET, Level::Error)));
        assert_eq!(filter.finest(), LevelFilter::Info);
    }
}

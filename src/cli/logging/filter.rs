//! Which log lines are wanted: `RUST_LOG`, as env_logger reads it.
//!
//! `filter_small.rs` is for a build without env_logger. Must not know what a line looks like. Read
//! next: [`super`].

use log::{LevelFilter, Metadata, Record};

use crate::event_loop::trace::TRACE_TARGET;

/// The levels that `RUST_LOG` wants, each module at its own level:
/// `RUST_LOG=warn,papo::peer=debug`.
#[derive(Debug)]
pub struct LogFilter(env_logger::Logger);

impl LogFilter {
    /// `level` is the level without `RUST_LOG`, `wire` that of the lines of the protocol.
    #[must_use]
    pub fn new(level: LevelFilter, wire: LevelFilter) -> Self {
        let mut builder = env_logger::Builder::new();
        builder.filter_level(level).parse_default_env().filter_module(TRACE_TARGET, wire);
        Self(builder.build())
    }

    /// The finest level of all.
    #[must_use]
    pub fn finest(&self) -> LevelFilter {
        self.0.filter()
    }

    /// Whether a line of this kind is wanted.
    #[must_use]
    pub fn wants(&self, kind: &Metadata<'_>) -> bool {
        log::Log::enabled(&self.0, kind)
    }

    /// Whether this line is wanted: `RUST_LOG=info/Ana` also tests its text.
    #[must_use]
    pub fn wants_line(&self, record: &Record<'_>) -> bool {
        self.0.matches(record)
    }
}

//! Which log lines are wanted: `RUST_LOG` as one level for the whole program.
//!
//! `filter.rs` has the levels of modules too. Read next: [`super`].

use log::{LevelFilter, Metadata, Record};

use crate::event_loop::trace::TRACE_TARGET;

/// The one level that `RUST_LOG` wants: of `warn,papo::peer=debug` that is `warn`.
#[derive(Debug)]
pub struct LogFilter {
    level: LevelFilter,
    wire: LevelFilter,
}

impl LogFilter {
    /// `level` is the level without `RUST_LOG`, `wire` that of the lines of the protocol.
    #[must_use]
    pub fn new(level: LevelFilter, wire: LevelFilter) -> Self {
        let said = std::env::var("RUST_LOG").ok().as_deref().and_then(plain_level);
        Self { level: said.unwrap_or(level), wire }
    }

    /// The finest level of all.
    #[must_use]
    pub fn finest(&self) -> LevelFilter {
        self.level.max(self.wire)
    }

    /// Whether a line of this kind is wanted.
    #[must_use]
    pub fn wants(&self, kind: &Metadata<'_>) -> bool {
        let is_wire = kind.target() == TRACE_TARGET;
        kind.level() <= if is_wire { self.wire } else { self.level }
    }

    /// Whether this line is wanted.
    #[must_use]
    pub fn wants_line(&self, record: &Record<'_>) -> bool {
        self.wants(record.metadata())
    }
}

fn plain_level(said: &str) -> Option<LevelFilter> {
    said.split(',').rev().find_map(|part| part.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_level_counts() {
        let cases = [
            ("warn", Some(LevelFilter::Warn)),
            ("OFF", Some(LevelFilter::Off)),
            ("info,papo::directory=debug", Some(LevelFilter::Info)),
            ("papo::directory=debug", None),
            ("loud", None),
            ("", None),
        ];
        for (said, expected) in cases {
            assert_eq!(plain_level(said), expected, "{said}");
        }
    }
}

//! SIGINT, SIGTERM, SIGHUP and SIGUSR2 as events like any other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mio::{Interest, Registry};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR2};
use signal_hook::flag;
use signal_hook_mio::v1_0;

use super::token::Source;

pub(super) struct Signals(v1_0::Signals);

/// What the signals since the last look ask for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Asked {
    /// To end.
    pub(super) stop: bool,
    /// To say how it is.
    pub(super) report: bool,
}

impl Signals {
    /// Catches them. The first asks the program to end; a second one ends it at once, with the
    /// status that a shell expects, however stuck the program is.
    pub(super) fn register(registry: &Registry) -> io::Result<Self> {
        let ends = [SIGINT, SIGTERM, SIGHUP];
        let came = Arc::new(AtomicBool::new(false));
        for signal in ends {
            // In this order: the one that ends looks before the one that notes the first.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&came))?;
            flag::register(signal, Arc::clone(&came))?;
        }
        let mut signals = v1_0::Signals::new(ends.iter().chain([&SIGUSR2]))?;
        registry.register(&mut signals, Source::Signals.into(), Interest::READABLE)?;
        Ok(Self(signals))
    }

    /// What came since the last look.
    pub(super) fn take(&mut self) -> Asked {
        let mut asked = Asked::default();
        for signal in self.0.pending() {
            asked.report |= signal == SIGUSR2;
            asked.stop |= signal != SIGUSR2;
        }
        asked
    }
}

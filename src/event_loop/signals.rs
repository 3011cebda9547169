//! SIGINT, SIGTERM and SIGHUP as events like any other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mio::{Interest, Registry};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook_mio::v1_0;

use super::token::Source;

pub(super) struct Signals(v1_0::Signals);

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
        let mut signals = v1_0::Signals::new(ends)?;
        registry.register(&mut signals, Source::Signals.into(), Interest::READABLE)?;
        Ok(Self(signals))
    }

    /// Whether any came since the last look.
    pub(super) fn take(&mut self) -> bool {
        self.0.pending().count() > 0
    }
}

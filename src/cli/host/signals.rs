//! SIGINT, SIGTERM, SIGHUP and SIGUSR2 as events like any other: this is Unix.
//!
//! `signals_windows.rs` has Ctrl-C of Windows. Read next: [`super::program`].

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::{Interest, Registry, Token};
pub(super) use signal_hook::consts::SIGINT;
use signal_hook::consts::{SIGHUP, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::flag;
use signal_hook_mio::v1_0;

pub(super) struct Signals {
    source: v1_0::Signals,
    token: Token,
    /// One came and the loop has not looked yet.
    came: Arc<AtomicBool>,
}

/// The wishes of the signals since the last look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct SignalWishes {
    /// To end: the signal that did.
    pub(super) stop: Option<i32>,
    /// To say how it is.
    pub(super) report: bool,
}

impl Signals {
    /// Catches them. The first asks the program to end. A second one that comes before the loop
    /// has seen the first ends it at once, with the status that a shell expects, however stuck
    /// the program is; where the loop is awake, it sees to that itself, and in order.
    ///
    /// SIGHUP stays ignored where it was when the program started: that is what `nohup` is for.
    pub(super) fn register(registry: &Registry, token: Token) -> io::Result<Self> {
        let ends = [SIGINT, SIGTERM, SIGHUP].into_iter();
        let ends: Vec<_> = ends.filter(|&signal| signal != SIGHUP || !ignores_hangup()).collect();
        let came = Arc::new(AtomicBool::new(false));
        for &signal in &ends {
            // In this order: the one that ends looks before the one that notes the first.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&came))?;
            flag::register(signal, Arc::clone(&came))?;
        }
        // Caught, so that it does not end the program: nothing is asked for with it.
        flag::register(SIGUSR1, Arc::new(AtomicBool::new(false)))?;
        let mut source = v1_0::Signals::new(ends.iter().chain([&SIGUSR2]))?;
        registry.register(&mut source, token, Interest::READABLE)?;
        Ok(Self { source, token, came })
    }

    /// Whether a look is worth while, by the sources that are ready.
    pub(super) fn may_have_come(&self, ready: &[Token]) -> bool {
        ready.contains(&self.token)
    }

    /// The signals since the last look.
    pub(super) fn take(&mut self, registry: &Registry) -> SignalWishes {
        // Before the look: one that comes in between is seen now or the next time.
        self.came.store(false, Ordering::Relaxed);
        let mut asked = SignalWishes::default();
        for signal in self.source.pending() {
            if signal == SIGUSR2 {
                asked.report = true;
            } else {
                asked.stop = Some(signal);
            }
        }
        // They were read without mio's knowledge. Its poller over poll(2) tells of a source again
        // only when mio has seen a read that would block, or when it is registered again. That
        // this fails is no reason to end.
        let _ = registry.reregister(&mut self.source, self.token, Interest::READABLE);
        asked
    }
}

/// Whether SIGHUP is ignored (proc(5), `SigIgn`: a bit for each signal, lowest first). Where the
/// system does not tell, it is not.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (SIGHUP - 1)) != 0
}

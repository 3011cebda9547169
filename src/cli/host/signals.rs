//! SIGINT, SIGTERM, SIGHUP and SIGUSR2 as a source of the poller, on Unix.
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
    /// A signal came, and the loop has not taken it yet.
    came: Arc<AtomicBool>,
}

/// The requests of the signals since the last call.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct SignalRequests {
    /// The signal that asks the program to stop.
    pub(super) stop: Option<i32>,
    /// A report.
    pub(super) report: bool,
}

impl Signals {
    /// Catches them. The first asks the program to stop. A second one that comes before the loop
    /// has taken the first ends the process at once, with the status that a shell expects. While
    /// the loop is awake, the loop itself ends the program at the second, in order.
    ///
    /// SIGHUP stays ignored if it was ignored when the program started, as `nohup` wants it.
    pub(super) fn register(registry: &Registry, token: Token) -> io::Result<Self> {
        let ends = [SIGINT, SIGTERM, SIGHUP].into_iter();
        let ends: Vec<_> = ends.filter(|&signal| signal != SIGHUP || !ignores_hangup()).collect();
        let came = Arc::new(AtomicBool::new(false));
        for &signal in &ends {
            // In this order: the handler that ends the process runs before the one that sets the
            // flag.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&came))?;
            flag::register(signal, Arc::clone(&came))?;
        }
        // Caught without an effect: its default would end the program.
        flag::register(SIGUSR1, Arc::new(AtomicBool::new(false)))?;
        let mut source = v1_0::Signals::new(ends.iter().chain([&SIGUSR2]))?;
        registry.register(&mut source, token, Interest::READABLE)?;
        Ok(Self { source, token, came })
    }

    /// Whether a signal may have come, judged by the ready sources.
    pub(super) fn may_have_come(&self, ready: &[Token]) -> bool {
        ready.contains(&self.token)
    }

    /// The requests of the signals since the last call.
    pub(super) fn take(&mut self, registry: &Registry) -> SignalRequests {
        // Before the signals are read: one that comes in between is read now or the next time.
        self.came.store(false, Ordering::Relaxed);
        let mut asked = SignalRequests::default();
        for signal in self.source.pending() {
            if signal == SIGUSR2 {
                asked.report = true;
            } else {
                asked.stop = Some(signal);
            }
        }
        // mio did not see this read. Its poller over poll(2) reports a source again only after mio
        // has seen a read that would block, or after the source is registered again. An error here
        // is no reason to end.
        let _ = registry.reregister(&mut self.source, self.token, Interest::READABLE);
        asked
    }
}

/// Whether SIGHUP is ignored (proc(5), `SigIgn`: a bit for each signal, lowest first). Without
/// /proc the answer is no.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (SIGHUP - 1)) != 0
}

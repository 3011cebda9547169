//! stdin, stdout and stderr of this process, as sources in the poller of an event loop.
//!
//! The console is a host of the loop, not a part of it: it registers its own sources in the same
//! poller, and each turn returns the ready ones. This file only moves bytes. [`super::view`] and
//! `lab` know the meaning of keys and notices. Read next: [`super::keyboard`], [`super::screen`].

use std::io;
use std::time::{Duration, Instant};

use mio::{Registry, Token};

use super::keyboard::Keyboard;
use super::outlet::{Outlet, wait_for_room};
use super::screen::Screen;

/// Most bytes that a host reads from stdin at once. A script's lines come a page at a time.
pub(crate) const READ_BYTES: usize = 16 * 1024;

/// Longest wait at the end for a terminal or a pipe to take the last text, in milliseconds.
const LAST_TEXT_MS: u64 = 500;

/// Text for stdout and stderr.
#[derive(Debug, Default)]
pub struct Output {
    /// For stdout: the conversation.
    pub screen: Vec<u8>,
    /// For stderr: errors.
    pub errors: Vec<u8>,
}

/// The three standard streams. Nothing else writes to stdout. The log writes to stderr as well,
/// unless the person's view draws on it.
#[derive(Debug)]
pub struct Device {
    keyboard: Option<Keyboard>,
    pub(super) screen: Screen,
    errors: Screen,
    /// The error after which stdout takes no more text: its reader has closed it, the disk is full.
    lost: Option<io::Error>,
    was_full: bool,
    first_token: Token,
}

impl Device {
    /// A device that does not read stdin. The console's own sources have `first_token` and the two
    /// that follow: stdin, then stdout and stderr, then the window.
    #[must_use]
    pub fn write_only(registry: &Registry, first_token: Token) -> Self {
        let token = Token(first_token.0 + 1);
        Self {
            keyboard: None,
            screen: Screen::new(Outlet::stdout(registry, token)),
            errors: Screen::new(Outlet::stderr(registry, token)),
            lost: None,
            was_full: false,
            first_token,
        }
    }

    /// A device that also reads stdin.
    ///
    /// # Errors
    ///
    /// If the poller refuses stdin, and not because it is always ready.
    pub fn open(registry: &Registry, first_token: Token) -> io::Result<Self> {
        let keyboard = Some(Keyboard::register(registry, first_token)?);
        Ok(Self { keyboard, ..Self::write_only(registry, first_token) })
    }

    pub(super) fn window_token(&self) -> Token {
        Token(self.first_token.0 + 2)
    }

    /// Notes which sources are ready. Only stdin counts, because each flush tries to write.
    pub fn on_ready(&mut self, ready: &[Token]) {
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.on_turn(ready);
        }
    }

    /// Whether a read of stdin would return bytes, or its end.
    #[must_use]
    pub fn has_input(&self) -> bool {
        self.keyboard.as_ref().is_some_and(Keyboard::is_ready)
    }

    /// Reads stdin once. `None`: no bytes now. `Some(0)`: the end, which is returned once.
    pub fn read(&mut self, buffer: &mut [u8], registry: &Registry) -> Option<usize> {
        self.keyboard.as_mut().filter(|keyboard| keyboard.is_ready())?.read(buffer, registry)
    }

    /// Queues text, and empties `output`.
    pub fn push(&mut self, output: &mut Output) {
        self.screen.push(&output.screen);
        self.errors.push(&output.errors);
        output.screen.clear();
        output.errors.clear();
    }

    /// Writes as much as stdout and stderr take now.
    pub fn flush(&mut self) {
        // An error of stderr has no place left where a person could read it.
        let _ = self.errors.flush();
        if let Err(error) = self.screen.flush() {
            self.lost.get_or_insert(error);
        }
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.on_flushed();
        }
    }

    /// Whether stdout will never take text again. Then the program must end.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.lost.is_some()
    }

    /// The reason, if the person should read about it: a full disk. A closed pipe is none.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.lost.take().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }

    /// `Some` when a pipe or a file at stdout has become full, or free again: for
    /// [`crate::machine::Input::OutputFull`].
    pub fn full_changed(&mut self) -> Option<bool> {
        let is_full = self.screen.is_full(self.was_full);
        (std::mem::replace(&mut self.was_full, is_full) != is_full).then_some(is_full)
    }

    /// Whether stdout was a full pipe or file at the last call of [`Device::full_changed`].
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.was_full
    }

    /// Waits until all text is written, at most [`LAST_TEXT_MS`]: a stuck terminal must not keep
    /// the program from ending.
    #[allow(clippy::disallowed_methods, reason = "bounds a wait at the end, and decides nothing")]
    pub fn write_out(&mut self) {
        let deadline = Instant::now() + Duration::from_millis(LAST_TEXT_MS);
        loop {
            self.flush();
            let waiting: Vec<_> = [&self.screen, &self.errors]
                .into_iter()
                .filter(|screen| !screen.is_empty())
                .map(|screen| &screen.outlet)
                .collect();
            let left = deadline.saturating_duration_since(Instant::now());
            if waiting.is_empty() || left.is_zero() || !wait_for_room(waiting.into_iter(), left) {
                return;
            }
        }
    }
}

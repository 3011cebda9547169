//! stdin, stdout and stderr of this process, as sources in the poller of an event loop.
//!
//! The console is the loop's host, not a part of it: it adds its own sources to the same poller,
//! and is told which of them are ready. Bytes move here and nothing is understood: what a key or
//! a notice means is for [`super::view`] and [`super::lab`]. Read next: [`super::keyboard`] and
//! [`super::screen`].

use std::io;
use std::time::{Duration, Instant};

use mio::{Registry, Token};

use super::keyboard::Keyboard;
use super::outlet::{Outlet, wait_for_room};
use super::screen::Screen;

/// Most bytes that a host reads from stdin at once. A script's lines come a page at a time.
pub(crate) const READ_BYTES: usize = 16 * 1024;

/// How long the last words may take to reach a screen that does not take them, in milliseconds.
const LAST_WORDS_MS: u64 = 500;

/// Text that is to be printed, and where.
#[derive(Debug, Default)]
pub struct Output {
    /// For stdout: the conversation.
    pub screen: Vec<u8>,
    /// For stderr: what went wrong.
    pub errors: Vec<u8>,
}

/// The three standard streams. The one owner of stdout; stderr is the log's, too, where nobody
/// draws on it.
#[derive(Debug)]
pub struct Device {
    keyboard: Option<Keyboard>,
    pub(super) screen: Screen,
    errors: Screen,
    /// Stdout takes nothing any more, for this reason: a reader that has gone, a full disk.
    lost: Option<io::Error>,
    was_full: bool,
    first_token: Token,
}

impl Device {
    /// Writes to stdout and stderr, and reads nothing. The console's own sources have
    /// `first_token` and the two that follow: stdin, stdout and stderr, the window.
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

    /// Reads stdin, too.
    ///
    /// # Errors
    ///
    /// If the poller refuses stdin for another reason than its being always ready.
    pub fn open(registry: &Registry, first_token: Token) -> io::Result<Self> {
        let keyboard = Some(Keyboard::register(registry, first_token)?);
        Ok(Self { keyboard, ..Self::write_only(registry, first_token) })
    }

    pub(super) fn window_token(&self) -> Token {
        Token(self.first_token.0 + 2)
    }

    /// Takes note of which sources are ready. Only stdin matters: every flush tries to write.
    pub fn on_ready(&mut self, ready: &[Token]) {
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.on_turn(ready);
        }
    }

    /// Whether a read of stdin would bring something, its end included.
    #[must_use]
    pub fn has_input(&self) -> bool {
        self.keyboard.as_ref().is_some_and(Keyboard::is_ready)
    }

    /// Reads stdin once. `None`: nothing now. `Some(0)`: the end, once.
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

    /// Writes what stdout and stderr take now.
    pub fn flush(&mut self) {
        // Where even an error cannot be told there is nobody to tell it to.
        let _ = self.errors.flush();
        if let Err(error) = self.screen.flush() {
            self.lost.get_or_insert(error);
        }
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.on_flushed();
        }
    }

    /// Whether stdout takes nothing any more. Then the program is to leave.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.lost.is_some()
    }

    /// The reason, where it is to be told: a full disk. A reader that has gone is none.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.lost.take().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }

    /// Whether stdout is a pipe or a file that takes nothing more for now: `Some` when that has
    /// changed, for [`crate::machine::Input::OutputFull`].
    pub fn full_changed(&mut self) -> Option<bool> {
        let is_full = self.screen.is_full(self.was_full);
        (std::mem::replace(&mut self.was_full, is_full) != is_full).then_some(is_full)
    }

    /// Whether stdout is a pipe or a file that takes nothing more, as of the last call of
    /// [`Device::full_changed`].
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.was_full
    }

    /// Waits until all text is out, but not long: a screen that takes nothing must not keep the
    /// program from ending.
    #[allow(clippy::disallowed_methods, reason = "bounds a wait at the end, and decides nothing")]
    pub fn write_out(&mut self) {
        let deadline = Instant::now() + Duration::from_millis(LAST_WORDS_MS);
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

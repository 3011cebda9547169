//! The terminal that a view draws on: raw mode, the size of its window, and the way to the shell
//! and back.
//!
//! Raw mode belongs to the terminal, so the next program would inherit it. The old mode is restored
//! however the program ends or stops: by a command, an error, a signal, a panic, Ctrl-Z.
//! [`super::live`] knows what is drawn. Read next: [`super::person`].

use std::io;
use std::sync::OnceLock;

use mio::{Interest, Registry, Token};
use rustix::process::{Signal, kill_current_process_group};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, OutputModes, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::{SIGCONT, SIGWINCH};
use signal_hook_mio::v1_0;

/// The mode of the terminal before us. It is a static, because the hook of a panic cannot reach
/// [`Tty`]. It is set once, because the mode after a suspension may be our own.
static BEFORE: OnceLock<Termios> = OnceLock::new();

/// A terminal in raw mode, until it is dropped.
pub(super) struct Tty {
    window: v1_0::Signals,
}

/// A change of the window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum WindowChange {
    Nothing,
    /// It has another size.
    Resized,
    /// The process was stopped and continues: by `fg`, or after `kill -STOP`.
    Continued,
}

impl Tty {
    /// Sets raw mode. `restore` are the bytes that restore the screen after a panic.
    pub(super) fn take_over(
        registry: &Registry,
        token: Token,
        restore: &'static str,
    ) -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        if BEFORE.set(before).is_ok() {
            restore_on_panic(restore);
        }
        let mut window = v1_0::Signals::new([SIGWINCH, SIGCONT])?;
        registry.register(&mut window, token, Interest::READABLE)?;
        enter_raw_mode()?;
        Ok(Self { window })
    }

    /// Makes the poller report the next signal as well. Signals are read without mio, and mio over
    /// poll(2) reports a source again only after it was registered again. To be called before
    /// [`Tty::window_change`].
    pub(super) fn watch_again(&mut self, registry: &Registry, token: Token) {
        // If it fails, the view no longer adapts to the window. The chat can go on.
        let _ = registry.reregister(&mut self.window, token, Interest::READABLE);
    }

    /// The change that signals reported since the last call.
    pub(super) fn window_change(&mut self) -> WindowChange {
        let mut change = WindowChange::Nothing;
        for signal in self.window.pending() {
            if signal == SIGCONT {
                // The shell has set its own mode in the meantime.
                let _ = enter_raw_mode();
                change = WindowChange::Continued;
            } else if change == WindowChange::Nothing {
                change = WindowChange::Resized;
            }
        }
        change
    }

    /// Stops the process; the shell comes back. The call returns when the process is continued.
    ///
    /// The signal stops the whole process group, and we do not catch it. Under `make`, a program
    /// that stops alone would leave `make` in the foreground, and the terminal would not react.
    pub(super) fn suspend(&self) -> io::Result<()> {
        leave_raw_mode();
        kill_current_process_group(Signal::TSTP)?;
        enter_raw_mode()
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        leave_raw_mode();
    }
}

/// Columns and rows. `None`: stdout is no terminal any more.
pub(super) fn size() -> Option<(u16, u16)> {
    tcgetwinsize(stdout()).ok().map(|size| (size.ws_col, size.ws_row))
}

/// Keys come as they are pressed, and Ctrl-C is one of them. Output stays as it was: LF is still a
/// new line, also in the text of a panic.
fn enter_raw_mode() -> io::Result<()> {
    let Some(before) = BEFORE.get() else { return Ok(()) };
    let mut raw = before.clone();
    raw.make_raw();
    raw.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    Ok(tcsetattr(stdin(), OptionalActions::Now, &raw)?)
}

/// Without a wait for the output, which would never end on a stuck terminal.
fn leave_raw_mode() {
    if let Some(before) = BEFORE.get() {
        // An error: the terminal is gone, so there is nothing to restore.
        let _ = tcsetattr(stdin(), OptionalActions::Now, before);
    }
}

/// With `panic = "abort"` no value is dropped, so a hook restores the terminal.
fn restore_on_panic(restore: &'static str) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        leave_raw_mode();
        // The typed row stays visible, and the text of the panic begins below it.
        let _ = rustix::io::write(stdout(), [restore, "\n"].concat().as_bytes());
        // The log lines that are held may explain the panic.
        log::logger().flush();
        before(panic);
    }));
}

//! The terminal of a person, where it is drawn on: raw mode, the size of its window, and the way to
//! the shell and back.
//!
//! Raw mode belongs to the terminal: the next program finds it as we leave it. So the mode of
//! before is put back however the program ends: by leaving, an error, a signal, a panic, Ctrl-Z.
//! [`super::live`] knows what is drawn. Read next: [`super::person`].

use std::io;
use std::sync::OnceLock;

use mio::{Interest, Registry, Token};
use rustix::process::{Signal, kill_current_process_group};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, OutputModes, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::{SIGCONT, SIGWINCH};
use signal_hook_mio::v1_0;

/// The mode of the terminal before us. It is here, and not in [`Tty`], because a panic finds
/// nothing else. Set once: what it is like after a suspension may be of our own making.
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
    /// We were stopped and go on: by `fg`, or after `kill -STOP`.
    Continued,
}

impl Tty {
    /// Takes the terminal over. `restore` makes its screen right again after a panic.
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

    /// Has the poller tell of the next signal, too. They are read without mio's knowledge, and its
    /// poller over poll(2) tells of a source once, and then only when it is registered again. To
    /// be called before [`Tty::window_change`].
    pub(super) fn watch_again(&mut self, registry: &Registry, token: Token) {
        // A window that does not adapt any more is no reason to end.
        let _ = registry.reregister(&mut self.window, token, Interest::READABLE);
    }

    /// The change that signals have told of since the last call.
    pub(super) fn window_change(&mut self) -> WindowChange {
        let mut change = WindowChange::Nothing;
        for signal in self.window.pending() {
            if signal == SIGCONT {
                // The shell has put its own mode in the meantime.
                let _ = enter_raw_mode();
                change = WindowChange::Continued;
            } else if change == WindowChange::Nothing {
                change = WindowChange::Resized;
            }
        }
        change
    }

    /// To the shell, and back when it says so: the call returns when we are continued.
    ///
    /// The whole process group is stopped, by a signal that we do not catch. Under `make`, a
    /// program that stops alone leaves `make` in the foreground and the terminal dead.
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

/// Columns and rows. `None`: it is no terminal any more.
pub(super) fn size() -> Option<(u16, u16)> {
    tcgetwinsize(stdout()).ok().map(|size| (size.ws_col, size.ws_row))
}

/// Keys as they are pressed, and Ctrl-C as one of them. Output stays as it was: LF is still a new
/// line, also for the words of a panic.
fn enter_raw_mode() -> io::Result<()> {
    let Some(before) = BEFORE.get() else { return Ok(()) };
    let mut raw = before.clone();
    raw.make_raw();
    raw.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    Ok(tcsetattr(stdin(), OptionalActions::Now, &raw)?)
}

/// At once: to wait until all output is out could be for ever, on a terminal that is stuck.
fn leave_raw_mode() {
    if let Some(before) = BEFORE.get() {
        // A terminal that is gone wants nothing back.
        let _ = tcsetattr(stdin(), OptionalActions::Now, before);
    }
}

/// With `panic = "abort"` nothing is dropped, so a hook does it.
fn restore_on_panic(restore: &'static str) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        leave_raw_mode();
        // The row stays for its person to see; what comes now begins below it.
        let _ = rustix::io::write(stdout(), [restore, "\n"].concat().as_bytes());
        // The reason may be among the lines that were kept off the screen.
        log::logger().flush();
        before(panic);
    }));
}

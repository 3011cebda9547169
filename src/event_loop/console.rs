//! The terminal that a person sits at, where it is drawn on: raw mode, the size of its window,
//! and the way to the shell and back.
//!
//! Raw mode is the terminal's, not ours: whoever comes next finds it as we leave it. So what was
//! there before is put back by whatever ends us: leaving, an error, a signal, a panic, Ctrl-Z.
//! What is drawn is for a [`Terminal`] to know. Read next: [`super::keyboard`].

use std::io;
use std::sync::OnceLock;

use mio::{Interest, Registry};
use rustix::process::{Signal, kill_current_process_group};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, OutputModes, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::{SIGCONT, SIGWINCH};
use signal_hook_mio::v1_0;

use super::screen::Screen;
use super::token::Source;
use super::{EventLoop, clock};
use crate::machine::{Machine, Millis, Terminal, Wish};

/// How often the clock on the wall is looked at, in milliseconds, by a loop that is awake anyway.
const WALL_TIME_MS: u64 = 1_000;

/// Who presses Ctrl-C twice is not interested in an orderly end: 128 and the number of SIGINT.
const STATUS_INTERRUPTED: u8 = 130;

/// What the terminal was like before us. Here, and not in [`Console`], because a panic finds
/// nothing else. Set once: what it is like after a suspension may be of our own making.
static BEFORE: OnceLock<Termios> = OnceLock::new();

/// A terminal in raw mode, until it is dropped.
pub(super) struct Console {
    window: v1_0::Signals,
    /// When half a key is to be taken for a whole one.
    keys_settle_at: Option<Millis>,
}

impl Console {
    fn take_over(registry: &Registry, restore: &'static str) -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        if BEFORE.set(before).is_ok() {
            restore_on_panic(restore);
        }
        let mut window = v1_0::Signals::new([SIGWINCH, SIGCONT])?;
        registry.register(&mut window, Source::Window.into(), Interest::READABLE)?;
        enter_raw_mode()?;
        Ok(Self { window, keys_settle_at: None })
    }

    pub(super) fn next_deadline(&self) -> Option<Millis> {
        self.keys_settle_at
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        leave_raw_mode();
    }
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

/// With `panic = "abort"` nothing is dropped, so the hook it is.
fn restore_on_panic(restore: &'static str) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        leave_raw_mode();
        // The row stays for its person to see; what comes now begins below it.
        let _ = rustix::io::write(stdout(), [restore, "\n"].concat().as_bytes());
        // What led to it may be among the lines that were kept off the screen.
        log::logger().flush();
        before(panic);
    }));
}

impl<M: Machine, T: Terminal<M::Command, Notice = M::Notice>> EventLoop<M, T> {
    /// Lets the terminal draw on stdin and stdout, which are to be one terminal and to be watched
    /// already ([`EventLoop::watch_console`]). Until the loop ends, keys come as they are pressed.
    ///
    /// # Errors
    ///
    /// If it is none, or the system does not let us have it.
    pub fn draw_on_console(&mut self) -> io::Result<()> {
        self.console = Some(Console::take_over(self.poll.registry(), T::RESTORE)?);
        if let Some(screen) = &mut self.screen {
            screen.is_drawn = true;
        }
        self.tell_time();
        self.take_screen();
        Ok(())
    }

    /// Shows lines of the program's own log above the line being typed, where stderr is the
    /// terminal that is drawn on; `dropped` more were too many to be kept. Between two turns: the
    /// log is none of the loop's business.
    pub fn show_log(&mut self, lines: &[u8], dropped: usize) {
        self.terminal.show_log(lines, &mut self.output);
        self.push_output();
        if let Some(screen) = &mut self.screen {
            screen.skip(dropped);
        }
        self.settle();
    }

    pub(super) fn tell_time(&mut self) {
        let is_wanted = self.console.is_some() || self.terminal.wants_time();
        let is_fresh = self.time_told_at.is_some_and(|at| self.now.since(at) < WALL_TIME_MS);
        if !is_wanted || is_fresh {
            return;
        }
        self.time_told_at = Some(self.now);
        if let Some(time) = clock::wall_time() {
            self.terminal.tell_time(time);
        }
    }

    /// The window has another size, or we were stopped and go on: by `fg`, after `kill -STOP`.
    pub(super) fn on_window(&mut self) {
        let Some(console) = &mut self.console else { return };
        let (mut resized, mut continued) = (false, false);
        for signal in console.window.pending() {
            resized |= signal == SIGWINCH;
            continued |= signal == SIGCONT;
        }
        if continued {
            // The shell has put its own mode in the meantime.
            let _ = enter_raw_mode();
            self.take_screen();
        } else if resized {
            self.tell_size();
        }
    }

    /// What keys ask of the program itself, and what time makes of half a key.
    pub(super) fn serve_wishes(&mut self) -> io::Result<()> {
        let Some(console) = &mut self.console else { return Ok(()) };
        if console.keys_settle_at.is_some_and(|at| at <= self.now) {
            self.terminal.settle_typing();
        }
        // Counted anew by every turn in between: nobody waits much longer for it.
        console.keys_settle_at = match (self.terminal.typing_settles_in(), console.keys_settle_at) {
            (None, _) => None,
            (Some(_), Some(at)) if at > self.now => Some(at),
            (Some(in_ms), _) => Some(self.now + in_ms),
        };
        while let Some(wish) = self.terminal.next_wish() {
            match wish {
                Wish::Stop => self.stop(STATUS_INTERRUPTED),
                Wish::Suspend => self.suspend()?,
            }
        }
        Ok(())
    }

    /// To the shell, and back when it says so.
    ///
    /// The whole process group is stopped, by a signal that we do not catch: under `make`, who
    /// stops alone leaves `make` in the foreground and the terminal dead. The call returns when
    /// we are continued.
    fn suspend(&mut self) -> io::Result<()> {
        let console = self.release_screen();
        self.write_out()?;
        leave_raw_mode();
        kill_current_process_group(Signal::TSTP)?;
        enter_raw_mode()?;
        self.console = console;
        self.take_screen();
        Ok(())
    }

    fn take_screen(&mut self) {
        self.terminal.take_screen(&mut self.output);
        self.push_output();
        self.tell_size();
    }

    /// Gives the screen back, with nothing drawn on it any more. When the console is dropped, the
    /// terminal is as it was.
    pub(super) fn release_screen(&mut self) -> Option<Console> {
        let console = self.console.take()?;
        self.terminal.release_screen(&mut self.output);
        self.push_output();
        Some(console)
    }

    fn tell_size(&mut self) {
        if let Ok(size) = tcgetwinsize(stdout()) {
            self.terminal.resize(size.ws_col, size.ws_row);
        }
    }

    /// Draws the line being typed; not while so much waits for the screen that it would come late.
    pub(super) fn draw(&mut self) {
        if self.console.is_some() && self.screen.as_ref().is_some_and(Screen::has_room) {
            self.terminal.draw(&mut self.output);
            self.push_output();
        }
    }
}

//! A person in front of the chat, or a script: keys become commands, notices become text.
//!
//! [`Person`] is the host of a peer's event loop as far as stdin, stdout and the terminal are
//! concerned. `papo peer` (`cli/peer/`) has the few lines that join the two. It knows no socket
//! and no poller but for its own sources. Read next: [`super::device`], [`super::view`].

use std::io::{self, IsTerminal};
use std::time::Duration;

use mio::{Registry, Token};

use super::device::{Device, Output, READ_BYTES};
#[cfg(feature = "editor")]
use super::live::RESTORE;
#[cfg(feature = "editor")]
use super::tty::{self, Tty, WindowChange};
use super::view::{Commands, View};
#[cfg(feature = "editor")]
use super::wall_clock::wall_time;
use crate::machine::Millis;
use crate::peer::command::Command;
use crate::peer::notice::Notice;

/// How often the clock on the wall is read, in milliseconds, by a loop that is awake anyway.
#[cfg(feature = "editor")]
const WALL_TIME_MS: u64 = 1_000;

/// stdin, stdout and stderr, and the view that a person has of the chat.
pub struct Person {
    device: Device,
    view: View,
    commands: Commands,
    output: Output,
    buffer: Vec<u8>,
    is_script: bool,
    /// For a recording, where there is one: the lines that were shown.
    shown: Option<Vec<u8>>,
    #[cfg(feature = "editor")]
    drawn: Option<Drawn>,
    #[cfg(feature = "editor")]
    time_read_at: Option<Millis>,
}

/// The state that only a view that draws needs.
#[cfg(feature = "editor")]
struct Drawn {
    tty: Tty,
    silence: Silence,
}

/// Tells when no key has come for long enough. The time counts from the last byte.
#[cfg(feature = "editor")]
#[derive(Debug, Default)]
struct Silence {
    ends_at: Option<Millis>,
}

#[cfg(feature = "editor")]
impl Silence {
    fn on_bytes(&mut self) {
        self.ends_at = None;
    }

    /// Whether it has lasted until now. `wanted_ms` is how long it has to last.
    fn is_over(&mut self, now: Millis, wanted_ms: Option<u64>) -> bool {
        let Some(wanted_ms) = wanted_ms else {
            self.ends_at = None;
            return false;
        };
        let ends_at = *self.ends_at.get_or_insert(now + wanted_ms);
        ends_at <= now
    }
}

impl Person {
    /// The person or script at stdin and stdout. The sources get tokens from `first_token` up.
    ///
    /// # Errors
    ///
    /// If the poller refuses stdin.
    pub fn new(view: View, registry: &Registry, first_token: Token) -> io::Result<Self> {
        Ok(Self {
            device: Device::open(registry, first_token)?,
            commands: Commands::new(&view),
            view,
            output: Output::default(),
            buffer: vec![0; READ_BYTES],
            is_script: !io::stdin().is_terminal(),
            shown: None,
            #[cfg(feature = "editor")]
            drawn: None,
            #[cfg(feature = "editor")]
            time_read_at: None,
        })
    }

    /// How long the loop may sleep before this person wants something. `accepts` tells whether
    /// the machine takes a command now.
    #[must_use]
    pub fn timeout(&self, now: Millis, accepts: bool) -> Option<Duration> {
        if self.device.has_input() && (accepts || self.view.reads_ahead()) {
            return Some(Duration::ZERO);
        }
        self.keys_settle_in(now)
    }

    /// Takes note of which sources are ready, and reads what was typed. Where no command is taken
    /// and the view does not keep what is typed, it is left in the kernel. Returns the bytes that
    /// were typed.
    pub fn read(&mut self, ready: &[Token], registry: &Registry, accepts: bool) -> &[u8] {
        self.device.on_ready(ready);
        #[cfg(feature = "editor")]
        if let Some(drawn) = &mut self.drawn
            && ready.contains(&self.device.window_token())
        {
            drawn.tty.watch_again(registry, self.device.window_token());
        }
        if !accepts && !self.view.reads_ahead() {
            return &[];
        }
        match self.device.read(&mut self.buffer, registry) {
            Some(0) => {
                self.view.end_typing();
                &[]
            }
            Some(count) => {
                self.view.type_bytes(&self.buffer[..count]);
                #[cfg(feature = "editor")]
                if let Some(drawn) = &mut self.drawn {
                    drawn.silence.on_bytes();
                }
                &self.buffer[..count]
            }
            None => &[],
        }
    }

    /// The next command that was typed. To be asked for only when the machine takes one.
    pub fn next_command(&mut self) -> Option<Command> {
        let command = self.commands.next(&mut self.view, &mut self.output);
        // The view may have shown the line, or answered it.
        self.push();
        command
    }

    /// Shows a notice.
    pub fn show(&mut self, notice: Notice) {
        self.commands.hear(&notice);
        self.view.show(notice, &mut self.output);
        self.push();
    }

    fn push(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.extend_from_slice(whole_lines(&self.output.screen));
            shown.extend_from_slice(whole_lines(&self.output.errors));
        }
        self.device.push(&mut self.output);
    }

    /// Writes what can be written now, and draws the line being typed. The last thing of a turn.
    pub fn flush(&mut self) {
        // Twice: text that had no room the first time has it when the screen has taken the rest,
        // and no event will come to say so.
        for _ in 0..2 {
            if let Some(lines) = self.device.screen.take_skipped() {
                self.view.show_skipped(lines, &mut self.output);
                self.push();
            }
            self.draw();
            self.device.flush();
        }
    }

    /// Whether stdout takes nothing any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.device.is_gone()
    }

    /// `Some` when a pipe or a file at stdout has become full, or free again.
    pub fn full_changed(&mut self) -> Option<bool> {
        self.device.full_changed()
    }

    /// Whether a script is to wait with its next command, because nobody takes what came of the
    /// last ones. A person at a terminal need not wait.
    #[must_use]
    pub fn waits_for_output(&self) -> bool {
        self.is_script && self.device.is_full()
    }

    /// Writes the last words, as far as the screen takes them in time, and gives the terminal back.
    /// Returns why stdout did not take everything, where that is to be told.
    pub fn leave(mut self) -> Option<io::Error> {
        #[cfg(feature = "editor")]
        if let (Some(_), Some(live)) = (&self.drawn, self.view.live()) {
            live.release_screen(&mut self.output);
            self.device.push(&mut self.output);
        }
        self.flush_without_drawing();
        self.device.take_failure()
    }

    fn flush_without_drawing(&mut self) {
        self.device.write_out();
        if let Some(lines) = self.device.screen.take_skipped() {
            self.view.show_skipped(lines, &mut self.output);
            self.device.push(&mut self.output);
            self.device.write_out();
        }
    }
}

/// For a recording.
impl Person {
    /// Keeps what is shown and typed from now on, for [`Person::take_shown`] and
    /// [`Person::take_typed`]. Both are to be called in each turn.
    pub fn keep_record(&mut self) {
        self.shown = Some(Vec::new());
        self.commands.keep_lines();
    }

    /// The lines that were shown since the last call, with their colours. The line being typed is
    /// none of them.
    pub fn take_shown(&mut self) -> Option<Vec<u8>> {
        self.shown.as_mut().filter(|shown| !shown.is_empty()).map(std::mem::take)
    }

    /// The lines that were typed since the last call.
    pub fn take_typed(&mut self) -> Vec<Vec<u8>> {
        self.commands.take_lines()
    }
}

/// All up to the last line end: behind it stands the line being typed, or a question.
fn whole_lines(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
    &text[..end]
}

#[cfg(not(feature = "editor"))]
impl Person {
    fn keys_settle_in(&self, _now: Millis) -> Option<Duration> {
        None
    }

    fn draw(&mut self) {}
}

/// The methods that only a view that draws needs.
#[cfg(feature = "editor")]
impl Person {
    /// Lets the view draw on stdin and stdout, which are one terminal. Until the person leaves,
    /// keys come as they are pressed.
    ///
    /// # Errors
    ///
    /// If the system does not let us have the terminal.
    pub fn draw_on_terminal(&mut self, registry: &Registry) -> io::Result<()> {
        let tty = Tty::take_over(registry, self.device.window_token(), RESTORE)?;
        self.drawn = Some(Drawn { tty, silence: Silence::default() });
        self.device.screen.is_drawn = true;
        self.take_screen();
        Ok(())
    }

    /// Tells the view what time it is on the wall. Returns the time when it was read anew: once a
    /// second at most.
    pub fn tell_time(&mut self, now: Millis) -> Option<super::wall_clock::WallTime> {
        if self.time_read_at.is_some_and(|at| now.since(at) < WALL_TIME_MS) {
            return None;
        }
        self.time_read_at = Some(now);
        let time = wall_time()?;
        if let Some(live) = self.view.live() {
            live.tell_time(time);
        }
        Some(time)
    }

    /// Shows lines of the program's own log above the line being typed. `dropped` more were too
    /// many to be kept.
    pub fn show_log(&mut self, lines: &[u8], dropped: usize) {
        if let Some(live) = self.view.live() {
            live.show_log(lines, &mut self.output);
            self.push();
        }
        self.device.screen.skip(dropped);
    }

    /// Serves the window and half keys at this time. True: the person wants to leave (Ctrl-C
    /// where nothing is typed).
    ///
    /// # Errors
    ///
    /// If the terminal cannot be given to the shell and taken back (Ctrl-Z).
    pub fn serve_keys(&mut self, now: Millis) -> io::Result<bool> {
        let Some(drawn) = &mut self.drawn else { return Ok(false) };
        match drawn.tty.window_change() {
            WindowChange::Nothing => {}
            WindowChange::Resized => self.tell_size(),
            WindowChange::Continued => self.take_screen(),
        }
        self.settle_keys(now);
        let mut wants_to_leave = false;
        while let Some(wish) = self.view.live().and_then(|live| live.next_wish()) {
            match wish {
                super::live::Wish::Stop => wants_to_leave = true,
                super::live::Wish::Suspend => self.suspend()?,
            }
        }
        Ok(wants_to_leave)
    }

    fn keys_settle_in(&self, now: Millis) -> Option<Duration> {
        let settles_at = self.drawn.as_ref()?.silence.ends_at?;
        Some(Duration::from_millis(settles_at.since(now)))
    }

    /// Silence ends half a key, and a paste without an end. There is no silence while bytes wait
    /// in the kernel for a view that does not read on.
    fn settle_keys(&mut self, now: Millis) {
        let (Some(drawn), Some(live)) = (&mut self.drawn, self.view.live()) else { return };
        if self.device.has_input() {
            drawn.silence.on_bytes();
        } else if drawn.silence.is_over(now, live.typing_settles_in()) {
            live.settle_typing();
            drawn.silence.on_bytes();
        }
    }

    fn suspend(&mut self) -> io::Result<()> {
        if let Some(live) = self.view.live() {
            live.release_screen(&mut self.output);
        }
        self.device.push(&mut self.output);
        self.device.write_out();
        if let Some(drawn) = &self.drawn {
            drawn.tty.suspend()?;
        }
        self.take_screen();
        Ok(())
    }

    fn take_screen(&mut self) {
        if let Some(live) = self.view.live() {
            live.take_screen(&mut self.output);
        }
        self.device.push(&mut self.output);
        self.tell_size();
    }

    fn tell_size(&mut self) {
        if let (Some((columns, rows)), Some(live)) = (tty::size(), self.view.live()) {
            live.resize(columns, rows);
        }
    }

    /// Not while so much waits for the screen that it would come late.
    fn draw(&mut self) {
        if self.drawn.is_some()
            && self.device.screen.has_room()
            && let Some(live) = self.view.live()
        {
            live.draw(&mut self.output);
            self.push();
        }
    }
}

#[cfg(all(test, feature = "editor"))]
mod tests {
    use super::*;

    /// D3: ESC, `[` and `A`, each 150 ms after the one before, are one key.
    #[test]
    fn the_time_of_half_a_key_counts_from_its_last_byte() {
        let mut silence = Silence::default();
        for at in [0, 150, 300] {
            silence.on_bytes();
            assert!(!silence.is_over(Millis(at), Some(200)));
            assert!(!silence.is_over(Millis(at + 149), Some(200)));
        }
        assert!(!silence.is_over(Millis(499), Some(200)));
        assert!(silence.is_over(Millis(500), Some(200)));
        assert!(!silence.is_over(Millis(500), None), "nothing is unfinished");
        assert!(!silence.is_over(Millis(900), Some(200)), "a new time begins");
    }
}

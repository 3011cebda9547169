//! A person or a script at the chat: typed bytes become commands, notices become text.
//!
//! [`Person`] is the host of a peer's event loop for stdin, stdout and the terminal. `converse` in
//! `cli/peer/host.rs` joins the two. [`Person`] must know no socket, and of the poller only its own
//! sources. Read next: [`super::device`], [`super::view`].

use std::io::{self, IsTerminal};
use std::time::Duration;

use mio::{Registry, Token};

use super::device::{Device, Output, READ_BYTES};
use super::live::{Live, RESTORE, Wish};
use super::tty::{self, Tty, WindowChange};
use super::view::{Commands, View};
use crate::machine::Millis;
use crate::peer::command::Command;
use crate::peer::notice::Notice;

/// stdin, stdout and stderr, and the person's view of the chat.
pub struct Person {
    device: Device,
    view: View,
    commands: Commands,
    output: Output,
    buffer: Vec<u8>,
    is_script: bool,
    /// The shown lines, if a recorder wants them.
    shown: Option<Vec<u8>>,
    /// Only with a view that draws.
    drawn: Option<Drawn>,
}

/// The state that only a view that draws needs.
struct Drawn {
    tty: Tty,
    silence: Silence,
}

/// The time since the last typed byte, if the view waits for it to be long enough.
#[derive(Debug, Default)]
struct Silence {
    ends_at: Option<Millis>,
}

impl Silence {
    fn on_bytes(&mut self) {
        self.ends_at = None;
    }

    /// Whether no byte was typed for `wanted_ms`.
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
            drawn: None,
        })
    }

    /// Lets the view draw on stdin and stdout, which are one terminal. Until the person leaves,
    /// keys come as they are pressed.
    ///
    /// # Errors
    ///
    /// If the system refuses us the terminal.
    pub fn draw_on_terminal(&mut self, registry: &Registry) -> io::Result<()> {
        let tty = Tty::take_over(registry, self.device.window_token(), RESTORE)?;
        self.drawn = Some(Drawn { tty, silence: Silence::default() });
        self.device.screen.is_drawn = true;
        self.take_screen();
        Ok(())
    }

    /// The view that draws, if the person has it.
    pub fn live(&mut self) -> Option<&mut Live> {
        self.view.live()
    }

    /// Longest time that the loop may sleep. `accepts`: the machine takes a command now.
    #[must_use]
    pub fn timeout(&self, now: Millis, accepts: bool) -> Option<Duration> {
        if self.device.has_input() && (accepts || self.view.reads_ahead()) {
            return Some(Duration::ZERO);
        }
        let settles_at = self.drawn.as_ref()?.silence.ends_at?;
        Some(Duration::from_millis(settles_at.since(now)))
    }

    /// Notes which sources are ready, and reads stdin. While no command is accepted and the view
    /// does not read ahead, typed bytes stay in the kernel. Returns the typed bytes.
    pub fn read(&mut self, ready: &[Token], registry: &Registry, accepts: bool) -> &[u8] {
        self.device.on_ready(ready);
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
                if let Some(drawn) = &mut self.drawn {
                    drawn.silence.on_bytes();
                }
                &self.buffer[..count]
            }
            None => &[],
        }
    }

    /// Handles changes of the window, and keys that silence completes. True: the person wants to
    /// leave (Ctrl-C on an empty line).
    ///
    /// # Errors
    ///
    /// If the terminal cannot be given to the shell and taken back (Ctrl-Z).
    pub fn serve_keys(&mut self, now: Millis) -> io::Result<bool> {
        let Some(drawn) = &mut self.drawn else { return Ok(false) };
        match drawn.tty.window_change() {
            WindowChange::Nothing => {}
            WindowChange::Resized => self.pass_size_on(),
            WindowChange::Continued => self.take_screen(),
        }
        self.settle_keys(now);
        let mut wants_to_leave = false;
        while let Some(wish) = self.view.live().and_then(Live::next_wish) {
            match wish {
                Wish::Stop => wants_to_leave = true,
                Wish::Suspend => self.suspend()?,
            }
        }
        Ok(wants_to_leave)
    }

    /// Whether Ctrl-C as a signal leaves now.
    pub fn leaves(&mut self, now: Millis) -> bool {
        let leaves = self.view.leaves(now, &mut self.output);
        self.push();
        leaves
    }

    /// The next typed command. To be called only while the machine accepts one.
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

    /// Shows lines of the program's own log above the line being typed. `dropped`: the number of
    /// further lines, which were too many to keep.
    pub fn show_log(&mut self, lines: &[u8], dropped: usize) {
        if let Some(live) = self.view.live() {
            live.show_log(lines, &mut self.output);
            self.push();
        }
        self.device.screen.skip(dropped);
    }

    /// Draws the line being typed, and writes as much as stdout and stderr take now. The last call
    /// of a turn.
    pub fn flush(&mut self) {
        // Twice: the first round may make room for text that had none, and no event reports that.
        for _ in 0..2 {
            if let Some(lines) = self.device.screen.take_skipped() {
                self.view.show_skipped(lines, &mut self.output);
                self.push();
            }
            self.draw();
            self.device.flush();
        }
    }

    /// Whether stdout will never take text again.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.device.is_gone()
    }

    /// `Some` when a pipe or a file at stdout has become full, or free again.
    pub fn full_changed(&mut self) -> Option<bool> {
        self.device.full_changed()
    }

    /// Whether a script must wait with its next command, because its output is full. A person at a
    /// terminal never waits.
    #[must_use]
    pub fn waits_for_output(&self) -> bool {
        self.is_script && self.device.is_full()
    }

    /// Writes the last text, within a bounded time, and restores the terminal. Returns the error
    /// of stdout that the person should read about, if there is one.
    pub fn leave(mut self) -> Option<io::Error> {
        if let (Some(_), Some(live)) = (&self.drawn, self.view.live()) {
            live.release_screen(&mut self.output);
            self.device.push(&mut self.output);
        }
        self.device.write_out();
        if let Some(lines) = self.device.screen.take_skipped() {
            self.view.show_skipped(lines, &mut self.output);
            self.device.push(&mut self.output);
            self.device.write_out();
        }
        self.device.take_failure()
    }

    fn push(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.extend_from_slice(whole_lines(&self.output.screen));
            shown.extend_from_slice(whole_lines(&self.output.errors));
        }
        self.device.push(&mut self.output);
    }

    /// Draws nothing while so much text waits that the line would appear late.
    fn draw(&mut self) {
        if self.drawn.is_some()
            && self.device.screen.has_room()
            && let Some(live) = self.view.live()
        {
            live.draw(&mut self.output);
            self.push();
        }
    }

    /// Silence completes an unfinished key, and a paste without an end. While bytes wait in the
    /// kernel for a view that does not read ahead, there is no silence.
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
        self.pass_size_on();
    }

    fn pass_size_on(&mut self) {
        if let (Some((columns, rows)), Some(live)) = (tty::size(), self.view.live()) {
            live.resize(columns, rows);
        }
    }
}

/// For a recording.
impl Person {
    /// From now on keeps the shown and the typed lines, for [`Person::take_shown`] and
    /// [`Person::take_typed`]. Each turn must take both.
    pub fn keep_record(&mut self) {
        self.shown = Some(Vec::new());
        self.commands.keep_lines();
    }

    /// The lines that were shown since the last call, with their colors, without the line being
    /// typed.
    pub fn take_shown(&mut self) -> Option<Vec<u8>> {
        self.shown.as_mut().filter(|shown| !shown.is_empty()).map(std::mem::take)
    }

    /// The lines that were typed since the last call.
    pub fn take_typed(&mut self) -> Vec<Vec<u8>> {
        self.commands.take_lines()
    }
}

/// The text up to the last line end. After it comes the line being typed, or a question.
fn whole_lines(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D3: ESC, `[` and `A`, each 150 ms after the one before, are one key.
    #[test]
    fn silence_counts_from_the_last_byte() {
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

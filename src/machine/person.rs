//! The seam between a driver and a person: bytes from a keyboard, text for a screen.
//!
//! The driver moves both and understands neither; a [`Terminal`] understands both and moves
//! nothing. So the same keys give the same screen in a test, where no terminal is. Nothing here
//! may name a descriptor or a language. Implemented in [`crate::terminal`].

#[cfg(doc)]
use super::{Input, Machine};

/// The person's end: turns typed bytes into lines, and what a machine shows into text.
///
/// The event loop moves the bytes of both and understands neither.
/// `C` is what is typed here: the machine's [`Machine::Command`].
pub trait Terminal<C = Typed> {
    /// What it can show; the machine's [`Machine::Notice`].
    type Notice;

    /// Nobody sits there: it types nothing, and shows nothing on a screen. Its event loop is then
    /// compiled without keyboard and screens: a small host pays only for what it runs.
    const IS_SILENT: bool = false;

    /// Takes bytes as they came from the keyboard.
    fn type_bytes(&mut self, bytes: &[u8]);

    /// Takes note that the keyboard will send nothing more.
    fn end_typing(&mut self);

    /// The next thing for [`Input::Command`].
    fn next_typed(&mut self) -> Option<C>;

    /// Writes what the terminal itself answers to what was typed. Asked after each
    /// [`Terminal::next_typed`].
    fn answer_typed(&mut self, _output: &mut Output) {}

    /// Writes `notice` as a person should read it.
    fn show(&mut self, notice: Self::Notice, output: &mut Output);

    /// Says that `lines` lines were not shown, because the screen did not take them in time.
    fn show_skipped(&mut self, lines: usize, output: &mut Output);

    // What follows is for terminals that draw the line being typed. The others, and whatever a
    // host program has instead, do nothing of it.

    /// What makes a screen right again when the program ends without
    /// [`Terminal::release_screen`]: by a panic.
    const RESTORE: &str = "";

    /// Takes the screen over: at the start, and again after [`Wish::Suspend`].
    fn take_screen(&mut self, _output: &mut Output) {}

    /// Gives the screen back, with nothing of ours left on it but what was shown.
    fn release_screen(&mut self, _output: &mut Output) {}

    /// Takes note of the size of the screen, in cells: at the start, and when it changes.
    fn resize(&mut self, _columns: u16, _rows: u16) {}

    /// Whether it wants to be told the time although it does not draw.
    fn wants_time(&self) -> bool {
        false
    }

    /// Takes note of the time on the wall. Told before anything is shown.
    fn tell_time(&mut self, _now: WallTime) {}

    /// Shows lines of the program's own log, each with its end. For who draws where they would go.
    fn show_log(&mut self, _lines: &[u8], _output: &mut Output) {}

    /// Draws the line being typed below all that was shown, if it has changed. Once a turn, as
    /// the last thing. What it writes may be left out or written late, between any two calls'
    /// output: it begins by wiping what stands in its place.
    fn draw(&mut self, _output: &mut Output) {}

    /// Whether it takes typed bytes while the machine does not want its lines. They wait here
    /// then, and the person sees what is typed.
    fn reads_ahead(&self) -> bool {
        false
    }

    /// What the person wants of the program itself, whatever the machine is waiting for.
    fn next_wish(&mut self) -> Option<Wish> {
        None
    }

    /// How long nothing must be typed before [`Terminal::settle_typing`] is to be called, in
    /// milliseconds. `None`: it need not be.
    fn typing_settles_in(&self) -> Option<u64> {
        None
    }

    /// Nothing was typed for so long: what looked like half a key was a whole one.
    fn settle_typing(&mut self) {}
}

/// What a person did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Typed {
    /// A line, without its end.
    Line(Vec<u8>),
    /// The end of all input. Comes once.
    End,
}

/// What a person wants that no line can say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wish {
    /// To leave: Ctrl-C where nothing is typed. For [`Input::Stop`].
    Stop,
    /// To go back to the shell for a while: Ctrl-Z.
    Suspend,
}

/// The time on the wall, where the person is. It may jump: to be shown, never to decide by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs, reason = "a calendar and a clock; months and days count from 1")]
pub struct WallTime {
    pub year: i32,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
}

/// What is to be printed, and where.
#[derive(Debug, Default)]
pub struct Output {
    /// For stdout: the conversation.
    pub screen: Vec<u8>,
    /// For stderr: what went wrong.
    pub errors: Vec<u8>,
}

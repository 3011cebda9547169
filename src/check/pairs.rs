//! Everybody with everybody: do two programs of a class talk to each other through our server?
//!
//! The server is this program's own [`Directory`], inside this machine, so that it is known who
//! has registered. Two programs meet at a time; each calls the other once. Their screens are
//! watched. Must never know a process. Read next: [`super::notice::PairsNotice`].

use crate::directory::notice::Notice as DirectoryNotice;
use crate::directory::{Directory, Rules};
use crate::machine::{Action, Actions, Input, Machine, Millis};
use crate::wire::reply::Edition;

use super::notice::{Met, PairsNotice};
use super::of_peer::{ASKS_AFTER_MS, START_MS};
use super::played::{SCREEN_BYTES_MAX, without_escapes};
use super::{Command, PROGRESS_EVERY_MS, STATUS_BROKEN};

/// How long a program that has just registered is left alone.
const SETTLE_MS: u64 = 300;

/// How long a call takes before a text is typed into it.
const CALL_MS: u64 = 900;

/// How long a text may take to show on the other screen.
const TEXT_MS: u64 = 3_000;

/// How long a goodbye takes before the other calls. Longer than the 3 s in which a careful program
/// takes nothing typed for somebody new.
const BYE_MS: u64 = 3_300;

/// The plan of the meetings.
#[derive(Debug)]
pub struct PairsPlan {
    /// How many lines of a login each program has.
    pub logins: Vec<usize>,
    /// The edition of the handout.
    pub edition: Edition,
    /// A random number, for the names.
    pub tag: u16,
}

/// The meetings of a class.
#[derive(Debug)]
pub struct Pairs {
    directory: Directory,
    /// The directory's actions, on their way to the driver.
    inner: Actions<DirectoryNotice>,
    logins: Vec<usize>,
    tag: u16,
    /// All that are to meet, and which of them does.
    meetings: Vec<(usize, usize)>,
    at: usize,
    state: PairState,
    /// Since when.
    since: Millis,
    seats: [Seat; 2],
    met: Vec<Met>,
    progress_at: Millis,
    is_over: bool,
}

/// A program that takes part in a meeting.
#[derive(Debug, Default)]
struct Seat {
    program: usize,
    /// The name under which it has registered.
    name: Option<String>,
    screen: Vec<u8>,
    screen_at: Millis,
    has_ended: bool,
    logged_in: usize,
}

/// ```text
/// Begin ─► Starting(0) ─► Starting(1) ─► Calling ─► Saying ─► Answering ─► Leaving ─┐
///   ▲                                       ▲            each of the two once       │
///   └───── the next two meet ◄──────────────┴───────────────────────────────────────┘
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum PairState {
    Begin,
    /// This seat's program starts, and registers.
    Starting(usize),
    /// Both rest, and then this seat calls.
    Resting(usize),
    Calling(usize),
    /// The caller has said something.
    Saying(usize),
    /// The one who was called has said something; and whether the caller was heard.
    Answering(usize, bool),
    Leaving(usize),
}

impl Machine for Pairs {
    type Notice = PairsNotice;
    type Command = Command;

    fn handle(
        &mut self,
        now: Millis,
        input: Input<'_, Command>,
        actions: &mut Actions<PairsNotice>,
    ) {
        if self.is_over {
            return;
        }
        match input {
            Input::Command(Command::Written { program, bytes }) => {
                self.seats[*program].write(now, bytes);
            }
            Input::Command(Command::Ended { program }) => self.seats[*program].has_ended = true,
            Input::Stop => return self.report(actions),
            other => self.tell_directory(now, other, actions),
        }
        self.go(now, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        if self.is_over {
            return None;
        }
        let directory = self.directory.next_deadline();
        directory.into_iter().chain([self.next_look()]).min()
    }
}

impl Seat {
    fn write(&mut self, now: Millis, bytes: &[u8]) {
        let room = SCREEN_BYTES_MAX.saturating_sub(self.screen.len());
        self.screen.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.screen_at = now;
    }

    fn shows(&self, text: &str) -> bool {
        let screen = without_escapes(&self.screen);
        screen.windows(text.len()).any(|window| window == text.as_bytes())
    }
}

impl Pairs {
    /// Meetings of all with all, and of each with itself. They begin with the first tick.
    #[must_use]
    pub fn new(plan: PairsPlan) -> Self {
        let count = plan.logins.len();
        let with_later = |one: usize| (one..count).map(move |other| (one, other));
        Self {
            directory: Directory::new(Rules { edition: plan.edition, ..Rules::default() }),
            inner: Actions::default(),
            logins: plan.logins,
            tag: plan.tag,
            meetings: (0..count).flat_map(with_later).collect(),
            at: 0,
            state: PairState::Begin,
            since: Millis(0),
            seats: [Seat::default(), Seat::default()],
            met: Vec::new(),
            progress_at: Millis(0),
            is_over: false,
        }
    }

    fn next_look(&self) -> Millis {
        match self.state {
            PairState::Begin => Millis(0),
            PairState::Starting(seat) => {
                let patience_ms = self.patience_ms(seat);
                let quiet = self.seats[seat].screen_at.max(self.since) + patience_ms;
                let has_logins = self.seats[seat].logged_in < self.logins[self.seats[seat].program];
                if has_logins { quiet } else { self.since + START_MS }
            }
            PairState::Resting(_) => self.since + SETTLE_MS,
            PairState::Calling(_) => self.since + CALL_MS,
            PairState::Saying(_) | PairState::Answering(..) => self.since + TEXT_MS,
            PairState::Leaving(_) => self.since + BYE_MS,
        }
    }

    /// Hands an input to the directory, and all that it asks for to the driver.
    fn tell_directory(
        &mut self,
        now: Millis,
        input: Input<'_, Command>,
        actions: &mut Actions<PairsNotice>,
    ) {
        let Some(input) = without_command(input) else { return };
        let Self { directory, inner, .. } = self;
        directory.handle(now, input, inner);
        while let Some(action) = self.inner.pop() {
            match action {
                Action::Send { conn, span } => {
                    actions.send(conn, |out| out.extend_from_slice(self.inner.bytes(&span)));
                }
                Action::SendShared { conn, shared } => {
                    actions.push(Action::SendShared { conn, shared });
                }
                Action::Close { conn } => actions.push(Action::Close { conn }),
                Action::Abort { conn } => actions.push(Action::Abort { conn }),
                Action::Reset { conn } => actions.push(Action::Reset { conn }),
                Action::HalfClose { conn } => actions.push(Action::HalfClose { conn }),
                Action::Show(DirectoryNotice::Joined { name, .. }) => {
                    self.on_joined(String::from_utf8_lossy(name.as_bytes()).into_owned());
                }
                // A directory asks for nothing else that matters here.
                _ => {}
            }
        }
    }

    fn on_joined(&mut self, name: String) {
        if let PairState::Starting(seat) = self.state {
            self.seats[seat].name.get_or_insert(name);
        }
    }

    fn enter(&mut self, now: Millis, state: PairState) {
        (self.state, self.since) = (state, now);
    }

    /// Goes as far as it goes.
    fn go(&mut self, now: Millis, actions: &mut Actions<PairsNotice>) {
        while !self.is_over && self.step(now, actions) {}
        self.tell_progress(now, actions);
    }

    /// True: there may be more to do at once.
    fn step(&mut self, now: Millis, actions: &mut Actions<PairsNotice>) -> bool {
        let has_waited = now >= self.next_look();
        match self.state {
            PairState::Begin => self.begin(now, actions),
            PairState::Starting(seat) => return self.on_starting(now, seat, has_waited, actions),
            PairState::Resting(caller) if has_waited => {
                let name = self.name(1 - caller);
                self.type_in(caller, "chat", name, actions);
                self.enter(now, PairState::Calling(caller));
            }
            PairState::Calling(caller) if has_waited => {
                self.type_in(caller, "text", self.word(caller), actions);
                self.enter(now, PairState::Saying(caller));
            }
            PairState::Saying(caller) => {
                let is_heard = self.seats[1 - caller].shows(&self.word(caller));
                if !is_heard && !has_waited {
                    return false;
                }
                self.type_in(1 - caller, "text", self.word(1 - caller), actions);
                self.enter(now, PairState::Answering(caller, is_heard));
            }
            PairState::Answering(caller, is_heard) => {
                let is_answered = self.seats[caller].shows(&self.word(1 - caller));
                if !is_answered && !has_waited {
                    return false;
                }
                self.note(caller, Some((is_heard, is_answered)));
                self.type_in(caller, "bye", String::new(), actions);
                self.enter(now, PairState::Leaving(caller));
            }
            PairState::Leaving(0) if has_waited => self.enter(now, PairState::Resting(1)),
            PairState::Leaving(_) if has_waited => self.next_meeting(now, actions),
            PairState::Resting(_) | PairState::Calling(_) | PairState::Leaving(_) => return false,
        }
        true
    }

    fn begin(&mut self, now: Millis, actions: &mut Actions<PairsNotice>) {
        let Some(&(one, other)) = self.meetings.get(self.at) else {
            return self.report(actions);
        };
        self.seats = [one, other].map(|program| Seat { program, ..Seat::default() });
        self.start(now, 0, actions);
    }

    fn start(&mut self, now: Millis, seat: usize, actions: &mut Actions<PairsNotice>) {
        self.seats[seat].screen_at = now;
        let (program, name) = (self.seats[seat].program, self.wanted_name(seat));
        actions.show(PairsNotice::Start { seat, program, name });
        self.enter(now, PairState::Starting(seat));
    }

    fn on_starting(
        &mut self,
        now: Millis,
        seat: usize,
        has_waited: bool,
        actions: &mut Actions<PairsNotice>,
    ) -> bool {
        if self.seats[seat].name.is_some() {
            if seat == 0 {
                self.start(now, 1, actions)
            } else {
                self.enter(now, PairState::Resting(0))
            }
            return true;
        }
        if self.seats[seat].has_ended || now >= self.since + START_MS {
            self.note(0, None);
            self.note(1, None);
            self.next_meeting(now, actions);
            return true;
        }
        let name = self.wanted_name(seat);
        let Seat { program, logged_in, screen_at, .. } = &mut self.seats[seat];
        if has_waited && *logged_in < self.logins[*program] {
            let (program, line) = (*program, *logged_in);
            *logged_in += 1;
            *screen_at = now;
            actions.show(PairsNotice::LogIn { seat, program, line, name });
        }
        false
    }

    /// Before the first line it must have said something, or had a good while to do so.
    fn patience_ms(&self, seat: usize) -> u64 {
        let is_blank = self.seats[seat].screen.is_empty();
        if is_blank { 4 * ASKS_AFTER_MS } else { ASKS_AFTER_MS }
    }

    /// Notes the result of the call of this seat. `None`: one of the two did not register.
    fn note(&mut self, caller: usize, heard: Option<(bool, bool)>) {
        let (from, to) = (self.seats[caller].program, self.seats[1 - caller].program);
        // A program with itself is one field of the table: the second call adds to it.
        match self.met.iter_mut().find(|met| (met.caller, met.called) == (from, to)) {
            Some(met) => {
                let both = met.heard.zip(heard);
                met.heard = both.map(|(one, other)| (one.0 && other.0, one.1 && other.1));
            }
            None => self.met.push(Met { caller: from, called: to, heard }),
        }
    }

    fn next_meeting(&mut self, now: Millis, actions: &mut Actions<PairsNotice>) {
        self.at += 1;
        actions.show(PairsNotice::End);
        self.enter(now, PairState::Begin);
    }

    fn type_in(
        &self,
        seat: usize,
        what: &'static str,
        text: String,
        actions: &mut Actions<PairsNotice>,
    ) {
        let (program, to) = (self.seats[seat].program, self.name(1 - seat));
        actions.show(PairsNotice::Type { seat, program, what, text, to });
    }

    fn name(&self, seat: usize) -> String {
        self.seats[seat].name.clone().unwrap_or_default()
    }

    fn wanted_name(&self, seat: usize) -> String {
        let person = if seat == 0 { "Ana" } else { "Bruno" };
        format!("{person}{:02}{:04x}", self.at, self.tag)
    }

    /// The text that the program of this seat says: a word that is nowhere else.
    fn word(&self, seat: usize) -> String {
        let call = usize::from(matches!(
            self.state,
            PairState::Calling(1) | PairState::Saying(1) | PairState::Answering(1, _)
        ));
        format!("oi{seat}{call}x{:02}{:04x}", self.at, self.tag)
    }

    fn tell_progress(&mut self, now: Millis, actions: &mut Actions<PairsNotice>) {
        if now >= self.progress_at && !self.is_over {
            self.progress_at = now + PROGRESS_EVERY_MS;
            let [one, other] = [&self.seats[0], &self.seats[1]].map(|seat| seat.program);
            let (done, total) = (self.at, self.meetings.len());
            actions.show(PairsNotice::Progress { done, total, one, other });
        }
    }

    fn report(&mut self, actions: &mut Actions<PairsNotice>) {
        self.is_over = true;
        let met = std::mem::take(&mut self.met);
        let is_bad = |met: &Met| met.heard != Some((true, true));
        let status = if met.is_empty() || met.iter().any(is_bad) { STATUS_BROKEN } else { 0 };
        actions.show(PairsNotice::Report(met));
        actions.push(Action::Exit { status });
    }
}

/// The same input for a machine with other commands. `None`: it is about such a command.
fn without_command<C>(input: Input<'_, Command>) -> Option<Input<'_, C>> {
    Some(match input {
        Input::Accepted { listener, conn, from, reached } => {
            Input::Accepted { listener, conn, from, reached }
        }
        Input::Line { conn, line, end } => Input::Line { conn, line, end },
        Input::EndOfStream { conn } => Input::EndOfStream { conn },
        Input::Backlog { conn, bytes } => Input::Backlog { conn, bytes },
        Input::Closed { conn, reason } => Input::Closed { conn, reason },
        Input::Tick => Input::Tick,
        _ => return None,
    })
}

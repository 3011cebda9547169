//! The meetings of a class: each program talks to every other, and to itself.
//!
//! Their server is papo's own [`Directory`], inside this machine, which so knows the names that
//! register. Two programs meet at a time, and each calls the other once. Their screens decide. Must
//! never know a process. Read next: [`super::notice::PairsNotice`].

use crate::directory::{Directory, Rules};
use crate::machine::{Action, Actions, Input, Machine, Millis};
use crate::wire::reply::Edition;

use super::notice::{Met, Order, PairsNotice};
use super::peer_steps::START_MS;
use super::screen::Screen;
use super::{Command, PROGRESS_EVERY_MS, STATUS_BROKEN};

/// The pause after a program has registered, or after a goodbye, before the next call.
const SETTLE_MS: u64 = 300;

/// The pause between a call and the first text.
const CALL_MS: u64 = 900;

/// How long a text may take to reach the other screen.
const TEXT_MS: u64 = 3_000;

/// The pause after a goodbye. It is longer than the 3 s in which a careful program sends no text to
/// a new partner.
const BYE_MS: u64 = 3_300;

/// The plan of the meetings.
#[derive(Debug)]
pub struct PairsPlan {
    /// For each program, how many lines a person types to log in.
    pub logins: Vec<usize>,
    /// The edition of the handout.
    pub edition: Edition,
    /// A random number, so that no other run has the same names.
    pub tag: u16,
}

/// The meetings of a class.
#[derive(Debug)]
pub struct Pairs {
    directory: Directory,
    logins: Vec<usize>,
    tag: u16,
    /// The pairs of programs that meet, in order.
    meetings: Vec<(usize, usize)>,
    /// The index of the current meeting.
    at: usize,
    state: PairState,
    /// When this state began.
    since: Millis,
    seats: [Seat; 2],
    met: Vec<Met>,
    progress_at: Millis,
    is_over: bool,
}

/// One side of a meeting.
#[derive(Debug, Default)]
struct Seat {
    program: usize,
    /// The name under which it has registered.
    name: Option<String>,
    screen: Screen,
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
    /// The program on this seat starts and registers.
    Starting(usize),
    /// A pause, after which this seat calls.
    Resting(usize),
    Calling(usize),
    /// The caller has sent a text.
    Saying(usize),
    /// The other has sent a text. The flag: the caller's text was shown.
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
                self.seats[*program].screen.write(now, bytes);
            }
            Input::Command(Command::Ended { program }) => self.seats[*program].has_ended = true,
            Input::Stop => return self.report(actions),
            other => self.feed_directory(now, other, actions),
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

impl Pairs {
    /// The meetings of all programs. They begin at the first tick.
    #[must_use]
    pub fn new(plan: PairsPlan) -> Self {
        let count = plan.logins.len();
        let with_later = |one: usize| (one..count).map(move |other| (one, other));
        Self {
            directory: Directory::new(Rules { edition: plan.edition, ..Rules::default() }),
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
                let Seat { program, logged_in, ref screen, .. } = self.seats[seat];
                let has_logins = logged_in < self.logins[program];
                if has_logins { screen.asks_at() } else { self.since + START_MS }
            }
            PairState::Resting(_) => self.since + SETTLE_MS,
            PairState::Calling(_) => self.since + CALL_MS,
            PairState::Saying(_) | PairState::Answering(..) => self.since + TEXT_MS,
            PairState::Leaving(_) => self.since + BYE_MS,
        }
    }

    /// Hands an input to the directory, and notes the name if it registers a client.
    fn feed_directory(
        &mut self,
        now: Millis,
        input: Input<'_, Command>,
        actions: &mut Actions<PairsNotice>,
    ) {
        let Some(input) = input.without_command() else { return };
        let roster = self.directory.roster();
        let newcomer = match input {
            Input::Line { conn, .. } if roster.get(conn).is_none() => Some(conn),
            _ => None,
        };
        self.directory.handle_input(now, input, actions);
        let member = newcomer.and_then(|conn| self.directory.roster().get(conn));
        if let (Some(member), PairState::Starting(seat)) = (member, self.state) {
            self.seats[seat].name.get_or_insert(member.name.to_string());
        }
    }

    fn enter(&mut self, now: Millis, state: PairState) {
        (self.state, self.since) = (state, now);
    }

    /// Takes all steps that can be taken now.
    fn go(&mut self, now: Millis, actions: &mut Actions<PairsNotice>) {
        while !self.is_over && self.step(now, actions) {}
        self.show_progress(now, actions);
    }

    /// Takes one step. `true`: another may follow at once.
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
                let is_heard = self.seats[1 - caller].screen.shows(self.word(caller).as_bytes());
                if !is_heard && !has_waited {
                    return false;
                }
                self.type_in(1 - caller, "text", self.word(1 - caller), actions);
                self.enter(now, PairState::Answering(caller, is_heard));
            }
            PairState::Answering(caller, is_heard) => {
                let is_answered = self.seats[caller].screen.shows(self.word(1 - caller).as_bytes());
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
        self.seats[seat].screen = Screen::new(now);
        self.order(seat, Order::Start { name: self.wanted_name(seat) }, actions);
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
        let Seat { program, logged_in: line, .. } = self.seats[seat];
        if has_waited && line < self.logins[program] {
            self.seats[seat].logged_in += 1;
            self.seats[seat].screen.on_typed(now);
            self.order(seat, Order::LogIn { line, name: self.wanted_name(seat) }, actions);
        }
        false
    }

    /// Notes the result of this seat's call. `None`: one of the two did not register.
    fn note(&mut self, caller: usize, heard: Option<(bool, bool)>) {
        let (from, to) = (self.seats[caller].program, self.seats[1 - caller].program);
        // A program's two calls of itself are one cell of the table.
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
        self.order(seat, Order::Type { what, text, to: self.name(1 - seat) }, actions);
    }

    fn order(&self, seat: usize, order: Order, actions: &mut Actions<PairsNotice>) {
        let program = self.seats[seat].program;
        actions.show(PairsNotice::Order { seat, program, order });
    }

    fn name(&self, seat: usize) -> String {
        self.seats[seat].name.clone().unwrap_or_default()
    }

    fn wanted_name(&self, seat: usize) -> String {
        let person = if seat == 0 { "Ana" } else { "Bruno" };
        format!("{person}{:02}{:04x}", self.at, self.tag)
    }

    /// The text of this seat in the current call, which is in no other call.
    fn word(&self, seat: usize) -> String {
        let call = usize::from(matches!(
            self.state,
            PairState::Calling(1) | PairState::Saying(1) | PairState::Answering(1, _)
        ));
        format!("oi{seat}{call}x{:02}{:04x}", self.at, self.tag)
    }

    fn show_progress(&mut self, now: Millis, actions: &mut Actions<PairsNotice>) {
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

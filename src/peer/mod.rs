//! A person's end of the chat.
//!
//! [`Peer`] decides what follows from the person's commands and from events of the network. It has
//! three parts:
//!
//! | place | what it knows |
//! | --- | --- |
//! | [`server`] | the connection to the server: registering, coming back, questions |
//! | [`chat`] | the other peers: conversations, and the connections that carry them |
//! | `person` | the [`command`]s of the person, and the answers that the person waits for |
//! | [`notice`] | all that the peer reports; [`crate::console`] has the sentences |
//! | `rules` | [`Rules`]: the choices of the program that starts a peer |
//! | here | [`Peer`] gives each input to its part, and ends the program in order |
//!
//! Must never know a socket, a clock or a screen. Read next: [`server`].
//!
//! A peer has a handful of deadlines, so they are plain fields, and `next_deadline` compares them
//! all. The timer wheel is for the directory, which has thousands.

pub mod chat;
pub mod notice;
mod person;
mod rules;
pub mod server;

pub use person::command;
pub use rules::{PACE_MS, Rules};

use std::io::ErrorKind;

use crate::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Input, LineEnd, Machine, Millis,
};
use crate::wire::name::Name;
use crate::wire::reply::{Edition, Reply};

use chat::outgoing::PACED_BYTES_MAX;
use chat::{Chat, Checks, PIECE_BYTES_MAX};
use command::Command;
use notice::{Fatal, Notice, Standing};
use server::lookup::Lookups;
use server::registration::{Registration, SERVER_DIAL};
use server::spare_names::SpareNames;

/// Longest orderly exit, in milliseconds, counted from the last progress of our output.
pub const LEAVE_WITHIN_MS: u64 = 1_500;

/// Longest orderly exit in all, in milliseconds.
pub const LEAVE_MAX_MS: u64 = 30_000;

/// The machine of one person.
#[derive(Debug)]
pub struct Peer {
    /// The own name. `None`: the person must give one before anything else.
    me: Option<Name>,
    scripted: bool,
    stays: bool,
    exits_on_disconnect: bool,
    /// The server's answers decide which edition of the handout is followed.
    learns_edition: bool,
    spare_names: Option<SpareNames>,
    registration: Registration,
    lookups: Lookups,
    chat: Chat,
    has_asked_name: bool,
    leaving: Option<Leaving>,
    /// True while a script gives the commands. A command that fails then makes the exit status 1.
    is_at_work: bool,
    has_failed: bool,
    /// The name and change count of the last [`Notice::Standing`].
    reported: (Option<Name>, u64),
}

/// An orderly exit that is under way.
#[derive(Clone, Copy, Debug)]
struct Leaving {
    since: Millis,
    /// The program ends then, whatever is open.
    by: Millis,
    /// The connection to the server, until it is closed.
    server: Option<ConnId>,
}

impl Machine for Peer {
    type Notice = Notice;
    type Command = Command;

    fn handle(&mut self, now: Millis, input: Input<'_, Command>, actions: &mut Actions<Notice>) {
        if self.me.is_none() && !self.has_asked_name {
            // A script may be faster than the first tick.
            self.ask_name(actions);
        }
        self.chat.set_waiting(self.person_waits());
        match input {
            Input::Accepted { conn, .. } if self.leaving.is_some() => {
                actions.push(Action::Abort { conn });
            }
            Input::Accepted { conn, from, .. } => self.chat.on_accepted(now, conn, from, actions),
            Input::Dialed { dial, result } => self.on_dialed(now, dial, result, actions),
            Input::Line { conn, line, end } if self.is_server(conn) => {
                // An address that was cut short is an address of somebody else.
                if end == LineEnd::Terminator {
                    self.on_reply(now, line, actions);
                } else {
                    self.registration.non_replies().on_line(line);
                }
            }
            Input::Line { conn, line, end } => {
                self.chat.on_line(now, self.me.as_ref(), conn, line, end, actions);
            }
            Input::Pending { conn, line } if self.is_server(conn) => {
                self.registration.non_replies().on_pending(line);
            }
            Input::Pending { conn, line } => self.chat.on_pending(now, conn, line.len()),
            Input::EndOfStream { conn } if self.is_server(conn) => {
                actions.push(Action::Abort { conn });
            }
            Input::EndOfStream { conn } => self.chat.on_end_of_stream(now, conn, actions),
            Input::Backlog { conn, bytes } => self.on_backlog(now, conn, bytes),
            Input::Closed { conn, reason } => self.on_closed(now, conn, reason, actions),
            Input::Command(command) => self.on_command(now, command, actions),
            Input::Stop => self.leave(now, actions),
            Input::Tick => self.on_tick(now, actions),
            Input::OutputFull(full) => self.chat.on_output_full(now, full, actions),
            // The person sees the state on the screen.
            Input::Report(_) => {}
            // A peer asks for none of these.
            Input::Bytes { .. } | Input::Datagram { .. } | Input::Drained { .. } => {}
        }
        self.go_on(now, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        let asks = (self.me.is_none() && !self.has_asked_name).then_some(Millis(0));
        let leaves = self.leaving.map(|leaving| leaving.by);
        let parts = [
            asks,
            leaves,
            self.registration.next_deadline(),
            self.lookups.next_deadline(),
            self.chat.next_deadline(),
        ];
        parts.into_iter().flatten().min()
    }

    fn accepts_command(&self) -> bool {
        // The host learns that a name is wanted before it gives the first command.
        let asks = self.me.is_none() && !self.has_asked_name;
        if self.leaving.is_some() || asks {
            return false;
        }
        let is_patient = self.me.is_some() && self.scripted;
        let holds = is_patient && (!self.registration.is_settled() || self.chat.is_busy());
        let most = if self.scripted { PIECE_BYTES_MAX } else { PACED_BYTES_MAX };
        !self.person_waits() && !holds && !self.chat.is_pacing(most)
    }
}

impl Peer {
    /// A peer that registers at its first tick, or asks for a name.
    ///
    /// # Panics
    ///
    /// If `rules` has no server.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        let mut registration = Registration::new(&rules);
        if rules.name.is_some() {
            registration.start(Millis(0));
        }
        let checks = if rules.verify { Checks::Waiting } else { Checks::Off };
        Self {
            me: rules.name,
            scripted: rules.scripted,
            stays: rules.stays,
            exits_on_disconnect: rules.exits_on_disconnect,
            learns_edition: rules.edition.is_none(),
            spare_names: rules.numbers_name.then(|| SpareNames::new(rules.seed)),
            registration,
            lookups: Lookups::default(),
            chat: Chat::new(rules.edition.unwrap_or_default(), rules.pace_ms, checks, SERVER_DIAL),
            has_asked_name: false,
            leaving: None,
            is_at_work: rules.scripted,
            has_failed: false,
            reported: (None, 0),
        }
    }

    /// Follows every input: asks the next question, and completes the exit.
    fn go_on(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.chat.settle_target(now);
        self.report_standing(actions);
        self.chat.hold_back(actions);
        self.ask_next(now, actions);
        if self.exits_on_disconnect && self.chat.is_left_alone() {
            self.leave(now, actions);
        }
        if self.leaving.is_some_and(|leaving| now >= leaving.by) {
            self.chat.give_up(now, actions);
        }
        self.has_failed |= self.chat.take_failure() && self.is_at_work;
        let Some(leaving) = self.leaving else { return };
        if now >= leaving.by || (self.chat.is_over() && leaving.server.is_none()) {
            actions.push(Action::Exit { status: u8::from(self.has_failed) });
        }
    }

    /// A command failed: shows why.
    fn refuse(&mut self, notice: Notice, actions: &mut Actions<Notice>) {
        self.has_failed |= self.is_at_work;
        actions.show(notice);
    }

    fn report_standing(&mut self, actions: &mut Actions<Notice>) {
        let standing = (self.me.clone(), self.chat.changes());
        if standing == self.reported {
            return;
        }
        self.reported = standing;
        let rows = self.chat.rows();
        let target = rows.iter().find(|row| row.is_target).map(|row| row.who.clone());
        let open = rows.into_iter().map(|row| row.who).collect();
        actions.show(Notice::Standing(Standing { me: self.me.clone(), target, open }));
    }

    fn person_waits(&self) -> bool {
        self.lookups.person_waits() || self.chat.is_calling()
    }

    fn is_server(&self, conn: ConnId) -> bool {
        self.registration.conn() == Some(conn)
    }

    fn on_dialed(
        &mut self,
        now: Millis,
        dial: DialId,
        result: Result<ConnId, ErrorKind>,
        actions: &mut Actions<Notice>,
    ) {
        match (dial, &self.me, result) {
            (_, _, Ok(conn)) if self.leaving.is_some() => actions.push(Action::Abort { conn }),
            (SERVER_DIAL, _, Err(_)) if self.leaving.is_some() => {}
            (SERVER_DIAL, Some(me), result) => {
                self.registration.on_dialed(now, me, result, actions);
            }
            (dial, me, result) => self.chat.on_dialed(now, me.as_ref(), dial, result, actions),
        }
    }

    fn on_closed(
        &mut self,
        now: Millis,
        conn: ConnId,
        reason: CloseReason,
        actions: &mut Actions<Notice>,
    ) {
        if let Some(leaving) = self.leaving.as_mut().filter(|it| it.server == Some(conn)) {
            leaving.server = None;
        } else if self.is_server(conn) {
            self.on_server_lost(now, reason, actions);
        } else {
            self.chat.on_closed(now, conn, reason, actions);
        }
    }

    fn on_reply(&mut self, now: Millis, line: &[u8], actions: &mut Actions<Notice>) {
        match &self.me {
            Some(me) if Reply::parse(line).is_some() => self.registration.on_heard(me, actions),
            _ => self.registration.non_replies().on_line(line),
        }
        if let (Some(edition), true) = (Edition::of_reply(line), self.learns_edition) {
            self.chat.follow(edition);
        }
        let Some(me) = &self.me else { return };
        if let Some((question, answer)) = self.lookups.on_reply(now, me, line) {
            self.on_answer(now, question, answer, actions);
        }
    }

    /// The person's questions go before those about callers.
    fn ask_next(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let server = self.registration.conn();
        self.chat.set_server(server.is_some());
        let (Some(server), Some(me)) = (server, &self.me) else { return };
        if self.lookups.is_idle()
            && self.leaving.is_none()
            && let Some(check) = self.chat.next_check()
        {
            self.lookups.push(check);
        }
        self.lookups.ask_next(now, server, me, actions);
    }

    fn on_backlog(&mut self, now: Millis, conn: ConnId, bytes: usize) {
        if self.chat.on_backlog(now, conn, bytes) {
            self.put_off_exit(now);
        }
    }

    /// Some output has moved, so an orderly exit has more time.
    fn put_off_exit(&mut self, now: Millis) {
        if let Some(leaving) = self.leaving.as_mut() {
            leaving.by = (now + LEAVE_WITHIN_MS).min(leaving.since + LEAVE_MAX_MS);
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if let Some(me) = &self.me {
            self.registration.on_tick(now, me, actions);
        }
        if let Some(reason) = self.registration.gives_up(now) {
            fail(reason, actions);
        }
        let server = self.registration.conn();
        if let Some((question, answer)) =
            self.lookups.on_tick(now, server, self.me.as_ref(), actions)
        {
            self.on_answer(now, question, answer, actions);
        }
        if self.chat.on_tick(now, actions) {
            self.put_off_exit(now);
        }
    }

    fn leave(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if self.leaving.is_some() {
            return;
        }
        let server = self.registration.conn();
        self.leaving = Some(Leaving { since: now, by: now + LEAVE_WITHIN_MS, server });
        self.lookups.fail_all();
        self.chat.leave(now, actions);
        self.registration.leave(actions);
    }
}

/// Ends the program with an error.
fn fail(reason: Fatal, actions: &mut Actions<Notice>) {
    actions.show(Notice::Fatal(reason));
    actions.push(Action::Exit { status: 1 });
}

//! A person's end of the chat.
//!
//! [`Peer`] decides what the person's commands and the network's events mean. It has three parts:
//!
//! | place | what it knows |
//! | --- | --- |
//! | [`server`] | the connection to the server: registering, coming back, questions |
//! | [`chat`] | the other peers: conversations, and the connections that carry them |
//! | `person` | the [`command`]s of the person, and the answers that the person waits for |
//! | [`notice`] | all that the peer reports; [`crate::console`] has the words for it |
//! | `rules` | [`Rules`]: the choices of the program that starts a peer |
//! | here | [`Peer`]: each input goes to its part, and what follows from it to the others |
//!
//! `server` and `chat` do not know each other, but for the question that a check of a caller is.
//! Must never know a socket, a clock or a screen. Read next: [`server`].
//!
//! Deadlines are plain fields, and [`Peer::next_deadline`] looks through all of them: a peer has a
//! handful. The timer wheel is for the directory, which has thousands.

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

use chat::outgoing::{PACED_BYTES_MAX, PIECE_BYTES_MAX};
use chat::{Chat, Checks};
use command::Command;
use notice::{Fatal, Notice, Standing};
use server::lookup::Lookups;
use server::registration::{Registration, SERVER_DIAL};
use server::spare_names::SpareNames;

/// How long an orderly exit may take, in milliseconds, counted from the last sign that somebody
/// still takes what we sent.
pub const LEAVE_WITHIN_MS: u64 = 1_500;

/// How long an orderly exit may take in all, in milliseconds.
pub const LEAVE_MAX_MS: u64 = 30_000;

/// One person's end.
#[derive(Debug)]
pub struct Peer {
    /// `None`: a name is wanted before anything else.
    me: Option<Name>,
    scripted: bool,
    stays: bool,
    exits_on_disconnect: bool,
    /// The edition follows the server.
    learns_edition: bool,
    spare_names: Option<SpareNames>,
    registration: Registration,
    lookups: Lookups,
    chat: Chat,
    has_asked_name: bool,
    leaving: Option<Leaving>,
    /// A script is at work: what cannot be done makes the status of the program another than 0.
    is_at_work: bool,
    has_failed: bool,
    /// The name and the count of changes that [`Notice::Standing`] was last told for.
    told: (Option<Name>, u64),
}

#[derive(Clone, Copy, Debug)]
struct Leaving {
    since: Millis,
    by: Millis,
    /// The connection to the server, until it is closed.
    server: Option<ConnId>,
}

impl Machine for Peer {
    type Notice = Notice;
    type Command = Command;

    fn handle(&mut self, now: Millis, input: Input<'_, Command>, actions: &mut Actions<Notice>) {
        if self.me.is_none() && !self.has_asked_name {
            // Before anything else: a script may be faster than the first tick.
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
                // The beginning of an address is an address, too: of somebody else.
                if end == LineEnd::Terminator {
                    self.on_reply(now, line, actions);
                } else {
                    self.registration.babble().on_line(line);
                }
            }
            Input::Line { conn, line, end } => {
                self.chat.on_line(now, self.me.as_ref(), conn, line, end, actions);
            }
            Input::Pending { conn, line } if self.is_server(conn) => {
                self.registration.babble().on_pending(line);
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
            // A person sees how it is.
            Input::Report(_) => {}
            // It asked for none of these.
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
    /// One that is about to register, or to ask for a name.
    ///
    /// # Panics
    ///
    /// If `rules` name no server.
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
            told: (None, 0),
        }
    }

    /// Does what follows from every input: asks the next question, completes the exit.
    fn go_on(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.chat.settle_target(now);
        self.tell_standing(actions);
        self.chat.hold_back(actions);
        self.ask_next(now, actions);
        if self.exits_on_disconnect && self.chat.is_left_alone() {
            self.leave(now, actions);
        }
        if self.leaving.is_some_and(|leaving| now >= leaving.by) {
            self.chat.give_up(now, actions);
        }
        self.has_failed |= self.chat.takes_failure() && self.is_at_work;
        let Some(leaving) = self.leaving else { return };
        if now >= leaving.by || (self.chat.is_over() && leaving.server.is_none()) {
            actions.push(Action::Exit { status: u8::from(self.has_failed) });
        }
    }

    /// Shows why something could not be done that was asked for.
    fn refuse(&mut self, notice: Notice, actions: &mut Actions<Notice>) {
        self.has_failed |= self.is_at_work;
        actions.show(notice);
    }

    fn tell_standing(&mut self, actions: &mut Actions<Notice>) {
        let standing = (self.me.clone(), self.chat.changes());
        if standing == self.told {
            return;
        }
        self.told = standing;
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
            _ => self.registration.babble().on_line(line),
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

    /// Some output has moved, so a peer that leaves waits for the rest.
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

fn fail(reason: Fatal, actions: &mut Actions<Notice>) {
    actions.show(Notice::Fatal(reason));
    actions.push(Action::Exit { status: 1 });
}

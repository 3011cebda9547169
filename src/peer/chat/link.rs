//! One connection between two peers: its courtesy pauses, its goodbye, its deadlines.
//!
//! Knows one connection. Must never know another, nor whose conversation it belongs to beyond a
//! number. Read next: [`super::outgoing`], the texts that wait here.

use std::net::SocketAddr;

use super::call_state::{CallState, Early};
use super::goodbye::{COURTESY_MS, DRAIN_MS, Goodbye};
use super::outgoing::{Outgoing, PIECE_BYTES_MAX};
use super::standstill::Standstill;
use super::unended::Unended;
use super::unproven::{DOUBT_ELSEWHERE_MS, DOUBT_MS};
use super::unsent::Unsent;
use crate::machine::{Action, Actions, ConnId, LineEnd, Millis};
use crate::peer::notice::{ConversationId, Notice, Partner};
use crate::wire::name::Name;
use crate::wire::reply::Edition;
use crate::wire::speech::Speech;

/// How long a caller may take to say its name, in milliseconds.
pub(super) const NAME_WITHIN_MS: u64 = 10_000;

/// Unsent output, in bytes, beyond which a typed line is refused instead of queued.
pub const BACKLOG_MAX: usize = 256 * 1024;

/// One connection between two peers.
#[derive(Debug)]
pub(super) struct Link {
    /// The other end.
    pub(super) other: SocketAddr,
    state: CallState,
    /// The text and times of an introduced caller.
    pub(super) early: Early,
    outgoing: Outgoing,
    unsent: Unsent,
    standstill: Standstill,
    unended: Unended,
    goodbye: Goodbye,
    /// When this connection is closed, whatever comes.
    end_by: Option<Millis>,
    /// It is being closed, and has no time of its own any more.
    is_cut: bool,
}

impl Link {
    /// For somebody who called us.
    pub(super) fn accepted(now: Millis, from: SocketAddr, pace_ms: u64) -> Self {
        Self { end_by: Some(now + NAME_WITHIN_MS), ..Self::new(from, CallState::Unnamed, pace_ms) }
    }

    /// For somebody who answered our call.
    pub(super) fn called(to: SocketAddr, talk: ConversationId, pace_ms: u64) -> Self {
        Self::new(to, CallState::Talking(talk), pace_ms)
    }

    fn new(other: SocketAddr, state: CallState, pace_ms: u64) -> Self {
        Self {
            other,
            state,
            early: Early::default(),
            outgoing: Outgoing::new(pace_ms),
            unsent: Unsent::default(),
            unended: Unended::default(),
            goodbye: Goodbye::default(),
            end_by: None,
            standstill: Standstill::default(),
            is_cut: false,
        }
    }

    /// Says our name, and lets no text follow for a while: the other side may take it for a part
    /// of the name.
    pub(super) fn say_name(
        &mut self,
        now: Millis,
        conn: ConnId,
        me: &Name,
        actions: &mut Actions<Notice>,
    ) {
        self.send(now, conn, &Speech::User(me.as_bytes()), actions);
        self.outgoing.hold(now + COURTESY_MS);
    }

    /// Where it stands.
    pub(super) fn state(&self) -> &CallState {
        &self.state
    }

    /// With whom it was, once a goodbye was said.
    pub(super) fn parted_from(&self) -> Option<Partner> {
        match &self.state {
            CallState::Parting(who) => Some(who.clone()),
            CallState::Parted(who) => who.clone(),
            CallState::Unnamed | CallState::Introduced(_) | CallState::Talking(_) => None,
        }
    }

    /// The caller has said its name, which is to be checked.
    pub(super) fn introduce(&mut self, now: Millis, name: Name) {
        self.state = CallState::Introduced(name);
        self.end_by = None;
        self.early.begin(now);
    }

    /// The conversation has begun. Gives what the caller has said already.
    pub(super) fn name_heard(&mut self, talk: ConversationId) -> Vec<(Vec<u8>, bool)> {
        self.state = CallState::Talking(talk);
        self.early.take()
    }

    /// Sends a text, or queues it where something was sent a moment ago.
    pub(super) fn say(
        &mut self,
        now: Millis,
        conn: ConnId,
        text: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        self.outgoing.push(text);
        self.send_texts(now, conn, actions);
    }

    /// Whether what was said is still on its way out, so that a script should type nothing more.
    /// Behind the first text a piece may wait: lines that leave together are as many as fit.
    pub(super) fn is_busy(&self) -> bool {
        let most = if !self.goodbye.has_text() { 0 } else { PIECE_BYTES_MAX };
        self.unsent.backlog() > 0 || self.is_pacing(most)
    }

    /// Whether more than this many bytes wait for nothing but the pace.
    pub(super) fn is_pacing(&self, bytes: usize) -> bool {
        self.may_speak() && self.unsent.backlog() == 0 && self.outgoing.bytes() > bytes
    }

    /// How many lines have not left yet.
    pub(super) fn waiting(&self) -> usize {
        self.outgoing.texts() + self.unsent.waiting()
    }

    /// Whether a goodbye waits for courtesy.
    pub(super) fn is_about_to_part(&self) -> bool {
        self.goodbye.is_wanted
    }

    /// Whether a goodbye is out, with all that was said before it, and nothing but its answer is
    /// missing.
    pub(super) fn awaits_answer(&self) -> bool {
        let is_out = self.goodbye.is_said() && self.unsent.backlog() == 0;
        matches!(self.state, CallState::Parting(_)) && is_out && self.goodbye.has_text()
    }

    /// When a caller must have said its name; `None` where it has, or need not any more.
    pub(super) fn name_by(&self) -> Option<Millis> {
        self.end_by.filter(|_| self.state == CallState::Unnamed)
    }

    /// A caller that is hung up on: nothing it still says is heard, and nothing waited for.
    pub(super) fn turned_away(&mut self) {
        self.state = CallState::Parted(None);
        self.is_cut = true;
        self.early.take();
    }

    /// Whether the other side reads so slowly that nothing more is taken for it.
    pub(super) fn is_stuck(&self) -> bool {
        self.unsent.backlog() + self.outgoing.bytes() > BACKLOG_MAX
    }

    /// Says goodbye as soon as courtesy allows. `who` names what may still arrive.
    pub(super) fn part(
        &mut self,
        now: Millis,
        conn: ConnId,
        who: Partner,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) {
        self.state = CallState::Parting(who);
        self.goodbye.is_wanted = true;
        self.send_texts(now, conn, actions);
        if is_due(self.goodbye.due_at(&self.outgoing), now) {
            self.say_goodbye(now, conn, edition, actions);
        }
    }

    /// They said goodbye: answer by closing, not by DISC, and wait for them to do the same.
    /// `who` names whom our last lines were for.
    pub(super) fn goodbye_heard(
        &mut self,
        now: Millis,
        conn: ConnId,
        who: Option<Partner>,
        actions: &mut Actions<Notice>,
    ) {
        self.finish(now, who);
        actions.push(Action::HalfClose { conn });
    }

    /// They will say nothing more, and may still read: what we have said goes out, then close.
    pub(super) fn stream_ended(
        &mut self,
        now: Millis,
        conn: ConnId,
        who: Option<Partner>,
        actions: &mut Actions<Notice>,
    ) {
        if self.may_speak() {
            let rest = self.outgoing.take_all();
            self.send_piece(now, conn, &rest, actions);
        }
        self.finish(now, who);
        actions.push(Action::Close { conn });
    }

    /// Bytes came that are no line yet: the unfinished line is now this long.
    pub(super) fn on_pending(&mut self, now: Millis, length: usize) {
        self.unended.on_read(now, length);
    }

    /// A line came. Returns the lengths at which it is to be cut, if it is more than one.
    pub(super) fn on_line(&mut self, end: LineEnd) -> Vec<u16> {
        self.unended.on_line(end, self.state != CallState::Unnamed)
    }

    /// The event loop tells what the kernel has not taken. True: it took some.
    pub(super) fn on_backlog(&mut self, now: Millis, bytes: usize) -> bool {
        let moves = self.unsent.on_backlog(now, bytes);
        self.standstill.on_backlog(now, bytes, moves);
        self.end_by = self.goodbye_ends_by(now).or(self.end_by);
        moves
    }

    /// How long its output has stood still.
    pub(super) fn standstill(&mut self) -> &mut Standstill {
        &mut self.standstill
    }

    /// They said something on this connection.
    pub(super) fn on_heard(&mut self, now: Millis) {
        self.unsent.on_heard(now, DOUBT_MS);
    }

    /// They said something on another connection of the same conversation.
    pub(super) fn on_heard_elsewhere(&mut self, now: Millis) {
        self.unsent.on_heard(now, DOUBT_ELSEWHERE_MS);
    }

    /// The connection is not read for a while.
    pub(super) fn pause(&mut self) {
        self.unended.pause();
    }

    /// The connection is read again.
    pub(super) fn resume(&mut self, now: Millis) {
        self.unended.resume(now);
    }

    /// How many lines may not have arrived, now that the connection is gone: the last that were
    /// said. `broke`: there was a sign that some are lost, such as a reset.
    pub(super) fn undelivered(&self, now: Millis, broke: bool) -> usize {
        let left = if broke { self.unsent.texts_that_left(now) } else { 0 };
        self.outgoing.texts() + self.unsent.texts(now) + left
    }

    /// Looks at the time. True: some text was sent.
    pub(super) fn on_tick(
        &mut self,
        now: Millis,
        conn: ConnId,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) -> bool {
        if is_due(self.end_by, now) || self.standstill.is_over(now) {
            // Before all else: a name that comes to its end in this tick comes too late.
            self.is_cut = true;
            actions.push(Action::Abort { conn });
            return false;
        }
        let sends = self.send_texts(now, conn, actions);
        if is_due(self.unended.quiet_at(), now) {
            self.unended.forget_silence();
            actions.push(Action::EndLine { conn });
        }
        if is_due(self.goodbye.due_at(&self.outgoing), now) {
            self.say_goodbye(now, conn, edition, actions);
        }
        sends
    }

    /// When to look at the time again.
    pub(super) fn next_deadline(&self) -> Option<Millis> {
        let texts_at = self.outgoing.next_deadline().filter(|_| self.may_speak());
        let all = [
            self.early.open_by(),
            texts_at,
            self.unended.quiet_at(),
            self.goodbye.due_at(&self.outgoing),
            self.end_by,
            self.standstill.cut_at(),
            self.standstill.told_at(),
        ];
        all.into_iter().flatten().min().filter(|_| !self.is_cut)
    }

    fn may_speak(&self) -> bool {
        matches!(self.state, CallState::Talking(_) | CallState::Parting(_))
    }

    /// Somebody who said goodbye does not want our texts any more.
    fn goodbye_ends_by(&self, now: Millis) -> Option<Millis> {
        let waits = matches!(self.state, CallState::Parting(_)) && self.unsent.backlog() > 0;
        self.goodbye.ends_by(now, waits, &self.standstill)
    }

    /// Sends what may leave by now. Says whether there was any.
    fn send_texts(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) -> bool {
        let piece = if self.may_speak() { self.outgoing.next_piece(now) } else { None };
        self.send_piece(now, conn, &piece.unwrap_or_default(), actions)
    }

    fn send_piece(
        &mut self,
        now: Millis,
        conn: ConnId,
        piece: &[u8],
        actions: &mut Actions<Notice>,
    ) -> bool {
        if piece.is_empty() {
            return false;
        }
        self.goodbye.on_text(now);
        actions.send(conn, |out| out.extend_from_slice(piece));
        // A text counts where its end is, since only then is it out.
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            self.unsent.push(now, part.len(), part.ends_with(b"\n"));
        }
        true
    }

    fn send(
        &mut self,
        now: Millis,
        conn: ConnId,
        speech: &Speech<'_>,
        actions: &mut Actions<Notice>,
    ) {
        let bytes = actions.send(conn, |out| speech.encode(out));
        self.unsent.push(now, bytes, false);
    }

    fn say_goodbye(
        &mut self,
        now: Millis,
        conn: ConnId,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) {
        if edition == Edition::Of2024 {
            self.send(now, conn, &Speech::Disc, actions);
        }
        actions.push(Action::HalfClose { conn });
        self.goodbye.on_said(now);
        self.end_by = self.goodbye_ends_by(now);
    }

    fn finish(&mut self, now: Millis, who: Option<Partner>) {
        self.state = CallState::Parted(who);
        self.unended.forget_silence();
        self.goodbye.on_said(now);
        self.end_by = Some(now + DRAIN_MS);
    }
}

fn is_due(deadline: Option<Millis>, now: Millis) -> bool {
    deadline.is_some_and(|at| at <= now)
}

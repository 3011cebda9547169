//! One connection between two peers: its courtesy pauses, its goodbye, its deadlines.
//!
//! Knows one connection. Must never know another, nor whose conversation it belongs to beyond a
//! number. Read next: [`super::outgoing`], the texts that wait here.

use std::net::SocketAddr;

use super::conversation::TalkId;
use super::notice::{Notice, Who};
use super::outgoing::{Outgoing, PIECE_BYTES_MAX};
use super::standstill::{STILL_MAX_MS, Standstill};
use super::unended::Unended;
use super::unsent::Unsent;
use crate::machine::{Action, Actions, ConnId, LineEnd, Millis};
use crate::wire::name::Name;
use crate::wire::reply::Edition;
use crate::wire::speech::Speech;

/// How long a caller may take to say its name, in milliseconds.
pub const NAME_WITHIN_MS: u64 = 10_000;

/// The pause after USER and before DISC, in milliseconds: many programs take what one `recv`
/// brings for one message, and would read the text behind USER as part of the name.
pub const COURTESY_MS: u64 = 50;

/// How long to wait for the other side to close after a goodbye, in milliseconds, once it has
/// taken all that we sent.
pub const DRAIN_MS: u64 = 2_000;

/// How long a goodbye may take in all, in milliseconds, however slowly the other side reads.
pub const LINGER_MAX_MS: u64 = 600_000;

/// Unsent output, in bytes, beyond which a typed line is refused instead of queued.
pub const BACKLOG_MAX: usize = 256 * 1024;

/// One connection between two peers.
#[derive(Debug)]
pub struct Link {
    /// The other end.
    pub other: SocketAddr,
    phase: Phase,
    outgoing: Outgoing,
    unsent: Unsent,
    standstill: Standstill,
    unended: Unended,
    /// A goodbye is to be said as soon as all texts are out and courtesy allows.
    wants_goodbye: bool,
    said_goodbye_at: Option<Millis>,
    /// When the last piece of text was sent.
    texted_at: Option<Millis>,
    /// When this connection is closed, whatever comes.
    end_by: Option<Millis>,
    /// It is being closed, and has no time of its own any more.
    is_cut: bool,
}

/// ```text
/// Unnamed ──USER──► Talking ──we say goodbye──► Parting ──they close──► (gone)
///                      └────DISC heard, stream ended────► Parted ─────► (gone)
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Phase {
    /// Somebody called and has not said a name.
    Unnamed,
    /// Part of a conversation.
    Talking(TalkId),
    /// We said goodbye, or are about to. What they had already sent is still shown.
    Parting(Who),
    /// They said goodbye. Nothing more is heard here.
    Parted(Option<Who>),
}

impl Link {
    /// For somebody who called us.
    #[must_use]
    pub fn accepted(now: Millis, from: SocketAddr, pace_ms: u64) -> Self {
        Self { end_by: Some(now + NAME_WITHIN_MS), ..Self::new(from, Phase::Unnamed, pace_ms) }
    }

    /// For somebody who answered our call.
    #[must_use]
    pub fn called(to: SocketAddr, talk: TalkId, pace_ms: u64) -> Self {
        Self::new(to, Phase::Talking(talk), pace_ms)
    }

    fn new(other: SocketAddr, phase: Phase, pace_ms: u64) -> Self {
        Self {
            other,
            phase,
            outgoing: Outgoing::new(pace_ms),
            unsent: Unsent::default(),
            unended: Unended::default(),
            wants_goodbye: false,
            said_goodbye_at: None,
            texted_at: None,
            end_by: None,
            standstill: Standstill::default(),
            is_cut: false,
        }
    }

    /// Says our name, and lets no text follow for a while: the other side may take it for a part
    /// of the name.
    pub fn introduce(
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
    #[must_use]
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// With whom it was, once a goodbye was said.
    #[must_use]
    pub fn parted_from(&self) -> Option<Who> {
        match &self.phase {
            Phase::Parting(who) => Some(who.clone()),
            Phase::Parted(who) => who.clone(),
            Phase::Unnamed | Phase::Talking(_) => None,
        }
    }

    /// The caller has said its name.
    pub fn name_heard(&mut self, talk: TalkId) {
        self.phase = Phase::Talking(talk);
        self.end_by = None;
    }

    /// Sends a text, or queues it where something was sent a moment ago.
    pub fn say(&mut self, now: Millis, conn: ConnId, text: &[u8], actions: &mut Actions<Notice>) {
        self.outgoing.push(text);
        self.send_texts(now, conn, actions);
    }

    /// Whether what was said is still on its way out, so that a script should type nothing more.
    /// Behind the first text a piece may wait: lines that leave together are as many as fit.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let most = if self.texted_at.is_none() { 0 } else { PIECE_BYTES_MAX };
        self.unsent.backlog() > 0 || self.is_pacing(most)
    }

    /// Whether more than this many bytes wait for nothing but the pace.
    #[must_use]
    pub fn is_pacing(&self, bytes: usize) -> bool {
        self.may_speak() && self.unsent.backlog() == 0 && self.outgoing.bytes() > bytes
    }

    /// How many lines have not left yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.outgoing.texts() + self.unsent.waiting()
    }

    /// Whether a goodbye waits for courtesy.
    #[must_use]
    pub fn is_about_to_part(&self) -> bool {
        self.wants_goodbye
    }

    /// Whether a goodbye is out, with all that was said before it, and nothing but its answer is
    /// missing.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        let is_out = self.said_goodbye_at.is_some() && self.unsent.backlog() == 0;
        matches!(self.phase, Phase::Parting(_)) && is_out && self.texted_at.is_some()
    }

    /// When a caller must have said its name; `None` where it has, or need not any more.
    #[must_use]
    pub fn name_by(&self) -> Option<Millis> {
        self.end_by.filter(|_| self.phase == Phase::Unnamed)
    }

    /// A caller that is hung up on: nothing it still says is heard, and nothing waited for.
    pub fn turned_away(&mut self) {
        self.phase = Phase::Parted(None);
        self.is_cut = true;
    }

    /// Whether the other side reads so slowly that nothing more is taken for it.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.unsent.backlog() + self.outgoing.bytes() > BACKLOG_MAX
    }

    /// Says goodbye as soon as courtesy allows. `who` names what may still arrive.
    pub fn part(
        &mut self,
        now: Millis,
        conn: ConnId,
        who: Who,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) {
        self.phase = Phase::Parting(who);
        self.wants_goodbye = true;
        self.send_texts(now, conn, actions);
        if is_due(self.goodbye_at(), now) {
            self.say_goodbye(now, conn, edition, actions);
        }
    }

    /// They said goodbye: answer by closing, not by DISC, and wait for them to do the same.
    /// `who` names whom our last lines were for.
    pub fn goodbye_heard(
        &mut self,
        now: Millis,
        conn: ConnId,
        who: Option<Who>,
        actions: &mut Actions<Notice>,
    ) {
        self.finish(now, who);
        actions.push(Action::HalfClose { conn });
    }

    /// They will say nothing more, and may still read: what we have said goes out, then close.
    pub fn stream_ended(
        &mut self,
        now: Millis,
        conn: ConnId,
        who: Option<Who>,
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
    pub fn on_pending(&mut self, now: Millis, length: usize) {
        self.unended.on_read(now, length);
    }

    /// A line came. Returns the lengths at which it is to be cut, if it is more than one.
    pub fn on_line(&mut self, end: LineEnd) -> Vec<u16> {
        self.unended.on_line(end, self.phase != Phase::Unnamed)
    }

    /// The driver tells what the kernel has not taken. True: it took some.
    pub fn on_backlog(&mut self, now: Millis, bytes: usize) -> bool {
        let moves = self.unsent.on_backlog(now, bytes);
        self.standstill.on_backlog(now, bytes, moves);
        if let Some(said_at) = self.said_goodbye_at {
            self.end_by = Some(self.goodbye_ends_by(now, said_at));
        }
        moves
    }

    /// How long the other side may still take to close: longer while it has not taken all, unless
    /// it said goodbye itself.
    fn goodbye_ends_by(&self, now: Millis, said_at: Millis) -> Millis {
        let waits = matches!(self.phase, Phase::Parting(_)) && self.unsent.backlog() > 0;
        let within_ms = if waits { STILL_MAX_MS } else { DRAIN_MS };
        (self.standstill.since().unwrap_or(now) + within_ms).min(said_at + LINGER_MAX_MS)
    }

    /// Whether the person is to be told now that texts wait. True once for each standstill.
    pub fn takes_still_note(&mut self, now: Millis) -> bool {
        self.standstill.take_note(now) && self.may_speak()
    }

    /// They said something, here or on another connection of the same conversation.
    pub fn on_heard(&mut self, now: Millis) {
        self.unsent.on_heard(now);
    }

    /// How many lines may not have arrived, now that the connection is gone: the last that were
    /// said. `broke`: there was a sign that some are lost, such as a reset.
    #[must_use]
    pub fn undelivered(&self, now: Millis, broke: bool) -> usize {
        let left = if broke { self.unsent.texts_that_left(now) } else { 0 };
        self.outgoing.texts() + self.unsent.texts(now) + left
    }

    /// Whether its output has stood still for so long that it is, or was, to be cut.
    #[must_use]
    pub fn stood_still(&self, now: Millis) -> bool {
        is_due(self.standstill.cut_at(), now)
    }

    /// Looks at the time. True: some text was sent.
    pub fn on_tick(
        &mut self,
        now: Millis,
        conn: ConnId,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) -> bool {
        if is_due(self.end_by, now) || self.stood_still(now) {
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
        if is_due(self.goodbye_at(), now) {
            self.say_goodbye(now, conn, edition, actions);
        }
        sends
    }

    /// When to look at the time again.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        let texts_at = self.outgoing.next_deadline().filter(|_| self.may_speak());
        let all = [
            texts_at,
            self.unended.quiet_at(),
            self.goodbye_at(),
            self.end_by,
            self.standstill.cut_at(),
            self.standstill.told_at(),
        ];
        all.into_iter().flatten().min().filter(|_| !self.is_cut)
    }

    fn may_speak(&self) -> bool {
        matches!(self.phase, Phase::Talking(_) | Phase::Parting(_))
    }

    /// When to say the goodbye that is wanted. `None`: texts go first.
    fn goodbye_at(&self) -> Option<Millis> {
        let is_next = self.wants_goodbye && self.outgoing.bytes() == 0;
        let behind_text = self.texted_at.map_or(Millis(0), |at| at + COURTESY_MS);
        is_next.then(|| behind_text.max(self.outgoing.free_at()))
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
        self.texted_at = Some(now);
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
        self.wants_goodbye = false;
        if edition == Edition::Of2024 {
            self.send(now, conn, &Speech::Disc, actions);
        }
        actions.push(Action::HalfClose { conn });
        self.said_goodbye_at = Some(now);
        self.end_by = Some(self.goodbye_ends_by(now, now));
    }

    /// Whatever we say from here on is only what the driver still has.
    fn finish(&mut self, now: Millis, who: Option<Who>) {
        self.phase = Phase::Parted(who);
        self.wants_goodbye = false;
        self.unended.forget_silence();
        self.said_goodbye_at = Some(now);
        self.end_by = Some(now + DRAIN_MS);
    }
}

fn is_due(deadline: Option<Millis>, now: Millis) -> bool {
    deadline.is_some_and(|at| at <= now)
}

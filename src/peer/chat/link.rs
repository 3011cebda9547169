//! One connection between two peers: its texts, its goodbye, its deadlines.
//!
//! Must never know another connection, and of its conversation only the number. Read next:
//! [`super::outgoing`], the texts that wait here.

use std::net::SocketAddr;

use super::delivery::{DOUBT_ELSEWHERE_MS, DOUBT_MS, Delivery};
use super::outgoing::{Outgoing, PIECE_BYTES_MAX};
use super::phase::{DRAIN_MS, Goodbye, Introduced, Phase};
use super::standstill::{STILL_MAX_MS, Standstill};
use super::unended::Unended;
use crate::machine::{Action, Actions, ConnId, LineEnd, Millis};
use crate::peer::notice::{ConversationId, Notice, Partner, Trust};
use crate::wire::name::Name;
use crate::wire::reply::Edition;
use crate::wire::speech::Speech;

/// How long a caller may take to send its name, in milliseconds.
pub(super) const NAME_WITHIN_MS: u64 = 10_000;

/// Unsent output, in bytes, beyond which a typed line is refused instead of queued.
pub const BACKLOG_MAX: usize = 256 * 1024;

/// One connection between two peers.
#[derive(Debug)]
pub(super) struct Link {
    /// The address of the other side.
    pub(super) other: SocketAddr,
    phase: Phase,
    outgoing: Outgoing,
    delivery: Delivery,
    standstill: Standstill,
    unended: Unended,
    /// The event loop was asked to close it, so it has no deadline and hears nothing.
    is_aborted: bool,
}

impl Link {
    /// For somebody who called us.
    pub(super) fn accepted(now: Millis, from: SocketAddr, pace_ms: u64) -> Self {
        Self::new(from, Phase::Unnamed { name_by: now + NAME_WITHIN_MS }, pace_ms)
    }

    /// For somebody who answered our call.
    pub(super) fn called(to: SocketAddr, talk: ConversationId, pace_ms: u64) -> Self {
        Self::new(to, Phase::Talking(talk), pace_ms)
    }

    fn new(other: SocketAddr, phase: Phase, pace_ms: u64) -> Self {
        Self {
            other,
            phase,
            outgoing: Outgoing::new(pace_ms),
            delivery: Delivery::default(),
            standstill: Standstill::default(),
            unended: Unended::default(),
            is_aborted: false,
        }
    }

    // Phases, in their order.

    pub(super) fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The conversation that it is part of.
    pub(super) fn talk(&self) -> Option<ConversationId> {
        if let Phase::Talking(id) = self.phase { Some(id) } else { None }
    }

    /// The other side of the conversation that it was part of, once a goodbye was said.
    pub(super) fn parted_from(&self) -> Option<Partner> {
        match &self.phase {
            Phase::Parting { who, .. } => Some(who.clone()),
            Phase::Parted { who, .. } => who.clone(),
            Phase::Unnamed { .. } | Phase::Introduced(_) | Phase::Talking(_) => None,
        }
    }

    /// When a caller must have sent its name. `None`: it has, or it is turned away.
    pub(super) fn name_by(&self) -> Option<Millis> {
        let Phase::Unnamed { name_by } = self.phase else { return None };
        (!self.is_aborted).then_some(name_by)
    }

    /// The caller has sent its name, which is to be checked.
    pub(super) fn introduce(&mut self, now: Millis, name: Name, trust: Option<Trust>) {
        self.phase = Phase::Introduced(Introduced::new(now, name, trust));
    }

    /// The caller whose name is being checked.
    pub(super) fn introduced(&self) -> Option<&Introduced> {
        if let Phase::Introduced(caller) = &self.phase { Some(caller) } else { None }
    }

    /// The same, to be changed.
    pub(super) fn introduced_mut(&mut self) -> Option<&mut Introduced> {
        if let Phase::Introduced(caller) = &mut self.phase { Some(caller) } else { None }
    }

    /// The conversation has begun. Returns the texts that were held.
    pub(super) fn begin(&mut self, talk: ConversationId) -> Vec<(Vec<u8>, bool)> {
        let before = std::mem::replace(&mut self.phase, Phase::Talking(talk));
        if let Phase::Introduced(caller) = before { caller.into_texts() } else { Vec::new() }
    }

    /// Says goodbye as soon as all texts and the pause behind them are over. `who` names the
    /// sender of what may still arrive.
    pub(super) fn part(
        &mut self,
        now: Millis,
        conn: ConnId,
        who: Partner,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) {
        self.phase = Phase::Parting { who, goodbye: None };
        self.send_texts(now, conn, actions);
        self.say_goodbye_if_due(now, conn, edition, actions);
    }

    /// They said goodbye. The answer is a close, not DISC, and they should close then. `who` names
    /// the person for whom our last lines were.
    pub(super) fn goodbye_heard(
        &mut self,
        now: Millis,
        conn: ConnId,
        who: Option<Partner>,
        actions: &mut Actions<Notice>,
    ) {
        self.end_speech(now, who);
        actions.push(Action::HalfClose { conn });
    }

    /// They will send nothing more, and may still read: all texts leave, then the connection
    /// closes.
    pub(super) fn stream_ended(
        &mut self,
        now: Millis,
        conn: ConnId,
        who: Option<Partner>,
        actions: &mut Actions<Notice>,
    ) {
        if self.may_speak() {
            let rest = self.outgoing.take_all(now);
            self.send_piece(now, conn, &rest, actions);
        }
        self.end_speech(now, who);
        actions.push(Action::Close { conn });
    }

    fn end_speech(&mut self, now: Millis, who: Option<Partner>) {
        self.phase = Phase::Parted { who, goodbye: Goodbye::new(now) };
        self.unended.forget_silence();
    }

    /// Closes at once, without a goodbye.
    pub(super) fn abort(&mut self, conn: ConnId, actions: &mut Actions<Notice>) {
        self.is_aborted = true;
        actions.push(Action::Abort { conn });
    }

    /// Whether it is being closed at once.
    pub(super) fn is_aborted(&self) -> bool {
        self.is_aborted
    }

    // Output.

    /// Sends our name. No text follows for a while: the other side may take it for a part of the
    /// name.
    pub(super) fn send_name(
        &mut self,
        now: Millis,
        conn: ConnId,
        me: &Name,
        actions: &mut Actions<Notice>,
    ) {
        self.send(now, conn, &Speech::User(me.as_bytes()), actions);
        self.outgoing.on_user(now);
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

    /// Whether texts have not left yet, so that a script has to wait. After the first text, a piece
    /// may wait, so that the lines of a script leave together.
    pub(super) fn is_busy(&self) -> bool {
        let most = if self.outgoing.has_sent() { PIECE_BYTES_MAX } else { 0 };
        self.delivery.backlog() > 0 || self.is_pacing(most)
    }

    /// Whether more than this many bytes wait for nothing but the pace.
    pub(super) fn is_pacing(&self, bytes: usize) -> bool {
        self.may_speak() && self.delivery.backlog() == 0 && self.outgoing.bytes() > bytes
    }

    /// Whether so much output waits that a further text is refused.
    pub(super) fn is_stuck(&self) -> bool {
        self.delivery.backlog() + self.outgoing.bytes() > BACKLOG_MAX
    }

    /// How many texts have not left yet.
    pub(super) fn waiting(&self) -> usize {
        self.outgoing.texts() + self.delivery.waiting()
    }

    /// Whether a goodbye waits for texts or for the pause behind them.
    pub(super) fn is_about_to_part(&self) -> bool {
        matches!(self.phase, Phase::Parting { goodbye: None, .. })
    }

    /// Whether a goodbye and all texts before it have left, and only its answer is missing.
    pub(super) fn awaits_answer(&self) -> bool {
        let is_said = matches!(self.phase, Phase::Parting { goodbye: Some(_), .. });
        is_said && self.delivery.backlog() == 0 && self.outgoing.has_sent()
    }

    /// How many texts may not have arrived, now that the connection is gone. `broke`: there was a
    /// sign that some are lost, such as a reset.
    pub(super) fn undelivered(&self, now: Millis, broke: bool) -> usize {
        self.outgoing.texts() + self.delivery.undelivered(now, broke)
    }

    // Input.

    /// Bytes came that are no line yet: the unfinished line is now this long.
    pub(super) fn on_pending(&mut self, now: Millis, length: usize) {
        self.unended.on_read(now, length);
    }

    /// A line came. Returns the lengths at which it is to be cut, if it is more than one.
    pub(super) fn on_line(&mut self, end: LineEnd) -> Vec<u16> {
        let is_text = !matches!(self.phase, Phase::Unnamed { .. });
        self.unended.on_line(end, is_text)
    }

    /// They sent a line on this connection.
    pub(super) fn on_heard(&mut self, now: Millis) {
        self.delivery.on_received(now, DOUBT_MS);
    }

    /// They sent a line on another connection of the same conversation.
    pub(super) fn on_heard_elsewhere(&mut self, now: Millis) {
        self.delivery.on_received(now, DOUBT_ELSEWHERE_MS);
    }

    /// The connection is not read for a while.
    pub(super) fn pause(&mut self) {
        self.unended.pause();
    }

    /// The connection is read again.
    pub(super) fn resume(&mut self, now: Millis) {
        self.unended.resume(now);
    }

    // Deadlines.

    /// The event loop reports how much the kernel has not taken. True: it took some.
    pub(super) fn on_backlog(&mut self, now: Millis, bytes: usize) -> bool {
        let moves = self.delivery.on_backlog(now, bytes);
        self.standstill.on_backlog(now, bytes, moves);
        self.put_off_close(now);
        moves
    }

    /// Gives a goodbye more time while output moves.
    fn put_off_close(&mut self, now: Millis) {
        let since = self.standstill.since().unwrap_or(now);
        match &mut self.phase {
            Phase::Parting { goodbye: Some(goodbye), .. } if self.delivery.backlog() > 0 => {
                goodbye.put_off(since, STILL_MAX_MS);
            }
            // They have all texts, or do not want them any more.
            Phase::Parting { goodbye: Some(goodbye), .. } | Phase::Parted { goodbye, .. } => {
                goodbye.put_off(since, DRAIN_MS);
            }
            Phase::Parting { goodbye: None, .. }
            | Phase::Unnamed { .. }
            | Phase::Introduced(_)
            | Phase::Talking(_) => {}
        }
    }

    /// How long its output has stood still.
    pub(super) fn standstill(&mut self) -> &mut Standstill {
        &mut self.standstill
    }

    /// Looks at the time. True: some text was sent.
    pub(super) fn on_tick(
        &mut self,
        now: Millis,
        conn: ConnId,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) -> bool {
        if is_due(self.close_by(), now) || self.standstill.is_over(now) {
            // First, because a name that silence ends in this tick comes too late.
            self.abort(conn, actions);
            return false;
        }
        let sends = self.send_texts(now, conn, actions);
        if is_due(self.unended.quiet_at(), now) {
            self.unended.forget_silence();
            actions.push(Action::EndLine { conn });
        }
        self.say_goodbye_if_due(now, conn, edition, actions);
        sends
    }

    /// When to look at the time again.
    pub(super) fn next_deadline(&self) -> Option<Millis> {
        let all = [
            self.introduced().map(|caller| caller.open_by),
            self.close_by(),
            self.outgoing.next_deadline().filter(|_| self.may_speak()),
            self.outgoing.ends_at().filter(|_| self.is_about_to_part()),
            self.unended.quiet_at(),
            self.standstill.cut_at(),
            self.standstill.told_at(),
        ];
        all.into_iter().flatten().min().filter(|_| !self.is_aborted)
    }

    /// When the connection closes, whatever comes.
    fn close_by(&self) -> Option<Millis> {
        match &self.phase {
            Phase::Unnamed { name_by } => Some(*name_by),
            Phase::Parting { goodbye, .. } => goodbye.as_ref().map(|goodbye| goodbye.close_by),
            Phase::Parted { goodbye, .. } => Some(goodbye.close_by),
            Phase::Introduced(_) | Phase::Talking(_) => None,
        }
    }

    // Steps of the output.

    fn may_speak(&self) -> bool {
        matches!(self.phase, Phase::Talking(_) | Phase::Parting { .. })
    }

    /// Sends the texts that may leave now. Returns whether there were any.
    fn send_texts(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) -> bool {
        let piece = if self.may_speak() { self.outgoing.next_piece(now) } else { Vec::new() };
        self.send_piece(now, conn, &piece, actions);
        !piece.is_empty()
    }

    fn send_piece(
        &mut self,
        now: Millis,
        conn: ConnId,
        piece: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        if piece.is_empty() {
            return;
        }
        actions.send(conn, |out| out.extend_from_slice(piece));
        // A text counts where its end is, since only then it has left.
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            self.delivery.push(now, part.len(), part.ends_with(b"\n"));
        }
    }

    fn send(
        &mut self,
        now: Millis,
        conn: ConnId,
        speech: &Speech<'_>,
        actions: &mut Actions<Notice>,
    ) {
        let bytes = actions.send(conn, |out| speech.encode(out));
        self.delivery.push(now, bytes, false);
    }

    fn say_goodbye_if_due(
        &mut self,
        now: Millis,
        conn: ConnId,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) {
        if !self.outgoing.may_end(now) {
            return;
        }
        let Phase::Parting { goodbye: goodbye @ None, .. } = &mut self.phase else { return };
        *goodbye = Some(Goodbye::new(now));
        self.put_off_close(now);
        if edition == Edition::Of2024 {
            self.send(now, conn, &Speech::Disc, actions);
        }
        actions.push(Action::HalfClose { conn });
    }
}

fn is_due(deadline: Option<Millis>, now: Millis) -> bool {
    deadline.is_some_and(|at| at <= now)
}

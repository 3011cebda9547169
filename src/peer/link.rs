//! One connection between two peers: its courtesy pauses, its goodbye, its deadlines.
//!
//! Knows one connection. Must never know another, nor whose conversation it belongs to beyond a
//! number. Read next: [`super::conversation`].

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::conversation::ConversationId;
use super::notice::{Notice, Who};
use super::phase::Early;
pub use super::phase::Phase;
use super::unsent::Unsent;
use crate::machine::{Action, Actions, ConnId, Millis};
use crate::wire::SPEECH_BYTES_MAX;
use crate::wire::name::Name;
use crate::wire::reply::Edition;
use crate::wire::speech::Speech;

/// How long a caller may take to say its name, in milliseconds.
pub const NAME_WITHIN_MS: u64 = 10_000;

/// The pause after USER and before DISC, in milliseconds: many programs take what one `recv`
/// brings for one message, and would read the text behind USER as part of the name.
pub const COURTESY_MS: u64 = 50;

/// A connection that never ended a line and is silent for this long, in milliseconds, means
/// what it said: some programs send no line ends at all.
pub const QUIET_MS: u64 = 1_000;

/// How long to wait for the other side to close after a goodbye, in milliseconds, counted from
/// the last sign that it still takes what we sent.
pub const DRAIN_MS: u64 = 2_000;

/// How long a goodbye may take in all, in milliseconds, however slowly the other side reads.
pub const LINGER_MAX_MS: u64 = 30_000;

/// Unsent output, in bytes, beyond which a typed line is refused instead of queued.
pub const BACKLOG_MAX: usize = 256 * 1024;

/// One connection between two peers.
#[derive(Debug)]
pub struct Link {
    /// The other end.
    pub other: SocketAddr,
    phase: Phase,
    /// What there is to know of an introduced caller.
    pub(super) early: Early,
    /// Texts that wait for `hold_until` to pass, oldest first.
    held: VecDeque<Vec<u8>>,
    hold_until: Option<Millis>,
    quiet_at: Option<Millis>,
    goodbye_at: Option<Millis>,
    /// When this connection is closed, whatever comes.
    end_by: Option<Millis>,
    parted_at: Millis,
    texted_at: Millis,
    unsent: Unsent,
}

impl Link {
    /// For somebody who called us.
    #[must_use]
    pub fn accepted(now: Millis, from: SocketAddr) -> Self {
        Self { end_by: Some(now + NAME_WITHIN_MS), ..Self::new(from, Phase::Unnamed) }
    }

    /// For somebody who answered our call: tells our name.
    #[must_use]
    pub fn called(
        now: Millis,
        conn: ConnId,
        to: SocketAddr,
        talk: ConversationId,
        me: &Name,
        actions: &mut Actions<Notice>,
    ) -> Self {
        let mut link = Self::new(to, Phase::Talking(talk));
        link.hold_until = Some(now + COURTESY_MS);
        link.send(now, conn, &Speech::User(me.as_bytes()), actions);
        link
    }

    fn new(other: SocketAddr, phase: Phase) -> Self {
        Self {
            other,
            phase,
            early: Early::default(),
            held: VecDeque::new(),
            hold_until: None,
            quiet_at: None,
            goodbye_at: None,
            end_by: None,
            parted_at: Millis(0),
            texted_at: Millis(0),
            unsent: Unsent::default(),
        }
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
            Phase::Unnamed | Phase::Introduced(_) | Phase::Talking(_) => None,
        }
    }

    /// The caller has said its name, which is to be checked.
    pub fn introduce(&mut self, now: Millis, name: Name) {
        self.phase = Phase::Introduced(name);
        self.end_by = None;
        self.early.begin(now);
    }

    /// The conversation has begun. Gives what the caller has said already.
    pub fn name_heard(&mut self, talk: ConversationId) -> Vec<(Vec<u8>, bool)> {
        self.phase = Phase::Talking(talk);
        self.early.take()
    }

    /// Sends a line of text, or holds it while the other side may still take it for our name.
    pub fn say(&mut self, now: Millis, conn: ConnId, text: &[u8], actions: &mut Actions<Notice>) {
        if self.hold_until.is_some() {
            self.held.push_back(text.to_vec());
        } else {
            self.send_text(now, conn, text, actions);
        }
    }

    /// Whether what was said is still on its way out.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.unsent.backlog() > 0 || self.hold_until.is_some()
    }

    /// How many lines have not left yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.held.len() + self.unsent.waiting()
    }

    /// Whether a goodbye waits for courtesy.
    #[must_use]
    pub fn is_about_to_part(&self) -> bool {
        self.goodbye_at.is_some()
    }

    /// Whether a goodbye is out, with all that was said before it, and nothing but its answer is
    /// missing.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        let is_out = self.goodbye_at.is_none() && self.unsent.backlog() == 0;
        matches!(self.phase, Phase::Parting(_)) && is_out && self.texted_at > Millis(0)
    }

    /// When a caller must have said its name; `None` where it has, or need not any more.
    #[must_use]
    pub fn name_by(&self) -> Option<Millis> {
        self.end_by.filter(|_| self.phase == Phase::Unnamed)
    }

    /// A caller that is hung up on: nothing it still says is heard, and nothing waited for.
    pub fn turned_away(&mut self) {
        self.phase = Phase::Parted(None);
        self.quiet_at = None;
        self.end_by = None;
        self.early.take();
    }

    /// Whether the other side has stopped reading.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.unsent.backlog() > BACKLOG_MAX
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
        if is_due(self.hold_until, now) {
            self.release_held(now, conn, actions);
        }
        let said_last = self.hold_until.unwrap_or(self.texted_at);
        let has_said = !self.held.is_empty() || self.texted_at > Millis(0);
        let pause = if has_said { said_last + COURTESY_MS } else { now };
        let goodbye_at = pause.max(self.hold_until.unwrap_or(now));
        if goodbye_at > now {
            self.goodbye_at = Some(goodbye_at);
        } else {
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
        if !matches!(self.phase, Phase::Parted(_)) {
            self.release_held(now, conn, actions);
        }
        self.finish(now, who);
        actions.push(Action::Close { conn });
    }

    /// Bytes came that are no line yet.
    pub fn on_pending(&mut self, now: Millis) {
        self.quiet_at = Some(now + QUIET_MS);
    }

    /// A line came to its end: nothing is pending any more.
    pub fn on_line(&mut self) {
        self.quiet_at = None;
    }

    /// The driver tells what the kernel has not taken. True: it took some.
    pub fn on_backlog(&mut self, now: Millis, bytes: usize) -> bool {
        let moves = self.unsent.on_backlog(now, bytes);
        if moves && self.end_by.is_some() {
            self.end_by = Some((now + DRAIN_MS).min(self.parted_at + LINGER_MAX_MS));
        }
        moves
    }

    /// They said something, here or on another connection of the same conversation.
    pub fn on_heard(&mut self, now: Millis) {
        self.unsent.on_heard(now);
    }

    /// How many lines may not have arrived, now that the connection is gone: the last that were
    /// said. `broke`: it did not end as it should.
    #[must_use]
    pub fn undelivered(&self, now: Millis, broke: bool) -> usize {
        let in_doubt = broke || matches!(self.phase, Phase::Parting(_));
        let left = if in_doubt { self.unsent.texts_that_left(now) } else { 0 };
        self.held.len() + self.unsent.texts(now) + left
    }

    /// Looks at the time.
    pub fn on_tick(
        &mut self,
        now: Millis,
        conn: ConnId,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) {
        if is_due(self.end_by, now) {
            // Before all else: a name that comes to its end in this tick comes too late.
            (self.end_by, self.quiet_at) = (None, None);
            (self.hold_until, self.goodbye_at) = (None, None);
            actions.push(Action::Abort { conn });
            return;
        }
        if is_due(self.hold_until, now) {
            self.release_held(now, conn, actions);
        }
        if is_due(self.quiet_at, now) {
            self.quiet_at = None;
            actions.push(Action::EndLine { conn });
        }
        if is_due(self.goodbye_at, now) {
            self.say_goodbye(now, conn, edition, actions);
        }
    }

    /// When to look at the time again.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        let all =
            [self.early.open_by(), self.hold_until, self.quiet_at, self.goodbye_at, self.end_by];
        all.into_iter().flatten().min()
    }

    fn send_text(&mut self, now: Millis, conn: ConnId, text: &[u8], actions: &mut Actions<Notice>) {
        self.texted_at = now;
        for piece in pieces(text) {
            self.send(now, conn, &Speech::Text(piece), actions);
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
        self.unsent.push(now, bytes, matches!(speech, Speech::Text(_)));
    }

    fn release_held(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        self.hold_until = None;
        while let Some(text) = self.held.pop_front() {
            self.send_text(now, conn, &text, actions);
        }
    }

    fn say_goodbye(
        &mut self,
        now: Millis,
        conn: ConnId,
        edition: Edition,
        actions: &mut Actions<Notice>,
    ) {
        self.goodbye_at = None;
        if edition == Edition::Of2024 {
            self.send(now, conn, &Speech::Disc, actions);
        }
        actions.push(Action::HalfClose { conn });
        self.parted_at = now;
        self.end_by = Some(now + DRAIN_MS);
    }

    fn finish(&mut self, now: Millis, who: Option<Who>) {
        self.phase = Phase::Parted(who);
        self.hold_until = None;
        self.goodbye_at = None;
        self.quiet_at = None;
        self.parted_at = now;
        self.end_by = Some(now + DRAIN_MS);
    }
}

fn is_due(deadline: Option<Millis>, now: Millis) -> bool {
    deadline.is_some_and(|at| at <= now)
}

/// Cuts a text into lines that every reader takes, between characters, and so that no piece
/// happens to be an instruction of the protocol.
fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    const ROOM: usize = SPEECH_BYTES_MAX - 2;
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        if text.len() <= ROOM {
            return rest.take();
        }
        let may_cut = |at: &usize| {
            let starts_character = text[*at] & 0xC0 != 0x80;
            starts_character && matches!(Speech::parse(&text[*at..]), Speech::Text(_))
        };
        let cut = (ROOM / 2..=ROOM).rev().find(may_cut).unwrap_or(ROOM);
        rest = Some(&text[cut..]);
        Some(&text[..cut])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters_and_nothing_is_lost() {
        for text in ["ação ".repeat(3_000), format!("{}DISC", "x".repeat(4094))] {
            let pieces: Vec<_> = pieces(text.as_bytes()).collect();
            assert_eq!(pieces.concat(), text.as_bytes());
            for piece in pieces {
                assert!(piece.len() <= 4094 && std::str::from_utf8(piece).is_ok());
                assert!(matches!(Speech::parse(piece), Speech::Text(_)));
            }
        }
        assert_eq!(pieces(b"").count(), 1);
    }
}

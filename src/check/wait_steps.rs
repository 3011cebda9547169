//! The steps that wait for a line, for silence, or for the end of a connection.
//!
//! Read first: [`super::lane`]. Read next: [`super::judge`], which looks at lines.

use crate::machine::Millis;

use super::judge::{self, Judged};
use super::lane::{ANSWER_MS, Lane, LaneContext, Shared, StepResult};
use super::rule::{Fault, Seen};
use super::step::Want;
use super::wires::{Heard, HeardEnd, WireState};

/// A server must not remove a silent client before this time (the handout).
pub(super) const EXPIRY_MS: u64 = 15_000;

/// The latest good time: a server that looks twice a second is good enough.
pub(super) const EXPIRY_GOOD_MS: u64 = 15_500;

/// The latest time that is only advice. Later, the rule is broken.
pub(super) const EXPIRY_FAIR_MS: u64 = 20_000;

/// How much too early still counts as 15 s: times are whole milliseconds, and bytes take time.
const EXPIRY_SLACK_MS: u64 = 20;

/// The pause before a question. A program that takes one `recv` for one message thus breaks only
/// the rules that are about this mistake.
const GAP_MS: u64 = 60;

/// How soon a question is repeated if its answer lacks a name: the name may come later.
const AGAIN_MS: u64 = 250;

/// How soon a question without an answer is repeated.
const AGAIN_SILENT_MS: u64 = 1_000;

/// How often [`Lane::unlisted`] asks for LIST, near the time that counts and else.
const POLL_MS: u64 = 100;
const POLL_SLOWLY_MS: u64 = 1_000;

/// How often a client that sends no KEEP asks for LIST.
const ASKS_EVERY_MS: u64 = 3_000;

impl Lane {
    /// Sends a question until its answer is right, or the time is over.
    pub(super) fn ask(
        &mut self,
        wire: usize,
        want: Want,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        let now = context.now;
        let Some(asked_at) = self.asked_at else {
            self.note_leftovers(wire, context.shared);
            let ready_at = self.wires[wire].said_at + GAP_MS;
            if now < ready_at {
                return StepResult::Wait(ready_at);
            }
            return self.question(wire, want, context);
        };
        let progress = self.hear(wire, want, context);
        let StepResult::Wait(_) = progress else { return progress };
        let again_ms = if self.faulty.is_some() { AGAIN_MS } else { AGAIN_SILENT_MS };
        let again_at = asked_at + again_ms;
        if now >= again_at && !matches!(want, Want::EmptyList) {
            return self.question(wire, want, context);
        }
        StepResult::Wait(again_at.min(self.until(ANSWER_MS, now)))
    }

    fn question(&mut self, wire: usize, want: Want, context: &mut LaneContext<'_>) -> StepResult {
        let question = match want {
            Want::Addr(who) => format!("ADDR {}\r\n", self.texts.name(who)).into_bytes(),
            Want::AddrOf(name, _) => [b"ADDR ", &self.texts.fill(name)[..], b"\r\n"].concat(),
            _ => b"LIST\r\n".to_vec(),
        };
        if self.send_question(wire, &question, context) {
            StepResult::Wait(context.now + AGAIN_MS)
        } else {
            StepResult::Failed(Fault::new(Seen::Closed))
        }
    }

    /// Sends a question. `false`: the connection is closed.
    fn send_question(
        &mut self,
        wire: usize,
        question: &[u8],
        context: &mut LaneContext<'_>,
    ) -> bool {
        self.asked_at = Some(context.now);
        let is_out = self.send(wire, question, context);
        self.wires[wire].ask(question);
        is_out
    }

    /// Waits for a line. Other lines before it are strays.
    pub(super) fn hear(
        &mut self,
        wire: usize,
        want: Want,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        while let Some(heard) = self.next_line(wire, context.shared) {
            match self.judge(wire, want, &heard, context.shared) {
                Judged::Fits => {
                    for stray in std::mem::take(&mut self.strays) {
                        context.shared.evidence.note_unasked(wire, &stray);
                    }
                    return StepResult::Next;
                }
                Judged::Faulty(fault) if fault.seen == Seen::NotAlone => {
                    return StepResult::Skip(fault);
                }
                // The server may not know the name yet.
                Judged::Faulty(fault) if fault.seen == Seen::Missing && self.asked_at.is_some() => {
                    self.faulty = Some(fault);
                }
                Judged::Faulty(fault) => return StepResult::Failed(fault),
                Judged::Stray => self.strays.push(heard),
            }
        }
        let until = self.until(context.shared.program.within_ms(ANSWER_MS), context.now);
        let until = if self.wires[wire].is_open() { until } else { context.now };
        StepResult::wait_until(until, context.now, || self.missed(wire, want))
    }

    /// The fault if the expected line did not come.
    fn missed(&mut self, wire: usize, want: Want) -> Fault {
        if let Some(fault) = self.faulty.take() {
            return fault;
        }
        let strays = std::mem::take(&mut self.strays);
        match strays.first() {
            Some(stray) => Fault::new(Seen::Other).about(&stray.line),
            None if !self.wires[wire].is_open() => Fault::new(Seen::Closed),
            None if matches!(want, Want::EmptyList) => Fault::new(Seen::NoEmptyList),
            None => Fault::new(Seen::Nothing).after(ANSWER_MS),
        }
    }

    fn judge(&self, wire: usize, want: Want, heard: &Heard, shared: &mut Shared) -> Judged {
        let line = &heard.line[..];
        let fill =
            |names: &[&str]| -> Vec<_> { names.iter().map(|name| self.texts.fill(name)).collect() };
        match want {
            Want::List { with, without } => judge::list(line, &fill(with), &fill(without)),
            Want::ListForm => judge::list_form(line, &[self.texts.name(0).into_bytes()]),
            Want::EmptyList => self.judge_empty_list(wire, heard),
            Want::Addr(who) => {
                let name = self.texts.name(who);
                self.judge_addr(wire, (name.as_bytes(), who), heard, shared)
            }
            Want::AddrOf(name, who) => {
                self.judge_addr(wire, (&self.texts.fill(name), who), heard, shared)
            }
            Want::User | Want::Text(_) | Want::Disc => self.judge_of_peer(want, heard, shared),
        }
    }

    fn judge_empty_list(&self, wire: usize, heard: &Heard) -> Judged {
        let own = self.texts.name(wire);
        match judge::names(&heard.line) {
            // Another rule judges whether the asker is in the list.
            Some(names) if names == [own.as_bytes()] => {
                Judged::Faulty(Fault::new(Seen::NotAlone).about(&heard.line))
            }
            _ => {
                judge::empty_list(&heard.line, heard.line == b"LIST" && heard.end != HeardEnd::Rest)
            }
        }
    }

    fn judge_addr(
        &self,
        wire: usize,
        (name, who): (&[u8], usize),
        heard: &Heard,
        shared: &mut Shared,
    ) -> Judged {
        let like = shared.target.ip();
        let (judged, edition) = judge::addr(&heard.line, name, self.texts.port(who), like);
        if let Some(edition) = edition {
            shared.evidence.note_edition(edition, wire, heard);
        }
        judged
    }

    pub(super) fn quiet(
        &mut self,
        wire: usize,
        ms: u64,
        stays: bool,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        if let Some(heard) = self.next_line(wire, context.shared) {
            return StepResult::Failed(Fault::new(Seen::Spoke).about(&heard.line));
        }
        let until = self.until(ms, context.now);
        match (self.wires[wire].is_open(), stays) {
            (false, true) => StepResult::Failed(Fault::new(Seen::Closed)),
            (false, false) => StepResult::Next,
            (true, _) if context.now < until => StepResult::Wait(until),
            // Bytes that come without a line end and without a pause are no line yet.
            (true, _) => match self.wires[wire].unfinished() {
                [] => StepResult::Next,
                bytes => StepResult::Failed(Fault::new(Seen::Spoke).about(bytes)),
            },
        }
    }

    /// Silence is the handout's answer. An error line is only advice: other programs take it for
    /// their next answer. An address is a fault.
    pub(super) fn unanswered(
        &mut self,
        wire: usize,
        ms: u64,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        match self.quiet(wire, ms, true, context) {
            StepResult::Failed(fault) if fault.seen == Seen::Spoke => {
                let is_address = fault.detail.starts_with("ADDR ") && fault.detail.contains('.');
                StepResult::Failed(if is_address { fault } else { fault.weak() })
            }
            other => other,
        }
    }

    pub(super) fn stays_open(&self, wire: usize, ms: u64, now: Millis) -> StepResult {
        let until = self.until(ms, now);
        match self.wires[wire].state {
            WireState::Ended(at) => {
                StepResult::Failed(Fault::new(Seen::TooEarly).after(at.since(self.mark)))
            }
            _ if now >= until => StepResult::Next,
            _ => StepResult::Wait(until),
        }
    }

    pub(super) fn ends(&self, wire: usize, ms: u64, now: Millis) -> StepResult {
        if self.wires[wire].state != WireState::Open {
            return StepResult::Next;
        }
        StepResult::wait_until(self.until(ms, now), now, || Fault::new(Seen::StillOpen).after(ms))
    }

    /// Judges something that must end 15 s after the mark, and has ended at `gone_at`.
    fn in_time(&self, gone_at: Option<Millis>, now: Millis, waits: bool) -> StepResult {
        let elapsed_ms = gone_at.unwrap_or(now).since(self.mark);
        let fault = |seen| Fault::new(seen).after(elapsed_ms);
        match gone_at {
            Some(_) if waits && elapsed_ms + EXPIRY_SLACK_MS < EXPIRY_MS => {
                StepResult::Failed(fault(Seen::TooEarly))
            }
            Some(_) if elapsed_ms <= EXPIRY_GOOD_MS => StepResult::Next,
            Some(_) if elapsed_ms <= EXPIRY_FAIR_MS => {
                StepResult::Failed(fault(Seen::TooLate).weak())
            }
            Some(_) => StepResult::Failed(fault(Seen::NeverGone)),
            None if elapsed_ms > EXPIRY_FAIR_MS => StepResult::Failed(fault(Seen::NeverGone)),
            None => StepResult::Wait(self.mark + EXPIRY_FAIR_MS + 1),
        }
    }

    pub(super) fn expires(
        &mut self,
        wire: usize,
        asks: bool,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        let now = context.now;
        // The answers to LIST are not judged.
        while let Some(heard) = self.next_line(wire, context.shared) {
            if !asks {
                context.shared.evidence.note_unasked(wire, &heard);
            }
        }
        let gone_at = match self.wires[wire].state {
            WireState::Ended(at) => Some(at),
            _ => None,
        };
        let progress = self.in_time(gone_at, now, true);
        let StepResult::Wait(until) = progress else { return progress };
        if !asks {
            return progress;
        }
        let next_at = self.asked_at.unwrap_or(self.mark) + ASKS_EVERY_MS;
        if now < next_at {
            return StepResult::Wait(next_at.min(until));
        }
        // If the connection is closed, the next call sees its end.
        let _ = self.send_question(wire, b"LIST\r\n", context);
        StepResult::Wait(until.min(now + ASKS_EVERY_MS))
    }

    pub(super) fn unlisted(
        &mut self,
        who: &str,
        asker: usize,
        waits: bool,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        let (name, now) = (self.texts.fill(who), context.now);
        while let Some(heard) = self.next_line(asker, context.shared) {
            // Only LIST was asked for on this wire: KEEP has no answer.
            let Some(names) = judge::names(&heard.line) else {
                context.shared.evidence.note_unasked(asker, &heard);
                continue;
            };
            if !names.contains(&&name[..]) {
                return self.in_time(Some(heard.at), now, waits);
            }
        }
        let progress = self.in_time(None, now, waits);
        let StepResult::Wait(until) = progress else { return progress };
        let elapsed_ms = now.since(self.mark);
        let counts = !waits || elapsed_ms + POLL_SLOWLY_MS > EXPIRY_MS;
        let pause_ms = if counts && elapsed_ms < EXPIRY_GOOD_MS { POLL_MS } else { POLL_SLOWLY_MS };
        let next_at = self.asked_at.map_or(now, |at| at + pause_ms);
        if now < next_at {
            return StepResult::Wait(next_at.min(until));
        }
        if !self.send_question(asker, b"LIST\r\n", context) {
            return StepResult::Failed(Fault::new(Seen::Closed));
        }
        StepResult::Wait(until.min(now + pause_ms))
    }
}

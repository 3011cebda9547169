//! The steps that wait: for a line, for silence, for the end of a connection.
//!
//! Read first: [`super::lane`]. Read next: [`super::judge`], which looks at lines.

use crate::machine::Millis;

use super::judge::{self, Judged};
use super::lane::{ANSWER_MS, Lane, StepResult};
use super::rule::{Fault, Seen};
use super::scene::{LaneContext, Scene};
use super::step::{RuleStep, Want};
use super::wires::{Heard, HeardEnd, WireState};

/// A server must not give up a client before this time (the handout).
pub(super) const EXPIRY_MS: u64 = 15_000;

/// How late it may be: a timer that looks twice a second is good enough.
pub(super) const EXPIRY_GOOD_MS: u64 = 15_500;

/// How late it may be where it works, but not as the handout has it.
pub(super) const EXPIRY_FAIR_MS: u64 = 20_000;

/// How much earlier a clock may seem to be: times are whole milliseconds here, and bytes take time.
const EXPIRY_SLACK_MS: u64 = 20;

/// A question waits so long after what was sent before it: a program that takes one `recv` for one
/// message is found out by the rules meant for it, and not by all.
const GAP_MS: u64 = 60;

/// How soon a question is asked again whose answer lacked a name: it may have come too early.
const AGAIN_MS: u64 = 250;

/// How soon a question is asked again that was met with silence.
const AGAIN_SILENT_MS: u64 = 1_000;

/// How often a list is asked for while a name should go from it: often where the time counts.
const POLL_MS: u64 = 100;
const POLL_SLOWLY_MS: u64 = 1_000;

/// How often LIST is asked for by somebody who says no KEEP.
const ASKS_EVERY_MS: u64 = 3_000;

impl Lane {
    /// The steps that wait for something.
    pub(super) fn wait_for(
        &mut self,
        step: &'static RuleStep,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        match step {
            RuleStep::Ask(wire, want) => self.ask(*wire, *want, context),
            RuleStep::Hear(wire, want) => self.hear(*wire, *want, context),
            RuleStep::Drain(wire) => {
                while self.next_line(*wire, context.scene).is_some() {}
                StepResult::Next
            }
            RuleStep::Quiet(wire, ms) => self.quiet(*wire, *ms, true, context),
            RuleStep::NoAnswer(wire, ms) => self.quiet(*wire, *ms, false, context),
            RuleStep::Unanswered(wire, ms) => self.unanswered(*wire, *ms, context),
            RuleStep::StaysOpen(wire, ms) => self.stays_open(*wire, *ms, context.now),
            RuleStep::Ends(wire, ms) => self.ends(*wire, *ms, context.now),
            RuleStep::Expires { wire, asks } => self.expires(*wire, *asks, context),
            RuleStep::Unlisted { who, asker, waits } => self.unlisted(who, *asker, *waits, context),
            _ => self.take_of_peer(step, context),
        }
    }

    /// Asks, and asks again where the answer shows that the question came too early.
    fn ask(&mut self, wire: usize, want: Want, context: &mut LaneContext<'_>) -> StepResult {
        let now = context.now;
        let Some(asked_at) = self.asked_at else {
            self.note_leftovers(wire, context.scene);
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
            Want::Addr(who) => format!("ADDR {}\r\n", self.name(who)).into_bytes(),
            Want::AddrOf(name, _) => [b"ADDR ", &self.fill(name)[..], b"\r\n"].concat(),
            _ => b"LIST\r\n".to_vec(),
        };
        if self.send_question(wire, &question, context) {
            StepResult::Wait(context.now + AGAIN_MS)
        } else {
            StepResult::Failed(Fault::new(Seen::Closed))
        }
    }

    /// Sends a question, and expects its answer. False: the connection is gone.
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

    /// Waits for a line. Others that come before it are strays.
    fn hear(&mut self, wire: usize, want: Want, context: &mut LaneContext<'_>) -> StepResult {
        while let Some(heard) = self.next_line(wire, context.scene) {
            match self.judge(wire, want, &heard, context.scene) {
                Judged::Fits => {
                    for stray in std::mem::take(&mut self.strays) {
                        context.scene.evidence.note_unasked(wire, &stray);
                    }
                    return StepResult::Next;
                }
                Judged::Faulty(fault) if fault.seen == Seen::NotAlone => {
                    return StepResult::Skip(fault);
                }
                // The name may be there a moment later.
                Judged::Faulty(fault) if fault.seen == Seen::Missing && self.asked_at.is_some() => {
                    self.faulty = Some(fault);
                }
                Judged::Faulty(fault) => return StepResult::Failed(fault),
                Judged::Stray => self.strays.push(heard),
            }
        }
        let until = self.until(context.scene.program.within_ms(ANSWER_MS), context.now);
        let until = if self.wires[wire].is_open() { until } else { context.now };
        StepResult::wait_until(until, context.now, || self.missed(wire, want))
    }

    /// The fault where the expected line did not come.
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

    fn judge(&self, wire: usize, want: Want, heard: &Heard, scene: &mut Scene) -> Judged {
        let line = &heard.line[..];
        let fill =
            |names: &[&str]| -> Vec<_> { names.iter().map(|name| self.fill(name)).collect() };
        match want {
            Want::List { with, without } => judge::list(line, &fill(with), &fill(without)),
            Want::ListForm => judge::list_form(line, &[self.name(0).into_bytes()]),
            Want::EmptyList => self.judge_empty_list(wire, heard),
            Want::Addr(who) => {
                let name = self.name(who);
                self.judge_addr(wire, (name.as_bytes(), who), heard, scene)
            }
            Want::AddrOf(name, who) => self.judge_addr(wire, (&self.fill(name), who), heard, scene),
            _ => self.judge_of_peer(want, heard, scene),
        }
    }

    fn judge_empty_list(&self, wire: usize, heard: &Heard) -> Judged {
        let own = self.name(wire);
        match judge::names(&heard.line) {
            // That the asker is in the list is for another rule to say.
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
        scene: &mut Scene,
    ) -> Judged {
        let like = scene.target.ip();
        let (judged, edition) = judge::addr(&heard.line, name, self.port(who), like);
        if let Some(edition) = edition {
            scene.evidence.note_edition(edition, wire, heard);
        }
        judged
    }

    fn quiet(
        &mut self,
        wire: usize,
        ms: u64,
        stays: bool,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        if let Some(heard) = self.next_line(wire, context.scene) {
            return StepResult::Failed(Fault::new(Seen::Spoke).about(&heard.line));
        }
        let until = self.until(ms, context.now);
        match (self.wires[wire].is_open(), stays) {
            (false, true) => StepResult::Failed(Fault::new(Seen::Closed)),
            (false, false) => StepResult::Next,
            (true, _) if context.now < until => StepResult::Wait(until),
            // A flood that never pauses never counts as a line.
            (true, _) => match self.wires[wire].unfinished() {
                [] => StepResult::Next,
                bytes => StepResult::Failed(Fault::new(Seen::Spoke).about(bytes)),
            },
        }
    }

    /// Silence is the handout's answer. Words are advice: other programs take them for the next
    /// answer. An address of nobody is wrong.
    fn unanswered(&mut self, wire: usize, ms: u64, context: &mut LaneContext<'_>) -> StepResult {
        match self.quiet(wire, ms, true, context) {
            StepResult::Failed(fault) if fault.seen == Seen::Spoke => {
                let is_address = fault.detail.starts_with("ADDR ") && fault.detail.contains('.');
                StepResult::Failed(if is_address { fault } else { fault.weak() })
            }
            other => other,
        }
    }

    fn stays_open(&self, wire: usize, ms: u64, now: Millis) -> StepResult {
        let until = self.until(ms, now);
        match self.wires[wire].state {
            WireState::Ended(at) => {
                StepResult::Failed(Fault::new(Seen::TooEarly).after(at.since(self.mark)))
            }
            _ if now >= until => StepResult::Next,
            _ => StepResult::Wait(until),
        }
    }

    fn ends(&self, wire: usize, ms: u64, now: Millis) -> StepResult {
        if self.wires[wire].state != WireState::Open {
            return StepResult::Next;
        }
        StepResult::wait_until(self.until(ms, now), now, || Fault::new(Seen::StillOpen).after(ms))
    }

    /// Whether something that should go 15 s after the mark has gone in time. `gone_at`: it has.
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

    fn expires(&mut self, wire: usize, asks: bool, context: &mut LaneContext<'_>) -> StepResult {
        let now = context.now;
        // Answers to LIST are no matter here.
        while let Some(heard) = self.next_line(wire, context.scene) {
            if !asks {
                context.scene.evidence.note_unasked(wire, &heard);
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
        // Where the connection has just ended, the end is told next.
        let _ = self.send_question(wire, b"LIST\r\n", context);
        StepResult::Wait(until.min(now + ASKS_EVERY_MS))
    }

    fn unlisted(
        &mut self,
        who: &str,
        asker: usize,
        waits: bool,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        let (name, now) = (self.fill(who), context.now);
        while let Some(heard) = self.next_line(asker, context.scene) {
            // KEEP has no answer: another line is not asked for.
            let Some(names) = judge::names(&heard.line) else {
                context.scene.evidence.note_unasked(asker, &heard);
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

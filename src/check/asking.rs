//! The steps that wait: for a line, for silence, for the end of a connection.
//!
//! Read first: [`super::lane`]. Read next: [`super::judge`], which looks at lines.

use std::net::IpAddr;

use crate::machine::{Actions, Millis};

use super::judge::{self, Judged};
use super::lane::{ANSWER_MS, Lane, LaneState};
use super::notice::Notice;
use super::of_peer::BY_HAND_MS;
use super::rule::{Fault, Seen};
use super::scene::Scene;
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
        since: Millis,
        now: Millis,
        scene: &mut Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        match step {
            RuleStep::Ask(wire, want) => self.ask(*wire, *want, now, scene, actions),
            RuleStep::Hear(wire, want) => self.hear(*wire, *want, now, scene),
            RuleStep::Drain(wire) => {
                while self.next_line(*wire, scene).is_some() {}
                LaneState::Next
            }
            RuleStep::Quiet(wire, ms) => self.quiet(*wire, since + *ms, now, scene, true),
            RuleStep::NoAnswer(wire, ms) => self.quiet(*wire, since + *ms, now, scene, false),
            RuleStep::Unanswered(wire, ms) => self.unanswered(*wire, since + *ms, now, scene),
            RuleStep::StaysOpen(wire, ms) => self.stays_open(*wire, since + *ms, now),
            RuleStep::Ends(wire, ms) => self.ends(*wire, since + *ms, now, *ms),
            RuleStep::Expires { wire, asks } => self.expires(*wire, *asks, now, scene, actions),
            RuleStep::Unlisted { who, asker, waits } => {
                self.unlisted(who, *asker, *waits, now, scene, actions)
            }
            _ => self.take_of_peer(step, since, now, scene, actions),
        }
    }

    /// Asks, and asks again where the answer shows that the question came too early.
    fn ask(
        &mut self,
        wire: usize,
        want: Want,
        now: Millis,
        scene: &mut Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        let since = self.since.unwrap_or(now);
        if self.asked_at.is_none() {
            self.note_leftovers(wire, scene);
            if now < self.said_at[wire] + GAP_MS {
                return LaneState::Wait(self.said_at[wire] + GAP_MS);
            }
            return self.question(wire, want, now, scene, actions);
        }
        let progress = self.hear(wire, want, now, scene);
        let LaneState::Wait(_) = progress else { return progress };
        let again_ms = if self.faulty.is_some() { AGAIN_MS } else { AGAIN_SILENT_MS };
        let again_at = self.asked_at.unwrap_or(now) + again_ms;
        if now >= again_at && !matches!(want, Want::EmptyList) {
            return self.question(wire, want, now, scene, actions);
        }
        LaneState::Wait(again_at.min(since + ANSWER_MS))
    }

    fn question(
        &mut self,
        wire: usize,
        want: Want,
        now: Millis,
        scene: &Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        let question = match want {
            Want::Addr(who) => [b"ADDR ", self.name(who, scene).as_bytes(), b"\r\n"].concat(),
            Want::AddrOf(name, _) => [b"ADDR ", &self.fill(name, scene)[..], b"\r\n"].concat(),
            _ => b"LIST\r\n".to_vec(),
        };
        if !self.send(wire, &question, now, actions) {
            return LaneState::Failed(Fault::new(Seen::Closed));
        }
        self.wires[wire].ask(&question);
        self.asked_at = Some(now);
        LaneState::Wait(now + AGAIN_MS)
    }

    /// Waits for a line. Others that come before it are strays.
    pub(super) fn hear(
        &mut self,
        wire: usize,
        want: Want,
        now: Millis,
        scene: &mut Scene,
    ) -> LaneState {
        while let Some(heard) = self.next_line(wire, scene) {
            match self.judge(wire, want, &heard, scene) {
                Judged::Fits => {
                    for stray in std::mem::take(&mut self.strays) {
                        scene.evidence.note_unasked(wire, &stray);
                    }
                    return LaneState::Next;
                }
                Judged::Faulty(fault) if fault.seen == Seen::NotAlone => {
                    return LaneState::Skip(fault);
                }
                // The name may be there a moment later.
                Judged::Faulty(fault) if fault.seen == Seen::Missing && self.asked_at.is_some() => {
                    self.faulty = Some(fault);
                }
                Judged::Faulty(fault) => return LaneState::Failed(fault),
                Judged::Stray => self.strays.push(heard),
            }
        }
        let patience_ms = if scene.program.is_by_hand { BY_HAND_MS } else { ANSWER_MS };
        let until = self.since.unwrap_or(now) + patience_ms;
        let is_over = now >= until || !self.wires[wire].is_open();
        if is_over { LaneState::Failed(self.missed(wire, want)) } else { LaneState::Wait(until) }
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
        let fill = |names: &[&str]| names.iter().map(|name| self.fill(name, scene)).collect();
        match want {
            Want::List { with, without } => {
                let (with, without): (Vec<_>, Vec<_>) = (fill(with), fill(without));
                judge::list(line, &with, &without)
            }
            Want::ListForm => judge::list_form(line, &[self.name(0, scene).into_bytes()]),
            Want::EmptyList => self.judge_empty_list(wire, heard, scene),
            Want::Addr(who) => {
                let name = self.name(who, scene).into_bytes();
                self.judge_addr(wire, &name, who, heard, scene)
            }
            Want::AddrOf(name, who) => {
                let name = self.fill(name, scene);
                self.judge_addr(wire, &name, who, heard, scene)
            }
            _ => self.judge_of_peer(want, heard, scene),
        }
    }

    fn judge_empty_list(&self, wire: usize, heard: &Heard, scene: &Scene) -> Judged {
        let own = self.name(wire, scene);
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
        name: &[u8],
        who: usize,
        heard: &Heard,
        scene: &mut Scene,
    ) -> Judged {
        let like: IpAddr = scene.target.ip();
        let (judged, edition) = judge::addr(&heard.line, name, self.port(who), like);
        if let Some(edition) = edition {
            scene.evidence.note_edition(edition, wire, heard);
        }
        judged
    }

    fn quiet(
        &mut self,
        wire: usize,
        until: Millis,
        now: Millis,
        scene: &mut Scene,
        stays: bool,
    ) -> LaneState {
        if let Some(heard) = self.next_line(wire, scene) {
            return LaneState::Failed(Fault::new(Seen::Spoke).about(&heard.line));
        }
        let is_open = self.wires[wire].is_open();
        match (is_open, stays) {
            (false, true) => LaneState::Failed(Fault::new(Seen::Closed)),
            (false, false) => LaneState::Next,
            // A flood that never pauses never counts as a line.
            (true, _) if now >= until => match self.wires[wire].unfinished() {
                [] => LaneState::Next,
                bytes => LaneState::Failed(Fault::new(Seen::Spoke).about(bytes)),
            },
            (true, _) => LaneState::Wait(until),
        }
    }

    /// Silence is the handout's answer. Words are advice: other programs take them for the next
    /// answer. An address of nobody is wrong.
    fn unanswered(
        &mut self,
        wire: usize,
        until: Millis,
        now: Millis,
        scene: &mut Scene,
    ) -> LaneState {
        match self.quiet(wire, until, now, scene, true) {
            LaneState::Failed(fault) if fault.seen == Seen::Spoke => {
                let is_address = fault.detail.starts_with("ADDR ") && fault.detail.contains('.');
                LaneState::Failed(if is_address { fault } else { fault.weak() })
            }
            other => other,
        }
    }

    fn stays_open(&self, wire: usize, until: Millis, now: Millis) -> LaneState {
        match self.wires[wire].state {
            WireState::Ended(at) => {
                LaneState::Failed(Fault::new(Seen::TooEarly).after(at.since(self.mark)))
            }
            _ if now >= until => LaneState::Next,
            _ => LaneState::Wait(until),
        }
    }

    fn ends(&self, wire: usize, until: Millis, now: Millis, ms: u64) -> LaneState {
        match self.wires[wire].state {
            WireState::Open if now < until => LaneState::Wait(until),
            WireState::Open => LaneState::Failed(Fault::new(Seen::StillOpen).after(ms)),
            _ => LaneState::Next,
        }
    }

    /// Whether something that should go 15 s after the mark has gone in time. `gone_at`: it has.
    fn in_time(&self, gone_at: Option<Millis>, now: Millis, waits: bool) -> LaneState {
        let elapsed_ms = gone_at.unwrap_or(now).since(self.mark);
        let fault = |seen| Fault::new(seen).after(elapsed_ms);
        match gone_at {
            Some(_) if waits && elapsed_ms + EXPIRY_SLACK_MS < EXPIRY_MS => {
                LaneState::Failed(fault(Seen::TooEarly))
            }
            Some(_) if elapsed_ms <= EXPIRY_GOOD_MS => LaneState::Next,
            Some(_) if elapsed_ms <= EXPIRY_FAIR_MS => {
                LaneState::Failed(fault(Seen::TooLate).weak())
            }
            Some(_) => LaneState::Failed(fault(Seen::NeverGone)),
            None if elapsed_ms > EXPIRY_FAIR_MS => LaneState::Failed(fault(Seen::NeverGone)),
            None => LaneState::Wait(self.mark + EXPIRY_FAIR_MS + 1),
        }
    }

    fn expires(
        &mut self,
        wire: usize,
        asks: bool,
        now: Millis,
        scene: &mut Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        // Answers to LIST are no matter here.
        while let Some(heard) = self.next_line(wire, scene) {
            if !asks {
                scene.evidence.note_unasked(wire, &heard);
            }
        }
        let gone_at = match self.wires[wire].state {
            WireState::Ended(at) => Some(at),
            _ => None,
        };
        let progress = self.in_time(gone_at, now, true);
        let LaneState::Wait(until) = progress else { return progress };
        if !asks {
            return progress;
        }
        let next_at = self.asked_at.unwrap_or(self.mark) + ASKS_EVERY_MS;
        if now < next_at {
            return LaneState::Wait(next_at.min(until));
        }
        self.asked_at = Some(now);
        // Where the connection has just ended, the end is told next.
        let _ = self.send(wire, b"LIST\r\n", now, actions);
        self.wires[wire].ask(b"LIST\r\n");
        LaneState::Wait(until.min(now + ASKS_EVERY_MS))
    }

    fn unlisted(
        &mut self,
        who: &str,
        asker: usize,
        waits: bool,
        now: Millis,
        scene: &mut Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        let name = self.fill(who, scene);
        while let Some(heard) = self.next_line(asker, scene) {
            // KEEP has no answer: another line is not asked for.
            let Some(names) = judge::names(&heard.line) else {
                scene.evidence.note_unasked(asker, &heard);
                continue;
            };
            if !names.contains(&&name[..]) {
                return self.in_time(Some(heard.at), now, waits);
            }
        }
        let progress = self.in_time(None, now, waits);
        let LaneState::Wait(until) = progress else { return progress };
        let elapsed_ms = now.since(self.mark);
        let counts = !waits || elapsed_ms + POLL_SLOWLY_MS > EXPIRY_MS;
        let pause_ms = if counts && elapsed_ms < EXPIRY_GOOD_MS { POLL_MS } else { POLL_SLOWLY_MS };
        let next_at = self.asked_at.map_or(now, |at| at + pause_ms);
        if now < next_at {
            return LaneState::Wait(next_at.min(until));
        }
        self.asked_at = Some(now);
        if !self.send(asker, b"LIST\r\n", now, actions) {
            return LaneState::Failed(Fault::new(Seen::Closed));
        }
        self.wires[asker].ask(b"LIST\r\n");
        LaneState::Wait(until.min(now + pause_ms))
    }
}

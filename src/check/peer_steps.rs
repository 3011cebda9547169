//! The steps with a peer under test: start it, type into it, call it, await its calls.
//!
//! Read first: [`super::lane`] and [`super::program`], which has the peer's server.

use crate::machine::Millis;

use super::evidence::Sample;
use super::judge::Judged;
use super::lane::{ANSWER_MS, Lane, LaneContext, Shared, StepResult};
use super::notice::{Notice, Order};
use super::program::{Running, TestedProgram};
use super::rule::{Fault, Seen};
use super::step::{Typing, Want};
use super::transcript::{Event, SERVER};
use super::wires::{Heard, HeardEnd, WireState};

/// How long a program may take to register: an interpreter starts slowly.
pub(super) const START_MS: u64 = 15_000;

/// The pause after a program has registered, before it is used.
const SETTLE_MS: u64 = 250;

/// How often the step [`Lane::keeps`] sends a text.
const TALK_EVERY_MS: u64 = 1_000;

/// The right time between two KEEPs, in milliseconds.
const KEEP_GOOD_MS: std::ops::RangeInclusive<u64> = 4_250..=5_750;

/// A server removes a client that sends no KEEP for this time.
const KEEP_LATEST_MS: u64 = 15_000;

impl Lane {
    /// Starts the program if that is necessary, and waits until it is registered.
    pub(super) fn runs(&mut self, anew: bool, context: &mut LaneContext<'_>) -> StepResult {
        let now = context.now;
        if let Some(at) = self.start_anew(anew, context) {
            return StepResult::Wait(at);
        }
        let program = &context.shared.program;
        // The wait for the port of the last run does not count.
        let since = self.asked_at.unwrap_or(now);
        if let Some(user) = &program.user {
            let until = user.at + if anew { 0 } else { SETTLE_MS };
            context.shared.target = program.address().unwrap_or(context.shared.target);
            return if now >= until { StepResult::Next } else { StepResult::Wait(until) };
        }
        if let Some(fault) = program.bad_user.clone().or_else(|| program.ended()) {
            return StepResult::Failed(fault);
        }
        let until = since + program.within_ms(START_MS);
        if now >= until {
            return StepResult::Failed(Fault::new(Seen::Nothing).after(now.since(since)));
        }
        self.log_in(until, context)
    }

    /// Starts the program if that is necessary. `Some`: its port is not free before this time.
    fn start_anew(&mut self, anew: bool, context: &mut LaneContext<'_>) -> Option<Millis> {
        if self.asked_at.is_some() {
            return None;
        }
        let LaneContext { now, ref mut shared, ref mut actions } = *context;
        let program = &mut shared.program;
        program.tidy_up();
        let has_run = matches!(program.state, Running::Since(_)) && program.is_connected();
        if anew || !has_run {
            let may_start_at = program.may_start_at();
            if now < may_start_at {
                program.state = Running::No;
                actions.show(Notice::End);
                return Some(may_start_at);
            }
            program.begin(now);
            actions.show(Notice::Order(Order::Start { name: program.wanted_name.clone() }));
        }
        self.asked_at = Some(now);
        None
    }

    /// Types the next line of the login, if the program seems to wait for it.
    fn log_in(&mut self, until: Millis, context: &mut LaneContext<'_>) -> StepResult {
        let program = &mut context.shared.program;
        if self.sent >= program.logins {
            return StepResult::Wait(until);
        }
        if context.now >= program.screen.asks_at() {
            let line = self.sent;
            self.sent += 1;
            program.screen.on_typed(context.now);
            let name = program.wanted_name.clone();
            context.actions.show(Notice::Order(Order::LogIn { line, name }));
        }
        StepResult::Wait(until.min(program.screen.asks_at()))
    }

    pub(super) fn type_in(&mut self, typing: Typing, context: &mut LaneContext<'_>) {
        let fill = |text| String::from_utf8_lossy(&self.texts.fill(text)).into_owned();
        let (what, text) = match typing {
            Typing::List => ("list", String::new()),
            Typing::Chat(name) => ("chat", fill(name)),
            Typing::Text(text) => ("text", fill(text)),
            Typing::Bye => ("bye", String::new()),
            Typing::Exit => ("exit", String::new()),
        };
        let line = if text.is_empty() { what.to_string() } else { format!("{what} {text}") };
        self.transcript.push(context.now, SERVER, Event::Typed, line.as_bytes());
        context.actions.show(Notice::Order(Order::Type { what, text, to: self.texts.name(0) }));
    }

    pub(super) fn asked(&self, line: &str, now: Millis, shared: &mut Shared) -> StepResult {
        let wanted = self.texts.fill(line);
        let program = &mut shared.program;
        while let Some(asked) = program.asked.pop_front() {
            if asked == wanted {
                return StepResult::Next;
            }
        }
        if let Some(fault) = program.lost() {
            return StepResult::Failed(fault);
        }
        let within_ms = program.within_ms(ANSWER_MS);
        let fault = || Fault::new(Seen::NotAsked).after(now.since(self.began(now)));
        StepResult::wait_until(self.until(within_ms, now), now, fault)
    }

    pub(super) fn called(&self, wire: usize, now: Millis, shared: &mut Shared) -> StepResult {
        if self.wires[wire].state != WireState::Unused {
            shared.evidence.called_in.get_or_insert(shared.program.edition);
            return StepResult::Next;
        }
        if let Some(fault) = shared.program.ended() {
            return StepResult::Failed(fault);
        }
        let fault = || Fault::new(Seen::NoCall).after(now.since(self.began(now)));
        StepResult::wait_until(self.until(ANSWER_MS, now), now, fault)
    }

    pub(super) fn shown(&self, text: &str, now: Millis, shared: &Shared) -> StepResult {
        if shared.program.is_by_hand {
            return StepResult::Skip(Fault::new(Seen::NoScreen));
        }
        let wanted = self.texts.fill(text);
        if shared.program.screen.shows(&wanted) {
            return StepResult::Next;
        }
        if let Some(fault) = shared.program.ended() {
            return StepResult::Failed(fault);
        }
        let fault = || Fault::new(Seen::NotShown).about(&wanted);
        StepResult::wait_until(self.until(ANSWER_MS, now), now, fault)
    }

    pub(super) fn still_shows(&self, text: &str, now: Millis, shared: &Shared) -> StepResult {
        if shared.program.is_by_hand {
            return StepResult::Next;
        }
        match self.shown(text, now, shared) {
            StepResult::Failed(fault) if fault.seen == Seen::NotShown => {
                StepResult::Failed(Fault { seen: Seen::NotUsable, ..fault.after(ANSWER_MS) })
            }
            other => other,
        }
    }

    pub(super) fn registered(program: &TestedProgram) -> StepResult {
        program.bad_user.clone().map_or(StepResult::Next, StepResult::Failed)
    }

    pub(super) fn put_online(&self, wire: usize, shared: &mut Shared) {
        shared.program.online.push((wire, self.texts.name(wire)));
    }

    pub(super) fn keeps(
        &mut self,
        periods: usize,
        talk: Option<usize>,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        if let Some(fault) = context.shared.program.lost() {
            return StepResult::Failed(fault);
        }
        let (now, since) = (context.now, self.began(context.now));
        let talk_at = talk.map(|wire| self.talk(wire, context));
        // The last KEEP before this step is the beginning of the first period.
        let keeps = &context.shared.program.keeps;
        let before = keeps.iter().rev().find(|at| **at < since).copied();
        let within: Vec<_> = keeps.iter().copied().filter(|at| *at >= since).collect();
        let last = within.last().copied().unwrap_or(since);
        if now.since(last) > KEEP_LATEST_MS {
            return StepResult::Failed(Fault::new(Seen::NoKeep).after(now.since(last)));
        }
        let all: Vec<_> = before.into_iter().chain(within).collect();
        if all.len() <= periods {
            let until = last + KEEP_LATEST_MS + 1;
            return StepResult::Wait(talk_at.map_or(until, |at| at.min(until)));
        }
        judge_keeps(&all)
    }

    /// Sends a text every [`TALK_EVERY_MS`], and returns when the next is due.
    fn talk(&mut self, wire: usize, context: &mut LaneContext<'_>) -> Millis {
        let next_at = self.asked_at.map_or(context.now, |at| at + TALK_EVERY_MS);
        if context.now < next_at {
            return next_at;
        }
        self.asked_at = Some(context.now);
        // If the program has closed this connection, its KEEPs still count.
        let _ = self.send(wire, b"e ai?\r\n", context);
        context.now + TALK_EVERY_MS
    }

    /// Types the command for LIST, and waits until the program sends LIST.
    pub(super) fn usable(&mut self, context: &mut LaneContext<'_>) -> StepResult {
        if self.asked_at.is_none() {
            self.asked_at = Some(context.now);
            context.shared.program.asked.clear();
            self.type_in(Typing::List, context);
        }
        match self.asked("LIST", context.now, context.shared) {
            StepResult::Failed(fault) if fault.seen == Seen::NotAsked => {
                StepResult::Failed(Fault { seen: Seen::NotUsable, ..fault })
            }
            other => other,
        }
    }

    /// Fails if a line with the word of this rule has come to the server.
    pub(super) fn not_sent_to_server(&self, shared: &Shared) -> StepResult {
        let word = self.texts.word();
        let stray = shared.evidence.stray_to_server.as_ref();
        match stray.filter(|sample| sample.fault.detail.contains(&word)) {
            Some(sample) => StepResult::Failed(sample.fault.clone()),
            None => StepResult::Next,
        }
    }

    /// Fails if a DISC has come on this wire.
    pub(super) fn no_disc(&mut self, wire: usize, shared: &mut Shared) -> StepResult {
        while let Some(heard) = self.next_line(wire, shared) {
            if heard.line == b"DISC" {
                return StepResult::Failed(Fault::new(Seen::Spoke).about(b"DISC").weak());
            }
        }
        StepResult::Next
    }

    pub(super) fn exits(&self, ms: u64, now: Millis, program: &TestedProgram) -> StepResult {
        // If a person runs the program, the check sees only the end of its connection.
        let is_over = if program.is_by_hand {
            !program.is_connected()
        } else {
            program.state == Running::Ended
        };
        if is_over {
            return StepResult::Next;
        }
        let until = self.until(program.within_ms(ms), now);
        let seen = if program.is_connected() { Seen::GoesOn } else { Seen::GoesOnAlone };
        StepResult::wait_until(until, now, || Fault::new(seen).after(now.since(until)))
    }

    /// Judges a line from a peer.
    pub(super) fn judge_of_peer(&self, want: Want, heard: &Heard, shared: &mut Shared) -> Judged {
        let line = &heard.line[..];
        let expected = match want {
            Want::User => {
                let name = shared.program.user.as_ref().map(|user| user.name.clone());
                [b"USER ", &name.unwrap_or_default()[..]].concat()
            }
            Want::Text(text) => self.texts.fill(text),
            _ => b"DISC".to_vec(),
        };
        let is_text = matches!(want, Want::Text(_));
        if line != expected {
            let other = || Judged::Faulty(Fault::new(Seen::Other).about(line));
            return if matches!(want, Want::Disc) { Judged::Stray } else { other() };
        }
        if is_text && heard.end == HeardEnd::Rest {
            let fault = Fault::new(Seen::Unended).about(line).after(line.len() as u64);
            let sample = || Sample::new(fault, 0, heard.at, line);
            shared.evidence.text_ending.get_or_insert_with(sample);
        }
        shared.evidence.texts += usize::from(is_text);
        Judged::Fits
    }
}

fn judge_keeps(keeps: &[Millis]) -> StepResult {
    let gaps = keeps.windows(2).map(|pair| pair[1].since(pair[0]));
    match gaps.into_iter().find(|gap_ms| !KEEP_GOOD_MS.contains(gap_ms)) {
        None => StepResult::Next,
        Some(gap_ms) => StepResult::Failed(Fault::new(Seen::KeepGap).after(gap_ms).weak()),
    }
}

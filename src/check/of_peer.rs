//! The steps that look at a program under test: it is started, typed into, called, and calls.
//!
//! Read first: [`super::lane`], and [`super::played`], which has the program's server.

use crate::machine::Millis;

use super::evidence::Sample;
use super::judge::Judged;
use super::lane::{ANSWER_MS, Lane, StepResult};
use super::notice::{Notice, Order};
use super::played::{Running, ServerQuestion, TestedProgram};
use super::rule::{Fault, Seen};
use super::scene::{LaneContext, Scene};
use super::step::{AskedOfServer, RuleStep, Typing, Want};
use super::transcript::{Event, SERVER};
use super::wires::{Heard, HeardEnd, WireState};

/// How long a program may take until it has registered: an interpreter starts slowly.
pub(super) const START_MS: u64 = 15_000;

/// How long a program that has just registered is left alone.
const SETTLE_MS: u64 = 250;

/// How often a conversation is talked in while KEEPs are watched.
const TALK_EVERY_MS: u64 = 1_000;

/// How far from 5 s one KEEP may be from the next, in milliseconds.
const KEEP_GOOD_MS: std::ops::RangeInclusive<u64> = 4_250..=5_750;

/// After so long without KEEP a server removes the client.
const KEEP_LATEST_MS: u64 = 15_000;

impl Lane {
    /// The steps of a rule for a peer.
    pub(super) fn take_of_peer(
        &mut self,
        step: &'static RuleStep,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        let now = context.now;
        match step {
            RuleStep::Fresh => return self.runs(true, context),
            RuleStep::Runs => return self.runs(false, context),
            RuleStep::Type(typing) => self.type_in(*typing, context),
            RuleStep::Asked(request) => return self.asked(*request, now, context.scene),
            RuleStep::Called(wire) => return self.called(*wire, now, context.scene),
            RuleStep::Shown(text) => return self.shown(text, now, context.scene),
            RuleStep::StillShows(_) if context.scene.program.is_by_hand => {}
            RuleStep::StillShows(text) => match self.shown(text, now, context.scene) {
                StepResult::Failed(fault) if fault.seen == Seen::NotShown => {
                    let fault = Fault { seen: Seen::NotUsable, ..fault.after(ANSWER_MS) };
                    return StepResult::Failed(fault);
                }
                other => return other,
            },
            RuleStep::Keeps { periods, talk } => return self.keeps(*periods, *talk, context),
            RuleStep::Exits(ms) => return self.exits(*ms, now, &context.scene.program),
            RuleStep::Usable => return self.usable(context),
            RuleStep::Registered => {
                if let Some(fault) = &context.scene.program.bad_user {
                    return StepResult::Failed(fault.clone());
                }
            }
            RuleStep::NotToldServer => return self.not_told_server(context.scene),
            RuleStep::NoDisc(wire) => return self.no_disc(*wire, context.scene),
            RuleStep::Online(wire) => context.scene.program.online.push((*wire, self.name(*wire))),
            RuleStep::Answer(answers) => context.scene.program.answers = *answers,
            _ => {}
        }
        StepResult::Next
    }

    /// Waits until the program is registered; starts it where it has to be.
    fn runs(&mut self, anew: bool, context: &mut LaneContext<'_>) -> StepResult {
        let now = context.now;
        if let Some(at) = self.start_anew(anew, context) {
            return StepResult::Wait(at);
        }
        let program = &context.scene.program;
        // The wait for the port of the run before does not count.
        let since = self.asked_at.unwrap_or(now);
        if let Some(user) = &program.user {
            let until = user.at + if anew { 0 } else { SETTLE_MS };
            context.scene.target = program.address().unwrap_or(context.scene.target);
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

    /// Starts the program where it has to be started. Some: not yet, its port is not free before.
    fn start_anew(&mut self, anew: bool, context: &mut LaneContext<'_>) -> Option<Millis> {
        if self.asked_at.is_some() {
            return None;
        }
        let LaneContext { now, ref mut scene, ref mut actions } = *context;
        let program = &mut scene.program;
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

    /// Types the next line of the login, where the program seems to wait for it.
    fn log_in(&mut self, until: Millis, context: &mut LaneContext<'_>) -> StepResult {
        let program = &mut context.scene.program;
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

    fn type_in(&mut self, typing: Typing, context: &mut LaneContext<'_>) {
        let fill = |text| String::from_utf8_lossy(&self.fill(text)).into_owned();
        let (what, text) = match typing {
            Typing::List => ("list", String::new()),
            Typing::Chat(name) => ("chat", fill(name)),
            Typing::Text(text) => ("text", fill(text)),
            Typing::Bye => ("bye", String::new()),
            Typing::Exit => ("exit", String::new()),
        };
        let line = if text.is_empty() { what.to_string() } else { format!("{what} {text}") };
        self.transcript.push(context.now, SERVER, Event::Typed, line.as_bytes());
        context.actions.show(Notice::Order(Order::Type { what, text, to: self.name(0) }));
    }

    fn asked(&self, request: AskedOfServer, now: Millis, scene: &mut Scene) -> StepResult {
        let wanted = match request {
            AskedOfServer::List => ServerQuestion::List,
            AskedOfServer::Addr(name) => ServerQuestion::Addr(self.fill(name)),
        };
        let program = &mut scene.program;
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

    fn called(&self, wire: usize, now: Millis, scene: &mut Scene) -> StepResult {
        if self.wires[wire].state != WireState::Unused {
            scene.evidence.called_in.get_or_insert(scene.program.edition);
            return StepResult::Next;
        }
        if let Some(fault) = scene.program.ended() {
            return StepResult::Failed(fault);
        }
        let fault = || Fault::new(Seen::NoCall).after(now.since(self.began(now)));
        StepResult::wait_until(self.until(ANSWER_MS, now), now, fault)
    }

    fn shown(&self, text: &str, now: Millis, scene: &Scene) -> StepResult {
        if scene.program.is_by_hand {
            return StepResult::Skip(Fault::new(Seen::NoScreen));
        }
        let wanted = self.fill(text);
        if scene.program.screen.shows(&wanted) {
            return StepResult::Next;
        }
        if let Some(fault) = scene.program.ended() {
            return StepResult::Failed(fault);
        }
        let fault = || Fault::new(Seen::NotShown).about(&wanted);
        StepResult::wait_until(self.until(ANSWER_MS, now), now, fault)
    }

    fn keeps(
        &mut self,
        periods: usize,
        talk: Option<usize>,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        if let Some(fault) = context.scene.program.lost() {
            return StepResult::Failed(fault);
        }
        let (now, since) = (context.now, self.began(context.now));
        let talk_at = talk.map(|wire| self.talk(wire, context));
        // The KEEP before this step began says how old the first period is.
        let keeps = &context.scene.program.keeps;
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

    /// Says a text now and then, and returns when the next is due.
    fn talk(&mut self, wire: usize, context: &mut LaneContext<'_>) -> Millis {
        let next_at = self.asked_at.map_or(context.now, |at| at + TALK_EVERY_MS);
        if context.now < next_at {
            return next_at;
        }
        self.asked_at = Some(context.now);
        // Where the program has closed, there is nobody to talk to.
        let _ = self.send(wire, b"e ai?\r\n", context);
        context.now + TALK_EVERY_MS
    }

    /// Tells the program to ask for LIST, and waits until it does.
    fn usable(&mut self, context: &mut LaneContext<'_>) -> StepResult {
        if self.asked_at.is_none() {
            self.asked_at = Some(context.now);
            context.scene.program.asked.clear();
            self.type_in(Typing::List, context);
        }
        match self.asked(AskedOfServer::List, context.now, context.scene) {
            StepResult::Failed(fault) if fault.seen == Seen::NotAsked => {
                StepResult::Failed(Fault { seen: Seen::NotUsable, ..fault })
            }
            other => other,
        }
    }

    /// That no line with the word of this rule has come to the server.
    fn not_told_server(&self, scene: &Scene) -> StepResult {
        let word = self.word();
        let told = scene.evidence.told_server.as_ref();
        match told.filter(|sample| sample.fault.detail.contains(&word)) {
            Some(sample) => StepResult::Failed(sample.fault.clone()),
            None => StepResult::Next,
        }
    }

    /// That no DISC has come on a wire.
    fn no_disc(&mut self, wire: usize, scene: &mut Scene) -> StepResult {
        while let Some(heard) = self.next_line(wire, scene) {
            if heard.line == b"DISC" {
                return StepResult::Failed(Fault::new(Seen::Spoke).about(b"DISC").weak());
            }
        }
        StepResult::Next
    }

    fn exits(&self, ms: u64, now: Millis, program: &TestedProgram) -> StepResult {
        // Where a person runs it, only the end of its connection is seen.
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

    /// Whether a line of a program is the one that is waited for.
    pub(super) fn judge_of_peer(&self, want: Want, heard: &Heard, scene: &mut Scene) -> Judged {
        let line = &heard.line[..];
        let expected = match want {
            Want::User => {
                let name = scene.program.user.as_ref().map(|user| user.name.clone());
                [b"USER ", &name.unwrap_or_default()[..]].concat()
            }
            Want::Text(text) => self.fill(text),
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
            scene.evidence.text_ending.get_or_insert_with(sample);
        }
        scene.evidence.texts += usize::from(is_text);
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

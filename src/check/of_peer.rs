//! The steps that look at a program under test: it is started, typed into, called, and calls.
//!
//! Read first: [`super::lane`], and [`super::played`], which has the program's server.

use crate::machine::{Actions, Millis};

use super::evidence::Sample;
use super::judge::Judged;
use super::lane::{ANSWER_MS, Lane, LaneState};
use super::notice::Notice;
use super::played::{Running, ServerQuestion, TestedProgram};
use super::rule::{Fault, Seen};
use super::scene::Scene;
use super::step::{AskedOfServer, RuleStep, Typing, Want};
use super::transcript::{Event, SERVER};
use super::wires::{Heard, HeardEnd, WireState};

/// How long a program may take until it has registered: an interpreter starts slowly.
pub(super) const START_MS: u64 = 15_000;

/// How long a person may take for what a program does in [`START_MS`] or in [`ANSWER_MS`].
pub(super) const BY_HAND_MS: u64 = 90_000;

/// A program whose screen has not changed for so long waits for its login to be typed.
pub(super) const ASKS_AFTER_MS: u64 = 700;

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
        since: Millis,
        now: Millis,
        scene: &mut Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        match step {
            RuleStep::Fresh => self.runs(true, since, now, scene, actions),
            RuleStep::Runs => self.runs(false, since, now, scene, actions),
            RuleStep::Type(typing) => self.type_in(*typing, now, scene, actions),
            RuleStep::Asked(request) => self.asked(*request, since, now, scene),
            RuleStep::Called(wire) => self.called(*wire, since, now, scene),
            RuleStep::Shown(text) => self.shown(text, since, now, scene),
            RuleStep::StillShows(_) if scene.program.is_by_hand => LaneState::Next,
            RuleStep::StillShows(text) => match self.shown(text, since, now, scene) {
                LaneState::Failed(fault) if fault.seen == Seen::NotShown => {
                    LaneState::Failed(Fault { seen: Seen::NotUsable, ..fault.after(ANSWER_MS) })
                }
                other => other,
            },
            RuleStep::Keeps { periods, talk } => {
                self.keeps(*periods, *talk, since, now, scene, actions)
            }
            RuleStep::Exits(ms) => {
                let within_ms = if scene.program.is_by_hand { BY_HAND_MS } else { *ms };
                exits(since + within_ms, now, &scene.program)
            }
            RuleStep::Usable => self.usable(since, now, scene, actions),
            RuleStep::Registered => match &scene.program.bad_user {
                Some(fault) => LaneState::Failed(fault.clone()),
                None => LaneState::Next,
            },
            RuleStep::NotToldServer => self.not_told_server(scene),
            RuleStep::NoDisc(wire) => self.no_disc(*wire, scene),
            RuleStep::OnlyIn(edition) if scene.program.edition != *edition => {
                LaneState::Skip(Fault::new(Seen::NotInEdition))
            }
            RuleStep::Online(wire) => {
                let name = self.name(*wire, scene);
                scene.program.online.push((*wire, name));
                LaneState::Next
            }
            RuleStep::Answer(answers) => {
                scene.program.answers = *answers;
                LaneState::Next
            }
            _ => LaneState::Next,
        }
    }

    /// Waits until the program is registered; starts it where it has to be.
    fn runs(
        &mut self,
        anew: bool,
        since: Millis,
        now: Millis,
        scene: &mut Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        if let Some(at) = self.start_anew(anew, now, scene, actions) {
            return LaneState::Wait(at);
        }
        let program = &scene.program;
        // The wait for the port of the run before does not count.
        let since = self.asked_at.unwrap_or(since);
        if let Some(user) = &program.user {
            let until = user.at + if anew { 0 } else { SETTLE_MS };
            scene.target = scene.program.address().unwrap_or(scene.target);
            return if now >= until { LaneState::Next } else { LaneState::Wait(until) };
        }
        if let Some(fault) = &program.bad_user {
            return LaneState::Failed(fault.clone());
        }
        if program.state == Running::Ended {
            return LaneState::Failed(scene.program.end());
        }
        let until = since + if program.is_by_hand { BY_HAND_MS } else { START_MS };
        if now >= until {
            return LaneState::Failed(Fault::new(Seen::Nothing).after(now.since(since)));
        }
        self.log_in(now, until, scene, actions)
    }

    /// Starts the program where it has to be started. Some: not yet, its port is not free before.
    fn start_anew(
        &mut self,
        anew: bool,
        now: Millis,
        scene: &mut Scene,
        actions: &mut Actions<Notice>,
    ) -> Option<Millis> {
        if self.asked_at.is_some() {
            return None;
        }
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
            actions.show(Notice::Start { name: program.wanted_name.clone() });
        }
        self.asked_at = Some(now);
        None
    }

    /// Types the next line of the login, where the program seems to wait for it.
    fn log_in(
        &mut self,
        now: Millis,
        until: Millis,
        scene: &Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        let program = &scene.program;
        if self.sent >= program.logins {
            return LaneState::Wait(until);
        }
        // Before the first line it must have said something, or had a good while to do so.
        let patience_ms = if program.screen.is_empty() { 4 * ASKS_AFTER_MS } else { ASKS_AFTER_MS };
        let quiet_since = program.screen_at.max(self.said_at[0]);
        if now < quiet_since + patience_ms {
            return LaneState::Wait(until.min(quiet_since + patience_ms));
        }
        let line = self.sent;
        self.sent += 1;
        self.said_at[0] = now;
        actions.show(Notice::LogIn { line, name: program.wanted_name.clone() });
        LaneState::Wait(until.min(now + patience_ms))
    }

    pub(super) fn type_in(
        &mut self,
        typing: Typing,
        now: Millis,
        scene: &Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        let fill = |text| String::from_utf8_lossy(&self.fill(text, scene)).into_owned();
        let (what, text) = match typing {
            Typing::List => ("list", String::new()),
            Typing::Chat(name) => ("chat", fill(name)),
            Typing::Text(text) => ("text", fill(text)),
            Typing::Bye => ("bye", String::new()),
            Typing::Exit => ("exit", String::new()),
        };
        let line = if text.is_empty() { what.to_string() } else { format!("{what} {text}") };
        self.transcript.push(now, SERVER, Event::Typed, line.as_bytes());
        actions.show(Notice::Type { what, text, to: self.name(0, scene) });
        LaneState::Next
    }

    /// How long somebody may take to do what was typed.
    fn answer_by(since: Millis, scene: &Scene) -> Millis {
        since + if scene.program.is_by_hand { BY_HAND_MS } else { ANSWER_MS }
    }

    fn asked(
        &self,
        request: AskedOfServer,
        since: Millis,
        now: Millis,
        scene: &mut Scene,
    ) -> LaneState {
        let wanted = match request {
            AskedOfServer::List => ServerQuestion::List,
            AskedOfServer::Addr(name) => ServerQuestion::Addr(self.fill(name, scene)),
        };
        while let Some(asked) = scene.program.asked.pop_front() {
            if asked == wanted {
                return LaneState::Next;
            }
        }
        if scene.program.state == Running::Ended {
            return LaneState::Failed(scene.program.end());
        }
        if !scene.program.is_connected() {
            return LaneState::Failed(Fault::new(Seen::LostServer));
        }
        let until = Self::answer_by(since, scene);
        let fault = || Fault::new(Seen::NotAsked).after(now.since(since));
        if now >= until { LaneState::Failed(fault()) } else { LaneState::Wait(until) }
    }

    fn called(&self, wire: usize, since: Millis, now: Millis, scene: &mut Scene) -> LaneState {
        if self.wires[wire].state != WireState::Unused {
            scene.evidence.called_in.get_or_insert(scene.program.edition);
            return LaneState::Next;
        }
        if scene.program.state == Running::Ended {
            return LaneState::Failed(scene.program.end());
        }
        let until = since + ANSWER_MS;
        let fault = || Fault::new(Seen::NoCall).after(now.since(since));
        if now >= until { LaneState::Failed(fault()) } else { LaneState::Wait(until) }
    }

    fn shown(&self, text: &str, since: Millis, now: Millis, scene: &Scene) -> LaneState {
        if scene.program.is_by_hand {
            return LaneState::Skip(Fault::new(Seen::NoScreen));
        }
        let wanted = self.fill(text, scene);
        if scene.program.shows(&wanted) {
            return LaneState::Next;
        }
        if scene.program.state == Running::Ended {
            return LaneState::Failed(scene.program.end());
        }
        let until = since + ANSWER_MS;
        let fault = || Fault::new(Seen::NotShown).about(&wanted);
        if now >= until { LaneState::Failed(fault()) } else { LaneState::Wait(until) }
    }

    fn keeps(
        &mut self,
        periods: usize,
        talk: Option<usize>,
        since: Millis,
        now: Millis,
        scene: &mut Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        if scene.program.state == Running::Ended {
            return LaneState::Failed(scene.program.end());
        }
        if !scene.program.is_connected() {
            return LaneState::Failed(Fault::new(Seen::LostServer));
        }
        let talk_at = talk.map(|wire| self.talk(wire, now, actions));
        // The KEEP before this step began says how old the first period is.
        let keeps = &scene.program.keeps;
        let before = keeps.iter().rev().find(|at| **at < since).copied();
        let within: Vec<_> = keeps.iter().copied().filter(|at| *at >= since).collect();
        let last = within.last().copied().unwrap_or(since);
        if now.since(last) > KEEP_LATEST_MS {
            return LaneState::Failed(Fault::new(Seen::NoKeep).after(now.since(last)));
        }
        let all: Vec<_> = before.into_iter().chain(within).collect();
        if all.len() <= periods {
            let until = last + KEEP_LATEST_MS + 1;
            return LaneState::Wait(talk_at.into_iter().chain([until]).min().unwrap_or(until));
        }
        judge_keeps(&all)
    }

    /// Says a text now and then, and returns when the next is due.
    fn talk(&mut self, wire: usize, now: Millis, actions: &mut Actions<Notice>) -> Millis {
        let next_at = self.asked_at.map_or(now, |at| at + TALK_EVERY_MS);
        if now < next_at {
            return next_at;
        }
        self.asked_at = Some(now);
        // Where the program has closed, there is nobody to talk to.
        let _ = self.send(wire, b"e ai?\r\n", now, actions);
        now + TALK_EVERY_MS
    }

    /// Tells the program to ask for LIST, and waits until it does.
    fn usable(
        &mut self,
        since: Millis,
        now: Millis,
        scene: &mut Scene,
        actions: &mut Actions<Notice>,
    ) -> LaneState {
        if self.asked_at.is_none() {
            self.asked_at = Some(now);
            scene.program.asked.clear();
            return match self.type_in(Typing::List, now, scene, actions) {
                LaneState::Next => LaneState::Wait(Self::answer_by(since, scene)),
                other => other,
            };
        }
        match self.asked(AskedOfServer::List, since, now, scene) {
            LaneState::Failed(fault) if fault.seen == Seen::NotAsked => {
                LaneState::Failed(Fault { seen: Seen::NotUsable, ..fault })
            }
            other => other,
        }
    }

    /// That no line with the word of this rule has come to the server.
    fn not_told_server(&self, scene: &Scene) -> LaneState {
        let word = String::from_utf8_lossy(&self.fill("{m}", scene)).into_owned();
        let told = scene.evidence.told_server.as_ref();
        match told.filter(|sample| sample.fault.detail.contains(&word)) {
            Some(sample) => LaneState::Failed(sample.fault.clone()),
            None => LaneState::Next,
        }
    }

    /// That no DISC has come on a wire.
    fn no_disc(&mut self, wire: usize, scene: &mut Scene) -> LaneState {
        while let Some(heard) = self.next_line(wire, scene) {
            if heard.line == b"DISC" {
                return LaneState::Failed(Fault::new(Seen::Spoke).about(b"DISC").weak());
            }
        }
        LaneState::Next
    }

    /// Whether a line of a program is the one that is waited for.
    pub(super) fn judge_of_peer(&self, want: Want, heard: &Heard, scene: &mut Scene) -> Judged {
        let line = &heard.line[..];
        let expected = match want {
            Want::User => {
                let name = scene.program.user.as_ref().map(|user| user.name.clone());
                [b"USER ", &name.unwrap_or_default()[..]].concat()
            }
            Want::Text(text) => self.fill(text, scene),
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

fn judge_keeps(keeps: &[Millis]) -> LaneState {
    let gaps = keeps.windows(2).map(|pair| pair[1].since(pair[0]));
    match gaps.into_iter().find(|gap_ms| !KEEP_GOOD_MS.contains(gap_ms)) {
        None => LaneState::Next,
        Some(gap_ms) => LaneState::Failed(Fault::new(Seen::KeepGap).after(gap_ms).weak()),
    }
}

fn exits(until: Millis, now: Millis, program: &TestedProgram) -> LaneState {
    // Where a person runs it, only the end of its connection is seen.
    let is_over = match program.is_by_hand {
        true => !program.is_connected(),
        false => program.state == Running::Ended,
    };
    let fault = |seen| Fault::new(seen).after(now.since(until));
    match is_over {
        true => LaneState::Next,
        false if now < until => LaneState::Wait(until),
        false if program.is_connected() => LaneState::Failed(fault(Seen::GoesOn)),
        false => LaneState::Failed(fault(Seen::GoesOnAlone)),
    }
}

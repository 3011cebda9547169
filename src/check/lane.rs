//! Takes the steps of one rule, and comes to its verdict.
//!
//! A lane has connections of its own, and names that no other lane has, so many lanes run side by
//! side. Knows no socket and no clock. Read first: [`super::step`]. Read next:
//! [`super::wait_steps`] and [`super::peer_steps`], which have the longer steps.

use std::net::SocketAddr;
use std::time::Duration;

use crate::machine::{Action, Actions, ConnId, DialId, Framing, Millis};
use crate::wire::KEEP_INTERVAL_MS;
use crate::wire::reply::Edition;

use super::evidence::Evidence;
use super::notice::Notice;
use super::program::{Running, TestedProgram};
use super::rule::{Fault, Finding, Part, Rule, Seen, Verdict};
use super::step::RuleStep;
use super::texts::{Texts, WIRES};
use super::transcript::{Event, SERVER, Transcript};
use super::wires::{Heard, Wire, WireState};

/// How long a connection may take to be opened.
pub(super) const DIAL_MS: u64 = 5_000;

/// Long enough that the rules judge a program that reads nothing, and not the system.
const GIVE_UP: Duration = Duration::from_secs(60);

/// How long an answer may take.
pub(super) const ANSWER_MS: u64 = 3_000;

/// The time between two bytes of [`RuleStep::Drip`].
const DRIP_MS: u64 = 4;

/// How long a rule waits after its last step for lines that it did not ask for.
const STRAYS_WAIT_MS: u64 = 50;

/// The rule that finds out the edition of a peer.
pub(super) const EDITION_RULE: &str = "call";

/// One rule that is being tried.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) rule: &'static Rule,
    pub(super) texts: Texts,
    /// The index of the current step, and when it began.
    at: usize,
    since: Option<Millis>,
    /// How many pieces, or lines of a login, this step has sent.
    pub(super) sent: usize,
    /// When this step asked last.
    pub(super) asked_at: Option<Millis>,
    /// The fault in the answer, where a later answer may be right.
    pub(super) faulty: Option<Fault>,
    /// Lines that came instead of the expected one.
    pub(super) strays: Vec<Heard>,
    /// The time of the last [`RuleStep::Mark`].
    pub(super) mark: Millis,
    pub(super) wires: Vec<Wire>,
    pub(super) transcript: Transcript,
    pub(super) finding: Option<Finding>,
    /// The verdict of the trial, while the probe goes on.
    verdict: Option<Verdict>,
    /// It was started again, with the other edition.
    is_second_try: bool,
}

/// The state that all lanes of a check share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Where the program under test listens.
    pub(super) target: SocketAddr,
    /// The edition of the handout that was asked for.
    pub(super) edition: Option<Edition>,
    /// Whether the program under test is a peer, and not a server.
    pub(super) is_peer: bool,
    /// The program under test, where it is a peer.
    pub(super) program: TestedProgram,
    pub(super) evidence: Evidence,
}

/// All that a lane needs to take a step.
pub(super) struct LaneContext<'a> {
    pub(super) now: Millis,
    pub(super) shared: &'a mut Shared,
    pub(super) actions: &'a mut Actions<Notice>,
}

/// The result of a step.
#[derive(Debug)]
pub(super) enum StepResult {
    Next,
    /// Nothing yet. The step is taken again when something comes, or at this time.
    Wait(Millis),
    Failed(Fault),
    /// The rule cannot be tried.
    Skip(Fault),
}

impl StepResult {
    /// Waits until this time, and fails then.
    pub(super) fn wait_until(until: Millis, now: Millis, fault: impl FnOnce() -> Fault) -> Self {
        if now < until { Self::Wait(until) } else { Self::Failed(fault()) }
    }
}

impl Lane {
    pub(super) fn new(rule: &'static Rule, index: usize, tag: u16) -> Self {
        Self {
            rule,
            texts: Texts { index, tag },
            at: 0,
            since: None,
            sent: 0,
            asked_at: None,
            faulty: None,
            strays: Vec::new(),
            mark: Millis(0),
            wires: std::iter::repeat_with(Wire::default).take(WIRES).collect(),
            transcript: Transcript::default(),
            finding: None,
            verdict: None,
            is_second_try: false,
        }
    }

    /// Takes all steps that can be taken, and returns when to call it again. `None`: the rule is
    /// over and has a finding.
    pub(super) fn go(&mut self, context: &mut LaneContext<'_>) -> Option<Millis> {
        if self.finding.is_some() {
            return None;
        }
        let is_new = self.at == 0 && self.since.is_none();
        if is_new && self.rule.edition.is_some_and(|it| it != context.shared.program.edition) {
            return self.end(Verdict::Untried(Fault::new(Seen::NotInEdition)), context);
        }
        self.keep_alive(context);
        self.wires.iter_mut().for_each(|wire| wire.settle(context.now));
        let wait_until = loop {
            let Some(step) = self.rule.step(self.at) else {
                if let Some(until) = self.await_strays(context.now) {
                    break until;
                }
                let verdict = self.verdict.take().unwrap_or(Verdict::Held);
                return self.end(verdict, context);
            };
            match self.take(step, context) {
                StepResult::Next => self.next_step(),
                StepResult::Wait(until) => break until,
                StepResult::Failed(fault) if self.try_other_edition(&fault, context.shared) => {}
                StepResult::Failed(fault) => {
                    let verdict = self.verdict_on(fault);
                    if !self.go_to_probe(&verdict) {
                        return self.end(verdict, context);
                    }
                }
                StepResult::Skip(fault) => return self.end(Verdict::Untried(fault), context),
            }
        };
        let rests = self.wires.iter().filter_map(Wire::rest_at);
        let keeps = self.wires.iter().filter_map(|wire| wire.keep_at);
        rests.chain(keeps).chain([wait_until]).min().map(|at| at.max(context.now + 1))
    }

    fn await_strays(&mut self, now: Millis) -> Option<Millis> {
        let until = *self.since.get_or_insert(now) + STRAYS_WAIT_MS;
        (now < until).then_some(until)
    }

    fn next_step(&mut self) {
        self.at += 1;
        (self.since, self.asked_at, self.faulty, self.sent) = (None, None, None, 0);
    }

    fn verdict_on(&self, fault: Fault) -> Verdict {
        match self.rule.part(self.at) {
            Part::Setup if !self.is_second_try => Verdict::Untried(fault),
            Part::Setup | Part::Trial => Verdict::of(self.rule.level, fault),
            Part::Probe => Verdict::Broken(Fault::new(Seen::Down)),
        }
    }

    /// Goes on with the probe. `false`: the rule has none, or the probe itself has failed.
    fn go_to_probe(&mut self, verdict: &Verdict) -> bool {
        let probe_at = self.rule.probe_at();
        if self.at >= probe_at || self.rule.step(probe_at).is_none() {
            return false;
        }
        self.verdict = Some(verdict.clone());
        self.next_step();
        self.at = probe_at;
        true
    }

    /// Whether the probe has found that the program no longer serves.
    pub(super) fn found_program_down(&self) -> bool {
        let verdict = self.finding.as_ref().map(|finding| &finding.verdict);
        matches!(verdict, Some(Verdict::Broken(Fault { seen: Seen::Down, .. })))
    }

    /// Ends the rule at any step.
    pub(super) fn end(
        &mut self,
        verdict: Verdict,
        context: &mut LaneContext<'_>,
    ) -> Option<Millis> {
        let LaneContext { now, ref mut shared, ref mut actions } = *context;
        for index in 0..WIRES {
            self.note_leftovers(index, shared);
            if let Some(conn) = self.wires[index].open_conn() {
                if shared.is_peer && shared.program.edition == Edition::Of2024 {
                    actions.send(conn, |out| out.extend_from_slice(b"DISC\r\n"));
                }
                actions.push(Action::Close { conn });
            }
        }
        let is_untouched = self.at == 0 && self.since.is_none();
        if verdict != Verdict::Held && !is_untouched {
            self.give_program_up(now, shared);
        }
        let transcript = std::mem::take(&mut self.transcript);
        self.finding = Some(Finding { rule: self.rule.id, verdict, transcript });
        None
    }

    /// The state of the program is unknown, so the next rule starts it again. The last line on its
    /// screen may be an exception.
    fn give_program_up(&mut self, now: Millis, shared: &mut Shared) {
        shared.program.state = Running::No;
        let last = shared.program.screen.last_line();
        if shared.is_peer && !last.is_empty() {
            self.transcript.push(now, SERVER, Event::Screen, &last);
        }
    }

    /// Notes the lines for which no step waits any more. They were not asked for.
    pub(super) fn note_leftovers(&mut self, index: usize, shared: &mut Shared) {
        while let Some(heard) = self.next_line(index, shared) {
            shared.evidence.note_unasked(index, &heard);
        }
    }

    /// The next line of a wire. Its line end is evidence.
    pub(super) fn next_line(&mut self, index: usize, shared: &mut Shared) -> Option<Heard> {
        let heard = self.wires[index].next_line()?;
        // A text between peers is no instruction. The rule "text-end" judges its line end.
        let is_instruction = heard.line.starts_with(b"USER ") || heard.line.starts_with(b"DISC");
        if !shared.is_peer || is_instruction {
            shared.evidence.note_end(index, &heard);
        }
        Some(heard)
    }

    /// When the current step began.
    pub(super) fn began(&self, now: Millis) -> Millis {
        self.since.unwrap_or(now)
    }

    /// `ms` after the current step began.
    pub(super) fn until(&self, ms: u64, now: Millis) -> Millis {
        self.began(now) + ms
    }

    /// Takes a step. Only this function knows all of them.
    fn take(&mut self, step: &'static RuleStep, context: &mut LaneContext<'_>) -> StepResult {
        let now = context.now;
        let is_new = self.since.is_none();
        self.since.get_or_insert(now);
        match step {
            RuleStep::Dial(wire) => return self.dial(*wire, is_new, context),
            RuleStep::Register(wire) => return self.register(*wire, is_new, context),
            RuleStep::Say(wire, text) => return self.say(*wire, text, context),
            RuleStep::Pieces(wire, pieces, gap_ms) => {
                let pieces = pieces.iter().map(|piece| self.texts.fill(piece)).collect();
                return self.send_pieces(*wire, pieces, *gap_ms, context);
            }
            RuleStep::Drip(wire, text) => {
                let pieces = self.texts.fill(text).into_iter().map(|byte| vec![byte]).collect();
                return self.send_pieces(*wire, pieces, DRIP_MS, context);
            }
            RuleStep::Keep(wire) => self.wires[*wire].keep_at = Some(now + KEEP_INTERVAL_MS),
            RuleStep::Close(wire) => self.close(*wire, context, |conn| Action::Close { conn }),
            RuleStep::Abort(wire) => self.close(*wire, context, |conn| Action::Abort { conn }),
            RuleStep::HalfClose(wire) => {
                if let Some(conn) = self.wires[*wire].conn {
                    context.actions.push(Action::HalfClose { conn });
                }
            }
            RuleStep::Mark => self.mark = now,
            RuleStep::Pause(ms) => return self.pause(*ms, now),
            RuleStep::Ask(wire, want) => return self.ask(*wire, *want, context),
            RuleStep::Hear(wire, want) => return self.hear(*wire, *want, context),
            RuleStep::Drain(wire) => while self.next_line(*wire, context.shared).is_some() {},
            RuleStep::Quiet(wire, ms) => return self.quiet(*wire, *ms, true, context),
            RuleStep::NoAnswer(wire, ms) => return self.quiet(*wire, *ms, false, context),
            RuleStep::Unanswered(wire, ms) => return self.unanswered(*wire, *ms, context),
            RuleStep::StaysOpen(wire, ms) => return self.stays_open(*wire, *ms, now),
            RuleStep::Ends(wire, ms) => return self.ends(*wire, *ms, now),
            RuleStep::Expires { wire, asks } => return self.expires(*wire, *asks, context),
            RuleStep::Unlisted { who, asker, waits } => {
                return self.unlisted(who, *asker, *waits, context);
            }
            RuleStep::Fresh => return self.runs(true, context),
            RuleStep::Runs => return self.runs(false, context),
            RuleStep::Registered => return Self::registered(&context.shared.program),
            RuleStep::Online(wire) => self.put_online(*wire, context.shared),
            RuleStep::Answer(answers) => context.shared.program.answers = *answers,
            RuleStep::Type(typing) => self.type_in(*typing, context),
            RuleStep::Asked(line) => return self.asked(line, now, context.shared),
            RuleStep::Called(wire) => return self.called(*wire, now, context.shared),
            RuleStep::Shown(text) => return self.shown(text, now, context.shared),
            RuleStep::StillShows(text) => return self.still_shows(text, now, context.shared),
            RuleStep::Keeps { periods, talk } => return self.keeps(*periods, *talk, context),
            RuleStep::NoDisc(wire) => return self.no_disc(*wire, context.shared),
            RuleStep::NotSentToServer => return self.not_sent_to_server(context.shared),
            RuleStep::Exits(ms) => return self.exits(*ms, now, &context.shared.program),
            RuleStep::Usable => return self.usable(context),
        }
        StepResult::Next
    }

    /// Starts the rule again with the other edition, once: the program may understand only that.
    fn try_other_edition(&mut self, fault: &Fault, shared: &mut Shared) -> bool {
        let is_open = shared.edition.is_none() && shared.evidence.called_in.is_none();
        let may_be = matches!(fault.seen, Seen::NoCall | Seen::Ended);
        if self.rule.id != EDITION_RULE || self.is_second_try || !is_open || !may_be {
            return false;
        }
        self.is_second_try = true;
        shared.program.edition = Edition::Of2026;
        shared.program.state = Running::No;
        self.next_step();
        self.at = 0;
        true
    }

    fn pause(&self, ms: u64, now: Millis) -> StepResult {
        let until = self.until(ms, now);
        if now < until { StepResult::Wait(until) } else { StepResult::Next }
    }

    fn dial(&mut self, wire: usize, is_new: bool, context: &mut LaneContext<'_>) -> StepResult {
        if is_new {
            self.wires[wire] = Wire::dialing();
            let dial = self.dial_id(wire);
            let (to, framing, give_up) = (context.shared.target, Framing::Raw, GIVE_UP);
            context.actions.push(Action::Dial { dial, to, framing, give_up });
        }
        match self.wires[wire].state {
            WireState::Dialing => {
                let give_up_at = self.until(DIAL_MS, context.now);
                if context.now < give_up_at {
                    return StepResult::Wait(give_up_at);
                }
                context.actions.push(Action::Abandon { dial: self.dial_id(wire) });
                StepResult::Failed(Fault::new(Seen::NoConnection).about(b"timed out"))
            }
            WireState::Failed(kind) => {
                let text = std::io::Error::from(kind).to_string();
                StepResult::Failed(Fault::new(Seen::NoConnection).about(text.as_bytes()))
            }
            WireState::Ended(_) | WireState::Unused | WireState::ClosedByUs | WireState::Open => {
                StepResult::Next
            }
        }
    }

    fn register(&mut self, wire: usize, is_new: bool, context: &mut LaneContext<'_>) -> StepResult {
        let (name, port) = (self.texts.name(wire), self.texts.port(wire));
        match self.dial(wire, is_new, context) {
            StepResult::Next => self.say(wire, &format!("USER {name}:{port}\r\n"), context),
            other => other,
        }
    }

    /// The number of a dial contains its lane and its wire: see [`lane_of`].
    fn dial_id(&self, wire: usize) -> DialId {
        DialId(u32::try_from(self.texts.index * WIRES + wire).unwrap_or(u32::MAX))
    }

    fn say(&mut self, wire: usize, text: &str, context: &mut LaneContext<'_>) -> StepResult {
        let bytes = self.texts.fill(text);
        self.send_pieces(wire, vec![bytes], 0, context)
    }

    fn send_pieces(
        &mut self,
        wire: usize,
        pieces: Vec<Vec<u8>>,
        gap_ms: u64,
        context: &mut LaneContext<'_>,
    ) -> StepResult {
        while let Some(piece) = pieces.get(self.sent) {
            let next_at = self.wires[wire].said_at + gap_ms;
            if self.sent > 0 && context.now < next_at {
                return StepResult::Wait(next_at);
            }
            if !self.send(wire, piece, context) {
                return StepResult::Failed(Fault::new(Seen::Closed));
            }
            self.sent += 1;
        }
        StepResult::Next
    }

    /// Sends bytes and adds them to the transcript. `false`: the connection is closed.
    pub(super) fn send(
        &mut self,
        wire: usize,
        bytes: &[u8],
        context: &mut LaneContext<'_>,
    ) -> bool {
        let Some(conn) = self.wires[wire].open_conn() else { return false };
        context.actions.send(conn, |out| out.extend_from_slice(bytes));
        self.wires[wire].said_at = context.now;
        self.transcript.push(context.now, wire, Event::Sent, bytes);
        true
    }

    fn close(
        &mut self,
        wire: usize,
        context: &mut LaneContext<'_>,
        how: impl FnOnce(ConnId) -> Action<Notice>,
    ) {
        if let Some(conn) = self.wires[wire].open_conn() {
            self.wires[wire].state = WireState::ClosedByUs;
            self.transcript.push(context.now, wire, Event::ClosedByUs, b"");
            context.actions.push(how(conn));
        }
    }

    fn keep_alive(&mut self, context: &mut LaneContext<'_>) {
        for wire in 0..WIRES {
            if let Some(at) = self.wires[wire].keep_at.filter(|&at| context.now >= at) {
                let is_out = self.send(wire, b"KEEP\r\n", context);
                self.wires[wire].keep_at = is_out.then_some(at + KEEP_INTERVAL_MS);
            }
        }
    }
}

/// The index of the lane of a dial, and of the wire.
pub(super) fn lane_of(dial: DialId) -> (usize, usize) {
    (dial.0 as usize / WIRES, dial.0 as usize % WIRES)
}

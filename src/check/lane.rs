//! Takes the steps of one rule: what is to be done now, and what is waited for.
//!
//! A lane has connections of its own and meets no other lane, so that many run side by side. No
//! socket, no clock. Read first: [`super::step`]. Read next: [`super::asking`], which waits for
//! lines, and [`super::played`], in which the checker plays the server.

use std::time::Duration;

use crate::machine::{Action, ConnId, DialId, Framing, Millis};
use crate::wire::KEEP_INTERVAL_MS;
use crate::wire::reply::Edition;

use super::notice::Notice;
use super::played::Running;
use super::rule::{Fault, Finding, Rule, Seen, Verdict};
use super::scene::{LaneContext, Scene};
use super::step::{LINES, LONG_LINE_BYTES, RuleStep};
use super::transcript::{Event, PEOPLE, SERVER, Transcript};
use super::wires::{Heard, Wire, WireState};

/// How many connections a rule may have.
pub(super) const WIRES: usize = PEOPLE.len();

/// How long a connection may take to be opened.
pub(super) const DIAL_MS: u64 = 5_000;

/// A program under test that takes no bytes is judged by the rules, not by the system.
const GIVE_UP: Duration = Duration::from_secs(60);

/// How long an answer may take.
pub(super) const ANSWER_MS: u64 = 3_000;

/// The time from one piece of [`RuleStep::Drip`] to the next.
const DRIP_MS: u64 = 4;

/// A line that comes unasked within this time after the last step counts too.
const LINGER_MS: u64 = 50;

/// The rule by which the edition of a program is found out.
pub(super) const EDITION_RULE: &str = "call";

/// One rule on its way.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) rule: &'static Rule,
    /// Its place among all lanes, from which its names and ports are made.
    index: usize,
    /// Marks the names of this run, so that they meet no other names.
    tag: u16,
    /// The step that is being taken, and since when.
    at: usize,
    since: Option<Millis>,
    /// How many pieces of this step were sent, and when the next is due.
    pub(super) sent: usize,
    /// When this step asked for the last time.
    pub(super) asked_at: Option<Millis>,
    /// The best answer to it so far, with something wrong in it.
    pub(super) faulty: Option<Fault>,
    /// Lines that came while another was waited for.
    pub(super) strays: Vec<Heard>,
    /// The preparation is over.
    has_begun: bool,
    /// All that is left is to show that the program under test still serves.
    is_probing: bool,
    /// It does not.
    pub(super) found_it_down: bool,
    pub(super) mark: Millis,
    pub(super) wires: Vec<Wire>,
    pub(super) transcript: Transcript,
    pub(super) finding: Option<Finding>,
    /// The verdict, where it is known before the program was shown to serve still.
    verdict: Option<Verdict>,
}

/// The result of a step.
#[derive(Debug)]
pub(super) enum StepResult {
    Next,
    /// Nothing yet. Look again when something comes, or at this time.
    Wait(Millis),
    Failed(Fault),
    /// The rule cannot be tried here.
    Skip(Fault),
}

impl StepResult {
    /// Waits until then. From then on, this is the fault.
    pub(super) fn wait_until(until: Millis, now: Millis, fault: impl FnOnce() -> Fault) -> Self {
        if now < until { Self::Wait(until) } else { Self::Failed(fault()) }
    }
}

impl Lane {
    pub(super) fn new(rule: &'static Rule, index: usize, tag: u16) -> Self {
        let prepares = rule.steps.iter().any(|step| matches!(step, RuleStep::Begin));
        Self {
            rule,
            index,
            tag,
            at: 0,
            since: None,
            sent: 0,
            asked_at: None,
            faulty: None,
            strays: Vec::new(),
            has_begun: !prepares,
            is_probing: false,
            found_it_down: false,
            mark: Millis(0),
            wires: std::iter::repeat_with(Wire::default).take(WIRES).collect(),
            transcript: Transcript::default(),
            finding: None,
            verdict: None,
        }
    }

    /// Takes all steps that can be taken, and says when to look again. `None`: it is over, and
    /// the finding is there.
    pub(super) fn go(&mut self, context: &mut LaneContext<'_>) -> Option<Millis> {
        if self.finding.is_some() {
            return None;
        }
        let is_new = self.at == 0 && self.since.is_none();
        if is_new && self.rule.edition.is_some_and(|it| it != context.scene.program.edition) {
            return self.end(Verdict::Untried(Fault::new(Seen::NotInEdition)), context);
        }
        self.keep_alive(context);
        self.wires.iter_mut().for_each(|wire| wire.settle(context.now));
        let wait_until = loop {
            let Some(step) = self.rule.steps.get(self.at) else {
                if let Some(until) = self.linger(context.now) {
                    break until;
                }
                let verdict = self.verdict.take().unwrap_or(Verdict::Held);
                return self.end(verdict, context);
            };
            match self.take(step, context) {
                StepResult::Next => self.next_step(),
                StepResult::Wait(until) => break until,
                StepResult::Failed(fault) if self.try_other_edition(&fault, context.scene) => {}
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

    fn linger(&mut self, now: Millis) -> Option<Millis> {
        let until = *self.since.get_or_insert(now) + LINGER_MS;
        (now < until).then_some(until)
    }

    fn next_step(&mut self) {
        self.at += 1;
        (self.since, self.asked_at, self.faulty, self.sent) = (None, None, None, 0);
    }

    fn verdict_on(&mut self, fault: Fault) -> Verdict {
        if self.is_probing {
            self.found_it_down = true;
            return Verdict::Broken(Fault::new(Seen::Down));
        }
        if self.has_begun { Verdict::of(self.rule.level, fault) } else { Verdict::Untried(fault) }
    }

    /// A rule that might bring the program down is not left before it was shown that it did not.
    fn go_to_probe(&mut self, verdict: &Verdict) -> bool {
        let probe = self.rule.steps.iter().position(|step| matches!(step, RuleStep::Serves));
        let Some(probe) = probe.filter(|_| !self.is_probing) else { return false };
        self.verdict = Some(verdict.clone());
        self.next_step();
        self.at = probe;
        true
    }

    /// Ends the rule, wherever it stands.
    pub(super) fn end(
        &mut self,
        verdict: Verdict,
        context: &mut LaneContext<'_>,
    ) -> Option<Millis> {
        let LaneContext { now, ref mut scene, ref mut actions } = *context;
        for index in 0..WIRES {
            self.note_leftovers(index, scene);
            if let Some(conn) = self.wires[index].open_conn() {
                if scene.is_peer && scene.program.edition == Edition::Of2024 {
                    actions.send(conn, |out| out.extend_from_slice(b"DISC\r\n"));
                }
                actions.push(Action::Close { conn });
            }
        }
        let is_untouched = self.at == 0 && self.since.is_none();
        if verdict != Verdict::Held && !is_untouched {
            self.give_program_up(now, scene);
        }
        let transcript = std::mem::take(&mut self.transcript);
        self.finding = Some(Finding { rule: self.rule.id, verdict, transcript });
        None
    }

    /// Nobody knows in which state the program is: the next rule begins with a new one. The
    /// last line on its screen may be an exception.
    fn give_program_up(&mut self, now: Millis, scene: &mut Scene) {
        scene.program.state = Running::No;
        let last = scene.program.screen.last_line();
        if scene.is_peer && !last.is_empty() {
            self.transcript.push(now, SERVER, Event::Screen, &last);
        }
    }

    /// Lines that no step waits for any more were not asked for.
    pub(super) fn note_leftovers(&mut self, index: usize, scene: &mut Scene) {
        while let Some(heard) = self.next_line(index, scene) {
            scene.evidence.note_unasked(index, &heard);
        }
    }

    /// The next line of a wire. How it ended is evidence by itself.
    pub(super) fn next_line(&mut self, index: usize, scene: &mut Scene) -> Option<Heard> {
        let heard = self.wires[index].next_line()?;
        // Between peers a text is no instruction, and has a rule of its own.
        let is_instruction = heard.line.starts_with(b"USER ") || heard.line.starts_with(b"DISC");
        if !scene.is_peer || is_instruction {
            scene.evidence.note_end(index, &heard);
        }
        Some(heard)
    }

    /// When the step that is being taken began.
    pub(super) fn began(&self, now: Millis) -> Millis {
        self.since.unwrap_or(now)
    }

    /// So long after that.
    pub(super) fn until(&self, ms: u64, now: Millis) -> Millis {
        self.began(now) + ms
    }

    fn take(&mut self, step: &'static RuleStep, context: &mut LaneContext<'_>) -> StepResult {
        let now = context.now;
        let is_new = self.since.is_none();
        self.since.get_or_insert(now);
        match step {
            RuleStep::Begin => self.has_begun = true,
            RuleStep::Serves => self.is_probing = true,
            RuleStep::Mark => self.mark = now,
            RuleStep::Keep(wire) => self.wires[*wire].keep_at = Some(now + KEEP_INTERVAL_MS),
            RuleStep::Dial(wire) => return self.dial(*wire, is_new, context),
            RuleStep::Register(wire) => return self.register(*wire, is_new, context),
            RuleStep::Say(wire, text) => return self.say(*wire, text, context),
            RuleStep::Pieces(wire, pieces, gap_ms) => {
                let pieces = pieces.iter().map(|piece| self.fill(piece)).collect();
                return self.send_pieces(*wire, pieces, *gap_ms, context);
            }
            RuleStep::Drip(wire, text) => {
                let pieces = self.fill(text).into_iter().map(|byte| vec![byte]).collect();
                return self.send_pieces(*wire, pieces, DRIP_MS, context);
            }
            RuleStep::Close(wire) => self.close(*wire, context, |conn| Action::Close { conn }),
            RuleStep::Abort(wire) => self.close(*wire, context, |conn| Action::Abort { conn }),
            RuleStep::HalfClose(wire) => {
                if let Some(conn) = self.wires[*wire].conn {
                    context.actions.push(Action::HalfClose { conn });
                }
            }
            RuleStep::Pause(ms) if now < self.until(*ms, now) => {
                return StepResult::Wait(self.until(*ms, now));
            }
            RuleStep::Pause(_) => {}
            _ => return self.wait_for(step, context),
        }
        StepResult::Next
    }

    /// A program may call in another edition: the rule is tried once more, from its beginning.
    fn try_other_edition(&mut self, fault: &Fault, scene: &mut Scene) -> bool {
        let is_first = scene.edition.is_none() && scene.program.edition == Edition::Of2024;
        let may_be = matches!(fault.seen, Seen::NoCall | Seen::Ended);
        let is_open = scene.evidence.called_in.is_none();
        if self.rule.id != EDITION_RULE || !is_first || !may_be || !is_open {
            return false;
        }
        scene.program.edition = Edition::Of2026;
        scene.program.state = Running::No;
        self.next_step();
        self.at = 0;
        true
    }

    fn dial(&mut self, wire: usize, is_new: bool, context: &mut LaneContext<'_>) -> StepResult {
        if is_new {
            self.wires[wire] = Wire::dialing();
            let dial = self.dial_id(wire);
            let (to, framing, give_up) = (context.scene.target, Framing::Raw, GIVE_UP);
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
        let (name, port) = (self.name(wire), self.port(wire));
        match self.dial(wire, is_new, context) {
            StepResult::Next => self.say(wire, &format!("USER {name}:{port}\r\n"), context),
            other => other,
        }
    }

    /// The number of a dial says whose it is: see [`lane_of`].
    fn dial_id(&self, wire: usize) -> DialId {
        DialId(u32::try_from(self.index * WIRES + wire).unwrap_or(u32::MAX))
    }

    fn say(&mut self, wire: usize, text: &str, context: &mut LaneContext<'_>) -> StepResult {
        let bytes = self.fill(text);
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

    /// Sends, and writes it down. False: the connection is gone.
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

    /// The name of the client on this wire.
    pub(super) fn name(&self, wire: usize) -> String {
        format!("{}-{:02}{:04x}", PEOPLE[wire], self.index, self.tag)
    }

    /// A word that is in no other rule.
    pub(super) fn word(&self) -> String {
        format!("{:02}x{:04x}", self.index, self.tag)
    }

    /// 4 KB of accented text in lines, each with its number. One byte stands before them, all else
    /// is of even length: so a read of 1024 bytes ends inside a letter.
    fn lines(&self) -> String {
        let lines = (0..LINES).map(|number| self.line(number) + "\r\n");
        format!("x{}", lines.collect::<String>())
    }

    fn line(&self, number: usize) -> String {
        format!("{number:02}ção-{} {}", self.word(), "áéíõçãêô".repeat(5))
    }

    /// The port that the client on this wire tells.
    pub(super) fn port(&self, wire: usize) -> u16 {
        20_000 + u16::try_from((self.index * WIRES + wire) % 30_000).unwrap_or_default()
    }

    /// A text with its `{places}` filled in.
    pub(super) fn fill(&self, text: &str) -> Vec<u8> {
        let mut filled = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            filled.extend_from_slice(before.as_bytes());
            let (place, behind) = behind.split_once('}').unwrap_or((behind, ""));
            self.fill_place(place, &mut filled);
            rest = behind;
        }
        filled.extend_from_slice(rest.as_bytes());
        filled
    }

    fn fill_place(&self, place: &str, filled: &mut Vec<u8>) {
        let wire = |digits: &str| digits.parse().ok().filter(|&wire| wire < WIRES);
        match place {
            "m" => filled.extend_from_slice(self.word().as_bytes()),
            "lines" => filled.extend_from_slice(self.lines().as_bytes()),
            "ff" => filled.extend_from_slice(b"\xff\xfe"),
            // Half of the letter ã, which has two bytes, and its other half.
            "c3" => filled.push(0xC3),
            "a3" => filled.push(0xA3),
            "long" => filled.resize(filled.len() + LONG_LINE_BYTES, b'x'),
            _ => {
                let number = place.strip_prefix("line").and_then(|digits| digits.parse().ok());
                if let Some(number) = number {
                    filled.extend_from_slice(self.line(number).as_bytes());
                } else if let Some(wire) = place.strip_prefix('p').and_then(wire) {
                    filled.extend_from_slice(self.port(wire).to_string().as_bytes());
                } else if let Some(wire) = wire(place) {
                    filled.extend_from_slice(self.name(wire).as_bytes());
                }
            }
        }
    }
}

/// The owner of a dial: the lane, and the wire.
pub(super) fn lane_of(dial: DialId) -> (usize, usize) {
    (dial.0 as usize / WIRES, dial.0 as usize % WIRES)
}

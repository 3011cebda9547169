//! The lines of the processes, compared with those of the table.
//!
//! Pure. Lines go in as they come from the processes. Each step of the table takes its lines out
//! and compares them to the letter. A line that no step takes is a failure. Must never know
//! processes or pipes. Read next: [`super::stage`], where the lines come from.

use std::collections::VecDeque;

use super::script::{Actor, ScriptStep};
use crate::wire::address;

/// A stream of a process.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stream {
    /// stdout: what the person sees.
    Screen,
    /// stderr: the trace of the protocol, the server's log, and errors.
    Log,
}

/// One stream of one process, and the line of it that is not whole yet.
#[derive(Debug)]
pub(super) struct Speaker {
    pub(super) who: Actor,
    stream: Stream,
    unfinished: Vec<u8>,
}

impl Speaker {
    /// A stream without output.
    pub(super) fn new(who: Actor, stream: Stream) -> Self {
        Self { who, stream, unfinished: Vec::new() }
    }
}

/// The lines that no step has taken yet, and what is known from all lines.
#[derive(Debug, Default)]
pub(super) struct DemoRecord {
    /// For each of [`Actor::ALL`].
    said: [Said; 4],
    /// The address of the server, from its log.
    server: Option<String>,
    /// The addresses of callers: the process that was called, the address, and the caller, known
    /// from its USER. The port of a caller is any free one.
    callers: Vec<(Actor, String, Actor)>,
}

#[derive(Debug, Default)]
struct Said {
    screen: VecDeque<String>,
    log: VecDeque<String>,
    /// Its port for calls, from its own USER.
    port: Option<u16>,
}

/// A line of a log, without its time.
#[derive(Debug)]
enum LogLine<'a> {
    /// `wire 127.0.0.1:10000 > LIST`: a message to or from the other end.
    Wire { other: &'a str, is_sent: bool, text: &'a str },
    /// `INFO event=stopped`, or a warning.
    Event(&'a str),
    /// Anything else, errors among them.
    Other,
}

impl DemoRecord {
    /// Takes bytes, and records each whole line. No bytes: the stream has ended, and the unfinished
    /// line counts.
    pub(super) fn hear_bytes(&mut self, speaker: &mut Speaker, bytes: &[u8]) {
        if bytes.is_empty() && !speaker.unfinished.is_empty() {
            speaker.unfinished.push(b'\n');
        }
        speaker.unfinished.extend_from_slice(bytes);
        while let Some(end) = speaker.unfinished.iter().position(|&byte| byte == b'\n') {
            let line = String::from_utf8_lossy(&speaker.unfinished[..end]).into_owned();
            speaker.unfinished.drain(..=end);
            self.hear(speaker.who, speaker.stream, line);
        }
    }

    /// Records a line. Lines that the table does not have are not kept: those of the server until
    /// it listens, and KEEPs, of which any number may come.
    pub(super) fn hear(&mut self, who: Actor, stream: Stream, line: String) {
        if stream == Stream::Screen {
            self.said[who as usize].screen.push_back(line);
            return;
        }
        match LogLine::parse(&line) {
            LogLine::Wire { is_sent, text: "KEEP", .. } if is_sent == (who != Actor::Server) => {
                return;
            }
            LogLine::Wire { other, is_sent, text } => self.learn(who, other, is_sent, text),
            LogLine::Event(event) if who == Actor::Server && self.server.is_none() => {
                self.server = address_listened_at(event);
                return;
            }
            LogLine::Event(_) | LogLine::Other => {}
        }
        self.said[who as usize].log.push_back(line);
    }

    /// The address of the server, once it has logged it.
    pub(super) fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Takes the lines of this step. False: not all have come yet.
    pub(super) fn take(&mut self, step: ScriptStep) -> Result<bool, String> {
        match step {
            ScriptStep::Starts(Actor::Server) => Ok(self.server.is_some()),
            ScriptStep::Shows(who, text) => {
                let said = &mut self.said[who as usize].screen;
                let is_here = is_next(who, said, |line| line == text)?;
                Ok(is_here && said.pop_front().is_some())
            }
            ScriptStep::Logs(who, text) => {
                let text = self.fill_in(text);
                let said = &mut self.said[who as usize].log;
                let is_here = is_next(who, said, |line| LogLine::parse(line).is_event(&text))?;
                Ok(is_here && said.pop_front().is_some())
            }
            ScriptStep::Sends(from, to, text) | ScriptStep::Says(from, to, text) => {
                self.take_message(from, to, text)
            }
            ScriptStep::Starts(_)
            | ScriptStep::Types(..)
            | ScriptStep::Does(..)
            | ScriptStep::Stops(_)
            | ScriptStep::Ends(_) => Ok(true),
        }
    }

    /// The first line that no step has taken.
    pub(super) fn first_unread(&self) -> Option<String> {
        let line = |who: Actor| Some(format!("{}: {:?}", who.name(), self.unread(who)?));
        Actor::ALL.into_iter().find_map(line)
    }

    /// The first unexpected line of a process that has ended: most likely its error.
    pub(super) fn last_words(&self, who: Actor) -> String {
        self.unread(who).map_or_else(String::new, |line| format!(", saying {line:?}"))
    }

    fn unread(&self, who: Actor) -> Option<&String> {
        let said = &self.said[who as usize];
        said.log.front().or(said.screen.front())
    }

    /// Replaces `{Ana}` and the like by ports, as far as they are known.
    pub(super) fn fill_in(&self, text: &str) -> String {
        let mut text = text.to_string();
        for who in Actor::ALL {
            if let Some(port) = self.said[who as usize].port {
                text = text.replace(&format!("{{{}}}", who.name()), &port.to_string());
            }
        }
        text
    }

    /// Takes a message from the logs of both sides, once both have it.
    fn take_message(&mut self, from: Actor, to: Actor, text: &str) -> Result<bool, String> {
        let text = self.fill_in(text);
        let is_sent = is_next(from, &self.said[from as usize].log, |line| {
            self.is_message(from, line, true, to, &text)
        })?;
        let has_arrived = is_next(to, &self.said[to as usize].log, |line| {
            self.is_message(to, line, false, from, &text)
        })?;
        if is_sent && has_arrived {
            self.said[from as usize].log.pop_front();
            self.said[to as usize].log.pop_front();
        }
        Ok(is_sent && has_arrived)
    }

    /// Whether a line of `at`'s log is this message, to or from `end`.
    fn is_message(&self, at: Actor, line: &str, was_sent: bool, end: Actor, message: &str) -> bool {
        match LogLine::parse(line) {
            LogLine::Wire { other, is_sent, text } => {
                is_sent == was_sent && text == message && self.other_end(at, other) == Some(end)
            }
            LogLine::Event(_) | LogLine::Other => false,
        }
    }

    /// The process that `at` knows by this address.
    fn other_end(&self, at: Actor, other: &str) -> Option<Actor> {
        if at != Actor::Server && self.server() == Some(other) {
            return Some(Actor::Server);
        }
        let caller = self.callers.iter().find(|it| it.0 == at && it.1 == other).map(|it| it.2);
        caller.or_else(|| {
            let port = address::parse(other.as_bytes())?.port();
            Actor::ALL.into_iter().find(|who| self.said[*who as usize].port == Some(port))
        })
    }

    /// Learns from a USER who the other side is, and the port of its sender.
    fn learn(&mut self, who: Actor, other: &str, is_sent: bool, text: &str) {
        let Some(user) = text.strip_prefix("USER ") else { return };
        let (name, port) = user.split_once(':').unwrap_or((user, ""));
        let Some(named) = Actor::ALL.into_iter().find(|it| it.name() == name) else { return };
        if !is_sent && self.other_end(who, other).is_none() {
            self.callers.push((who, other.to_string(), named));
        } else if is_sent && who == named && self.said[who as usize].port.is_none() {
            self.said[who as usize].port = address::parse_port(port.as_bytes());
        }
    }
}

impl<'a> LogLine<'a> {
    fn parse(line: &'a str) -> Self {
        let Some((_time, rest)) = line.split_once(' ') else { return Self::Other };
        let event = rest.strip_prefix("INFO ").or_else(|| rest.strip_prefix("WARN "));
        if let Some(event) = event {
            return Self::Event(event);
        }
        let mut words = rest.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("wire"), Some(other), Some(direction @ (">" | "<")), Some(text)) => {
                // The demo shows instructions as the handout writes them, without their ends.
                let text = text.strip_suffix("\\r\\n").unwrap_or(text);
                Self::Wire { other, is_sent: direction == ">", text }
            }
            _ => Self::Other,
        }
    }

    fn is_event(&self, expected: &str) -> bool {
        matches!(self, Self::Event(event) if *event == expected)
    }
}

fn address_listened_at(event: &str) -> Option<String> {
    let rest = event.strip_prefix("event=listening address=")?;
    rest.split(' ').next().map(str::to_string)
}

/// False: nothing came yet.
fn is_next(
    who: Actor,
    said: &VecDeque<String>,
    is_it: impl Fn(&str) -> bool,
) -> Result<bool, String> {
    match said.front() {
        None => Ok(false),
        Some(line) if is_it(line) => Ok(true),
        Some(line) => Err(format!("{} said {line:?}", who.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::TABLE;
    use super::*;

    type Line = (Actor, Stream, String);

    const LISTENING: &str = "T INFO event=listening address=127.0.0.1:7 clients_max=9";

    fn port(who: Actor) -> usize {
        20_000 + who as usize
    }

    /// The address by which `at` knows `end`: that at which `end` listens, if `at` called.
    fn known_as(at: Actor, end: Actor) -> String {
        match (at, end) {
            (_, Actor::Server) => "127.0.0.1:7".to_string(),
            (Actor::Camila, Actor::Bruno) => format!("127.0.0.1:{}", port(Actor::Bruno)),
            _ => format!("127.0.0.1:4000{}", end as usize),
        }
    }

    /// The lines of the processes when all goes as in the table.
    fn lines_of(step: ScriptStep) -> Vec<Line> {
        let fill = |text: &str| {
            Actor::ALL.into_iter().fold(text.to_string(), |text, who| {
                text.replace(&format!("{{{}}}", who.name()), &port(who).to_string())
            })
        };
        match step {
            ScriptStep::Starts(Actor::Server) => {
                vec![(Actor::Server, Stream::Log, LISTENING.to_string())]
            }
            ScriptStep::Shows(who, text) => vec![(who, Stream::Screen, text.to_string())],
            ScriptStep::Logs(who, text) => {
                vec![(who, Stream::Log, format!("T INFO {}", fill(text)))]
            }
            ScriptStep::Sends(from, to, text) | ScriptStep::Says(from, to, text) => {
                let sent = format!("T wire {} > {}", known_as(from, to), fill(text));
                let heard = format!("T wire {} < {}", known_as(to, from), fill(text));
                vec![(from, Stream::Log, sent), (to, Stream::Log, heard)]
            }
            ScriptStep::Starts(_)
            | ScriptStep::Types(..)
            | ScriptStep::Does(..)
            | ScriptStep::Stops(_)
            | ScriptStep::Ends(_) => {
                vec![]
            }
        }
    }

    fn faithful() -> Vec<Line> {
        TABLE.iter().flat_map(|row| row.iter()).flat_map(|step| lines_of(*step)).collect()
    }

    /// The whole comparison, on lines that were recorded before.
    fn compare(lines: &[Line]) -> Result<(), String> {
        let mut record = DemoRecord::default();
        for (who, stream, line) in lines {
            record.hear(*who, *stream, line.clone());
        }
        for step in TABLE.iter().flat_map(|row| row.iter()) {
            if !record.take(*step)? {
                return Err(format!("missing: {step}"));
            }
        }
        record.first_unread().map_or(Ok(()), Err)
    }

    #[test]
    fn the_lines_of_the_table_pass_whichever_process_is_heard_first() {
        let mut lines = faithful();
        assert_eq!(compare(&lines), Ok(()));
        lines.sort_by_key(|(who, ..)| std::cmp::Reverse(*who));
        assert_eq!(compare(&lines), Ok(()));
    }

    #[test]
    fn a_missing_line_is_reported_whichever_it_is() {
        for at in 0..faithful().len() {
            let mut lines = faithful();
            let removed = lines.remove(at);
            assert!(compare(&lines).is_err(), "without {removed:?}");
        }
    }

    #[test]
    fn an_additional_line_is_reported_wherever_it_is() {
        for at in 0..faithful().len() {
            let mut lines = faithful();
            lines.insert(at, lines[at].clone());
            assert!(compare(&lines).is_err(), "twice {:?}", lines[at]);
        }
        let error = (Actor::Ana, Stream::Log, "papo: nenhum servidor".to_string());
        let lines = [faithful(), vec![error]].concat();
        assert_eq!(compare(&lines), Err("Ana: \"papo: nenhum servidor\"".to_string()));
    }

    #[test]
    fn a_changed_line_is_reported_whichever_it_is() {
        for at in 0..faithful().len() {
            let mut lines = faithful();
            if lines[at].2 == LISTENING {
                continue;
            }
            lines[at].2.push('x');
            assert!(compare(&lines).is_err(), "changed to {:?}", lines[at]);
        }
    }

    #[test]
    fn the_right_words_to_the_wrong_one_are_reported() {
        let mut lines = faithful();
        let tchau = lines.iter_mut().find(|it| it.2.ends_with("< Tchau")).expect("it is there");
        tchau.2 = "T wire 127.0.0.1:7 < Tchau".to_string();
        let report = compare(&lines).expect_err("Camila has it from the server");
        assert_eq!(report, "Camila said \"T wire 127.0.0.1:7 < Tchau\"");
    }

    #[test]
    fn only_peers_send_keep_and_as_many_as_they_like() {
        let keep = |line: &str, who| (who, Stream::Log, format!("T wire 127.0.0.1:{line} KEEP"));
        let good = [keep("7 >", Actor::Ana), keep("40001 <", Actor::Server)];
        assert_eq!(compare(&[faithful(), good.to_vec()].concat()), Ok(()));
        let bad = vec![keep("40001 >", Actor::Server)];
        assert!(compare(&[faithful(), bad].concat()).is_err());
    }
}

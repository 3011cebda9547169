//! A second implementation of the terminal: the lines that are handed over, what is shown of them,
//! and the text before the line being typed.

use std::collections::VecDeque;

use papo::console::ability::Bell;
use papo::console::command::{Topic, TypedEntry};
use papo::console::editor::completion::{Completion, Tab};
use papo::console::editor::line::LINE_BYTES_MAX;
use papo::console::keys::{Code, Held, Key, Keys, Pressed};
use papo::console::language::Language;
use papo::console::live::Wish;
use papo::console::live::sentences::{BEGIN_ONE, LINE_FULL, NEW_DAY, PASTE_CUT};
use papo::console::live::{LISTED_MAX, NAMES_MAX, PASTE_LINES_ASK, RECENT_MAX, WAITING_BYTES_MAX};
use papo::console::texts::{self, ASK_NAME, MORE_NAMES, NOTHING_UNREAD};
use papo::console::visible::{visible, visible_name};
use papo::console::wall_clock::WallTime;
use papo::machine::Typed;
use papo::peer::notice::{Notice, Partner, Standing};
use papo::wire::name::Name;
use unicode_width::UnicodeWidthStr;

use super::line::EditedLine;
use super::screens::CLEAR;

#[derive(Default)]
pub struct Person {
    pub language: Language,
    pub bell: Bell,
    pub keys: Keys,
    pub line: EditedLine,
    completion: Completion,
    pub question: Option<Question>,
    pub waiting: VecDeque<String>,
    /// A text that was handed over, until the machine reports that it is sent.
    pub accepted: Option<String>,
    /// Whether the input has ended, and whether the machine knows it.
    pub has_ended: bool,
    pub has_told_end: bool,
    pub is_name_asked: bool,
    pub standing: Standing,
    recent: Vec<String>,
    online: Option<Vec<String>>,
    /// The line in which TAB wants names, and whether LIST was sent for them.
    wanted: Option<(String, bool)>,
    pub unread: Vec<String>,
    last_writer: Option<String>,
    pub clock: Option<WallTime>,
    day: Option<(i32, u8, u8)>,
    /// The text that must appear above the row, without its wrapping.
    pub above: String,
    pub rings: bool,
    pub wish: Option<Wish>,
    pub is_leaving: bool,
}

/// The question before many pasted lines are sent.
pub struct Question {
    pub text: String,
    pub to: String,
    way: Way,
}

/// How the text gets to its person.
#[derive(PartialEq)]
enum Way {
    Target,
    /// Within a text after this command.
    Message(String),
    Reply(String),
}

impl Person {
    pub fn new(language: Language, bell: Bell) -> Self {
        Self { language, bell, ..Self::default() }
    }

    pub fn types(&mut self, bytes: &[u8]) {
        let mut pressed = Vec::new();
        self.keys.feed(bytes, &mut pressed);
        self.press(pressed);
    }

    pub fn time_passes(&mut self) {
        let mut pressed = Vec::new();
        self.keys.settle(&mut pressed);
        self.is_leaving = false;
        self.press(pressed);
    }

    fn press(&mut self, pressed: Vec<Pressed>) {
        for pressed in pressed {
            let ctrl_c = Key { code: Code::Char('c'), held: Held::Ctrl };
            self.is_leaving &=
                pressed == Pressed::Key(ctrl_c) || matches!(pressed, Pressed::CursorAt { .. });
            match pressed {
                // It contains the place of the row, and nothing that the person does.
                Pressed::CursorAt { .. } => {}
                Pressed::Key(key) if self.has_ended => {
                    if (key.held, key.code) == (Held::Ctrl, Code::Char('c')) {
                        self.wish = Some(Wish::Stop);
                    }
                }
                Pressed::Key(key) => match self.question.take() {
                    Some(question) => self.answer(question, key),
                    None => self.key(key),
                },
                Pressed::Paste { .. } if self.has_ended => {}
                Pressed::Paste { text, cut } => self.paste(&text, cut),
            }
        }
    }

    /// Whether so much waits that nothing more is entered.
    pub fn is_full(&self) -> bool {
        self.waiting.iter().map(String::len).sum::<usize>() >= WAITING_BYTES_MAX
    }

    fn key(&mut self, key: Key) {
        let enters = matches!(
            (key.held, key.code),
            (Held::Nothing | Held::Ctrl, Code::Enter) | (Held::Alt, Code::Char('a'))
        );
        if enters && self.is_full() {
            self.rings = true;
            return;
        }
        match (key.held, key.code) {
            (Held::Nothing, Code::Tab) => self.tab(),
            (Held::Alt, Code::Char('a')) => match self.unread.first() {
                Some(label) => self.waiting.push_back(format!("/chat {}", argument(label))),
                None => self.remark(NOTHING_UNREAD.of(self.language)),
            },
            (Held::Ctrl, Code::Char('l')) => self.above.push_str(CLEAR),
            (Held::Ctrl, Code::Char('z')) => self.wish = Some(Wish::Suspend),
            _ => self.edit(key),
        }
    }

    fn edit(&mut self, key: Key) {
        self.completion = Completion::default();
        let is_empty = self.line.text.is_empty();
        match (key.held, key.code) {
            (Held::Nothing | Held::Ctrl, Code::Enter) => self.enter(),
            (Held::Ctrl, Code::Char('c')) if is_empty => {
                if self.is_leaving || self.standing.open.is_empty() {
                    self.wish = Some(Wish::Stop);
                } else {
                    self.is_leaving = true;
                    self.remark(&texts::leave_twice(self.language));
                }
            }
            (Held::Ctrl, Code::Char('d')) if is_empty => self.end(),
            (Held::Ctrl, Code::Char('c')) => {
                let text = self.line.take();
                self.line.give_up(&text);
            }
            (Held::Ctrl, Code::Char('y')) if self.line.long_cut.is_some() => {
                let text = self.line.long_cut.clone().unwrap_or_default();
                self.pasted(text);
            }
            _ => self.rings |= self.line.press(key).is_err(),
        }
    }

    fn enter(&mut self) {
        let text = self.line.take();
        let is_command = text.starts_with('/') && !text.starts_with("//");
        let lines: Vec<_> = if self.is_name_asked || is_command && !takes_lines(&text) {
            vec![text.replace('\n', " ")]
        } else if is_command {
            vec![with_blank_lines(text.trim_end_matches('\n'))]
        } else {
            let (first, others) = text.split_once('\n').unwrap_or((&text, ""));
            let others = others.trim_end_matches('\n');
            let others = others.split('\n').filter(|_| !others.is_empty()).map(as_text);
            [first.to_string()].into_iter().chain(others).collect()
        };
        self.waiting.extend(lines.into_iter().filter(|line| !line.is_empty()));
        if !self.is_name_asked {
            self.line.remember(&text);
        }
    }

    fn tab(&mut self) {
        let names = self.names();
        let before = &self.line.text[..self.line.cursor];
        let (span, tab) = self.completion.tab(before, &names);
        assert_eq!(span.end, before.len(), "TAB is about what stands before the cursor");
        match tab {
            Tab::Nothing => {
                let topic = Topic::of_line(&self.line.text);
                let takes_name = matches!(topic, Some(Topic::Chat | Topic::Message));
                let is_new = self.wanted.as_ref().is_none_or(|(line, _)| *line != self.line.text);
                let is_registered = self.standing.me.is_some();
                if is_new && takes_name && is_registered && self.online.is_none() {
                    self.wanted = Some((self.line.text.clone(), false));
                }
            }
            Tab::Became(text) => {
                let _ = self.line.replace(span.start, &text);
            }
            Tab::Listed(names) => {
                let listed = names.iter().take(LISTED_MAX).map(|name| visible_name(name));
                let mut text = listed.collect::<Vec<_>>().join(", ");
                if let Some(more) = names.len().checked_sub(LISTED_MAX).filter(|more| *more > 0) {
                    let told = MORE_NAMES.of(self.language);
                    text += &told.replace("{count}", &more.to_string());
                }
                self.remark(&text);
            }
        }
    }

    fn names(&self) -> Vec<String> {
        let mut names = self.recent.clone();
        names.extend(
            self.online.iter().flatten().filter(|name| !self.recent.contains(name)).cloned(),
        );
        names
    }

    fn paste(&mut self, text: &str, cut: bool) {
        if cut {
            self.remark(PASTE_CUT.of(self.language));
        }
        let mut text = text.trim_end_matches('\n').to_string();
        text.retain(|letter| !letter.is_control() || letter == '\n' || letter == '\t');
        self.pasted(text);
    }

    fn pasted(&mut self, text: String) {
        let is_first = self.line.cursor == 0 && !self.is_name_asked;
        let in_row = if is_first { not_a_command(&text) } else { text.clone() };
        let is_long = text.matches('\n').count() + 1 >= PASTE_LINES_ASK;
        if !is_long {
            self.completion = Completion::default();
            if self.line.insert(&in_row).is_ok() {
                return;
            }
        }
        if let Some((to, way)) = self.recipient(&text) {
            if let Some(before) = self.question.replace(Question { text, to, way }) {
                self.keep(&before.text);
            }
            return;
        }
        if is_long && takes_lines(&self.line.text) {
            self.completion = Completion::default();
            if self.line.insert(&in_row).is_ok() {
                return;
            }
        }
        let row = &self.line.text;
        let bytes = LINE_BYTES_MAX.to_string();
        let why = if self.is_name_asked || row.starts_with('/') && !row.starts_with("//") {
            LINE_FULL.of(self.language).replace("{bytes}", &bytes)
        } else {
            texts::sentence(self.language, &Notice::NoTarget)
        };
        self.keep(&text);
        self.remark(&why);
    }

    /// The person in the typed command, or the target.
    fn recipient(&self, text: &str) -> Option<(String, Way)> {
        let (before, behind) = self.line.text.split_at(self.line.cursor);
        let line = format!("{before}{text}{behind}");
        if !takes_lines(before) {
            return Some((self.standing.target.as_ref()?.label.clone(), Way::Target));
        }
        let (_, rest) = line.split_once([' ', '\n'])?;
        let rest = rest.trim_ascii();
        if rest.is_empty() {
            return None;
        }
        if Topic::of_line(&line) == Some(Topic::Reply) {
            let writer = self.last_writer.clone()?;
            return self.is_open(&writer).then(|| (writer, Way::Reply(rest.to_string())));
        }
        let (name, text) = self.name_and_text(rest)?;
        Some((name.to_string(), Way::Message(text.trim_ascii_start().to_string())))
    }

    fn is_open(&self, label: &str) -> bool {
        self.standing.open.iter().any(|who| who.label == label)
    }

    fn name_and_text<'a>(&self, rest: &'a str) -> Option<(&'a str, &'a str)> {
        let ends = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\n']);
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut quotes = quoted.match_indices('"').skip_while(|(at, _)| *at == 0);
            if let Some((end, _)) = quotes.find(|(at, _)| ends(&quoted[at + 1..])) {
                let (name, text) = (&quoted[..end], &quoted[end + 1..]);
                return (!name.contains('"')).then_some((name, text));
            }
        }
        let open = self.standing.open.iter().map(|who| &who.label);
        let known = open.chain(self.online.iter().flatten());
        let mut fits: Vec<_> =
            known.filter(|name| rest.strip_prefix(&name[..]).is_some_and(ends)).collect();
        fits.sort();
        fits.dedup();
        let end = match fits[..] {
            [] => rest.find([' ', '\n']).unwrap_or(rest.len()),
            [only] => only.len(),
            _ => return None,
        };
        (!rest[..end].contains('"')).then(|| rest.split_at(end))
    }

    fn keep(&mut self, text: &str) {
        if text.len() > LINE_BYTES_MAX {
            self.line.give_up(text);
        } else {
            self.line.give_up(&not_a_command(text));
        }
    }

    fn answer(&mut self, question: Question, key: Key) {
        let Question { text, to, way } = question;
        let is_yes = matches!(key.code, Code::Char('y' | 'Y' | 's' | 'S'));
        if !is_yes || key.held != Held::Nothing {
            return self.keep(&text);
        }
        let is_target = self.standing.target.as_ref().is_some_and(|who| who.label == to);
        match way {
            Way::Target if is_target => self.waiting.extend(text.split('\n').map(as_text)),
            Way::Reply(_) if !self.is_open(&to) => self.is_nobodys(&text),
            Way::Message(whole) | Way::Reply(whole) => {
                self.line.take();
                self.waiting.push_back(format!("/msg \"{to}\" {}", with_blank_lines(&whole)));
            }
            Way::Target => self.is_nobodys(&text),
        }
    }

    fn is_nobodys(&mut self, text: &str) {
        self.keep(text);
        self.remark(&texts::sentence(self.language, &Notice::NoTarget));
    }

    pub fn end(&mut self) {
        if !self.has_ended {
            self.has_ended = true;
            self.question = None;
        }
    }

    pub fn next_typed(&mut self) -> Option<Typed> {
        if let Some(mut line) = self.waiting.pop_front() {
            if let Some(label) = self.unread.first()
                && line.trim_end().eq_ignore_ascii_case("/chat")
            {
                line = format!("/chat {}", argument(label));
            }
            self.echo(&line);
            return Some(Typed::Line(line.into_bytes()));
        }
        self.wanted.take_if(|(line, is_asked)| !*is_asked && *line != self.line.text);
        if let Some((_, is_asked @ false)) = &mut self.wanted {
            *is_asked = true;
            return Some(Typed::Line(b"/list".to_vec()));
        }
        let is_told = std::mem::replace(&mut self.has_told_end, self.has_ended);
        (self.has_ended && !is_told).then_some(Typed::End)
    }

    fn echo(&mut self, line: &str) {
        let typed = visible(line.as_bytes());
        if self.is_name_asked {
            return self.put(&format!("{}{typed}", ASK_NAME.of(self.language)));
        }
        let standing = &self.standing;
        if let TypedEntry::Text(text) = TypedEntry::parse(line.as_bytes())
            && standing.me.is_some()
            && standing.target.is_some()
        {
            self.accepted = String::from_utf8(text.to_vec()).ok();
            return;
        }
        for line in line.split('\n') {
            self.put(&format!("> {}", visible(line.as_bytes())));
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "all others are only sentences")]
    pub fn is_shown(&mut self, notice: &Notice, columns: usize) {
        let text = texts::sentence(self.language, notice);
        match notice {
            Notice::Standing(standing) => self.stand(standing.clone()),
            Notice::AskName => self.is_name_asked = true,
            Notice::Said { to, text } => {
                let me = self.standing.me.as_ref().map_or("", |me| me.as_str());
                let shown = format!("{me} → {}: {}", self.name_of(to), visible(text));
                self.accepted = None;
                self.put(&shown);
            }
            Notice::Text { from, text, cut } => self.hear(from, text, *cut),
            Notice::Connected { who } => {
                self.meet(&who.label);
                self.remark(&text);
            }
            Notice::Online(all) => {
                let names = all.iter().filter_map(|name| Name::parse(name).ok());
                self.online = Some(names.take(NAMES_MAX).map(|name| name.to_string()).collect());
                let wanted = self.wanted.take().filter(|(_, is_asked)| *is_asked);
                let wanted = wanted.map(|(line, _)| line).filter(|line| *line == self.line.text);
                if wanted.is_some() {
                    self.tab();
                }
                if wanted.is_none_or(|line| line == self.line.text) {
                    self.remark(&self.online(all, &text, columns));
                }
            }
            Notice::NoConversation => {
                self.remark(&format!("{text}\n{}", BEGIN_ONE.of(self.language)));
            }
            _ => self.remark(&text),
        }
    }

    /// The sentence if it fits into one row, and otherwise columns of names.
    fn online(&self, names: &[Vec<u8>], sentence: &str, columns: usize) -> String {
        let clock = if self.clock.is_some() { "12:34 ".len() } else { 0 };
        let indent = if columns < 40 { 0 } else { clock + "-- ".len() };
        let room = columns.saturating_sub(indent);
        if sentence.width() <= room {
            return sentence.to_string();
        }
        texts::online_in_columns(self.language, names, room)
    }

    fn stand(&mut self, standing: Standing) {
        self.is_name_asked &= standing.me.is_none();
        let target = standing.target.as_ref().map(|who| who.label.clone());
        let open: Vec<_> = standing.open.iter().map(|who| &who.label).collect();
        self.unread.retain(|label| open.contains(&label) && Some(label) != target.as_ref());
        if let Some(label) = &target {
            self.meet(label);
        }
        self.standing = standing;
    }

    fn meet(&mut self, label: &str) {
        self.recent.retain(|other| other != label);
        self.recent.insert(0, label.to_string());
        self.recent.truncate(RECENT_MAX);
    }

    fn hear(&mut self, from: &Partner, text: &[u8], cut: bool) {
        let mut shown = visible(text);
        if cut {
            shown += " [...]";
        }
        self.put(&format!("{}: {shown}", self.name_of(from)));
        self.meet(&from.label);
        self.last_writer = Some(from.label.clone());
        let is_here = self.standing.target.as_ref().is_some_and(|who| who.label == from.label);
        let is_open = self.standing.open.iter().any(|who| who.label == from.label);
        if is_open && !is_here && !self.unread.contains(&from.label) {
            self.unread.push(from.label.clone());
        }
        self.rings |= match self.bell {
            Bell::Off => false,
            Bell::Message => !is_here,
            Bell::All => true,
        };
    }

    fn name_of(&self, who: &Partner) -> String {
        if who.trust.is_plain() {
            return who.label.clone();
        }
        let doubtful = match self.language {
            Language::English => "not verified",
            Language::Portuguese => "não confirmado",
        };
        format!("{} ({doubtful})", who.label)
    }

    pub fn remark(&mut self, text: &str) {
        self.put(&format!("-- {text}"));
    }

    /// With the time, and with the day if it is another one.
    fn put(&mut self, text: &str) {
        let Some(now) = self.clock else { return self.above.push_str(text) };
        let today = (now.year, now.month, now.day);
        if self.day.replace(today).is_some_and(|day| day != today) {
            let (month, day) = (format!("{:02}", now.month), format!("{:02}", now.day));
            let line = NEW_DAY.of(self.language).replace("{year}", &now.year.to_string());
            self.above += &line.replace("{month}", &month).replace("{day}", &day);
        }
        self.above += &format!("{:02}:{:02} {text}", now.hour, now.minute);
    }
}

fn as_text(line: &str) -> String {
    let line = if line.is_empty() { " " } else { line };
    if line.starts_with('/') { format!("/{line}") } else { line.to_string() }
}

fn takes_lines(text: &str) -> bool {
    matches!(Topic::of_line(text), Some(Topic::Message | Topic::Reply))
}

/// A name that begins with a quote stands in quotes.
fn argument(label: &str) -> String {
    if label.starts_with('"') { format!("\"{label}\"") } else { label.to_string() }
}

fn not_a_command(text: &str) -> String {
    if text.contains('\n') { as_text(text) } else { text.to_string() }
}

fn with_blank_lines(text: &str) -> String {
    let lines = text.split('\n').map(|line| if line.is_empty() { " " } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

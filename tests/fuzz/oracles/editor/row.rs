//! The row as it should be on the screen.

use papo::console::live::PASTE_LINES_ASK;
use papo::console::live::sentences::{PASTE_LONG_QUESTION, PASTE_QUESTION, PASTE_SHORT_QUESTION};
use papo::console::texts::ASK_NAME;
use papo::console::visible::visible;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::person::Person;

/// A row with fewer columns for what scrolls has marks at its ends.
const MARKED_COLUMNS_MIN: usize = 4;

#[derive(Default)]
pub struct Row {
    prompt: String,
    before: String,
    behind: String,
    /// Terminals disagree about its columns.
    pub is_odd: bool,
    /// Some letter takes more than a column: where it is cut, spaces replace its half.
    has_wide: bool,
}

impl Row {
    pub fn of(person: &Person, columns: usize) -> Self {
        let is_odd = people(person).iter().any(|label| is_odd(label));
        let mut row = Self { is_odd, ..Self::default() };
        if person.has_ended {
            return row;
        }
        row.prompt = prompt(person, columns);
        let (text, cursor) = match person.question {
            Some(_) => ("", 0),
            None => (&person.line.text[..], person.line.cursor),
        };
        for (at, letter) in text.grapheme_indices(true) {
            let shown = match letter {
                "\n" | "\r\n" => "⏎".to_string(),
                _ => visible(letter.as_bytes()),
            };
            row.is_odd |= self::is_odd(&shown);
            row.has_wide |= shown.width() > 1;
            let side = if at < cursor { &mut row.before } else { &mut row.behind };
            side.push_str(&shown);
        }
        row
    }

    /// The row of the screen is this one, or a part of it if it does not fit.
    pub fn compare(&self, cells: &[String], cursor: usize) {
        let Self { prompt, before, behind, .. } = self;
        let columns = cells.len();
        let room = columns - prompt.width();
        if before.width() + behind.width() < room {
            let whole = format!("{prompt}{before}{behind}");
            assert_eq!(cells.concat().trim_end(), whole.trim_end(), "the row");
            assert_eq!(cursor, prompt.width() + before.width(), "the cursor in {whole:?}");
            return;
        }
        let start = prompt.width();
        assert_eq!(cells[..start].concat(), *prompt, "before what does not fit");
        assert!((start..columns).contains(&cursor), "{cursor} in {start}..{columns}");
        if self.has_wide {
            return;
        }
        let (left, right) = (cells[start..cursor].concat(), cells[cursor..].concat());
        let marks = |side: &str, mark: char| room >= MARKED_COLUMNS_MIN && side.contains(mark);
        let unmarked = left.strip_prefix('<').filter(|_| marks(&left, '<'));
        let fits = before.ends_with(&left) || unmarked.is_some_and(|it| before.ends_with(it));
        assert!(fits, "{left:?} is no end of {before:?}");
        let padded = format!("{behind}{}", " ".repeat(columns));
        let unmarked = right.strip_suffix('>').filter(|_| marks(&right, '>'));
        let fits = padded.starts_with(&right) || unmarked.is_some_and(|it| padded.starts_with(it));
        assert!(fits, "{right:?} is no beginning of {behind:?}");
        assert!(left.len() > 1 || before.len() <= left.len() || room < 6, "what was typed last");
    }
}

fn people(person: &Person) -> Vec<&str> {
    let me = person.standing.me.iter().map(|name| name.as_str());
    let target = person.standing.target.iter().map(|who| &who.label[..]);
    let asked = person.question.iter().map(|question| &question.to[..]);
    me.chain(target).chain(asked).chain(person.unread.iter().map(|label| &label[..])).collect()
}

/// Whether the letters together are as wide as the sum of their widths, and none has no width.
fn is_odd(text: &str) -> bool {
    let widths: Vec<_> = text.chars().map(|letter| letter.width().unwrap_or(0)).collect();
    widths.contains(&0) || widths.iter().sum::<usize>() != text.width()
}

fn prompt(person: &Person, columns: usize) -> String {
    if let Some(question) = &person.question {
        let lines = question.text.split('\n').count();
        let (text, count) = if lines < PASTE_LINES_ASK {
            (PASTE_LONG_QUESTION.of(person.language), question.text.chars().count())
        } else {
            (PASTE_QUESTION.of(person.language), lines)
        };
        let count = count.to_string();
        let room = columns.saturating_sub(1);
        let wordings = [(text, 8), (PASTE_SHORT_QUESTION.of(person.language), 0)];
        let choices = wordings.into_iter().filter_map(|(wording, least)| {
            let wording = wording.replace("{count}", &count);
            let left = room.saturating_sub(wording.replace("{name}", "").width());
            let name = shortened(&question.to, left)?;
            (name == question.to || left >= least).then(|| wording.replace("{name}", &name))
        });
        return longest(choices, room);
    }
    if person.is_name_asked {
        let texts = [ASK_NAME.of(person.language), "> "].map(String::from);
        return longest(texts.into_iter(), columns.saturating_sub(4));
    }
    let me = person.standing.me.as_ref().map(|name| name.as_str().to_string());
    let target = person.standing.target.as_ref();
    let target =
        target.map(|who| who.label.clone() + if who.trust.is_plain() { "" } else { "(?)" });
    let (name, number) = match &person.unread[..] {
        [] => (String::new(), String::new()),
        [only] => (format!("[*{only}]"), "[*1]".to_string()),
        several => (format!("[*{}]", several.len()), format!("[*{}]", several.len())),
    };
    let who = match (&me, &target) {
        (Some(me), Some(target)) => format!("{me} → {target}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    };
    let joined = |who: &str, unread: &str| format!("{who} {unread}").trim().to_string() + "> ";
    let whole = target.unwrap_or_default();
    let short = |unread: &str| {
        let who = person.standing.target.as_ref()?;
        let mark = if who.trust.is_plain() { "" } else { "(?)" };
        let rest = joined("x", unread).width() - 1 + mark.width();
        let label = shortened(&who.label, (columns / 2).saturating_sub(rest))?;
        Some(joined(&(label + mark), unread))
    };
    let choices = [
        Some(joined(&who, &name)),
        Some(joined(&who, &number)),
        Some(joined(&whole, &number)),
        short(&number),
        short(""),
        Some(joined("", &number)),
        Some("> ".to_string()),
    ];
    longest(choices.into_iter().flatten(), columns / 2)
}

/// The beginning of a name, with a mark where it is cut.
fn shortened(name: &str, columns: usize) -> Option<String> {
    if name.width() <= columns {
        return Some(name.to_string());
    }
    let ends = name.grapheme_indices(true).map(|(at, _)| at).filter(|at| *at > 0);
    let width =
        |at: usize| -> usize { name[..at].graphemes(true).map(UnicodeWidthStr::width).sum() };
    let end = ends.take_while(|at| width(*at) < columns).last()?;
    Some(format!("{}…", name[..end].trim_end()))
}

fn longest(mut choices: impl Iterator<Item = String>, columns: usize) -> String {
    choices.find(|choice| choice.width() <= columns).unwrap_or_default()
}

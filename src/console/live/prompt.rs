//! The prompt before the line being typed: its target, and other conversations with unread
//! messages.
//!
//! ```text
//! Ana → Bruno [*Camila]>     Bruno gets the line; Camila has written
//! Ana → Bruno [*2]>          two have written, or there is no room for the name
//! Bruno>                     less room
//! Br…>                       hardly any room
//! ```
//!
//! The prompt leaves half of the row for the typed text.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::paint::Paint;
use super::people::People;
use super::row::Painted;
use crate::console::language::{Language, Text};
use crate::console::visible::{likeness, visible_name};
use crate::peer::notice::Partner;

/// The longest of the prompts that fits.
pub(super) fn prompt(people: &People, paint: Paint, columns: usize) -> Painted {
    let unread = people.unread();
    let by_name = match unread {
        [only] => Some(format!("*{}", visible_name(&only.label))),
        _ => None,
    };
    let by_number = (!unread.is_empty()).then(|| format!("*{}", unread.len()));
    let me = people.me().map(|name| name.as_str());
    let label = people.target().map(|who| visible_name(&who.label)).unwrap_or_default();
    let label = &label[..];
    let target = people.target().map(|who| (who, label));
    let choices = [
        Parts { me, target, unread: by_name.as_deref().or(by_number.as_deref()) },
        Parts { me, target, unread: by_number.as_deref() },
        Parts { me: None, target, unread: by_number.as_deref() },
    ];
    let room = columns / 2;
    let short = [by_number.as_deref(), None].into_iter().filter_map(|unread| {
        let (who, _) = target?;
        let rest = Parts { me: None, target: Some((who, "")), unread }.draw(paint).columns;
        let label = shortened(label, room.saturating_sub(rest))?;
        Some(Parts { me: None, target: Some((who, &label)), unread }.draw(paint))
    });
    let nobody = [Parts { me: None, target: None, unread: by_number.as_deref() }, Parts::default()];
    let draw = |parts: &Parts<'_>| parts.draw(paint);
    first_that_fits(choices.iter().map(draw).chain(short).chain(nobody.iter().map(draw)), room)
}

/// The prompt for the name. It may take the whole row, but for a few columns of the name.
pub(super) fn question(texts: [&str; 2], columns: usize) -> Painted {
    let drawn = texts.into_iter().map(plain);
    first_that_fits(drawn, columns.saturating_sub(QUESTION_LEAVES))
}

/// Columns that a question leaves for the answer.
const QUESTION_LEAVES: usize = 4;

/// The prompt of a question about a person, in the first of these wordings that fits. A long name
/// is shortened. The prompt may take the whole row except for the cursor, because the answer is one
/// key.
pub(super) fn about(
    name: &str,
    count: usize,
    wordings: [Text; 2],
    language: Language,
    columns: usize,
) -> Painted {
    let room = columns.saturating_sub(1);
    let fitting = wordings.into_iter().zip(NAME_COLUMNS_MIN).filter_map(|(wording, least)| {
        let filled = |name: &str| wording.fill(language, &[("count", &count), ("name", &name)]);
        let left = room.saturating_sub(filled("").width());
        let name = shortened(name, left).filter(|short| short == name || left >= least)?;
        Some(plain(&filled(&name)))
    });
    first_that_fits(fitting, room)
}

/// As much of a name as fits, with a mark if that is not all of it. `None`: not one letter fits.
fn shortened(name: &str, columns: usize) -> Option<String> {
    if name.width() <= columns {
        return Some(name.to_string());
    }
    let mut short = String::new();
    for letter in name.graphemes(true) {
        if short.width() + letter.width() + CUT.width() > columns {
            break;
        }
        short.push_str(letter);
    }
    (!short.is_empty()).then(|| short.trim_end().to_string() + CUT)
}

/// Fewer columns than these for a shortened name: the next wording is better.
const NAME_COLUMNS_MIN: [usize; 2] = [8, 0];

/// The mark of a shortened name.
const CUT: &str = "…";

fn plain(text: &str) -> Painted {
    Painted { text: text.to_string(), columns: text.width() }
}

fn first_that_fits(mut choices: impl Iterator<Item = Painted>, columns: usize) -> Painted {
    choices.find(|choice| choice.columns <= columns).unwrap_or_default()
}

/// The parts of a prompt.
#[derive(Default)]
struct Parts<'a> {
    me: Option<&'a str>,
    /// The target, and its name as it is shown.
    target: Option<(&'a Partner, &'a str)>,
    unread: Option<&'a str>,
}

impl Parts<'_> {
    fn draw(&self, paint: Paint) -> Painted {
        let mut drawn = Painted::default();
        let mut put = |text: &str, painted: String| {
            drawn.columns += text.width();
            drawn.text.push_str(&painted);
        };
        if let Some(me) = self.me {
            put(me, paint.name(me, me));
        }
        if let Some((who, label)) = self.target {
            if self.me.is_some() {
                put(" → ", " → ".to_string());
            }
            put(label, paint.name(&who.label, label));
            if !who.trust.is_plain() || likeness(&who.label).is_some() {
                // The name is not confirmed, or may look like a different one.
                put("(?)", "(?)".to_string());
            }
        }
        if let Some(unread) = self.unread {
            let blank = if self.me.is_some() || self.target.is_some() { " " } else { "" };
            let text = format!("{blank}[{unread}]");
            put(&text, text.clone());
        }
        put("> ", "> ".to_string());
        drawn
    }
}

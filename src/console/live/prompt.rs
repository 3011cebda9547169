//! The prompt before the line being typed: its target, and other conversations with unread
//! messages.
//!
//! ```text
//! Ana → Bruno [*Camila]>     Bruno gets the line; Camila has written
//! Ana → Bruno [*2]>          two have written, or there is no room for the name
//! Bruno>                     less room
//! >                          hardly any room
//! ```
//!
//! The prompt leaves half of the row for the typed text.

use unicode_width::UnicodeWidthStr;

use super::paint::Paint;
use super::people::People;
use super::row::Painted;
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
    let target = people.target();
    let choices = [
        Parts { me, target, unread: by_name.as_deref().or(by_number.as_deref()) },
        Parts { me, target, unread: by_number.as_deref() },
        Parts { me: None, target, unread: by_number.as_deref() },
        Parts { me: None, target: None, unread: by_number.as_deref() },
        Parts::default(),
    ];
    let drawn = choices.iter().map(|parts| parts.draw(paint));
    first_that_fits(drawn, columns / 2)
}

/// The prompt of a question. It may take the whole row, because the answer is one key, or a name.
pub(super) fn question(texts: [&str; 2], columns: usize) -> Painted {
    let drawn = texts.into_iter().map(plain);
    first_that_fits(drawn, columns.saturating_sub(QUESTION_LEAVES))
}

/// Columns that a question leaves for the answer.
const QUESTION_LEAVES: usize = 4;

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
    target: Option<&'a Partner>,
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
        if let Some(who) = self.target {
            if self.me.is_some() {
                put(" → ", " → ".to_string());
            }
            let label = visible_name(&who.label);
            put(&label, paint.name(&who.label, &label));
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

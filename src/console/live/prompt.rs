//! The prompt before the line being typed: who gets the line, and who else has said something.
//!
//! ```text
//! Ana → Bruno [*Camila]>     Bruno gets it; Camila waits
//! Ana → Bruno [*2]>          two wait, or there is no room for the name
//! Bruno>                     less room
//! >                          hardly any
//! ```
//!
//! The prompt leaves half of the row for what is typed.

use unicode_width::UnicodeWidthStr;

use super::paint::Paint;
use super::people::People;
use super::row::Painted;
use crate::console::visible::{mixes_alphabets, visible_name};
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

/// A question takes the whole row: nothing is typed behind it but one key, or a name.
pub(super) fn question(texts: [&str; 2], columns: usize) -> Painted {
    let drawn = texts.into_iter().map(plain);
    first_that_fits(drawn, columns.saturating_sub(QUESTION_LEAVES))
}

/// How many columns a question leaves for the answer.
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
            if !who.trust.is_plain() || mixes_alphabets(&who.label) {
                // The name is not confirmed, or may look like another.
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

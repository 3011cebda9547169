//! Keys → a line: each key is compared with a simple model, a list of letters and a cursor.

use papo::console::editor::line::LINE_BYTES_MAX;
use papo::console::editor::{Editor, KeyEffect};
use papo::console::keys::{Code, Held, Key};
use proptest::prelude::*;

fn key(held: Held, code: Code) -> Key {
    Key { code, held }
}

fn letter(letter: char) -> Key {
    key(Held::Nothing, Code::Char(letter))
}

fn ctrl(letter: char) -> Key {
    key(Held::Ctrl, Code::Char(letter))
}

fn alt(letter: char) -> Key {
    key(Held::Alt, Code::Char(letter))
}

fn types(editor: &mut Editor, text: &str) {
    for character in text.chars() {
        assert_eq!(editor.press(letter(character)), KeyEffect::Edited);
    }
}

/// `oi B|runo`
fn line(editor: &Editor) -> String {
    let (before, behind) = editor.text().split_at(editor.cursor());
    format!("{before}|{behind}")
}

/// The simple model. A word consists of letters.
#[derive(Default)]
struct Model {
    letters: Vec<char>,
    cursor: usize,
    cut: String,
    was_cut: bool,
}

impl Model {
    fn press(&mut self, key: Key) {
        let was_cut = std::mem::take(&mut self.was_cut);
        let (start, end) = (self.word_start(), self.word_end());
        match (key.held, key.code) {
            (Held::Nothing, Code::Char(letter)) => {
                self.letters.insert(self.cursor, letter);
                self.cursor += 1;
            }
            (Held::Ctrl, Code::Char('b')) => self.cursor = self.cursor.saturating_sub(1),
            (Held::Ctrl, Code::Char('f')) => {
                self.cursor = (self.cursor + 1).min(self.letters.len());
            }
            (Held::Alt, Code::Char('b')) => self.cursor = start,
            (Held::Alt, Code::Char('f')) => self.cursor = end,
            (Held::Ctrl, Code::Char('a')) => self.cursor = 0,
            (Held::Ctrl, Code::Char('e')) => self.cursor = self.letters.len(),
            (_, Code::Backspace) if self.cursor > 0 => {
                self.cursor -= 1;
                self.letters.remove(self.cursor);
            }
            (_, Code::Delete) if self.cursor < self.letters.len() => {
                self.letters.remove(self.cursor);
            }
            (Held::Ctrl, Code::Char('w')) => self.kill(start, self.cursor, was_cut),
            (Held::Alt, Code::Char('d')) => self.kill(self.cursor, end, was_cut),
            (Held::Ctrl, Code::Char('k')) => self.kill(self.cursor, self.letters.len(), was_cut),
            (Held::Ctrl, Code::Char('u')) => self.kill(0, self.cursor, was_cut),
            (Held::Ctrl, Code::Char('y')) => {
                let cut: Vec<_> = self.cut.chars().collect();
                self.letters.splice(self.cursor..self.cursor, cut.iter().copied());
                self.cursor += cut.len();
            }
            _ => {}
        }
    }

    /// Cuts without a key between them become one text.
    fn kill(&mut self, from: usize, to: usize, was_cut: bool) {
        self.was_cut = from < to;
        if from == to {
            return;
        }
        let is_left = from < self.cursor;
        let cut: String = self.letters.drain(from..to).collect();
        self.cut = match (was_cut, is_left) {
            (false, _) => cut,
            (true, true) => cut + &self.cut,
            (true, false) => std::mem::take(&mut self.cut) + &cut,
        };
        self.cursor = from;
    }

    fn is_word(&self, at: usize) -> bool {
        self.letters[at].is_alphabetic()
    }

    fn word_start(&self) -> usize {
        let mut at = self.cursor;
        while at > 0 && !self.is_word(at - 1) {
            at -= 1;
        }
        while at > 0 && self.is_word(at - 1) {
            at -= 1;
        }
        at
    }

    /// The beginning of the next word, as in `tui-input`. A shell stops at the end of this word.
    fn word_end(&self) -> usize {
        let mut at = self.cursor;
        while at < self.letters.len() && self.is_word(at) {
            at += 1;
        }
        while at < self.letters.len() && !self.is_word(at) {
            at += 1;
        }
        at
    }
}

fn keys() -> impl Strategy<Value = Vec<Key>> {
    let key = prop_oneof![
        4 => prop::sample::select(vec!['a', 'b', 'é', ' ']).prop_map(letter),
        3 => prop::sample::select(vec!['a', 'b', 'e', 'f', 'k', 'u', 'w', 'y']).prop_map(ctrl),
        1 => prop::sample::select(vec!['b', 'd', 'f']).prop_map(alt),
        1 => prop::sample::select(vec![Code::Backspace, Code::Delete])
            .prop_map(|code| key(Held::Nothing, code)),
    ];
    prop::collection::vec(key, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_editor_does_what_the_model_does(keys in keys()) {
        let (mut editor, mut model) = (Editor::default(), Model::default());
        for (place, &key) in keys.iter().enumerate() {
            editor.press(key);
            model.press(key);
            let text: String = model.letters.iter().collect();
            let before: String = model.letters[..model.cursor].iter().collect();
            prop_assert_eq!(editor.text(), text, "after key {}: {:?}", place, key);
            prop_assert_eq!(editor.cursor(), before.len(), "after key {}: {:?}", place, key);
        }
    }
}

#[test]
fn a_key_moves_by_whole_letters() {
    let mut editor = Editor::default();
    types(&mut editor, "ae\u{301}👩\u{200d}👩\u{200d}👧漢");
    editor.press(ctrl('b'));
    editor.press(ctrl('b'));
    assert_eq!(line(&editor), "ae\u{301}|👩\u{200d}👩\u{200d}👧漢");
    editor.press(key(Held::Nothing, Code::Backspace));
    assert_eq!(line(&editor), "a|👩\u{200d}👩\u{200d}👧漢");
    editor.press(key(Held::Nothing, Code::Delete));
    assert_eq!(line(&editor), "a|漢");
}

#[test]
fn history_keeps_the_draft() {
    let mut editor = Editor::default();
    for entered in ["one", "two", "two", ""] {
        editor.remember(entered);
    }
    types(&mut editor, "dra");
    let (up, down) = (key(Held::Nothing, Code::Up), key(Held::Nothing, Code::Down));
    let walk = [
        (up, "two|"),
        (up, "one|"),
        (up, "one|"),
        (down, "two|"),
        (down, "dra|"),
        (down, "dra|"),
        (ctrl('p'), "two|"),
        (ctrl('n'), "dra|"),
    ];
    for (key, expected) in walk {
        editor.press(key);
        assert_eq!(line(&editor), expected);
    }
    editor.press(up);
    let enter = key(Held::Nothing, Code::Enter);
    assert_eq!(editor.press(enter), KeyEffect::Entered("two".to_string()));
    editor.press(down);
    assert_eq!(line(&editor), "|", "the draft of a line that was left is gone");
}

#[test]
fn ctrl_c_clears_the_line_and_leaves_on_an_empty_one() {
    let mut editor = Editor::default();
    types(&mut editor, "half");
    assert_eq!(editor.press(ctrl('c')), KeyEffect::Edited);
    assert_eq!(line(&editor), "|");
    assert_eq!(editor.press(ctrl('c')), KeyEffect::Stop);
    types(&mut editor, "x");
    editor.press(ctrl('a'));
    assert_eq!(editor.press(ctrl('d')), KeyEffect::Edited);
    assert_eq!(line(&editor), "|");
    assert_eq!(editor.press(ctrl('d')), KeyEffect::End);
}

/// The bound holds for typed, pasted and reinserted (Ctrl-Y) text.
#[test]
fn a_full_line_takes_no_more_and_loses_nothing() {
    let mut editor = Editor::default();
    assert_eq!(editor.insert(&"x".repeat(LINE_BYTES_MAX)), KeyEffect::Edited);
    assert_eq!(editor.press(letter('y')), KeyEffect::Full);
    assert_eq!(editor.insert("y"), KeyEffect::Full);
    assert_eq!(editor.text(), "x".repeat(LINE_BYTES_MAX));

    editor.press(ctrl('u'));
    assert_eq!(editor.press(ctrl('y')), KeyEffect::Edited);
    assert_eq!(editor.press(ctrl('y')), KeyEffect::Full);
    assert_eq!(editor.text(), "x".repeat(LINE_BYTES_MAX));
    editor.press(key(Held::Nothing, Code::Backspace));
    assert_eq!(editor.press(letter('é')), KeyEffect::Full, "two bytes do not fit into one");
    assert_eq!(editor.press(letter('y')), KeyEffect::Edited);
}

/// Both halves of a line come back, in either order of the cuts.
#[test]
fn cuts_without_a_key_between_them_are_one_text() {
    for cuts in [['u', 'k'], ['k', 'u']] {
        let mut editor = Editor::default();
        types(&mut editor, "um dois");
        editor.press(alt('b'));
        for cut in cuts {
            editor.press(ctrl(cut));
        }
        assert_eq!(line(&editor), "|");
        editor.press(ctrl('y'));
        assert_eq!(line(&editor), "um dois|");
    }
}

#[test]
fn a_cut_of_nothing_keeps_the_text_for_ctrl_y() {
    let mut editor = Editor::default();
    types(&mut editor, "keep");
    editor.press(ctrl('u'));
    types(&mut editor, "x");
    editor.press(ctrl('k'));
    editor.press(ctrl('y'));
    assert_eq!(line(&editor), "xkeep|");
}

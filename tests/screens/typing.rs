//! The row at the bottom: the visible part of the line, the cursor, and the effect of keys.

use papo::console::live::{CURSOR_WITHIN_MS, Wish};
use papo::console::texts::LEAVE_TWICE_MS;
use papo::peer::notice::Notice;

use super::stage::{OnNarrow, Stage};

#[test]
fn the_cursor_is_at_the_place_of_the_next_letter() {
    let mut ana = Stage::ana(30, 3);
    for (typed, row) in [
        ("João", "Ana> João|"),
        (" 漢字", "Ana> João 漢字|"),
        ("\x1b[D", "Ana> João 漢|字"),
        ("\x01", "Ana> |João 漢字"),
        ("\x1b[1;5C", "Ana> João |漢字"),
        ("\x05\x17", "Ana> João 漢|"),
        ("\x17", "Ana> João |"),
        ("\x03", "Ana> |"),
        ("e\u{301}x\x1b[D", "Ana> e\u{301}|x"),
    ] {
        ana.types(typed);
        ana.looks_like(&[row]);
    }
}

#[test]
fn a_long_line_scrolls_sideways_and_is_sent_whole() {
    let mut ana = Stage::ana(25, 3);
    let text = "0123456789abcdefghijklmnopqrstuvwxyz";
    ana.types(text);
    ana.looks_like(&["Ana> <stuvwxyz|"]);
    ana.types("\x1b[D\x1b[D");
    ana.looks_like(&["Ana> <jklmnopqrstuvwx|yz"]);
    ana.types("\x01");
    ana.looks_like(&["Ana> |0123456789abcdefghi>"]);
    ana.types("\r");
    assert_eq!(ana.lines, [text]);
    ana.looks_like(&["12:34 > 0123456789abcdefg", "hijklmnopqrstuvwxyz", "Ana> |"]);
}

#[test]
fn down_to_one_column_and_back() {
    let mut ana = Stage::ana_and_two(40, 4);
    ana.types("tudo bem");
    for (columns, row) in [
        (40, "Ana → Bruno> tudo bem|"),
        (26, "Ana → Bruno> tudo bem|"),
        (25, "Bruno> tudo bem|"),
        (12, "Bru…> <m|"),
        (10, "Br…> <m|"),
        (3, "em|"),
        (1, "|"),
    ] {
        ana.resizes(columns, 4);
        let drawing = ana.drawing();
        let last = drawing.lines().last().unwrap_or_default();
        assert_eq!(last, row, "{columns} columns:\n{drawing}");
    }
    ana.resizes(40, 4);
    ana.types("\x0c");
    ana.looks_like(&["Ana → Bruno> tudo bem|"]);
}

/// D6: xterm cuts the row off, tmux and VTE wrap it. No piece of the old row stays.
#[test]
fn a_narrower_window_leaves_no_piece_of_the_row() {
    for on_narrow in [OnNarrow::Cuts, OnNarrow::Wraps] {
        let mut ana = Stage::ana_and_two(40, 8);
        ana.on_narrow = on_narrow;
        ana.says("Bruno", "ola");
        ana.types("um texto que enche a linha toda");
        for columns in [30, 17, 9, 40] {
            ana.resizes(columns, 8);
            let drawing = ana.drawing();
            let pieces = drawing.lines().filter(|line| line.contains("Ana") || line.contains('<'));
            assert_eq!(pieces.count(), 1, "{on_narrow:?}, {columns} columns:\n{drawing}");
            assert!(drawing.contains("12:34"), "{on_narrow:?}, {columns} columns:\n{drawing}");
        }
        ana.says("Bruno", "e agora?");
        let drawing = ana.drawing();
        assert!(drawing.contains("e agora?"), "{on_narrow:?}:\n{drawing}");
    }
}

/// A message between the question and its answer waits for the answer.
#[test]
fn the_wait_for_the_terminals_answer_is_bounded() {
    let mut ana = Stage::ana_and_two(40, 8);
    ana.on_narrow = OnNarrow::CutsAndIsMute;
    ana.types("um texto que enche a linha");
    ana.resizes(20, 8);
    ana.says("Bruno", "ola");
    assert!(!ana.drawing().contains("ola"), "{}", ana.drawing());
    assert_eq!(ana.live.typing_settles_in(), Some(CURSOR_WITHIN_MS));
    ana.live.settle_typing();
    ana.turn();
    assert!(ana.drawing().contains("ola"), "{}", ana.drawing());
    assert_eq!(ana.live.typing_settles_in(), None);
}

/// F3 with Shift is `ESC [ 1 ; 2 R`. Without a question it has no effect.
#[test]
fn a_key_like_the_answer_does_nothing() {
    let mut ana = Stage::ana_and_two(40, 8);
    ana.types("oi\x1b[1;2R!");
    ana.looks_like(&["Ana → Bruno> oi!|"]);
}

#[test]
fn a_screen_of_one_row_shows_the_line_being_typed() {
    let mut ana = Stage::ana_and_two(40, 1);
    ana.types("oi");
    ana.says("Bruno", "ola");
    ana.looks_like(&["Ana → Bruno> oi|"]);
}

#[test]
fn ctrl_l_clears_the_screen() {
    let mut ana = Stage::ana_and_two(40, 5);
    ana.says("Bruno", "um");
    ana.says("Bruno", "dois");
    ana.types("oi\x0c");
    ana.looks_like(&["Ana → Bruno> oi|"]);
}

#[test]
fn tab_completes_then_lists_then_inserts() {
    let mut ana = Stage::ana_and_two(60, 6);
    let online = ["Bruna", "Carla", "Camila"].map(|name| name.as_bytes().to_vec());
    ana.shows(Notice::Online(online.to_vec()));
    ana.types("\x0c");
    ana.says("Camila", "oi");
    ana.types("/chat ca\t");
    ana.looks_like(&["12:34 Camila: oi", "Ana → Bruno [*Camila]> /chat ca|"]);
    ana.types("\t");
    ana.looks_like(&[
        "12:34 Camila: oi",
        "12:34 -- Camila, Carla",
        "Ana → Bruno [*Camila]> /chat ca|",
    ]);
    ana.types("\t");
    assert!(ana.drawing().ends_with("> /chat Camila|"), "{}", ana.drawing());
    ana.types("\t");
    assert!(ana.drawing().ends_with("> /chat Carla|"), "{}", ana.drawing());
    ana.types("\x03/m\tbr\t");
    assert!(ana.drawing().ends_with("> /msg Brun|"), "{}", ana.drawing());
}

/// D8: before the first LIST, TAB asks the server, and completes when the answer comes.
#[test]
fn tab_asks_the_server_for_unknown_names() {
    let mut ana = Stage::ana(60, 6);
    ana.types("/chat Br\t");
    assert_eq!(ana.lines, ["/list"]);
    ana.types("\t");
    assert_eq!(ana.lines, ["/list"], "the answer is on its way");
    ana.shows(Notice::Online(vec![b"Bruno".to_vec(), b"Carla".to_vec()]));
    ana.looks_like(&["Ana> /chat Bruno|"]);
    ana.types("\x03/chat x\t");
    assert_eq!(ana.lines.len(), 1, "the names are known");

    let mut late = Stage::ana(60, 6);
    late.types("/msg Br\t");
    late.types("u");
    late.shows(Notice::Online(vec![b"Bruno".to_vec()]));
    let list = "12:34 -- Online (besides you): Bruno";
    late.looks_like(&[list, "Ana> /msg Bru|"]);
    let mut nobody = Stage::ana(60, 6);
    nobody.types("/chat Br\t");
    nobody.shows(Notice::Online(vec![b"Carla".to_vec()]));
    nobody.looks_like(&["12:34 -- Online (besides you): Carla", "Ana> /chat Br|"]);
}

/// A name with a blank is in quotes after `/msg`, so that it is never taken for its first word.
#[test]
fn tab_writes_quotes_where_they_are_needed() {
    let mut ana = Stage::ana_and_two(60, 6);
    ana.shows(Notice::Online(vec![b"Rita".to_vec(), b"Rita Lee".to_vec()]));
    ana.types("\x0c/msg Rita L\t");
    ana.looks_like(&["Ana → Bruno> /msg \"Rita Lee\" |"]);
    ana.types("\x15/msg \"Rita L\t");
    ana.looks_like(&["Ana → Bruno> /msg \"Rita Lee\" |"]);
    ana.types("\x15/bye \"Rita L\t");
    ana.looks_like(&["Ana → Bruno> /bye \"Rita Lee\"|"]);
    ana.types("\x15/chat Rita L\t");
    ana.looks_like(&["Ana → Bruno> /chat Rita Lee|"]);
}

#[test]
fn a_refused_text_is_not_shown_as_sent() {
    let mut ana = Stage::ana_and_two(80, 6);
    ana.refused = "DISC";
    ana.types("oi\rDISC\r");
    let drawing = ana.drawing();
    assert!(
        drawing.starts_with("12:34 Ana → Bruno: oi\n12:34 > DISC\n12:34 -- Not sent"),
        "{drawing}"
    );
}

#[test]
fn a_long_list_is_cut() {
    let mut ana = Stage::ana(80, 12);
    let online = (0..100).map(|number| format!("Pessoa{number:02}").into_bytes()).collect();
    ana.shows(Notice::Online(online));
    ana.types("\x0c/chat p\t\t");
    let drawing = ana.drawing().replace('\n', "");
    assert!(drawing.contains("Pessoa39") && !drawing.contains("Pessoa40"), "{drawing}");
    assert!(drawing.contains("... and 60 more"), "{drawing}");
}

#[test]
fn history_in_the_row() {
    let mut ana = Stage::ana_and_two(40, 8);
    ana.types("um\rdois\rmeio");
    ana.types("\x1b[A\x1b[A");
    assert!(ana.drawing().ends_with("> um|"), "{}", ana.drawing());
    ana.types("\x1b[B\x1b[B");
    assert!(ana.drawing().ends_with("> meio|"), "{}", ana.drawing());
}

/// A lone Esc has no effect, and the letter after it counts.
#[test]
fn a_lone_esc_has_no_effect() {
    let mut ana = Stage::ana(30, 3);
    ana.types("a\x1b");
    assert!(ana.live.typing_settles_in().is_some());
    ana.live.settle_typing();
    assert!(ana.live.typing_settles_in().is_none());
    ana.types("b");
    ana.looks_like(&["Ana> ab|"]);
}

#[test]
fn ctrl_c_and_ctrl_d_and_ctrl_z() {
    let mut ana = Stage::ana(30, 3);
    ana.types("x\x1a");
    assert_eq!(ana.wish(), Some(Wish::Suspend));
    ana.types("\x03");
    assert_eq!(ana.wish(), None);
    ana.looks_like(&["Ana> |"]);
    ana.types("\x03");
    assert_eq!(ana.wish(), Some(Wish::Stop));
    assert_eq!(ana.wish(), None);
    ana.types("x\x04");
    assert!(!ana.has_ended);
    ana.types("\x03\x04");
    assert!(ana.has_ended);
    ana.types("after the end");
    ana.looks_like(&["|"]);
    ana.types("\x03");
    assert_eq!(ana.wish(), Some(Wish::Stop), "a person may want to leave at once");
}

/// D7.
#[test]
fn ctrl_c_must_be_pressed_twice_while_conversations_are_open() {
    let asks =
        "12:34 -- Conversations are open. Ctrl-C again within 3 seconds ends them and leaves.";
    let mut ana = Stage::ana_and_two(90, 6);
    ana.types("x\x03\x03");
    assert_eq!(ana.wish(), None);
    ana.looks_like(&[asks, "Ana → Bruno> |"]);
    ana.types("\x03");
    assert_eq!(ana.wish(), Some(Wish::Stop));

    let mut late = Stage::ana_and_two(90, 6);
    late.types("\x03");
    assert_eq!(late.live.typing_settles_in(), Some(LEAVE_TWICE_MS));
    late.live.settle_typing();
    assert_eq!(late.live.typing_settles_in(), None);
    late.types("\x03");
    assert_eq!(late.wish(), None, "the first one is forgotten");
    late.types("o\x7f\x03");
    assert_eq!(late.wish(), None, "another key was pressed in between");
    late.stands(None, &[]);
    late.types("\x03");
    assert_eq!(late.wish(), Some(Wish::Stop), "no conversation is open");
}

/// Lines that were entered before the end of the input reach the machine before it.
#[test]
fn lines_that_wait_come_before_the_end() {
    let mut ana = Stage::ana_and_two(40, 5);
    ana.types_ahead("oi\rtchau\r\x04");
    assert!(ana.lines.is_empty());
    ana.take_lines();
    assert_eq!(ana.lines, ["oi", "tchau"]);
    assert!(ana.has_ended);
}

/// The keyboard is read while the machine accepts no line, up to a bound.
#[test]
fn text_typed_ahead_is_bounded() {
    let mut ana = Stage::ana_and_two(40, 5);
    let line = format!("{}\r", "x".repeat(4_000));
    let mut entered = 0;
    while ana.live.reads_ahead() {
        ana.types_ahead(&line);
        entered += 1;
        assert!(entered < 100, "64 KiB are full after 17 lines");
    }
    // One read may bring more: each of these pairs of keys would enter 4,000 bytes.
    ana.types_ahead(&"\x10\r".repeat(1_000));
    assert_eq!(ana.bells(), 1, "nothing was entered");
    ana.take_lines();
    assert_eq!(ana.lines.len(), entered);
    assert!(ana.live.reads_ahead());
}

//! Messages appear above the line being typed, and never change it.

use std::io::ErrorKind;

use papo::console::ability::Bell;
use papo::console::device::Output;
use papo::console::live::Style;
use papo::peer::notice::{ConversationRow, Notice, Partner, Standing, Trust};
use papo::wire::name::Name;

use super::stage::{Stage, text_from, who};

#[test]
fn a_conversation() {
    let mut ana = Stage::ana(44, 8);
    ana.shows(Notice::Connected { who: who("Bruno") });
    ana.stands(Some("Bruno"), &["Bruno"]);
    ana.types("Oi Bruno!\r");
    ana.clock(12, 35);
    ana.says("Bruno", "Tudo bem, Ana?");
    ana.types("/list\r");
    ana.shows(Notice::Online(vec![b"Bruno".to_vec()]));
    ana.types("tudo, e vo");
    ana.looks_like(&[
        "12:34 -- Connected to Bruno",
        "12:34 Ana → Bruno: Oi Bruno!",
        "12:35 Bruno: Tudo bem, Ana?",
        "12:35 > /list",
        "12:35 -- Online (besides you): Bruno",
        "Ana → Bruno> tudo, e vo|",
    ]);
    assert_eq!(ana.lines, ["Oi Bruno!", "/list"]);
}

#[test]
fn a_message_does_not_change_the_line_being_typed() {
    let mut ana = Stage::ana_and_two(40, 5);
    ana.types("meio caminho\x1b[D\x1b[D");
    for text in ["um", "dois", "tres", "quatro", "cinco"] {
        ana.says("Bruno", text);
    }
    ana.looks_like(&[
        "12:34 Bruno: dois",
        "12:34 Bruno: tres",
        "12:34 Bruno: quatro",
        "12:34 Bruno: cinco",
        "Ana → Bruno> meio camin|ho",
    ]);
}

/// Many messages in one turn cost one write, and one drawing of the row.
#[test]
fn answers_of_one_turn_leave_in_one_write() {
    let mut ana = Stage::ana_and_two(40, 5);
    let (writes, bytes) = (ana.writes, ana.written.len());
    ana.says("Bruno", "oi");
    assert_eq!(ana.writes, writes + 1);
    let one = ana.written.len() - bytes;
    ana.turn();
    assert_eq!(ana.writes, writes + 1, "nothing has changed, so nothing is drawn");
    for _ in 0..10 {
        ana.loses(text_from("Bruno", "oi"));
    }
    ana.types_ahead("x");
    let bytes = ana.written.len();
    ana.says("Bruno", "oi");
    assert_eq!(ana.written.len() - bytes, one + 1, "the same output, and the x in the row");
}

/// A full screen has skipped one output. The next one is correct.
#[test]
fn a_skipped_output_leaves_no_trace() {
    let mut ana = Stage::ana_and_two(40, 5);
    ana.types("ola");
    ana.loses(text_from("Bruno", "perdida"));
    ana.says("Bruno", "chegou");
    ana.looks_like(&["12:34 Bruno: chegou", "Ana → Bruno> ola|"]);
}

#[test]
fn the_terminal_wraps_long_text() {
    let mut ana = Stage::ana_and_two(40, 5);
    ana.says("Bruno", "uma frase que passa da margem da tela");
    let rows = ["12:34 Bruno: uma frase que passa da marg", "em da tela", "Ana → Bruno> |"];
    ana.looks_like(&rows);
}

#[test]
fn a_text_of_several_lines_is_indented() {
    let mut ana = Stage::ana(44, 6);
    let row = |name, is_target| ConversationRow {
        who: who(name),
        is_target,
        unread: usize::from(!is_target) * 2,
        waiting: 0,
    };
    let rows = vec![row("Bruno", true), row("Camila", false)];
    ana.shows(Notice::Conversations(rows));
    ana.looks_like(&[
        "12:34 -- Open conversations (* gets what you",
        "         type):",
        "          * Bruno (verified)",
        "            Camila (verified, 2 unread)",
        "Ana> |",
    ]);
}

#[test]
fn a_new_day_has_a_line_before_its_first_message() {
    let mut ana = Stage::ana_and_two(40, 8);
    ana.day(21, 23, 59);
    ana.says("Bruno", "boa noite");
    ana.day(22, 0, 0);
    ana.types("x");
    ana.says("Bruno", "bom dia");
    ana.says("Bruno", "dormiu?");
    ana.looks_like(&[
        "23:59 Bruno: boa noite",
        "--- 2026-11-22 ---",
        "00:00 Bruno: bom dia",
        "00:00 Bruno: dormiu?",
        "Ana → Bruno> x|",
    ]);
}

#[test]
fn without_a_clock_there_are_no_times() {
    let mut ana = Stage::new(40, 4);
    ana.stands(Some("Bruno"), &["Bruno"]);
    ana.says("Bruno", "oi");
    ana.looks_like(&["Bruno: oi", "Ana → Bruno> |"]);
}

#[test]
fn an_unread_message_is_marked_until_the_person_goes_there() {
    let mut ana = Stage::ana_and_two(60, 8);
    ana.says("Camila", "psst");
    ana.looks_like(&["12:34 Camila: psst", "Ana → Bruno [*Camila]> |"]);
    ana.types("\x1ba");
    assert_eq!(ana.lines, ["/chat Camila"]);
    ana.stands(Some("Camila"), &["Bruno", "Camila"]);
    ana.looks_like(&["12:34 Camila: psst", "12:34 > /chat Camila", "Ana → Camila> |"]);
    ana.types("\x1ba");
    assert_eq!(ana.lines.len(), 1);
}

#[test]
fn chat_without_a_name_goes_to_the_oldest_unread_message() {
    let mut ana = Stage::ana_and_two(44, 8);
    ana.types("/chat\r");
    ana.stands(Some("Bruno"), &["Bruno", "Camila", "Davi"]);
    ana.says("Davi", "1");
    ana.says("Camila", "2");
    ana.says("Davi", "3");
    assert!(ana.drawing().ends_with("Ana → Bruno [*2]> |"), "{}", ana.drawing());
    ana.types("/chat\r");
    assert_eq!(ana.lines, ["/chat", "/chat Davi"], "the oldest unread message comes first");
}

#[test]
fn a_partner_who_has_left_has_no_mark() {
    let mut ana = Stage::ana_and_two(44, 8);
    ana.says("Camila", "psst");
    ana.stands(Some("Bruno"), &["Bruno"]);
    assert!(ana.drawing().ends_with("\nAna → Bruno> |"), "{}", ana.drawing());
}

#[test]
fn a_name_that_is_not_confirmed_is_marked_everywhere() {
    let mut ana = Stage::ana(60, 5);
    let eva = Partner { trust: Trust::Doubtful, ..who("Eva") };
    let me = Name::parse(b"Ana").ok();
    let standing = Standing { me, target: Some(eva.clone()), open: vec![eva.clone()] };
    ana.shows(Notice::Standing(standing));
    ana.types("oi\r");
    ana.shows(Notice::Text { from: eva, text: b"oi".to_vec(), cut: true });
    ana.looks_like(&[
        "12:34 Ana → Eva (not verified): oi",
        "12:34 Eva (not verified): oi [...]",
        "Ana → Eva(?)> |",
    ]);
}

#[test]
fn the_bell_rings_for_messages_in_other_conversations() {
    for (bell, here, elsewhere) in [(Bell::Off, 0, 0), (Bell::Message, 0, 1), (Bell::All, 1, 1)] {
        let mut ana = Stage::ringing(bell);
        ana.says("Bruno", "oi");
        assert_eq!(ana.bells(), here, "{bell:?}");
        ana.says("Camila", "oi");
        assert_eq!(ana.bells(), here + elsewhere, "{bell:?}");
        ana.types("x");
        assert_eq!(ana.bells(), here + elsewhere, "{bell:?}: once");
    }
}

#[test]
fn a_name_is_asked_for_in_the_row() {
    let mut ana = Stage::portuguese();
    ana.shows(Notice::AskName);
    ana.types("A");
    ana.looks_like(&["Nome de usuário: A|"]);
    ana.types("na\r");
    ana.stands(None, &[]);
    ana.types("\x1b[A");
    ana.looks_like(&["Nome de usuário: Ana", "Ana> |"]);
    assert_eq!(ana.lines, ["Ana"]);
}

#[test]
fn two_slashes_before_a_name_go_to_the_machine() {
    let mut ana = Stage::portuguese();
    ana.shows(Notice::AskName);
    ana.types("//x\r");
    assert_eq!(ana.lines, ["//x"], "the machine decides what it means");
}

/// The person types during a call. The line is shown when the machine accepts it.
#[test]
fn text_typed_ahead_is_shown_when_it_is_accepted() {
    let mut ana = Stage::ana(44, 8);
    ana.types("/chat Bruno\r");
    ana.types_ahead("Oi Bruno!\re depo");
    ana.looks_like(&["12:34 > /chat Bruno", "Ana> e depo|"]);
    ana.shows(Notice::Connected { who: who("Bruno") });
    ana.stands(Some("Bruno"), &["Bruno"]);
    ana.take_lines();
    ana.turn();
    ana.looks_like(&[
        "12:34 > /chat Bruno",
        "12:34 -- Connected to Bruno",
        "12:34 Ana → Bruno: Oi Bruno!",
        "Ana → Bruno> e depo|",
    ]);
}

#[test]
fn a_failure_with_no_conversation() {
    let mut ana = Stage::ana(60, 7);
    ana.types("oi\r");
    ana.shows(Notice::NoConversation);
    let name = Name::parse(b"Davi").expect("a name");
    ana.shows(Notice::Unreachable { name, error: ErrorKind::ConnectionRefused });
    ana.looks_like(&[
        "12:34 > oi",
        "12:34 -- No active P2P connection",
        "         /list shows who is online, /chat <name> starts a",
        "         conversation.",
        "12:34 -- Could not connect to Davi (connection refused)",
        "Ana> |",
    ]);
}

#[test]
fn colors_change_no_text() {
    let play = |paints: bool| {
        let mut ana = Stage::with(Style { paints, ..Style::default() }, 44, 6);
        ana.clock(9, 5);
        ana.stands(Some("Bruno"), &["Bruno", "Camila"]);
        ana.types("oi\r");
        ana.says("Camila", "psst");
        ana.types("sim");
        ana
    };
    let (plain, painted) = (play(false), play(true));
    assert_eq!(plain.drawing(), painted.drawing());
    let has_colors = |stage: &Stage| stage.written.windows(3).any(|three| three == b"\x1b[9");
    assert!(!has_colors(&plain) && has_colors(&painted));
}

#[test]
fn the_screen_is_restored_at_the_end() {
    let mut ana = Stage::ana_and_two(40, 5);
    ana.types("meio");
    assert!(ana.marks_pasted());
    ana.releases();
    assert!(!ana.marks_pasted());
    ana.looks_like(&["|"]);
    ana.live.take_screen(&mut Output::default());
    ana.turn();
    ana.looks_like(&["Ana → Bruno> meio|"]);
}

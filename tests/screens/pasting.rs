//! Text that was not typed: in the row where it is short, behind a question where it is long.

use super::stage::Stage;

#[test]
fn a_few_lines_stand_in_the_row_until_enter() {
    let mut ana = Stage::ana_and_two(40, 6);
    ana.types("veja: ");
    ana.pastes("um\r\ndois\r\ntres\r\n");
    ana.looks_like(&["Ana → Bruno> veja: um⏎dois⏎tres|"]);
    assert!(ana.lines.is_empty(), "a line end that was pasted enters nothing");
    ana.types("\r");
    assert_eq!(ana.lines, ["veja: um", "dois", "tres"]);
    ana.looks_like(&[
        "12:34 Ana → Bruno: veja: um",
        "12:34 Ana → Bruno: dois",
        "12:34 Ana → Bruno: tres",
        "Ana → Bruno> |",
    ]);
}

#[test]
fn from_five_lines_on_there_is_a_question() {
    let mut ana = Stage::ana_and_two(40, 8);
    ana.types("meio");
    ana.pastes("1\n2\n3\n4\n5");
    ana.looks_like(&["Send 5 lines to Bruno? y/N |"]);
    ana.types("n");
    ana.looks_like(&["Ana → Bruno> meio|"]);
    assert!(ana.lines.is_empty());
    ana.pastes("1\n2\n3\n4\n5");
    ana.says("Camila", "oi");
    ana.looks_like(&["12:34 Camila: oi", "Send 5 lines to Bruno? y/N |"]);
    ana.types("y");
    assert_eq!(ana.lines, ["1", "2", "3", "4", "5"]);
    assert!(ana.drawing().ends_with("> meio|"), "{}", ana.drawing());
}

/// Enter is not an answer: it may have been meant for the line that was typed.
#[test]
fn only_yes_is_yes() {
    for key in ["\r", "\x1b[A", "\x03", "\x04", "x", "\x1by", "\x19"] {
        let mut ana = Stage::ana_and_two(40, 8);
        ana.pastes("1\n2\n3\n4\n5");
        ana.types(key);
        assert!(ana.lines.is_empty() && ana.wish().is_none() && !ana.has_ended, "{key:?}");
    }
}

/// The question named Bruno, who has left since.
#[test]
fn an_answer_is_about_the_person_in_the_question() {
    let mut ana = Stage::ana_and_two(60, 8);
    ana.pastes("1\n2\n3\n4\n5");
    ana.stands(Some("Camila"), &["Camila"]);
    ana.types("y");
    assert!(ana.lines.is_empty());
    assert!(ana.drawing().contains("To whom?"), "{}", ana.drawing());
}

#[test]
fn many_lines_for_nobody_are_not_asked_about() {
    let mut ana = Stage::ana(70, 8);
    ana.pastes("1\n2\n3\n4\n5");
    assert!(ana.drawing().contains("To whom?"), "{}", ana.drawing());
    ana.types("y\r");
    assert_eq!(ana.lines, ["y"]);
}

/// `/exit` in the middle of what somebody pasted is text. Only what was typed first commands.
#[test]
fn pasted_lines_are_no_commands() {
    let mut ana = Stage::ana_and_two(60, 12);
    ana.types("veja ");
    ana.pastes("isto\n/exit\n//x");
    ana.types("\r");
    assert_eq!(ana.lines, ["veja isto", "//exit", "///x"]);
    ana.lines.clear();
    ana.pastes("/exit\n/quit\n3\n4\n5");
    ana.types("y");
    assert_eq!(ana.lines, ["//exit", "//quit", "3", "4", "5"]);
}

/// A command is one line: its second line would go to another person than its first.
#[test]
fn lines_pasted_into_a_command_are_one() {
    let mut ana = Stage::ana_and_two(60, 6);
    ana.types("/msg Camila ");
    ana.pastes("um\ndois");
    ana.types("\r");
    assert_eq!(ana.lines, ["/msg Camila um dois"]);
}

#[test]
fn what_does_not_fit_is_said() {
    let mut ana = Stage::ana_and_two(60, 6);
    ana.types("antes ");
    ana.pastes(&"x".repeat(5_000));
    ana.looks_like(&[
        "12:34 -- [does not fit: a message has at most 4094 bytes]",
        "Ana → Bruno> antes |",
    ]);
    ana.pastes(&"x\n".repeat(40_000));
    assert!(ana.drawing().contains("[what was pasted is too long"), "{}", ana.drawing());
    assert!(ana.drawing().contains("Send 32768 lines to Bruno? y/N |"), "{}", ana.drawing());
}

/// A terminal that does not mark pasted text sends Enter for each line end: nothing to be done,
/// but nothing is lost either.
#[test]
fn a_paste_that_nobody_marked_is_typed() {
    let mut ana = Stage::ana_and_two(40, 8);
    ana.types("1\r2\r3");
    assert_eq!(ana.lines, ["1", "2"]);
    assert!(ana.drawing().ends_with("> 3|"), "{}", ana.drawing());
}

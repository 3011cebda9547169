//! Pasted text: a short one is in the row, a long one is sent after a question.

use super::stage::Stage;

#[test]
fn a_few_lines_are_in_the_row_until_enter() {
    let mut ana = Stage::ana_and_two(40, 6);
    ana.types("veja: ");
    ana.pastes("um\r\ndois\r\ntres\r\n");
    ana.looks_like(&["Ana → Bruno> veja: um⏎dois⏎tres|"]);
    assert!(ana.lines.is_empty(), "a pasted line end enters nothing");
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
fn five_lines_or_more_are_sent_after_a_question() {
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

/// Enter is no answer, because it may be meant for the typed line.
#[test]
fn only_y_and_s_mean_yes() {
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

/// Pasted lines are text. Only a typed line, or a single pasted one, can be a command.
#[test]
fn pasted_lines_are_no_commands() {
    let mut ana = Stage::ana_and_two(60, 12);
    ana.types("veja ");
    ana.pastes("isto\n/exit\n//x");
    ana.types("\r");
    assert_eq!(ana.lines, ["veja isto", "//exit", "///x"]);
    ana.lines.clear();
    ana.pastes("/msg Bruno primeiro\n/msg Camila segredo\n");
    ana.looks_like(&[
        "12:34 Ana → Bruno: veja isto",
        "12:34 Ana → Bruno: /exit",
        "12:34 Ana → Bruno: //x",
        "Ana → Bruno> //msg Bruno primeiro⏎/msg Camila segredo|",
    ]);
    ana.types("\r");
    assert_eq!(ana.lines, ["//msg Bruno primeiro", "//msg Camila segredo"]);
    ana.lines.clear();
    ana.pastes("/chat Camila\n");
    ana.types("\r");
    assert_eq!(ana.lines, ["/chat Camila"]);
    ana.lines.clear();
    for back in ["\x19", "\x1b[A"] {
        ana.pastes("/exit\n/quit\n3\n4\n5");
        ana.types("n");
        ana.types(back);
        ana.types("\r");
        assert_eq!(ana.lines, ["//exit", "//quit", "3", "4", "5"], "{back:?}");
        ana.lines.clear();
    }
    ana.pastes("/exit\n/quit\n3\n4\n5");
    ana.types("y");
    assert_eq!(ana.lines, ["//exit", "//quit", "3", "4", "5"]);
}

/// All lines go to the same person. Any other command is one line.
#[test]
fn lines_after_a_typed_command_stay_lines() {
    let mut ana = Stage::ana_and_two(60, 6);
    ana.types("/msg Camila ");
    ana.pastes("um\n\n/exit");
    ana.types("\r");
    ana.looks_like(&["12:34 > /msg Camila um", "12:34 >", "12:34 > /exit", "Ana → Bruno> |"]);
    ana.types("/reply um\x1b\rdois\r/chat Camila\x1b\r\r");
    assert_eq!(ana.lines, ["/msg Camila um\n \n/exit", "/reply um\ndois", "/chat Camila "]);
}

/// The question names the person in the typed command, and nobody else gets the text.
#[test]
fn a_long_paste_after_a_typed_command_is_for_its_person() {
    let six = "1\n2\n\n4\n5\n6";
    let mut ana = Stage::ana_and_two(60, 8);
    ana.types("/msg Camila veja ");
    ana.pastes(six);
    ana.looks_like(&["Send 6 lines to Camila? y/N |"]);
    ana.types("n");
    ana.looks_like(&["Ana → Bruno> /msg Camila veja |"]);
    ana.pastes(six);
    ana.types("y");
    assert_eq!(ana.lines, ["/msg \"Camila\" veja 1\n2\n \n4\n5\n6"]);
    assert!(ana.drawing().ends_with("Ana → Bruno> |"), "{}", ana.drawing());
    ana.lines.clear();

    ana.types("/reply ");
    ana.pastes(six);
    ana.looks_like(&[
        "12:34 > /msg \"Camila\" veja 1",
        "12:34 > 2",
        "12:34 >",
        "12:34 > 4",
        "12:34 > 5",
        "12:34 > 6",
        "Ana → Bruno> /reply 1⏎2⏎⏎4⏎5⏎6|",
    ]);
    ana.types("\x03\x0c");
    ana.says("Camila", "oi");
    ana.types("/reply ");
    ana.pastes(six);
    ana.looks_like(&["12:34 Camila: oi", "Send 6 lines to Camila? y/N |"]);
    ana.stands(Some("Bruno"), &["Bruno"]);
    ana.types("y");
    assert!(ana.lines.is_empty() && ana.drawing().contains("To whom?"), "{}", ana.drawing());
}

/// A name that fits in two ways is not asked about: the console will ask to whom.
#[test]
fn a_long_paste_for_one_of_two_names_stays_in_the_row() {
    let mut ana = Stage::ana(60, 8);
    ana.stands(Some("Rita"), &["Rita", "Rita Lee"]);
    ana.types("/msg Rita Lee ");
    ana.pastes("1\n2\n3\n4\n5");
    ana.looks_like(&["Ana → Rita> /msg Rita Lee 1⏎2⏎3⏎4⏎5|"]);
}

/// D5: the peer splits a long line into several messages, so it is not refused.
#[test]
fn a_line_that_is_too_long_for_the_row_is_asked_about() {
    let mut ana = Stage::ana_and_two(60, 6);
    ana.types("antes ");
    let long = "é".repeat(5_000);
    ana.pastes(&long);
    ana.looks_like(&["Send 5000 characters to Bruno? y/N |"]);
    ana.types("y");
    assert_eq!(ana.lines, [long]);
    assert!(ana.drawing().ends_with("> antes |"), "{}", ana.drawing());
}

/// D4.
#[test]
fn pasted_code_keeps_tabs_and_blank_lines() {
    let code = "def f():\n\tif x:\n\t\treturn 1\n\n\ndef g():\n\tpass\n";
    let sent = ["def f():", "\tif x:", "\t\treturn 1", " ", " ", "def g():", "\tpass"];
    let mut ana = Stage::ana_and_two(60, 12);
    ana.pastes(code);
    ana.types("y");
    assert_eq!(ana.lines, sent);
    assert!(ana.drawing().contains("Bruno:         return 1"), "{}", ana.drawing());
    ana.lines.clear();
    ana.pastes("a\n\n\tb\n\n");
    ana.types("\r");
    assert_eq!(ana.lines, ["a", " ", "\tb"]);
    ana.lines.clear();
    ana.types("\x1b\r\x1b\r\r");
    assert!(ana.lines.is_empty(), "no text, only line ends: {:?}", ana.lines);
}

/// E21.
#[test]
fn ctrl_y_and_up_bring_back_text_that_was_not_sent() {
    for back in ["\x19", "\x1b[A"] {
        let mut ana = Stage::ana_and_two(60, 6);
        ana.types("meia frase\x03");
        ana.looks_like(&["Ana → Bruno> |"]);
        ana.types(back);
        ana.looks_like(&["Ana → Bruno> meia frase|"]);
        ana.types("\x15");
        ana.pastes("1\n2\n3\n4\n5");
        ana.types("n");
        ana.types(back);
        ana.looks_like(&["Ana → Bruno> 1⏎2⏎3⏎4⏎5|"]);
        ana.types("\r");
        assert_eq!(ana.lines, ["1", "2", "3", "4", "5"]);
    }
    let long = format!("{}fim", "linha\n".repeat(1_000));
    let mut ana = Stage::ana_and_two(60, 6);
    ana.types("meia frase\x03");
    for _ in 0..2 {
        ana.pastes(&long);
        ana.types("n\x19");
        ana.looks_like(&["Send 1001 lines to Bruno? y/N |"]);
    }
    ana.types("numa\x17\x19");
    ana.looks_like(&["Ana → Bruno> uma|"]);
    let mut alone = Stage::ana(70, 6);
    alone.pastes("1\n2\n3\n4\n5");
    alone.types("\x19");
    assert!(alone.drawing().ends_with("Ana> 1⏎2⏎3⏎4⏎5|"), "{}", alone.drawing());
}

#[test]
fn the_person_reads_about_text_that_does_not_fit() {
    let mut ana = Stage::ana_and_two(60, 6);
    ana.types("/reply ");
    ana.pastes(&"x".repeat(5_000));
    ana.looks_like(&[
        "12:34 -- [does not fit: a line has at most 4094 bytes]",
        "Ana → Bruno> /reply |",
    ]);
    ana.types(&format!("{}/msg Camila \x19", "\x7f".repeat(7)));
    assert!(ana.drawing().contains("Send 5000 characters to Camila? y/N |"), "{}", ana.drawing());
    ana.types("n\x15");
    ana.pastes(&"x\n".repeat(40_000));
    assert!(ana.drawing().contains("[what was pasted is too long"), "{}", ana.drawing());
    assert!(ana.drawing().contains("Send 32768 lines to Bruno? y/N |"), "{}", ana.drawing());
}

//! Lines of the program's own log, if stderr is the terminal that the view draws on.

use papo::console::live::Style;

use super::stage::Stage;

/// The length and the color of a log line do not move the cursor.
#[test]
fn log_lines_appear_above_a_half_line_that_does_not_change() {
    for paints in [false, true] {
        let mut ana = Stage::with(Style { paints, ..Style::default() }, 40, 9);
        ana.clock(12, 34);
        ana.stands(Some("Bruno"), &["Bruno"]);
        ana.says("Bruno", "oi");
        ana.types("meio caminho\x1b[D\x1b[D");
        let writes = ana.writes;
        ana.logs("T WARN event=a\nT wire 127.0.0.1:10000 > KEEP and on to the next row\n");
        assert_eq!(ana.writes, writes + 1, "one write, whatever there is in it");
        ana.logs("T WARN event=b\n");
        ana.types("X");
        ana.looks_like(&[
            "12:34 Bruno: oi",
            "T WARN event=a",
            "T wire 127.0.0.1:10000 > KEEP and on to",
            "the next row",
            "T WARN event=b",
            "Ana → Bruno> meio caminX|ho",
        ]);
        let is_red = ana.written.windows(6).any(|six| six == b"\x1b[91mT");
        assert_eq!(is_red, paints, "as the handout prints the messages of the protocol");
    }
}

/// A log line may have bytes of a stranger in it.
#[test]
fn log_lines_have_no_control_characters() {
    let mut ana = Stage::ana(40, 6);
    ana.types("meio");
    ana.logs("T WARN \x1b[2J\r\x1b]0;x\x07\u{202e}abc\n\n");
    ana.looks_like(&["T WARN ^[[2J^M^[]0;x^G<U+202E>abc", "", "Ana> meio|"]);
}

/// A question is in the row in the same way as a typed line.
#[test]
fn log_lines_do_not_answer_a_question() {
    let mut ana = Stage::ana_and_two(40, 6);
    ana.pastes("1\n2\n3\n4\n5");
    ana.logs("T WARN event=a\n");
    ana.looks_like(&["T WARN event=a", "Send 5 lines to Bruno? y/N |"]);
    ana.types("y");
    assert_eq!(ana.lines, ["1", "2", "3", "4", "5"]);
}

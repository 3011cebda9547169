//! Lines of the program's own log, where stderr is the terminal that is drawn on.

use papo::console::live::Style;

use super::stage::Stage;

/// The length and the color of a line say nothing about where the cursor belongs.
#[test]
fn they_stand_above_a_half_line_that_is_left_alone() {
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

/// The bytes of a stranger may be in them, whatever the library did that logged them.
#[test]
fn characters_that_could_act_are_shown() {
    let mut ana = Stage::ana(40, 6);
    ana.types("meio");
    ana.logs("T WARN \x1b[2J\r\x1b]0;x\x07\u{202e}abc\n\n");
    ana.looks_like(&["T WARN ^[[2J^M^[]0;x^G<U+202E>abc", "", "Ana> meio|"]);
}

/// A question stands in the row as well as a typed line does.
#[test]
fn they_do_not_answer_a_question() {
    let mut ana = Stage::ana_and_two(40, 6);
    ana.pastes("1\n2\n3\n4\n5");
    ana.logs("T WARN event=a\n");
    ana.looks_like(&["T WARN event=a", "Send 5 lines to Bruno? y/N |"]);
    ana.types("y");
    assert_eq!(ana.lines, ["1", "2", "3", "4", "5"]);
}

/// Each piece begins by wiping, so one may be lost to a screen that is full.
#[test]
fn the_row_is_right_after_lines_that_were_lost() {
    let mut ana = Stage::ana(40, 6);
    ana.types("meio");
    ana.loses_log("T WARN event=lost\n");
    ana.turn();
    ana.looks_like(&["Ana> meio|"]);
}

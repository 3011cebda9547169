//! Names on the screen: no name imitates a line of ours, and a doubtful name has a mark.

use papo::peer::notice::{Notice, Partner, Trust};

use super::stage::{Stage, text_from, who};

/// A9: the row with a message of a caller with this name.
fn said_by(name: &str) -> String {
    let mut ana = Stage::ana(60, 4);
    ana.shows(text_from(name, "oi"));
    ana.drawing().lines().next().unwrap_or_default().to_string()
}

#[test]
fn a_name_cannot_begin_like_a_line_of_ours() {
    assert_eq!(said_by("-- Careful"), "12:34 <U+002D>- Careful: oi");
    assert_eq!(said_by("Ana → Bruno"), "12:34 Ana <U+2192> Bruno: oi");
}

/// H: `Вruno` with a Cyrillic first letter is not Bruno.
#[test]
fn a_name_that_mixes_alphabets_is_marked() {
    assert_eq!(said_by("\u{412}runo"), "12:34 \u{412}runo (mixed alphabets): oi");
    let mut ana = Stage::ana(60, 4);
    ana.shows(Notice::Online(vec!["Bruno".into(), "\u{412}runo".into()]));
    ana.looks_like(&[
        "12:34 -- Online (besides you): 2",
        "         Bruno                    \u{412}runo (mixed alphabets)",
        "Ana> |",
    ]);
    ana.stands(Some("\u{412}runo"), &["\u{412}runo"]);
    assert!(ana.drawing().ends_with("Ana → \u{412}runo(?)> |"), "{}", ana.drawing());
}

/// A8: a name that is not confirmed has a mark with the reason.
#[test]
fn each_reason_for_doubt_has_its_own_mark() {
    for (trust, shown) in [
        (Trust::Unchecked, "12:34 Eva:2 (not checked): oi"),
        (Trust::Doubtful, "12:34 Eva:2 (not verified): oi"),
        (Trust::OtherFamily, "12:34 Eva:2 (cannot be checked): oi"),
        (Trust::Confirmed, "12:34 Eva:2: oi"),
    ] {
        let mut ana = Stage::ana(60, 4);
        let from = Partner { trust, ..who("Eva:2") };
        ana.shows(Notice::Text { from, text: b"oi".to_vec(), cut: false });
        ana.looks_like(&[shown, "Ana> |"]);
    }
}

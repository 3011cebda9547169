//! Screens with few columns or rows: the shown text fits them.

use papo::console::command::{ConsoleAnswer, Topic};
use papo::peer::notice::Notice;

use super::stage::Stage;

fn online(names: &[&str]) -> Notice {
    Notice::Online(names.iter().map(|name| name.as_bytes().to_vec()).collect())
}

/// D10: below 40 columns all text breaks between words, without an indent.
#[test]
fn a_narrow_screen_breaks_between_words() {
    let mut ana = Stage::ana_and_two(30, 12);
    ana.says("Bruno", "vamos estudar redes na biblioteca amanhã");
    ana.types("pode ser depois do almoço, às duas\r");
    ana.shows(Notice::NoTarget);
    ana.looks_like(&[
        "12:34 Bruno: vamos estudar",
        "redes na biblioteca amanhã",
        "12:34 Ana → Bruno: pode ser",
        "depois do almoço, às duas",
        "12:34 -- To whom? Choose with",
        "/chat <name>; /peers shows the",
        "open conversations.",
        "Ana → Bruno> |",
    ]);
}

#[test]
fn help_fits_a_small_screen() {
    let mut small = Stage::ana(30, 12);
    small.is_answered(&ConsoleAnswer::Help(None));
    small.looks_like(&[
        "12:34 -- /list, /chat <name>,",
        "/msg <name> <text>, /reply",
        "<text>, /next, /peers, /bye",
        "[name], /help [command], /exit",
        "/help <command> explains one",
        "of them.",
        "Ana> |",
    ]);
    small.is_answered(&ConsoleAnswer::Help(Some(Topic::Bye)));
    assert!(small.drawing().contains("this conversation"), "{}", small.drawing());
    let mut usual = Stage::ana(80, 24);
    usual.is_answered(&ConsoleAnswer::Help(None));
    let drawing = usual.drawing();
    assert!(drawing.contains("12:34 -- /list") && drawing.contains("Ctrl-C"), "{drawing}");
}

/// D11: the number of names, then the names in alphabetical order, none on two rows.
#[test]
fn many_names_are_in_columns() {
    let mut ana = Stage::ana(40, 12);
    ana.shows(online(&["Bruno", "ana maria", "Zeca", "Élida", "Davi", "Camila", "José da Silva"]));
    ana.looks_like(&[
        "12:34 -- Online (besides you): 7",
        "         ana maria      José da Silva",
        "         Bruno          Zeca",
        "         Camila         Élida",
        "         Davi",
        "Ana> |",
    ]);
    let names: Vec<_> = (0..30).map(|number| format!("Pessoa {number:02}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut many = Stage::ana(30, 20);
    many.shows(online(&names));
    let drawing = many.drawing();
    assert!(drawing.starts_with("12:34 -- Online (besides you):\n30\n"), "{drawing}");
    assert!(names.iter().all(|name| drawing.contains(name)), "{drawing}");
}

/// The prompt and the question before a paste always have the person in them.
#[test]
fn a_narrow_screen_shortens_the_name_of_the_target() {
    let pedro = "Pedro Henrique Albuquerque Cavalcanti";
    let paste = "1\n2\n3\n4\n5";
    let cases = [
        (
            60,
            "Pedro Henrique Albuquerque…> ",
            "Send 5 lines to Pedro Henrique Albuquerque Cavalcanti? y/N ",
        ),
        (40, "Pedro Henrique Al…> ", "Send 5 lines to Pedro Henrique A…? y/N "),
        (30, "Pedro Henriq…> ", "5 → Pedro Henrique Alb…? y/N "),
        (16, "Pedro…> ", "5 → Pedr…? y/N "),
    ];
    for (columns, prompt, question) in cases {
        let mut ana = Stage::ana(columns, 6);
        ana.stands(Some(pedro), &[pedro]);
        ana.looks_like(&[&format!("{prompt}|")]);
        ana.pastes(paste);
        ana.looks_like(&[&format!("{question}|")]);
    }
    let mut short = Stage::ana_and_two(30, 12);
    short.pastes(paste);
    short.looks_like(&["Send 5 lines to Bruno? y/N |"]);
}

/// The handout's sentence, if it fits.
#[test]
fn a_few_names_are_in_one_row() {
    let mut ana = Stage::ana(60, 6);
    ana.shows(online(&["Bruno", "Ana Maria"]));
    ana.looks_like(&["12:34 -- Online (besides you): Bruno, Ana Maria", "Ana> |"]);
}

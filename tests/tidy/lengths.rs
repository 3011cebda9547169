//! How long is long: functions, lines and files.

use super::code::{line_of, numbered, starts_word, word_at};
use super::sources::{Offence, Source, expect_clean, expect_offence};

const FUNCTION_LINES_MAX: usize = 70;
const COLUMNS_MAX: usize = 100;

fn check_functions(source: &Source) -> Vec<Offence> {
    let long = functions(&source.code).into_iter().filter(|f| f.lines > FUNCTION_LINES_MAX);
    long.map(|Function { name, line, lines }| {
        let what = format!(
            "fn {name} has {lines} lines, more than {FUNCTION_LINES_MAX}: \
             what does not fit a screen is not seen as one thing"
        );
        source.offence(line, &what)
    })
    .collect()
}

fn check_columns(source: &Source) -> Vec<Offence> {
    let wide = numbered(&source.text).filter(|(_, line)| line.chars().count() > COLUMNS_MAX);
    let what = format!("more than {COLUMNS_MAX} columns: two files should fit side by side");
    wide.map(|(number, _)| source.offence(number, &what)).collect()
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// Every function that has a body, from the line with `fn` to the line with its last brace.
fn functions(code: &str) -> Vec<Function> {
    let starts = code.match_indices("fn ").filter(|(at, _)| starts_word(code, *at));
    let function = |(at, start): (usize, &str)| {
        let end = at + body_end(&code[at..])?;
        let name = word_at(&code[at + start.len()..]).to_string();
        let lines = line_of(code, end) - line_of(code, at) + 1;
        Some(Function { name, line: line_of(code, at), lines })
    };
    starts.filter_map(function).collect()
}

/// Where the body of the function that starts here is closed. `None`: it has no body, as in a
/// trait. A `;` between brackets, as in `[u8; 4]`, ends nothing.
fn body_end(code: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in code.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ';' if depth == 0 => return None,
            _ => {}
        }
        if depth == 0 && character == '}' {
            return Some(at);
        }
    }
    None
}

#[test]
fn functions_fit_a_screen() {
    expect_clean(check_functions);
}

#[test]
fn a_function_that_fits_no_screen_is_found() {
    let body = |lines: usize| format!("fn f(x: [u8; 4]) -> [u8; 4] {{\n{}}}", "x;\n".repeat(lines));
    let source = |text: &str| Source::new("peer/mod.rs", text);
    assert_eq!(check_functions(&source(&body(FUNCTION_LINES_MAX - 2))), []);
    expect_offence(check_functions, "peer/mod.rs", &body(FUNCTION_LINES_MAX - 1), "71 lines");
    let in_trait =
        format!("trait X {{ fn a(); fn b() {{}} }}\nconst X: u8 = {{ {}}};", "\n".repeat(90));
    assert_eq!(check_functions(&source(&in_trait)), []);
    let brace = format!("fn f() {{ '}}'; \"}}\"; // }}\n{}}}", "x;\n".repeat(FUNCTION_LINES_MAX));
    expect_offence(check_functions, "peer/mod.rs", &brace, "fn f has 72 lines");
}

#[test]
fn lines_fit_a_hundred_columns() {
    expect_clean(check_columns);
}

#[test]
fn a_line_that_is_too_wide_is_found() {
    let wide = "é".repeat(COLUMNS_MAX);
    assert_eq!(check_columns(&Source::new("wire/name.rs", &wide)), []);
    expect_offence(check_columns, "wire/name.rs", &format!("\n// {wide}"), "columns");
}

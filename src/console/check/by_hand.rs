//! The instructions for a person who runs the program under test.
//!
//! Read next: [`super::plain`].

use crate::console::language::{Language, Text, text};

/// To start the program.
#[must_use]
pub fn start(port: &str, name: &str, language: Language) -> String {
    const START: Text = text!(
        "→ start your program (again), with the server 127.0.0.1:{port} and the name {name}",
        "→ inicie (de novo) o seu programa, com o servidor 127.0.0.1:{port} e o nome {name}",
    );
    START.fill(language, &[("port", &port), ("name", &name)])
}

/// To type a line into it.
#[must_use]
pub fn type_line(line: &str, language: Language) -> String {
    const TYPE: Text = text!("→ type into it: {line}", "→ digite nele: {line}");
    TYPE.fill(language, &[("line", &line)])
}

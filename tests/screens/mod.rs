//! The screen and the keys of a person, without a terminal: screens as drawings in the source.
//!
//! `vt100` is the judge: it is given the bytes that a terminal would get, and says which letter
//! stands in which cell, and where the cursor is. `vte` judges what those bytes can do.
//!
//! | file | about |
//! | --- | --- |
//! | [`stage`] | the harness: a terminal, its person, and what the machine shows |
//! | [`keys`] | bytes → keys, however they are split |
//! | [`editing`] | keys → a line, against a simple model |
//! | [`messages`] | what is shown above the line being typed |
//! | [`log_lines`] | and what the program logs, where it would fall into that line |
//! | [`typing`] | the row at the bottom: wide letters, sizes, history, TAB |
//! | [`names`] | no name looks like a line of ours, and doubts are shown |
//! | [`sizes`] | screens of few columns or rows |
//! | [`pasting`] | text that was not typed |
//! | [`hostile`] | text that would like to be more than text |
//! | [`words`] | rows of help fit a row of the screen |

mod editing;
mod hostile;
mod keys;
mod log_lines;
mod messages;
mod names;
mod pasting;
mod sizes;
mod stage;
mod typing;
mod words;

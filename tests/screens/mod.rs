//! The screen and the keys of a person, without a terminal: the tests compare screens with drawings
//! in the source.
//!
//! `vt100` gets the bytes that a terminal would get, and reports the letter of each cell and the
//! place of the cursor. `vte` reports the control sequences in these bytes.
//!
//! | file | about |
//! | --- | --- |
//! | [`stage`] | the harness: a screen, its person, and the notices of a machine |
//! | [`keys`] | bytes → keys, however they are split |
//! | [`editing`] | keys → a line, against a simple model |
//! | [`messages`] | the text above the line being typed |
//! | [`log_lines`] | lines of the program's own log above it |
//! | [`typing`] | the row at the bottom: wide letters, sizes, history, TAB |
//! | [`names`] | a name that imitates a line of ours, or is not confirmed |
//! | [`sizes`] | screens of few columns or rows |
//! | [`pasting`] | pasted text |
//! | [`hostile`] | text with control sequences |
//! | [`words`] | the width of the help |

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

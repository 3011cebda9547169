//! The house rules that neither the compiler, clippy nor rustfmt checks: the imports and the words
//! that a module may use.
//!
//! Each rule of `docs/ARCHITECTURE.md` that is visible in the text of a source file is checked here.
//! An offence is reported as `file:line: what, and why not`. Each check has a second test with a
//! planted offence.
//!
//! | file | about |
//! | --- | --- |
//! | [`imports`] | which module may use which |
//! | [`circles`] | modules that import each other in a circle |
//! | [`words`] | words that only some modules may use |
//! | [`text`] | the first line of a file, its width, and the first word of a comment |
//! | [`sources`] | the source files, and their offences |
//! | [`code`] | a parser for the parts of Rust that the checks need |
//!
//! To allow something new, change the table at the head of its file, with the reason.

mod circles;
mod code;
mod imports;
mod sources;
mod text;
mod words;

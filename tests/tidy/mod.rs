//! The house rules that neither the compiler, clippy nor rustfmt keeps: which module may use which,
//! and what it may do.
//!
//! A rule that only a document knows is broken by the third change after it. So each rule of
//! `docs/ARCHITECTURE.md` that can be seen in the text of a source file is checked here, and an
//! offence is reported as `file:line: what, and why not`. Each check has a second test that
//! plants an offence: a check that cannot fail is worth nothing.
//!
//! | file | about |
//! | --- | --- |
//! | [`imports`] | which module may use which |
//! | [`circles`] | modules that import each other in a circle |
//! | [`words`] | words that only some modules may use |
//! | [`text`] | how a file opens, and how wide it is |
//! | [`sources`] | the files, their offences, and how a check is held against them |
//! | [`code`] | as much Rust as is needed |
//!
//! To allow something new, change the table at the head of its file, and say why.

mod circles;
mod code;
mod imports;
mod sources;
mod text;
mod words;

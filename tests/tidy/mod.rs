//! The house rules, kept by a machine: who may use whom, who may do what, and how long is long.
//!
//! A rule that only a document knows is broken by the third change after it. So each rule of
//! `docs/ARCHITECTURE.md` that can be seen in the text of a source file is checked here, and an
//! offence is reported as `file:line: what, and why not`. Each check has a second test that
//! plants an offence: a check that cannot fail is worth nothing.
//!
//! | file | about |
//! | --- | --- |
//! | [`imports`] | who may use whom |
//! | [`words`] | who may do what |
//! | [`lengths`] | how long is long |
//! | [`names`] | what a file says of itself, and what its parts are called |
//! | [`sources`] | the files, their offences, and how a check is held against them |
//! | [`code`] | as much Rust as is needed |
//!
//! To allow something new, change the table at the head of its file, and say why.

mod code;
mod imports;
mod lengths;
mod names;
mod sources;
mod words;

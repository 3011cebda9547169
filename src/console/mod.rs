//! Shows, and turns keys into typed lines.
//!
//! Knows screens, languages and logs. Must never know a socket or the protocol: it is given
//! notices, and gives back text.
//!
//! | file | has |
//! | --- | --- |
//! | [`plain`] | whole lines in, whole lines out: for pipes, files, screen readers |
//! | [`command`] | a typed line → a command of the peer, or help |
//! | `typed_lines` | typed bytes → whole lines, for both `plain` and `lab` |
//! | `live` | messages above a line that is being typed: for people at terminals |
//! | [`sending`] | nobody: types one text to one person, and sees what became of it |
//! | [`seat`] | one of these three, chosen at the start |
//! | `keys`, `editor` | bytes → keys → an edited line |
//! | [`ability`] | what the terminal at hand can do, and was asked to |
//! | [`texts`] | a notice as a sentence |
//! | [`language`] | which languages there are, and texts that stand in both |
//! | [`words`] | the sentences, in Portuguese and English |
//! | [`visible`] | what strangers wrote, made harmless |
//! | [`journal`] | the directory's notices as log lines |
//! | `figures` | what a load generator measures |
//! | `lab` | the notices of the lab's services |

#[cfg(feature = "peer")]
pub mod ability;
#[cfg(feature = "peer")]
pub mod command;
#[cfg(feature = "editor")]
pub mod editor;
#[cfg(feature = "load")]
pub mod figures;
pub mod journal;
#[cfg(feature = "editor")]
pub mod keys;
#[cfg(feature = "lab")]
pub mod lab;
pub mod language;
#[cfg(feature = "editor")]
pub mod live;
#[cfg(feature = "peer")]
pub mod plain;
#[cfg(feature = "peer")]
pub mod seat;
#[cfg(feature = "peer")]
pub mod sending;
#[cfg(feature = "peer")]
pub mod texts;
#[cfg(any(feature = "peer", feature = "lab"))]
pub mod typed_lines;
#[cfg(any(feature = "peer", feature = "lab"))]
pub mod visible;
#[cfg(feature = "peer")]
pub mod words;

//! Shows, and turns keys into typed lines.
//!
//! Knows screens, languages and logs. Must never know a socket or the protocol: it is given
//! notices, and gives back text.
//!
//! | file | has |
//! | --- | --- |
//! | [`plain`] | whole lines in, whole lines out: for pipes, files, screen readers |
//! | `keys`, `editor` | bytes → keys → an edited line |
//! | [`texts`] | a notice as a sentence |
//! | [`words`] | the sentences, in Portuguese and English |
//! | [`visible`] | what strangers wrote, made harmless |
//! | [`journal`] | the directory's notices as log lines |

#[cfg(feature = "editor")]
pub mod editor;
pub mod journal;
#[cfg(feature = "editor")]
pub mod keys;
pub mod plain;
pub mod texts;
pub mod visible;
pub mod words;

//! What a person sees and types, without a terminal: screens as drawings in the source.
//!
//! `vt100` is the judge: it is given the bytes that a terminal would get, and says which letter
//! stands in which cell, and where the cursor is. `vte` judges what those bytes can do.
//!
//! | file | about |
//! | --- | --- |
//! | [`keys`] | bytes → keys, however they are split |
//! | [`editing`] | keys → a line, against a simple model |

mod editing;
mod keys;

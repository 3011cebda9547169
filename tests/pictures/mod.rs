//! The pictures of the documents show the real program: each session runs again, on
//! pseudo-terminals, and its picture is compared with the file in `docs/screens`. `make screens`
//! (this program with `WRITE_SCREENS=1`) writes the files.
//!
//! | file | has |
//! | --- | --- |
//! | [`sessions`] | the typed keys, and the expected screens |
//! | [`still`] | the cells of a screen, with fixed times and ports |
//! | [`svg`] | a still as a drawing |
//! | [`gallery`] | compares the files, or writes them |
//!
//! No test waits for a time: it presses each key when the screen shows the text that a person would
//! wait for, and takes the picture when the last row is the expected one.

mod gallery;
mod sessions;
mod still;
mod svg;

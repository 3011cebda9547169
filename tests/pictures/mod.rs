//! The pictures of the documents are what the program shows: each session is run again, on real
//! terminals, and its picture compared with the file in `docs/screens`. `make screens` (which is
//! this program with `WRITE_SCREENS=1`) writes the files anew.
//!
//! | file | has |
//! | --- | --- |
//! | [`sessions`] | who types what, and what must then be on the screens |
//! | [`still`] | a screen at rest, and the one place where something in it is not as it was |
//! | [`svg`] | a still as a drawing |
//! | [`gallery`] | the files: compared, or written |
//!
//! Nothing waits for a time: each key is pressed when the screen shows what a person would wait
//! for, and a picture is taken when the last row is the one that is expected.

mod gallery;
mod sessions;
mod still;
mod svg;

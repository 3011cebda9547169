//! Bytes to lines, and queued bytes to writes: the two buffers that each connection has.
//!
//! A buffer knows lengths. It must not know a socket, or what a line means. Read next: [`lines`],
//! then [`output`].

pub mod lines;
pub mod output;

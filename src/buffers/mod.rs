//! Bytes to lines, and queued bytes to writes: the two buffers that each connection has.
//!
//! A buffer must not know a socket, or the meaning of a line. Read next: [`lines`], then
//! [`output`].

pub mod lines;
pub mod output;

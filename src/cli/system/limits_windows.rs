//! The limits of a process on Windows: `limits.rs` has those of Unix.

/// As many sockets as Unix usually allows a program. Windows limits them only by its memory.
const SOCKETS_MAX: usize = 16 * 1024;

/// The most memory that this process may have: there is no limit.
pub(crate) fn memory_limit() -> Option<u64> {
    None
}

/// How many sockets this process may have.
pub(crate) fn descriptor_limit() -> usize {
    SOCKETS_MAX
}

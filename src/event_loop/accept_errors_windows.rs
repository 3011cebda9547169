//! The errors of accept on Windows: `accept_errors.rs` has the same for Unix.
//!
//! Read next: [`super::listener`], which handles each fault.

use std::fs::File;
use std::io;

use super::os::AcceptFault;

// Winsock's numbers, as <https://learn.microsoft.com/windows/win32/winsock> lists them. std has
// kinds for some of them only.
const WSAEINTR: i32 = 10004;
const WSAEBADF: i32 = 10009;
const WSAEFAULT: i32 = 10014;
const WSAEINVAL: i32 = 10022;
const WSAEMFILE: i32 = 10024;
const WSAENOTSOCK: i32 = 10038;
const WSAEOPNOTSUPP: i32 = 10045;
const WSAENETDOWN: i32 = 10050;
const WSAENETRESET: i32 = 10052;
const WSAECONNABORTED: i32 = 10053;
const WSAECONNRESET: i32 = 10054;
const WSAETIMEDOUT: i32 = 10060;

/// The fault that an error stands for.
pub(super) fn fault(error: &io::Error) -> AcceptFault {
    match error.raw_os_error() {
        Some(WSAEMFILE) => AcceptFault::NoDescriptor,
        Some(WSAEBADF | WSAEINVAL | WSAENOTSOCK | WSAEFAULT | WSAEOPNOTSUPP) => AcceptFault::Fatal,
        Some(
            WSAEINTR | WSAENETDOWN | WSAENETRESET | WSAECONNABORTED | WSAECONNRESET | WSAETIMEDOUT,
        ) => AcceptFault::CallerGone,
        // WSAENOBUFS, and unknown errors: a pause, because an immediate retry could spin.
        _ => AcceptFault::Exhausted,
    }
}

/// None: Windows has no limit of descriptors, and gives sockets until its memory is used up.
pub(super) fn spare() -> Option<File> {
    None
}

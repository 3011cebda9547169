//! The errors of accept(2) on Unix, and the descriptor that is held back for when all are in use.
//!
//! `accept_errors_windows.rs` has the same for Windows. Read next: [`super::listener`], which does
//! something about each fault.

use std::fs::File;
use std::io;

use rustix::io::Errno;

use super::os::AcceptFault;

/// The fault behind an error: accept(2), "Error handling".
pub(super) fn fault(error: &io::Error) -> AcceptFault {
    match Errno::from_io_error(error) {
        // Linux has one more for a network that is away.
        #[cfg(target_os = "linux")]
        Some(Errno::NONET) => AcceptFault::CallerGone,
        Some(Errno::MFILE | Errno::NFILE) => AcceptFault::NoDescriptor,
        Some(Errno::BADF | Errno::INVAL | Errno::NOTSOCK | Errno::FAULT) => AcceptFault::Fatal,
        Some(
            // Errors that are pending on the new connection: Linux hands them over here.
            Errno::CONNABORTED
            | Errno::INTR
            | Errno::PROTO
            | Errno::NOPROTOOPT
            | Errno::OPNOTSUPP
            | Errno::HOSTDOWN
            | Errno::HOSTUNREACH
            | Errno::NETDOWN
            | Errno::NETUNREACH
            | Errno::CONNRESET
            | Errno::TIMEDOUT
            // By a rule of the firewall.
            | Errno::PERM,
        ) => AcceptFault::CallerGone,
        // NOBUFS and NOMEM. An error that nobody has heard of is better a pause than a spin.
        _ => AcceptFault::Exhausted,
    }
}

/// A descriptor of no use but to be given up.
pub(super) fn spare() -> Option<File> {
    File::open("/dev/null").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_of_accept_has_its_fault() {
        let cases = [
            (Errno::MFILE, AcceptFault::NoDescriptor),
            (Errno::NFILE, AcceptFault::NoDescriptor),
            (Errno::NOBUFS, AcceptFault::Exhausted),
            (Errno::NOMEM, AcceptFault::Exhausted),
            (Errno::CONNABORTED, AcceptFault::CallerGone),
            (Errno::INTR, AcceptFault::CallerGone),
            (Errno::PERM, AcceptFault::CallerGone),
            #[cfg(target_os = "linux")]
            (Errno::NONET, AcceptFault::CallerGone),
            (Errno::BADF, AcceptFault::Fatal),
            (Errno::INVAL, AcceptFault::Fatal),
            (Errno::NOTSOCK, AcceptFault::Fatal),
        ];
        for (errno, fault) in cases {
            assert_eq!(super::fault(&errno.into()), fault, "{errno:?}");
        }
    }
}

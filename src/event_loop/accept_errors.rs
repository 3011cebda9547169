//! The errors of accept(2) on Unix, and the spare descriptor for when all are in use.
//!
//! `accept_errors_windows.rs` has the same for Windows. Read next: [`super::listener`], which
//! handles each fault.

use std::fs::File;
use std::io;

use rustix::io::Errno;

use super::os::AcceptFault;

/// The fault that an error stands for: accept(2), "Error handling".
pub(super) fn fault(error: &io::Error) -> AcceptFault {
    match Errno::from_io_error(error) {
        // Linux has one more for an unreachable network.
        #[cfg(target_os = "linux")]
        Some(Errno::NONET) => AcceptFault::CallerGone,
        Some(Errno::MFILE | Errno::NFILE) => AcceptFault::NoDescriptor,
        Some(Errno::BADF | Errno::INVAL | Errno::NOTSOCK | Errno::FAULT) => AcceptFault::Fatal,
        Some(
            // Linux returns the pending errors of the new connection here.
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
            // A rule of the firewall forbids the connection.
            | Errno::PERM,
        ) => AcceptFault::CallerGone,
        // NOBUFS, NOMEM, and unknown errors: a pause, because an immediate retry could spin.
        _ => AcceptFault::Exhausted,
    }
}

/// Opens the spare descriptor.
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

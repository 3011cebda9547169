//! The limits that Unix sets to a process.

use rustix::process::{Resource, Rlimit};

/// Descriptors that macOS grants to one process: `OPEN_MAX` of its `sys/syslimits.h`.
const OPEN_MAX: u64 = 10_240;

/// The most memory that this process may have, in bytes. `None`: there is no limit.
pub(crate) fn memory_limit() -> Option<u64> {
    rustix::process::getrlimit(Resource::As).current
}

/// Raises the limit of descriptors as far as the system allows, and returns it.
pub(crate) fn descriptor_limit() -> usize {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raise = |current| {
        let raised = Rlimit { current, maximum: limit.maximum };
        rustix::process::setrlimit(Resource::Nofile, raised).is_ok().then_some(current)
    };
    // macOS calls its limit infinite, and refuses to grant more than its OPEN_MAX.
    let raised = raise(limit.maximum).or_else(|| raise(limit.current.max(Some(OPEN_MAX))));
    let current = raised.unwrap_or(limit.current);
    // Without a limit: as many as the slab has places.
    current.and_then(|count| usize::try_from(count).ok()).unwrap_or(u32::MAX as usize)
}

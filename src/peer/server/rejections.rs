//! Connections that a server ends soon after USER, without a reply: is the name refused?
//!
//! The handout gives a server no way to refuse a name but to close. A server also closes when it
//! is full or restarts, and another program at that port may do anything. Must never know a
//! connection. Read next: [`super::registration`].

use std::net::SocketAddr;

use crate::machine::CloseReason;
use crate::peer::notice::Rejection;

/// The connections that ended so.
#[derive(Debug, Default)]
pub(super) struct Rejections {
    /// The last one ended later than most refusals come.
    was_late: bool,
    /// The server that ended the last one, and how. `None`: it refused the name.
    last: Option<(SocketAddr, Rejection)>,
}

impl Rejections {
    /// A connection to `server` ended, on which it had sent `said`. Returns `None` if the server
    /// refused the name: it closed in order and without a line. If the end came late (`is_late`),
    /// the server may have restarted, so it counts as a refusal only the second time.
    pub(super) fn judge(
        &mut self,
        server: SocketAddr,
        reason: CloseReason,
        said: Option<Vec<u8>>,
        is_late: bool,
    ) -> Option<Rejection> {
        let was_late = std::mem::replace(&mut self.was_late, is_late);
        let how = match (reason, said) {
            (CloseReason::LineTooLong, _) => Some(Rejection::EndlessLine),
            (_, Some(line)) => Some(Rejection::Said(line)),
            (CloseReason::Asked, None) if !is_late || was_late => None,
            (_, None) => Some(Rejection::HungUp),
        };
        self.last = how.clone().map(|how| (server, how));
        how
    }

    /// A dial to `server` failed, so its earlier ends do not count any more.
    pub(super) fn forget(&mut self, server: SocketAddr) {
        self.was_late = false;
        self.last.take_if(|(by, _)| *by == server);
    }

    /// The server that ended the last connection, and how. `None`: it refused the name.
    pub(super) fn last(&self) -> Option<&(SocketAddr, Rejection)> {
        self.last.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_late_ends_of_a_server_that_is_gone_do_not_count() {
        let server = SocketAddr::from(([10, 0, 0, 1], 10_000));
        let mut rejections = Rejections::default();
        let closes_late =
            |rejections: &mut Rejections| rejections.judge(server, CloseReason::Asked, None, true);
        assert_eq!(closes_late(&mut rejections), Some(Rejection::HungUp));
        rejections.forget(server);
        assert_eq!(rejections.last(), None);
        assert_eq!(closes_late(&mut rejections), Some(Rejection::HungUp), "once is no refusal");
        assert_eq!(closes_late(&mut rejections), None, "twice is one");
    }

    #[test]
    fn only_the_ends_of_this_server_are_forgotten() {
        let [first, second] = [1, 2].map(|last| SocketAddr::from(([10, 0, 0, last], 10_000)));
        let mut rejections = Rejections::default();
        rejections.judge(first, CloseReason::LineTooLong, None, false);
        rejections.forget(second);
        assert_eq!(rejections.last(), Some(&(first, Rejection::EndlessLine)));
    }
}

//! A server ends the connection soon after USER and has answered nothing: here is decided what that
//! means.
//!
//! The handout gives a server no way to refuse a name but to close. It also closes when it is
//! full or is started again, and something else than a server does what it likes. Knows no
//! connection. Read next: [`super::registration`].

use std::net::SocketAddr;

use crate::machine::CloseReason;
use crate::peer::notice::Rebuff;

/// The connections that were ended so.
#[derive(Debug, Default)]
pub(super) struct Rebuffs {
    /// The last one was ended later than a refusal takes as a rule.
    was_late: bool,
    /// The server that ended the last one, and how, where that was no refusal of the name.
    last: Option<(SocketAddr, Rebuff)>,
}

impl Rebuffs {
    /// A connection to `server` was ended; `said` is what the server said on it. `None`: the server
    /// has refused the name, since it closed in order and without a word. Where it took its time
    /// for that (`is_late`), it may have been started again: so it has to do it twice.
    pub(super) fn judge(
        &mut self,
        server: SocketAddr,
        reason: CloseReason,
        said: Option<Vec<u8>>,
        is_late: bool,
    ) -> Option<Rebuff> {
        let was_late = std::mem::replace(&mut self.was_late, is_late);
        let how = match (reason, said) {
            (CloseReason::LineTooLong, _) => Some(Rebuff::EndlessLine),
            (_, Some(line)) => Some(Rebuff::Said(line)),
            (CloseReason::Asked, None) if !is_late || was_late => None,
            (_, None) => Some(Rebuff::HungUp),
        };
        self.last = how.clone().map(|how| (server, how));
        how
    }

    /// Nobody answers there by now: what this server did before counts no more.
    pub(super) fn forget(&mut self, server: SocketAddr) {
        self.was_late = false;
        self.last.take_if(|(by, _)| *by == server);
    }

    /// The server that ended the last connection, and how, where that was no refusal of the name.
    pub(super) fn last(&self) -> Option<&(SocketAddr, Rebuff)> {
        self.last.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_gone_begins_anew() {
        let server = SocketAddr::from(([10, 0, 0, 1], 10_000));
        let mut rebuffs = Rebuffs::default();
        let closes_late =
            |rebuffs: &mut Rebuffs| rebuffs.judge(server, CloseReason::Asked, None, true);
        assert_eq!(closes_late(&mut rebuffs), Some(Rebuff::HungUp));
        rebuffs.forget(server);
        assert_eq!(rebuffs.last(), None);
        assert_eq!(closes_late(&mut rebuffs), Some(Rebuff::HungUp), "once is no refusal");
        assert_eq!(closes_late(&mut rebuffs), None, "twice is one");
    }

    #[test]
    fn another_server_is_not_forgotten() {
        let [first, second] = [1, 2].map(|last| SocketAddr::from(([10, 0, 0, last], 10_000)));
        let mut rebuffs = Rebuffs::default();
        rebuffs.judge(first, CloseReason::LineTooLong, None, false);
        rebuffs.forget(second);
        assert_eq!(rebuffs.last(), Some(&(first, Rebuff::EndlessLine)));
    }
}

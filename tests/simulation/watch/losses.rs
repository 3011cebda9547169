//! Watches the report of lost lines when a connection breaks: it must count all of them.
//!
//! Bytes in flight may still arrive, so the check comes at the end. Read next: [`super::streams`],
//! which knows what was read.

use super::super::link::Sock;
use super::super::schedule::NodeId;
use super::rule::Rule;
use super::streams::Streams;
use super::{Role, Watch, hold};

/// Connections that broke in the same input, and the report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Break {
    pub(crate) socks: Vec<Sock>,
    /// Texts that were typed for them and not sent.
    pub(crate) texts_due: usize,
    pub(crate) reported: usize,
}

impl Break {
    fn lost(&self, streams: &Streams) -> usize {
        let texts = |&sock: &Sock| streams.texts_in_last(sock, streams.not_read(sock).len());
        self.texts_due + self.socks.iter().map(texts).sum::<usize>()
    }
}

impl Watch {
    /// Keeps the connections that broke in this input.
    pub(super) fn note_break(&mut self, node: NodeId) {
        let Role::Peer(peer, _) = &mut self.roles[node] else { return };
        if let Some(broken) = peer.take_break() {
            self.breaks.push((node, broken));
        }
    }

    /// At the end, nothing is in flight any more.
    pub(crate) fn check_losses(&mut self) {
        let is_short = |(_, it): &&(NodeId, Break)| it.lost(&self.streams) > it.reported;
        if let Some((node, broken)) = self.breaks.iter().find(is_short) {
            let (who, lost) = (self.label(*node), broken.lost(&self.streams));
            let found =
                || format!("{who}: {lost} lost, {} reported, {:?}", broken.reported, broken.socks);
            self.judge(hold(false, Rule::LostLinesCounted, found));
        }
    }
}

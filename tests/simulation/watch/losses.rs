//! Watches what a person is told when a connection breaks: of all lines that never reached the
//! other program, so many were counted, or more.
//!
//! Bytes in flight may still arrive, so this is judged at the very end. Read next:
//! [`super::streams`], which knows what was heard.

use super::super::agenda::NodeId;
use super::super::link::Sock;
use super::rule::Rule;
use super::streams::Streams;
use super::{Role, Watch, hold};

/// Connections that broke together, and what was told then.
#[derive(Clone, Debug, Default)]
pub(crate) struct Break {
    pub(crate) socks: Vec<Sock>,
    /// Lines that were typed for them and never said.
    pub(crate) owed: usize,
    pub(crate) told: usize,
}

impl Break {
    fn lost(&self, streams: &Streams) -> usize {
        let texts = |&sock: &Sock| streams.texts_in_last(sock, streams.unheard(sock).len());
        self.owed + self.socks.iter().map(texts).sum::<usize>()
    }
}

impl Watch {
    /// The list of what broke in this input is complete.
    pub(super) fn note_break(&mut self, node: NodeId) {
        let Role::Peer(peer, _) = &mut self.roles[node] else { return };
        if let Some(broken) = peer.take_break() {
            self.breaks.push((node, broken));
        }
    }

    /// At the end: nothing is in flight any more.
    pub(crate) fn check_losses(&mut self) {
        let is_short = |(_, it): &&(NodeId, Break)| it.lost(&self.streams) > it.told;
        if let Some((node, broken)) = self.breaks.iter().find(is_short) {
            let (who, lost) = (self.label(*node), broken.lost(&self.streams));
            let found = || format!("{who}: {lost} lost, {} told, {:?}", broken.told, broken.socks);
            self.judge(hold(false, Rule::LossesAreCounted, found));
        }
    }
}

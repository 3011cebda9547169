//! The handle of a conversation, by which labels, notices and commands name it.
//!
//! Read next: [`super::conversation`].

/// A conversation: its number among all that this peer has had, from 1. Never used again.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ConversationId(pub u32);

//! The program on pseudo-terminals: what is drawn there ([`drawn`]), and the pictures of the
//! documents ([`pictures`]).

#![cfg(feature = "editor")]
#![allow(clippy::disallowed_methods, reason = "real processes want a real clock")]

mod drawn;
#[cfg(feature = "lab")]
mod pictures;
mod support;

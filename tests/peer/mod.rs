//! The peer's rules, one test for each, without a socket and without a clock.
//!
//! `docs/PROTOCOL.md` has the cases C1 to C28 (a peer and its server) and P1 to P40 (two peers).
//! A test names the cases that it shows. Rules that need a real socket are tested in
//! `tests/peer_sockets`.
//!
//! | file | about |
//! | --- | --- |
//! | [`desk`], [`brief`] | the harness, and its short form of a notice |
//! | [`registration`], [`coming_back`] | USER and KEEP; a lost server, and the return |
//! | [`next_server`] | several servers |
//! | [`names`] | servers whose names are looked up again |
//! | [`rejections`] | a server that closes, and not because of the name |
//! | [`lookups`] | LIST and ADDR, the fence, late answers |
//! | [`addresses`] | which addresses are called |
//! | [`verification`] | the check of a caller's name |
//! | [`calls`], [`callers`] | calls to others, and calls of others |
//! | [`texts`] | which texts are sent, and to which conversation |
//! | [`several`] | `/reply`, `/next` and `/peers` with several conversations |
//! | [`identity`] | a conversation keeps its number and its label |
//! | [`standing`] | the facts for the prompt |
//! | [`goodbyes`], [`leaving`] | the end of a conversation, and of the program |
//! | [`pace`] | text leaves in pieces, with a pause between two pieces |
//! | [`silence`] | programs that end no line |
//! | [`standstill`] | output that does not move |
//! | [`delivery`] | texts that have not left |
//! | [`doubt`] | texts that have left and may not have arrived |
//! | [`full_output`] | the host's output is full |
//! | [`odd_moments`] | early ticks, and commands at unusual times |
//! | [`scripts`], [`outcomes`] | a script: how it waits, and its exit status |
//! | [`who`] | another machine: `papo who` |

mod addresses;
mod brief;
mod callers;
mod calls;
mod coming_back;
mod delivery;
mod desk;
mod doubt;
mod full_output;
mod goodbyes;
mod identity;
mod leaving;
mod lookups;
mod names;
mod next_server;
mod odd_moments;
mod outcomes;
mod pace;
mod registration;
mod rejections;
mod scripts;
mod several;
mod silence;
mod standing;
mod standstill;
mod texts;
mod verification;
#[cfg(feature = "tools")]
mod who;

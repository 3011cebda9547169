//! The peer's rules, one test for each, without a socket and without a clock.
//!
//! The cases C1 to C28 (a peer and its server) and P1 to P40 (peers among each other) are those
//! of `docs/PROTOCOL.md`; each test names the ones that it shows. What only a real socket can
//! show is in the tests beside this directory.
//!
//! | file | about |
//! | --- | --- |
//! | [`desk`] | the harness: a peer whose network, person and clock are the test |
//! | [`registration`], [`coming_back`] | USER, KEEP; refused, offline and back |
//! | [`lookups`] | LIST and ADDR, the fence, what is stale |
//! | [`addresses`] | which addresses are called |
//! | [`verification`] | whether a caller is who it says |
//! | [`calls`], [`callers`] | calling, and being called |
//! | [`texts`] | what is said, and to whom it goes |
//! | [`several`] | who wrote last, what is unread, how each conversation is |
//! | [`identity`] | a conversation and its label are for life |
//! | [`standing`] | what is told for the prompt |
//! | [`goodbyes`], [`leaving`] | the ends of a conversation, and of the program |
//! | [`delivery`] | what did not leave |
//! | [`doubt`] | what left and may not have arrived |
//! | [`scripts`] | a script is a patient person |
//! | [`who`] | another machine: asks who is online, and leaves |

mod addresses;
mod brief;
mod callers;
mod calls;
mod coming_back;
mod delivery;
mod desk;
mod doubt;
mod goodbyes;
mod identity;
mod leaving;
mod lookups;
mod registration;
mod scripts;
mod several;
mod standing;
mod texts;
mod verification;
mod who;

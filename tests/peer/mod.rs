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
//! | [`next_server`] | several servers, and the next is tried at once |
//! | [`names`] | servers whose names are looked up again |
//! | [`rebuffs`] | a server that lets nobody in, and not because of the name |
//! | [`lookups`] | LIST and ADDR, the fence, what is stale |
//! | [`addresses`] | which addresses are called |
//! | [`verification`] | whether a caller is who it says |
//! | [`calls`], [`callers`] | calling, and being called |
//! | [`texts`] | what is said, and to whom it goes |
//! | [`several`] | who wrote last, what is unread, how each conversation is |
//! | [`identity`] | a conversation and its label are for life |
//! | [`standing`] | what is told for the prompt |
//! | [`goodbyes`], [`leaving`] | the ends of a conversation, and of the program |
//! | [`pace`] | text leaves in pieces, with a pause between them |
//! | [`silence`] | programs that end no line |
//! | [`standstill`] | somebody who reads nothing for a while |
//! | [`delivery`] | what did not leave |
//! | [`doubt`] | what left and may not have arrived |
//! | [`full_output`] | the host's output is full |
//! | [`odd_moments`] | early ticks, and commands on top of others |
//! | [`scripts`], [`outcomes`] | a script is a patient person, and its status is true |
//! | [`who`] | another machine: asks who is online, and leaves |

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
mod rebuffs;
mod registration;
mod scripts;
mod several;
mod silence;
mod standing;
mod standstill;
mod texts;
mod verification;
#[cfg(feature = "tools")]
mod who;

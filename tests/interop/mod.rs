//! Other people's programs, as `docs/PROTOCOL.md` describes them: eight clients and a server.
//!
//! The handout promises that programs by different people can talk to each other. Each model is
//! written from what its program was seen to do on the wire: how it ends a line, what it takes
//! for a message, how it names itself, how it leaves. Where a program's own behaviour stands in
//! the way, the test says what happens instead.
//!
//! | file | has |
//! | --- | --- |
//! | [`habits`] | the eight models, a table of habits |
//! | [`clients`] | the same on real sockets |
//! | [`conversation`] | what is true with each of them |
//! | [`peculiar`] | what only some of them do |
//! | [`other_server`] | our peers with the one public server |

mod clients;
mod conversation;
mod habits;
mod other_server;
mod peculiar;

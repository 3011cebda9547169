//! Other people's programs, as `docs/PROTOCOL.md` describes them: eight clients and a server.
//!
//! The handout promises that programs by different people can talk to each other. Each model is
//! written from the observed behaviour of its program: how it ends a line, what it takes for a
//! message, how it sends its name, how it leaves. Where that behaviour prevents something, the test
//! shows what happens instead.
//!
//! | file | has |
//! | --- | --- |
//! | [`habits`] | the eight models, as a table of habits |
//! | [`clients`] | the same on real sockets |
//! | [`conversation`] | rules that hold with each of them |
//! | [`peculiar`] | habits that only some have |
//! | [`other_server`] | our peers with the one public server |

mod clients;
mod conversation;
mod habits;
mod other_server;
mod peculiar;

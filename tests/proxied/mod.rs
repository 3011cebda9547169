//! A directory behind load balancers: the PROXY protocol.
//!
//! | file | asks |
//! | --- | --- |
//! | [`scene`] | (the harness: callers, bytes and a clock that are the test) |
//! | [`headers`] | what does each header, and each fault in one, come to? |
//! | [`splits`] | does it matter in what pieces a header comes, and what do damaged ones do? |
//! | [`limits`] | who counts for which address, and how long may a header take? |
//! | [`sockets`] | the same on real sockets, and the options of the command |
//! | [`haproxy`] | a real load balancer |

mod haproxy;
mod headers;
mod limits;
mod scene;
mod sockets;
mod splits;

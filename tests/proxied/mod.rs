//! A directory behind load balancers: the PROXY protocol.
//!
//! | file | about |
//! | --- | --- |
//! | [`scene`] | the harness: a directory behind proxies, without a socket or a clock |
//! | [`headers`] | each header, and each fault in one |
//! | [`splits`] | headers in pieces, and damaged headers |
//! | [`limits`] | the limits by address, and the time for a header |
//! | [`sockets`] | the same on real sockets, and the options of the command |
//! | [`haproxy`] | a real load balancer |

mod haproxy;
mod headers;
mod limits;
mod scene;
mod sockets;
mod splits;

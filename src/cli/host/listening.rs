//! Listening sockets of the program. Read next: [`super::service`], which may have one from a
//! service manager.

use std::net::SocketAddr;

use crate::cli::Failure;
use crate::event_loop::mio_os::MioOs;
use crate::event_loop::os::Os;
use crate::event_loop::socket;

/// A listening socket of the operating system that the program runs on.
pub(crate) type Listener = <MioOs as Os>::Listener;

/// Listens at an address, and says at which: the system may have chosen the port.
pub(crate) fn listen(address: SocketAddr) -> Result<(Listener, SocketAddr), Failure> {
    let cannot = |error| Failure::listen(address, error);
    let listener = socket::listen(address).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    Ok((listener, address))
}

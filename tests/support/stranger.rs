//! A registered peer that the test drives: it has a name, and a listener for calls.

use std::net::TcpListener;

use super::{Raw, Server};

/// See the module's own documentation.
pub struct Stranger {
    /// The connection to the server.
    pub registered: Raw,
    listener: TcpListener,
}

impl Stranger {
    /// Registers, and waits until the server has logged it.
    pub fn join(server: &mut Server, name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let registered = server.join(name, port);
        server.process.expect_log(&format!("event=join name=\"{}\"", name.escape_default()));
        Self { registered, listener }
    }

    /// Gives the connections of later callers a small receive buffer.
    pub fn take_little(&self) {
        let socket = socket2::SockRef::from(&self.listener);
        socket.set_recv_buffer_size(16 * 1024).expect("a small buffer");
    }

    /// Takes the next call.
    #[track_caller]
    pub fn accept(&self) -> Raw {
        Raw::accept(&self.listener)
    }

    /// Takes the next call, which must begin with USER and this name.
    #[track_caller]
    pub fn accept_from(&self, name: &str) -> Raw {
        let mut call = self.accept();
        assert_eq!(call.line(), format!("USER {name}"));
        call
    }
}

//! A client or a listener of a test: any bytes, and no rule of the protocol.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::PATIENCE;

/// A client that sends and receives bytes, and nothing else.
pub struct Raw {
    /// The connection.
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Raw {
    /// Connects.
    pub fn connect(to: SocketAddr) -> Self {
        Self::over(TcpStream::connect(to).expect("connects"))
    }

    /// Connects with a receive buffer of a few kilobytes. By default the kernel may keep megabytes for a
    /// client that does not read, and the other side notices nothing.
    pub fn connect_narrow(to: SocketAddr) -> Self {
        use socket2::{Domain, Socket, Type};
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        socket.connect(&to.into()).expect("connects");
        Self::over(socket.into())
    }

    /// Over an existing stream.
    pub fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, buffer: Vec::new() }
    }

    /// Takes the next call at a listener, within [`PATIENCE`].
    #[track_caller]
    pub fn accept(listener: &TcpListener) -> Self {
        listener.set_nonblocking(true).expect("non-blocking");
        let start = Instant::now();
        loop {
            if let Ok((stream, _)) = listener.accept() {
                stream.set_nonblocking(false).expect("blocking");
                return Self::over(stream);
            }
            assert!(start.elapsed() < PATIENCE, "there was no call");
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Sends text, exactly as given.
    pub fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes());
    }

    /// Sends bytes. An error shows in the next read.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// The next line, without its `\r\n`, which it must have.
    #[track_caller]
    pub fn line(&mut self) -> String {
        let line = self.line_or_end().expect("a line, and not the end of the stream");
        let line = line.strip_suffix("\r\n").expect("a line ends in CR LF");
        line.to_string()
    }

    /// The next line with its end, or an unfinished line at the end of the stream. `None`: the end.
    #[track_caller]
    pub fn line_or_end(&mut self) -> Option<String> {
        loop {
            if let Some(lf) = self.buffer.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=lf).collect();
                return Some(String::from_utf8_lossy(&line).into_owned());
            }
            let mut piece = [0; 4096];
            match self.stream.read(&mut piece) {
                // signal(7): with a timeout, SIGSTOP and SIGCONT interrupt a read.
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) if !self.buffer.is_empty() => {
                    let rest = std::mem::take(&mut self.buffer);
                    return Some(String::from_utf8_lossy(&rest).into_owned());
                }
                Ok(0) => return None,
                Ok(count) => self.buffer.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("no line: {error}"),
            }
        }
    }

    /// Reads until the other side closes. Returns how long it took.
    #[track_caller]
    pub fn wait_closed(&mut self) -> Duration {
        let start = Instant::now();
        while self.line_or_end().is_some() {}
        start.elapsed()
    }

    /// Whether no byte comes for this time.
    pub fn is_silent_for(&mut self, quiet: Duration) -> bool {
        self.stream.set_read_timeout(Some(quiet)).expect("a timeout");
        let result = self.stream.peek(&mut [0; 1]);
        self.stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let is_quiet = |error: &std::io::Error| {
            matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
        };
        self.buffer.is_empty() && result.as_ref().is_err_and(is_quiet)
    }

    /// The names in the answer to LIST.
    #[track_caller]
    pub fn list(&mut self) -> Vec<String> {
        self.send("LIST\r\n");
        let line = self.line();
        let names = line.strip_prefix("LIST ").expect("a LIST reply").split(':');
        names.filter(|name| !name.is_empty()).map(str::to_string).collect()
    }

    /// Ends the stream in our direction only.
    pub fn half_close(&self) {
        self.stream.shutdown(Shutdown::Write).expect("half-closes");
    }

    /// Breaks the connection with a reset.
    pub fn reset(self) {
        let socket = socket2::SockRef::from(&self.stream);
        socket.set_linger(Some(Duration::ZERO)).expect("linger");
    }
}

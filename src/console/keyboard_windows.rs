//! stdin on Windows: `keyboard.rs` has the same for Unix.
//!
//! mio cannot watch a console, a file or an anonymous pipe there, and a read of them blocks. So a
//! thread reads on request, and wakes the poller. It is one of two threads beside the loop's own;
//! the other waits for Ctrl-C. It shares two channels with the program and nothing else, and it
//! waits until the program has taken the last piece. Read next: [`super::device`].

use std::io::{self, Read, stdin};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use mio::{Registry, Token};

use super::waker;

/// Most bytes of one piece.
const PIECE_BYTES: usize = 4 * 1024;

#[derive(Debug)]
pub(super) struct Keyboard {
    requests: SyncSender<()>,
    pieces: Receiver<Vec<u8>>,
    /// Bytes that were read and not taken yet. An empty piece is the end.
    piece: Option<Vec<u8>>,
    state: KeyboardState,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum KeyboardState {
    /// The thread waits for a request.
    Idle,
    /// The thread reads.
    Asked,
    /// Read to its end.
    Ended,
}

impl Keyboard {
    /// Starts the thread. It ends with the program, because nothing interrupts a read of a console.
    #[allow(clippy::disallowed_methods, reason = "no poller watches a console, and a read blocks")]
    pub(super) fn register(registry: &Registry, token: Token) -> io::Result<Self> {
        waker::begin(registry, token)?;
        let (requests, asked) = sync_channel(1);
        let (sender, pieces) = sync_channel(1);
        std::thread::spawn(move || read_when_asked(&asked, &sender));
        Ok(Self { requests, pieces, piece: None, state: KeyboardState::Idle })
    }

    /// Takes a piece that was read, if there is one. The token does not matter: the threads share
    /// one waker.
    pub(super) fn on_turn(&mut self, _: &[Token]) {
        if self.state == KeyboardState::Asked
            && let Ok(piece) = self.pieces.try_recv()
        {
            self.state = if piece.is_empty() { KeyboardState::Ended } else { KeyboardState::Idle };
            self.piece = Some(piece);
        }
    }

    /// Requests the next piece, if the last one was taken. A console edits the line at the place of
    /// the cursor when the read began, so all output must be written before.
    pub(super) fn on_flushed(&mut self) {
        if self.state == KeyboardState::Idle
            && self.piece.is_none()
            && self.requests.send(()).is_ok()
        {
            self.state = KeyboardState::Asked;
        }
    }

    /// Whether a read would return bytes, or the end.
    pub(super) fn is_ready(&self) -> bool {
        self.piece.is_some()
    }

    /// Reads once. `None`: no bytes now. `Some(0)`: the end, which is returned once.
    pub(super) fn read(&mut self, scratch: &mut [u8], _: &Registry) -> Option<usize> {
        let mut piece = self.piece.take()?;
        let count = piece.len().min(scratch.len());
        scratch[..count].copy_from_slice(&piece[..count]);
        piece.drain(..count);
        self.piece = Some(piece).filter(|rest| !rest.is_empty());
        Some(count)
    }
}

/// The thread. std turns the text of a console into UTF-8, and its Ctrl-Z into the end.
fn read_when_asked(requests: &Receiver<()>, sender: &SyncSender<Vec<u8>>) {
    while requests.recv().is_ok() {
        let mut piece = vec![0; PIECE_BYTES];
        // An error: the console is gone, or the typed bytes are no text. That is the end.
        let count = stdin().lock().read(&mut piece).unwrap_or(0);
        piece.truncate(count);
        if sender.send(piece).is_err() {
            return;
        }
        waker::wake();
    }
}

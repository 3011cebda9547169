//! stdin on Windows: `keyboard.rs` has the same for Unix.
//!
//! mio cannot watch a console, a file or an anonymous pipe there, and a read of them blocks. So a
//! thread reads when it is asked to, and wakes the poller: it is one of the two threads beside the
//! loop's own (the other waits for Ctrl-C). It holds nothing of the program's but its ends of two
//! channels, and a piece that nobody takes holds it up. Read next: [`super::device`].

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
    /// Bytes that were read and not taken yet. No bytes are the end.
    piece: Option<Vec<u8>>,
    state: KeyboardState,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum KeyboardState {
    /// The thread waits to be asked.
    Idle,
    /// The thread reads.
    Asked,
    /// Read to its end.
    Ended,
}

impl Keyboard {
    /// Starts the thread. It ends with the program: nothing ends a read of a console.
    #[allow(clippy::disallowed_methods, reason = "no poller watches a console, and a read blocks")]
    pub(super) fn register(registry: &Registry, token: Token) -> io::Result<Self> {
        waker::begin(registry, token)?;
        let (requests, asked) = sync_channel(1);
        let (sender, pieces) = sync_channel(1);
        std::thread::spawn(move || read_when_asked(&asked, &sender));
        Ok(Self { requests, pieces, piece: None, state: KeyboardState::Idle })
    }

    /// Takes note of what was read. Whichever source has woken the poller: they share one waker.
    pub(super) fn on_turn(&mut self, _: &[Token]) {
        if self.state == KeyboardState::Asked
            && let Ok(piece) = self.pieces.try_recv()
        {
            self.state = if piece.is_empty() { KeyboardState::Ended } else { KeyboardState::Idle };
            self.piece = Some(piece);
        }
    }

    /// Has the next piece read, once the last one was taken. A console remembers where its cursor
    /// stood when a read began, and edits the line there: so all output goes first.
    pub(super) fn on_flushed(&mut self) {
        if self.state == KeyboardState::Idle
            && self.piece.is_none()
            && self.requests.send(()).is_ok()
        {
            self.state = KeyboardState::Asked;
        }
    }

    /// Whether a read would bring something, the end included.
    pub(super) fn is_ready(&self) -> bool {
        self.piece.is_some()
    }

    /// Reads once. `None`: nothing now. `Some(0)`: the end, once.
    pub(super) fn read(&mut self, scratch: &mut [u8], _: &Registry) -> Option<usize> {
        let mut piece = self.piece.take()?;
        let count = piece.len().min(scratch.len());
        scratch[..count].copy_from_slice(&piece[..count]);
        piece.drain(..count);
        self.piece = Some(piece).filter(|rest| !rest.is_empty());
        Some(count)
    }
}

/// The thread. std makes UTF-8 of what a console has, and an end of its Ctrl-Z.
fn read_when_asked(requests: &Receiver<()>, sender: &SyncSender<Vec<u8>>) {
    while requests.recv().is_ok() {
        let mut piece = vec![0; PIECE_BYTES];
        // An error: the console is gone, or what was typed is no text. Nothing more will come.
        let count = stdin().lock().read(&mut piece).unwrap_or(0);
        piece.truncate(count);
        if sender.send(piece).is_err() {
            return;
        }
        waker::wake();
    }
}

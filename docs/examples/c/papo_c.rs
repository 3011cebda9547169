//! papo for C: the functions of `papo.h`, over the library's public interface.
//!
//! This file has all `unsafe` of the project: it relies on C's strings and handles being as
//! `papo.h` requires. Nothing here decides anything of the chat. Read next: `host.c`.

use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_int};
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::ptr;
use std::time::Duration;

use papo::console::language::Language;
use papo::console::texts::sentence;
use papo::directory::{self, Directory};
use papo::event_loop::{EventLoop, Turn, socket};
use papo::machine::Framing;
use papo::mio::net::TcpListener;
use papo::peer::command::Command;
use papo::peer::notice::{ConversationId, Partner};
use papo::peer::{self, Peer};
use papo::wire::name::Name;
use papo::wire::{REQUEST_LIMIT, SPEECH_LIMIT};

/// "Invalid argument", the same number on all Unix systems.
const EINVAL: c_int = 22;
/// "Input/output error", for an error without a number.
const EIO: c_int = 5;

/// `papo_kind` of the header.
#[derive(Clone, Copy, Default)]
#[repr(u32)]
enum Kind {
    Joined = 1,
    Left = 2,
    Refused = 3,
    Welcome = 10,
    NameRefused = 11,
    Online = 12,
    Connected = 13,
    Text = 14,
    Ended = 15,
    NotReached = 16,
    NotSent = 17,
    #[default]
    Other = 99,
}

/// An event, with its text.
#[derive(Default)]
struct Event {
    kind: Kind,
    conversation: u32,
    name: String,
    text: Vec<u8>,
}

/// `papo_event` of the header.
#[repr(C)]
pub struct PapoEvent {
    kind: u32,
    conversation: u32,
    name: *const c_char,
    name_bytes: usize,
    text: *const c_char,
    text_bytes: usize,
}

enum Machine {
    Directory(EventLoop<Directory>),
    Peer(EventLoop<Peer>),
}

/// `papo` of the header.
pub struct Papo {
    machine: Machine,
    port: u16,
    events: VecDeque<Event>,
    /// The event that the host has now: its text must not move.
    taken: Event,
}

impl Event {
    fn of_name(kind: Kind, name: &Name) -> Self {
        Self { kind, name: name.as_str().into(), ..Self::default() }
    }

    fn in_conversation(kind: Kind, who: Partner, text: Vec<u8>) -> Self {
        Self { kind, conversation: who.id.0, name: who.label, text }
    }

    fn of_text(kind: Kind, text: impl Into<Vec<u8>>) -> Self {
        Self { kind, text: text.into(), ..Self::default() }
    }

    fn of_directory(notice: directory::notice::Notice) -> Option<Self> {
        use directory::notice::Notice;
        Some(match notice {
            Notice::Joined { name, .. } => Self::of_name(Kind::Joined, &name),
            Notice::Left { name, .. } => Self::of_name(Kind::Left, &name),
            Notice::Refused { why, .. } => Self::of_text(Kind::Refused, format!("{why:?}")),
            other => Self::of_text(Kind::Other, format!("{other:?}")),
        })
    }

    fn of_peer(notice: peer::notice::Notice) -> Option<Self> {
        use peer::notice::Notice;
        Some(match notice {
            Notice::Welcome { name } => Self::of_name(Kind::Welcome, &name),
            Notice::NameRefused { name } => Self::of_name(Kind::NameRefused, &name),
            Notice::Online(names) => Self::of_text(Kind::Online, names.join(&b'\n')),
            Notice::Connected { who } => Self::in_conversation(Kind::Connected, who, vec![]),
            Notice::Text { from, text, .. } => Self::in_conversation(Kind::Text, from, text),
            Notice::Ended { who, .. } => Self::in_conversation(Kind::Ended, who, vec![]),
            Notice::NotOnline { name, .. } => Self::of_name(Kind::NotReached, &name),
            Notice::Unreachable { name, .. } => Self::of_name(Kind::NotReached, &name),
            Notice::BadAddress { name } => Self::of_name(Kind::NotReached, &name),
            Notice::NotReading { .. }
            | Notice::Namesake { .. }
            | Notice::WouldBeProtocol { .. }
            | Notice::NoConversation
            | Notice::NotTalkingTo { .. }
            | Notice::NotAName(_)
            | Notice::Yourself
            | Notice::NeedsServer
            | Notice::ServerSilent
            | Notice::Unended { .. } => {
                Self::of_text(Kind::NotSent, sentence(Language::English, &notice))
            }
            // These are no events: they are for a host that draws a prompt.
            Notice::Standing(_) | Notice::Said { .. } | Notice::SentTo { .. } => return None,
            other => Self::of_text(Kind::Other, format!("{other:?}")),
        })
    }
}

impl Papo {
    fn new_directory(listen: &str) -> Result<Self, c_int> {
        let (listener, port) = listen_at(listen)?;
        let machine = Directory::new(directory::Rules::default());
        let mut event_loop = EventLoop::new(machine).map_err(number)?;
        event_loop.listen(listener, Framing::Lines(REQUEST_LIMIT)).map_err(number)?;
        Ok(Self::on(Machine::Directory(event_loop), port))
    }

    fn new_peer(name: &str, listen: &str, server: &str) -> Result<Self, c_int> {
        let name = Name::parse(name.as_bytes()).map_err(|_| EINVAL)?;
        let server = server.parse().map_err(|_| EINVAL)?;
        let (listener, port) = listen_at(listen)?;
        let rules = peer::Rules {
            name: Some(name),
            // A program gives the commands, and the peer stays after each of them.
            scripted: true,
            stays: true,
            seed: port.into(),
            ..peer::Rules::new(server, port)
        };
        let mut event_loop = EventLoop::new(Peer::new(rules)).map_err(number)?;
        event_loop.listen(listener, Framing::Lines(SPEECH_LIMIT)).map_err(number)?;
        Ok(Self::on(Machine::Peer(event_loop), port))
    }

    fn on(machine: Machine, port: u16) -> Self {
        Self { machine, port, events: VecDeque::new(), taken: Event::default() }
    }

    /// How long the host may wait, in milliseconds. 0 while an event waits to be taken.
    fn timeout(&self) -> Option<Duration> {
        if !self.events.is_empty() {
            return Some(Duration::ZERO);
        }
        match &self.machine {
            Machine::Directory(event_loop) => event_loop.timeout(),
            Machine::Peer(event_loop) => event_loop.timeout(),
        }
    }

    fn turn(&mut self) -> io::Result<Turn> {
        match &mut self.machine {
            Machine::Directory(event_loop) => {
                let turn = event_loop.turn(Some(Duration::ZERO))?;
                self.events.extend(event_loop.notices().filter_map(Event::of_directory));
                Ok(turn)
            }
            Machine::Peer(event_loop) => {
                event_loop.output_full(!self.events.is_empty());
                let turn = event_loop.turn(Some(Duration::ZERO))?;
                self.events.extend(event_loop.notices().filter_map(Event::of_peer));
                Ok(turn)
            }
        }
    }

    /// 1: taken. 0: not now. -1: a directory takes none.
    fn command(&mut self, command: &Command) -> c_int {
        match &mut self.machine {
            Machine::Directory(_) => -1,
            Machine::Peer(event_loop) if !event_loop.accepts_command() => 0,
            Machine::Peer(event_loop) => {
                event_loop.command(command);
                1
            }
        }
    }
}

fn listen_at(address: &str) -> Result<(TcpListener, u16), c_int> {
    let address: SocketAddr = address.parse().map_err(|_| EINVAL)?;
    let listener = socket::listen(address).map_err(number)?;
    let port = listener.local_addr().map_err(number)?.port();
    Ok((listener, port))
}

fn number(error: io::Error) -> c_int {
    error.raw_os_error().unwrap_or(EIO)
}

// The functions for C. Each relies on what papo.h requires of its caller, and on nothing more.

/// The value of a handle.
///
/// # Safety
///
/// The handle is one of ours, is not freed, and no other call uses it now: papo.h requires that.
unsafe fn handle<'a>(papo: *mut Papo) -> &'a mut Papo {
    assert!(!papo.is_null(), "the handle of a papo function is NULL: was its error looked at?");
    // SAFETY: it came from `given` below, and the caller has promised the rest.
    unsafe { &mut *papo }
}

/// The bytes of a C string. If they are no UTF-8, they are no name and no address, and are refused.
///
/// # Safety
///
/// It ends with a zero byte, and is valid during the call: papo.h requires that.
unsafe fn bytes<'a>(text: *const c_char) -> &'a [u8] {
    assert!(!text.is_null(), "a text given to a papo function is NULL");
    // SAFETY: the caller has promised it.
    unsafe { CStr::from_ptr(text) }.to_bytes()
}

/// # Safety
///
/// As [`bytes`].
unsafe fn text<'a>(text: *const c_char) -> &'a str {
    // SAFETY: the caller has promised it.
    str::from_utf8(unsafe { bytes(text) }).unwrap_or_default()
}

/// # Safety
///
/// `error` is NULL or can be written.
unsafe fn given(made: Result<Papo, c_int>, error: *mut c_int) -> *mut Papo {
    match made {
        Ok(papo) => Box::into_raw(Box::new(papo)),
        Err(number) => {
            if !error.is_null() {
                // SAFETY: the caller has promised it.
                unsafe { *error = number };
            }
            ptr::null_mut()
        }
    }
}

/// Exports functions. All of them may rely on what papo.h requires of their callers.
macro_rules! exported {
    ($(fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {$(
        /// See papo.h.
        ///
        /// # Safety
        ///
        /// The requirements of papo.h.
        // SAFETY: the names begin with papo_, and no other library's do.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($argument: $type),*) $(-> $result)? {
            // SAFETY: the caller keeps the requirements of papo.h.
            unsafe { $body }
        }
    )*};
}

exported! {
    fn papo_directory_new(listen: *const c_char, error: *mut c_int) -> *mut Papo {
        given(Papo::new_directory(text(listen)), error)
    }

    fn papo_peer_new(
        name: *const c_char,
        listen: *const c_char,
        server: *const c_char,
        error: *mut c_int
    ) -> *mut Papo {
        given(Papo::new_peer(text(name), text(listen), text(server)), error)
    }

    fn papo_free(papo: *mut Papo) {
        if !papo.is_null() {
            drop(Box::from_raw(papo));
        }
    }

    fn papo_fd(papo: *mut Papo) -> c_int {
        match &handle(papo).machine {
            Machine::Directory(event_loop) => event_loop.as_raw_fd(),
            Machine::Peer(event_loop) => event_loop.as_raw_fd(),
        }
    }

    fn papo_port(papo: *mut Papo) -> c_int {
        handle(papo).port.into()
    }

    fn papo_timeout_ms(papo: *mut Papo) -> c_int {
        // Rounded up: a poll that ends early would be called again and again.
        let ms = |timeout: Duration| timeout.as_nanos().div_ceil(1_000_000);
        handle(papo).timeout().map_or(-1, |timeout| ms(timeout).try_into().unwrap_or(c_int::MAX))
    }

    fn papo_turn(papo: *mut Papo) -> c_int {
        match handle(papo).turn() {
            Ok(turn) => turn.exit.is_some().into(),
            Err(error) => -number(error),
        }
    }

    fn papo_stop(papo: *mut Papo) {
        match &mut handle(papo).machine {
            Machine::Directory(event_loop) => event_loop.stop(),
            Machine::Peer(event_loop) => event_loop.stop(),
        }
    }

    fn papo_list(papo: *mut Papo) -> c_int {
        handle(papo).command(&Command::List)
    }

    fn papo_call(papo: *mut Papo, name: *const c_char) -> c_int {
        handle(papo).command(&Command::Chat(bytes(name).into()))
    }

    fn papo_message(papo: *mut Papo, name: *const c_char, text: *const c_char) -> c_int {
        let (to, text) = (bytes(name).into(), bytes(text).into());
        handle(papo).command(&Command::Message { to, text })
    }

    fn papo_say_in(papo: *mut Papo, conversation: u32, text: *const c_char) -> c_int {
        let conversation = ConversationId(conversation);
        handle(papo).command(&Command::SayIn { conversation, text: bytes(text).into() })
    }

    fn papo_bye(papo: *mut Papo, name: *const c_char) -> c_int {
        handle(papo).command(&Command::Bye(Some(bytes(name).into())))
    }

    fn papo_next_event(papo: *mut Papo, event: *mut PapoEvent) -> c_int {
        assert!(!event.is_null(), "the event of papo_next_event is NULL");
        let papo = handle(papo);
        let Some(next) = papo.events.pop_front() else { return 0 };
        papo.taken = next;
        let Event { kind, conversation, name, text } = &papo.taken;
        event.write(PapoEvent {
            kind: *kind as u32,
            conversation: *conversation,
            name: name.as_ptr().cast(),
            name_bytes: name.len(),
            text: text.as_ptr().cast(),
            text_bytes: text.len(),
        });
        1
    }
}

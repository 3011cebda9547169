//! The driver of one machine in a test: it does what `src/event_loop` does, without a socket and
//! without a clock. The test is the network, and sets the time.
//!
//! Every action is performed at once and written into a log. A turn ends in [`Driver::settle`], which
//! gives the machine the inputs about its output and about closed connections. Ticks come exactly when
//! the machine asks for them.
//!
//! The driver knows no word of the protocol: the tests of each machine make their own texts of its log.
//! `tests/simulation` has no driver, because it runs the real loop.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use papo::buffers::lines::LineBuffer;
use papo::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, Input, LineEnd, ListenerId, Machine,
    Millis, SharedText,
};

/// See the module's own documentation.
pub(crate) struct Driver<M: Machine> {
    pub(crate) machine: M,
    pub(crate) now: Millis,
    /// How the bytes of accepted connections are cut.
    pub(crate) framing: Framing,
    /// The status with which the machine has ended the program.
    pub(crate) status: Option<u8>,
    /// Dials that are under way, in order.
    pub(crate) dials: Vec<(DialId, SocketAddr, Framing)>,
    /// How many actions were for a closed connection or an ended dial. They do nothing.
    pub(crate) strays: usize,
    actions: Actions<M::Notice>,
    log: Vec<Done<M::Notice>>,
    /// By slot, as in the slab of the loop: the lowest free slot is used again.
    slots: Vec<Slot>,
}

/// One action that was performed.
pub(crate) struct Done<N> {
    pub(crate) at: Millis,
    pub(crate) action: Action<N>,
    /// The bytes that it sends.
    pub(crate) bytes: Vec<u8>,
}

#[derive(Default)]
struct Slot {
    generation: u32,
    cable: Option<Cable>,
}

/// One open connection.
pub(crate) struct Cable {
    /// The kernel takes nothing.
    pub(crate) is_stalled: bool,
    /// It stays open after the machine has closed it, until the test closes it.
    pub(crate) lingers: bool,
    pub(crate) is_paused: bool,
    /// Sent bytes that the kernel has not taken.
    pub(crate) unsent: usize,
    /// The unfinished line. `None`: its bytes are not cut.
    lines: Option<LineBuffer>,
    /// The bytes that [`Action::CutLines`] gave back.
    cut_again: Vec<u8>,
    /// The number of unsent bytes in the last `Input::Backlog`.
    reported: usize,
    pub(crate) awaits_drain: bool,
    closes_when_sent: bool,
    /// It closes at the end of the turn.
    closes: Option<CloseReason>,
}

impl<M: Machine<Command: 'static>> Driver<M> {
    pub(crate) fn new(machine: M) -> Self {
        Self {
            machine,
            now: Millis(0),
            framing: Framing::Raw,
            status: None,
            dials: Vec::new(),
            strays: 0,
            actions: Actions::default(),
            log: Vec::new(),
            slots: Vec::new(),
        }
    }

    // Inputs.

    /// One input in a turn of its own.
    pub(crate) fn handle(&mut self, input: Input<'_, M::Command>) {
        self.feed(input);
        self.settle();
    }

    /// One input, and all actions that follow from it. The turn goes on.
    pub(crate) fn feed(&mut self, input: Input<'_, M::Command>) {
        self.machine.handle(self.now, input, &mut self.actions);
        while let Some(action) = self.actions.pop() {
            self.perform(action);
        }
    }

    /// The end of a turn, and all that follows from it.
    pub(crate) fn settle(&mut self) {
        loop {
            if let Some(input) = self.output_input().or_else(|| self.closed_input()) {
                self.feed(input);
            } else if let Some((conn, bytes)) = self.take_bytes_to_cut_again() {
                self.read(conn, &bytes);
            } else {
                return;
            }
        }
    }

    /// A client connects.
    pub(crate) fn accept(&mut self, from: SocketAddr, reached: IpAddr) -> ConnId {
        let conn = self.open(self.framing);
        self.handle(Input::Accepted { listener: ListenerId(0), conn, from, reached });
        conn
    }

    /// A new connection, before its first input.
    pub(crate) fn open(&mut self, framing: Framing) -> ConnId {
        let free = self.slots.iter().position(|slot| slot.cable.is_none());
        let place = free.unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() - 1
        });
        let slot = &mut self.slots[place];
        slot.generation += 1;
        slot.cable = Some(Cable::new(framing));
        ConnId { slot: u32::try_from(place).expect("few"), generation: slot.generation }
    }

    /// A dial succeeds.
    #[track_caller]
    pub(crate) fn answer(&mut self, dial: DialId) -> ConnId {
        let framing = self.take_dial(dial);
        let conn = self.open(framing);
        self.handle(Input::Dialed { dial, result: Ok(conn) });
        conn
    }

    /// A dial fails.
    #[track_caller]
    pub(crate) fn refuse(&mut self, dial: DialId, error: ErrorKind) {
        self.take_dial(dial);
        self.handle(Input::Dialed { dial, result: Err(error) });
    }

    /// A line arrives.
    pub(crate) fn line(&mut self, conn: ConnId, line: &[u8]) {
        self.handle(Input::Line { conn, line, end: LineEnd::Terminator });
    }

    /// Bytes arrive in one read. They are cut into lines if the connection has lines.
    pub(crate) fn arrive(&mut self, conn: ConnId, bytes: &[u8]) {
        self.read(conn, bytes);
        self.settle();
    }

    /// The stream of the other side ends. The unfinished line is a line.
    pub(crate) fn end(&mut self, conn: ConnId) {
        self.end_line(conn);
        self.handle(Input::EndOfStream { conn });
    }

    /// The connection is closed.
    pub(crate) fn close(&mut self, conn: ConnId, reason: CloseReason) {
        if self.is_open(conn) {
            self.slots[conn.slot as usize].cable = None;
        }
        self.handle(Input::Closed { conn, reason });
    }

    /// The kernel takes this number of bytes.
    pub(crate) fn take_bytes(&mut self, conn: ConnId, count: usize) {
        let unsent = &mut self.cable(conn).unsent;
        *unsent = unsent.saturating_sub(count);
        self.settle();
    }

    // Time.

    /// Lets time pass, with every tick that the machine asks for.
    #[track_caller]
    pub(crate) fn wait(&mut self, millis: u64) {
        let end = self.now + millis;
        while self.reaches_deadline(end) {
            self.tick();
        }
        self.now = end;
    }

    /// Goes to the next deadline, if the machine has one by then.
    pub(crate) fn reaches_deadline(&mut self, end: Millis) -> bool {
        let due = self.machine.next_deadline().filter(|&at| at <= end && self.status.is_none());
        self.now = due.map_or(self.now, |at| at.max(self.now));
        due.is_some()
    }

    /// One tick, after which the next deadline must be in the future.
    #[track_caller]
    pub(crate) fn tick(&mut self) {
        self.handle(Input::Tick);
        self.expect_deadline_ahead();
    }

    #[track_caller]
    pub(crate) fn expect_deadline_ahead(&self) {
        let next = self.machine.next_deadline();
        let lies_ahead = self.status.is_some() || next.is_none_or(|at| at > self.now);
        assert!(lies_ahead, "after a tick at {:?} the next deadline is {next:?}", self.now);
    }

    // Connections.

    pub(crate) fn is_open(&self, conn: ConnId) -> bool {
        let slot = self.slots.get(conn.slot as usize);
        slot.is_some_and(|slot| slot.cable.is_some() && slot.generation == conn.generation)
    }

    /// Whether the loop would read it.
    pub(crate) fn is_read(&self, conn: ConnId) -> bool {
        let is_read = |it: &Cable| it.closes.is_none() && !it.closes_when_sent;
        self.is_open(conn) && self.slots[conn.slot as usize].cable.as_ref().is_some_and(is_read)
    }

    /// A connection that is open.
    #[track_caller]
    pub(crate) fn cable(&mut self, conn: ConnId) -> &mut Cable {
        assert!(self.is_open(conn), "{conn:?} is closed");
        self.slots[conn.slot as usize].cable.as_mut().expect("it is open")
    }

    /// The most connections that were open at once.
    pub(crate) fn slots_used(&self) -> usize {
        self.slots.len()
    }

    // The log.

    /// All actions since the last call.
    pub(crate) fn take_log(&mut self) -> Vec<Done<M::Notice>> {
        std::mem::take(&mut self.log)
    }

    /// The notices since the last call. All other actions are forgotten.
    pub(crate) fn take_notices(&mut self) -> Vec<M::Notice> {
        let shown = |done: Done<M::Notice>| match done.action {
            Action::Show(notice) => Some(notice),
            _ => None,
        };
        self.take_log().into_iter().filter_map(shown).collect()
    }

    /// The bytes that were sent since the last call. All other actions are forgotten.
    pub(crate) fn take_sent(&mut self) -> Vec<u8> {
        self.take_log().into_iter().flat_map(|done| done.bytes).collect()
    }

    // The steps of the loop.

    fn perform(&mut self, action: Action<M::Notice>) {
        if !self.has_effect(&action) {
            self.strays += 1;
            return;
        }
        let bytes = bytes_of(&action, &self.actions);
        self.change_state(&action, &bytes);
        let ended = if let Action::EndLine { conn } = action { Some(conn) } else { None };
        let given_up = if let Action::Abandon { dial } = action { Some(dial) } else { None };
        self.log.push(Done { at: self.now, action, bytes });
        if let Some(conn) = ended {
            self.end_line(conn);
        }
        if let Some(dial) = given_up {
            self.feed(Input::Dialed { dial, result: Err(ErrorKind::TimedOut) });
        }
    }

    /// An action for a closed connection does nothing, as in the loop.
    fn has_effect(&self, action: &Action<M::Notice>) -> bool {
        if let Action::Exit { .. } = action {
            return self.status.is_none();
        }
        if let Action::Abandon { dial } = action {
            return self.dials.iter().any(|(other, ..)| other == dial);
        }
        conn_of(action).is_none_or(|conn| self.is_open(conn))
    }

    fn change_state(&mut self, action: &Action<M::Notice>, bytes: &[u8]) {
        match *action {
            Action::Send { conn, .. } | Action::SendShared { conn, .. } => {
                let cable = self.cable(conn);
                cable.unsent += if cable.is_stalled { bytes.len() } else { 0 };
            }
            Action::CutLines { conn, limit, .. } => {
                let cable = self.cable(conn);
                assert!(cable.lines.is_none(), "lines are cut once");
                cable.lines = Some(LineBuffer::new(limit));
                cable.cut_again = bytes.to_vec();
            }
            Action::AwaitDrain { conn } => self.cable(conn).awaits_drain = true,
            Action::Pause { conn } => self.cable(conn).is_paused = true,
            Action::Resume { conn } => self.cable(conn).is_paused = false,
            Action::Close { conn } => self.cable(conn).closes_when_sent = true,
            Action::Abort { conn } | Action::Reset { conn } => {
                self.cable(conn).closes.get_or_insert(CloseReason::Asked);
            }
            Action::Dial { dial, to, framing, .. } => self.dials.push((dial, to, framing)),
            Action::Abandon { dial } => self.dials.retain(|&(other, ..)| other != dial),
            Action::Exit { status } => self.status = Some(status),
            Action::EndLine { .. }
            | Action::HalfClose { .. }
            | Action::SendTo { .. }
            | Action::Show(_) => {}
        }
    }

    /// The next input about some output.
    fn output_input(&mut self) -> Option<Input<'static, M::Command>> {
        self.cables().find_map(|(conn, cable)| {
            if cable.reported != cable.unsent {
                cable.reported = cable.unsent;
                return Some(Input::Backlog { conn, bytes: cable.unsent });
            }
            let is_drained = cable.unsent == 0 && std::mem::take(&mut cable.awaits_drain);
            is_drained.then_some(Input::Drained { conn })
        })
    }

    /// Closes the next connection that has ended.
    fn closed_input(&mut self) -> Option<Input<'static, M::Command>> {
        let is_over = |cable: &Cable| {
            let has_left = cable.closes_when_sent && cable.unsent == 0;
            cable.closes.or(has_left.then_some(CloseReason::Asked)).filter(|_| !cable.lingers)
        };
        let over = |(conn, cable): (ConnId, &mut Cable)| Some((conn, is_over(cable)?));
        let (conn, reason) = self.cables().find_map(over)?;
        self.slots[conn.slot as usize].cable = None;
        Some(Input::Closed { conn, reason })
    }

    fn take_bytes_to_cut_again(&mut self) -> Option<(ConnId, Vec<u8>)> {
        let (conn, cable) = self.cables().find(|(_, cable)| !cable.cut_again.is_empty())?;
        Some((conn, std::mem::take(&mut cable.cut_again)))
    }

    fn cables(&mut self) -> impl Iterator<Item = (ConnId, &mut Cable)> {
        (0..).zip(&mut self.slots).filter_map(|(slot, it)| {
            Some((ConnId { slot, generation: it.generation }, it.cable.as_mut()?))
        })
    }

    fn read(&mut self, conn: ConnId, mut bytes: &[u8]) {
        if self.cable(conn).lines.is_none() {
            return self.feed(Input::Bytes { conn, bytes });
        }
        while self.is_read(conn) {
            let cable = self.cable(conn);
            let lines = cable.lines.as_mut().expect("its bytes are cut");
            let Ok((used, line)) = lines.next_line(bytes) else {
                cable.closes = Some(CloseReason::LineTooLong);
                return;
            };
            let Some((line, end)) = line.map(|line| (line.bytes.to_vec(), line.end)) else { break };
            bytes = &bytes[used..];
            self.feed(Input::Line { conn, line: &line, end });
        }
        if self.is_read(conn) {
            let lines = self.cable(conn).lines.as_ref().filter(|lines| !lines.pending().is_empty());
            if let Some(line) = lines.map(|lines| lines.pending().to_vec()) {
                self.feed(Input::Pending { conn, line: &line });
            }
        }
    }

    fn end_line(&mut self, conn: ConnId) {
        let rest = self.cable(conn).lines.as_mut().and_then(LineBuffer::take_rest);
        if let Some((line, end)) = rest {
            self.feed(Input::Line { conn, line: &line, end });
        }
    }

    #[track_caller]
    fn take_dial(&mut self, dial: DialId) -> Framing {
        let place = self.dials.iter().position(|(other, ..)| *other == dial);
        self.dials.remove(place.unwrap_or_else(|| panic!("no {dial:?}: {:?}", self.dials))).2
    }
}

impl<N> Done<N> {
    /// The bytes that it sends, as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The connection that it is about.
    pub(crate) fn conn(&self) -> Option<ConnId> {
        conn_of(&self.action)
    }
}

impl Cable {
    fn new(framing: Framing) -> Self {
        let lines = match framing {
            Framing::Lines(limit) => Some(LineBuffer::new(limit)),
            Framing::Raw => None,
        };
        Self {
            is_stalled: false,
            lingers: false,
            is_paused: false,
            unsent: 0,
            lines,
            cut_again: Vec::new(),
            reported: 0,
            awaits_drain: false,
            closes_when_sent: false,
            closes: None,
        }
    }
}

fn conn_of<N>(action: &Action<N>) -> Option<ConnId> {
    match *action {
        Action::Send { conn, .. }
        | Action::SendShared { conn, .. }
        | Action::EndLine { conn }
        | Action::CutLines { conn, .. }
        | Action::AwaitDrain { conn }
        | Action::Pause { conn }
        | Action::Resume { conn }
        | Action::HalfClose { conn }
        | Action::Close { conn }
        | Action::Abort { conn }
        | Action::Reset { conn } => Some(conn),
        Action::SendTo { .. }
        | Action::Dial { .. }
        | Action::Abandon { .. }
        | Action::Show(_)
        | Action::Exit { .. } => None,
    }
}

fn bytes_of<N>(action: &Action<N>, actions: &Actions<N>) -> Vec<u8> {
    match action {
        Action::Send { span, .. }
        | Action::SendTo { span, .. }
        | Action::CutLines { rest: span, .. } => actions.bytes(span).to_vec(),
        Action::SendShared { shared: SharedText { bytes, skip }, .. } => {
            [&bytes[..skip.start], &bytes[skip.end..]].concat()
        }
        _ => Vec::new(),
    }
}

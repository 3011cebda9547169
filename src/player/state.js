// The state of the server's machine at a moment: the people online, and the keys of its wheel.
//
// A recording has only changes, which are added up here. Read next: online.js.

/// As src/timer_wheel.rs has them; a test compares.
const TICK_MS = 16;
const SLOTS = 1024;

class DirectoryState {
  /// A copy of another state, or an empty one.
  constructor(base) {
    this.people = new Map(base ? base.people : []);
    /// The names of people who have left, and still have a key in the wheel.
    this.left = new Map(base ? base.left : []);
    this.keys = base ? [...base.keys] : [];
  }

  add(turn) {
    const { state, isWhole } = turn;
    if (isWhole) [this.people, this.left, this.keys] = [new Map(), new Map(), []];
    if (!state) return;
    for (const conn of state.offline) {
      const person = this.people.get(conn);
      if (person) this.left.set(conn, person.name);
      this.people.delete(conn);
    }
    for (const person of state.online) this.people.set(person.conn, person);
    for (const key of state.disarmed) this.take(key);
    this.keys.push(...state.armed);
  }

  take({ conn, at }) {
    const index = this.keys.findIndex((key) => key.conn === conn && key.at === at);
    if (index >= 0) this.keys.splice(index, 1);
    if (!this.keys.some((key) => key.conn === conn)) this.left.delete(conn);
  }
}

/// The states of one process, turn by turn. Going back starts again from the first turn.
class StateReel {
  constructor(process) {
    this.process = process;
    this.rewind();
  }

  rewind() {
    this.state = new DirectoryState(this.process.recording.base);
    this.next = 0;
  }

  /// The state after the turn with this index; -1 is the state before the first turn.
  after(index) {
    if (this.next > index + 1) this.rewind();
    while (this.next <= index) this.state.add(this.process.turns[this.next++]);
    return this.state;
  }
}

/// Whether the recording of a process has such a state.
function tellsState(process) {
  return Boolean(process.recording.base) || process.turns.some((turn) => turn.state);
}

// The state of the server's machine at a moment: who is online, and the keys in its timer wheel.
//
// A recording tells only what has changed, so it is added up here. Read next: online.js.

/// As src/timer_wheel.rs has them; a test compares.
const TICK_MS = 16;
const SLOTS = 1024;

class DirectoryState {
  /// As another one is, or with nobody in it.
  constructor(base) {
    this.people = new Map(base ? base.people : []);
    this.keys = base ? [...base.keys] : [];
  }

  add(turn) {
    const { state, isWhole } = turn;
    if (isWhole) [this.people, this.keys] = [new Map(), []];
    if (!state) return;
    for (const conn of state.offline) this.people.delete(conn);
    for (const person of state.online) this.people.set(person.conn, person);
    for (const key of state.disarmed) this.take(key);
    this.keys.push(...state.armed);
  }

  take({ conn, at }) {
    const index = this.keys.findIndex((key) => key.conn === conn && key.at === at);
    if (index >= 0) this.keys.splice(index, 1);
  }
}

/// The states of one process, turn by turn. Going forward is cheap, and going back begins anew.
class StateReel {
  constructor(process) {
    this.process = process;
    this.rewind();
  }

  rewind() {
    this.state = new DirectoryState(this.process.recording.base);
    this.next = 0;
  }

  /// As it was behind the turn of this index; -1 is before all.
  after(index) {
    if (this.next > index + 1) this.rewind();
    while (this.next <= index) this.state.add(this.process.turns[this.next++]);
    return this.state;
  }
}

/// Whether a process tells such a state at all.
function tellsState(process) {
  return Boolean(process.recording.base) || process.turns.some((turn) => turn.state);
}

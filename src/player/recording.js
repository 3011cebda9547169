// Reads and validates a recording: docs/RECORDING.md.
//
// The result has only known keys, with values of known types and bounded length, so no other file
// needs to check them. Knows no document. Read next: history.js.

const VERSION = 1;

/// A larger file is refused before it is read.
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/// More turns of one process are left out, and the page says so.
const TURNS_MAX = 50000;
const STEPS_MAX = 5000;
const TEXT_MAX = 8192;
const LIST_MAX = 4096;
/// Most messages about one file.
const PROBLEMS_MAX = 5;

const PARTS = ["left over", "serve", "tick", "settle", "host"];

/// Reads one recording line by line.
class RecordingReader {
  constructor(file) {
    this.file = file;
    this.recording = null;
    this.problems = [];
    this.lineNumber = 0;
    this.gap = 0;
    this.isRefused = false;
  }

  /// Adds a line. `false`: the rest of the file is refused.
  add(line) {
    this.lineNumber += 1;
    if (this.isRefused || !line.trim()) return !this.isRefused;
    let value;
    try {
      value = JSON.parse(line);
    } catch {
      return this.onUnreadable();
    }
    if (!isObject(value)) return this.onUnreadable();
    if (!this.recording) return this.begin(value);
    if ("gap" in value) this.gap += count(value.gap);
    else if ("turn" in value) this.addTurn(value);
    else this.tell("problemLine", { line: this.lineNumber });
    return !this.isRefused;
  }

  onUnreadable() {
    if (!this.recording) return this.refuse("problemForeign");
    this.tell("problemLine", { line: this.lineNumber });
    return true;
  }

  begin(value) {
    if (value.papo !== "recording") return this.refuse("problemForeign");
    if (value.version !== VERSION) {
      return this.refuse("problemVersion", { version: text(value.version), known: VERSION });
    }
    this.recording = {
      process: text(value.process) || "?",
      program: text(value.program),
      pid: count(value.pid),
      unixMs: number(value.unix_ms),
      listening: list(value.listening).map(address),
      turns: [],
    };
    return true;
  }

  addTurn(value) {
    const turns = this.recording.turns;
    if (turns.length >= TURNS_MAX) return this.refuse("problemLong", { turns: TURNS_MAX });
    turns.push(turnOf(value, this.gap));
    this.gap = 0;
    return true;
  }

  refuse(key, values) {
    this.isRefused = true;
    this.tell(key, values);
    return false;
  }

  tell(key, values) {
    if (this.problems.length < PROBLEMS_MAX) {
      this.problems.push({ key, values: { file: this.file, ...values } });
    }
  }
}

/// Reads a whole file. The last line may have no end: the program was killed, or still runs.
function readRecording(file, content) {
  const reader = new RecordingReader(file);
  let at = 0;
  while (at < content.length) {
    const end = content.indexOf("\n", at);
    const line = content.slice(at, end < 0 ? undefined : end);
    if (end < 0 && reader.recording && !isJson(line)) {
      reader.tell("problemCut", { turns: reader.recording.turns.length });
      break;
    }
    if (!reader.add(line)) break;
    at = end < 0 ? content.length : end + 1;
  }
  if (!reader.lineNumber && !reader.problems.length) reader.refuse("problemForeign");
  const { recording, problems } = reader;
  if (recording && !recording.turns.length) reader.tell("problemEmpty");
  return { recording: recording && recording.turns.length ? recording : null, problems };
}

function isJson(line) {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function turnOf(value, gap) {
  const after = isObject(value.after) ? value.after : {};
  return {
    number: count(value.turn),
    at: number(value.at),
    slept: number(value.slept_ms),
    timeout: value.timeout_ms == null ? null : number(value.timeout_ms),
    isInterrupted: value.interrupted === true,
    gap,
    isWhole: value.whole === true,
    leftOut: count(value.steps_left_out),
    ready: list(value.ready).filter(isObject).map(readyOf),
    steps: list(value.steps, STEPS_MAX).filter(isObject).map(stepOf),
    deadline: after.deadline == null ? null : number(after.deadline),
    pendingReads: list(after.pending_reads).map(text),
    connections: list(after.connections).filter(isObject).map(connectionOf),
    state: isObject(value.state) ? stateOf(value.state) : null,
  };
}

function readyOf(value) {
  const can = list(value.can).map(text);
  const { source, conn } = { source: text(value.source), conn: text(value.conn) };
  return { source, conn, can, token: count(value.token), listener: count(value.listener) };
}

function stepOf(value) {
  const part = text(value.in);
  return {
    part: PARTS.includes(part) ? part : "serve",
    kind: text(value.do),
    conn: text(value.conn),
    bytes: typeof value.bytes === "string" ? text(value.bytes) : null,
    count: count(value.count),
    isCut: value.cut === true,
    room: count(value.room),
    end: value.end === true || text(value.end),
    left: text(value.left),
    leftCount: count(value.left_count),
    taken: count(value.taken),
    backlog: count(value.backlog),
    text: text(value.text),
    input: text(value.input),
    isFull: value.full === true,
    action: text(value.action),
    status: count(value.status),
    dial: value.dial === undefined ? "" : String(count(value.dial)),
    from: address(value.from),
    to: address(value.to),
    own: address(value.own),
    other: address(value.other),
    error: text(value.error),
    reason: text(value.reason),
    due: number(value.due),
    was: value.was == null ? null : number(value.was),
    is: value.is == null ? null : number(value.is),
  };
}

function connectionOf(value) {
  return {
    conn: text(value.conn),
    own: address(value.own),
    other: address(value.other),
    state: text(value.state),
    held: text(value.held),
    waiting: count(value.waiting),
    backlog: count(value.backlog),
    isPaused: value.paused === true,
    isThrottled: value.throttled === true,
  };
}

function stateOf(value) {
  const person = (it) => ({
    conn: text(it.conn),
    name: text(it.name),
    address: address(it.address),
    heardAt: number(it.heard_at),
    expiresAt: number(it.expires_at),
  });
  const key = (it) => ({ conn: text(it.conn), at: number(it.at) });
  return {
    online: list(value.online).filter(isObject).map(person),
    offline: list(value.offline).map(text),
    armed: list(value.armed).filter(isObject).map(key),
    disarmed: list(value.disarmed).filter(isObject).map(key),
  };
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value, max = LIST_MAX) {
  return Array.isArray(value) ? value.slice(0, max) : [];
}

function text(value) {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? value.slice(0, TEXT_MAX).replace(TURNING, shownCode) : "";
}

/// Characters that change the direction of a text. A foreign name with them could change the text
/// beside it. The recorder writes them as escapes, but another program may not.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function shownCode(character) {
  return `⟨U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function count(value) {
  return Math.min(Math.max(0, Math.floor(number(value))), Number.MAX_SAFE_INTEGER);
}

/// An address without the IPv6 prefix of an IPv4 address, which only one side may have.
function address(value) {
  return text(value).replace(/^\[::ffff:([0-9.]+)\]/i, "$1");
}

// One history of several recordings: it joins the connections and the bytes of the processes, and
// orders their turns.
//
// A *stream* is one direction of one connection. Its bytes are counted from 0 on both sides, so
// "byte 17 of this stream" is the same byte where it is queued, written, read and cut into a line.
// A *moment* is one step of one turn. Each turn has two more moments than steps: the wait at its
// beginning, and its end. Knows no document. Read next: ladder.js, follow.js.

/// With more unrecorded partners than this, all of them share one life line.
const SIDES_MAX = 4;

class History {
  constructor(recordings) {
    this.streams = new Map();
    this.processes = recordings.map((recording, index) => newProcess(recording, index));
    for (const process of this.processes) walk(this, process);
    for (const process of this.processes) nameProcess(process);
    this.turns = inOrder(this.processes, needsOf(this));
    this.moments = 0;
    for (const { turn } of this.turns) {
      turn.first = this.moments;
      this.moments += turn.steps.length + 2;
    }
    this.origin = Math.min(...this.processes.map(wallOfFirst));
    this.sides = [];
    this.rows = rowsOf(this);
  }

  /// The turn of a moment, and the index of its step. The wait has the index -1, and the end comes
  /// behind the last step.
  at(moment) {
    let [low, high] = [0, this.turns.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.turns[middle].turn.first <= moment) low = middle;
      else high = middle - 1;
    }
    const entry = this.turns[low];
    return { ...entry, position: low, step: moment - entry.turn.first - 1 };
  }

  momentOf(ref) {
    return this.processes[ref.process].turns[ref.turn].first + 1 + ref.step;
  }

  /// The milliseconds since the first turn.
  timeOf(entry) {
    return wall(entry.process, entry.turn) - this.origin;
  }

  /// The name of the other side of a connection: a process, the name in a USER, or an address.
  labelOf(process, conn) {
    const link = process.links.get(conn);
    if (!link) return conn;
    const other = link.input.sender || link.output.receiver;
    return other ? this.processes[other.process].name : link.name || link.other || conn;
  }
}

function newProcess(recording, index) {
  const words = recording.process.split(" ");
  return {
    index,
    recording,
    kind: words[0],
    name: words.slice(1).join(" ") || recording.process,
    turns: recording.turns,
    /// Its connections by name.
    links: new Map(),
    opened: new Map(),
    /// The turn in which each dial began, and the connection of each.
    dials: new Map(),
    dialed: new Map(),
  };
}

/// The header of a peer without a name lacks the name. Its first USER has it.
function nameProcess(process) {
  if (process.kind !== "peer" || process.name !== "peer") return;
  for (const link of process.links.values()) {
    for (const sent of link.output.sends) {
      const user = /^USER ([^:\\]+):\d+/.exec(sent.text);
      if (user) process.name = user[1];
    }
  }
}

function wall(process, turn) {
  return process.recording.unixMs + turn.at;
}

function wallOfFirst(process) {
  return wall(process, process.turns[0]);
}

// The walk: every step of one process is noted in its streams.

function walk(history, process) {
  for (const [conn, told] of process.recording.known || []) {
    linkOf(history, process, conn, told).name = told.name;
  }
  process.turns.forEach((turn, t) => {
    turn.steps.forEach((step, s) => {
      const ref = { process: process.index, turn: t, step: s };
      step.span = null;
      noteStep(history, process, step, ref);
    });
    for (const connection of turn.connections) {
      if (connection.own) linkOf(history, process, connection.conn, connection);
    }
  });
}

function noteStep(history, process, step, ref) {
  if (step.kind === "action" && step.action === "dial") process.dials.set(step.dial, ref.turn);
  if (!step.conn) return;
  const link = linkOf(history, process, step.conn, step);
  if (step.kind === "dialed") {
    link.dialedIn = process.dials.get(step.dial);
    process.dialed.set(step.dial, step.conn);
  }
  if (step.kind === "accept") link.acceptedIn = ref.turn;
  step.keptBefore = link.kept;
  const note = NOTES[step.kind === "action" ? step.action : step.kind];
  if (note) note(link, step, ref);
  step.waiting = link.queued - link.written;
}

/// The effect of a step of each kind on the two streams of its connection.
const NOTES = table({
  read(link, step, ref) {
    if (!step.count) return;
    place(link.input, "reads", step, ref, link.received, link.received + step.count);
    link.received += step.count;
  },
  line(link, step, ref) {
    const to = link.received - byteCount(step.left, step);
    const length = step.count || byteLength(step.bytes || "");
    const from = step.end === "cut" ? link.cut : to - length - endBytes(step.end);
    place(link.input, "lines", step, ref, from, to);
    [link.cut, link.kept] = [to, ""];
    const user = /^USER ([^:]+)/.exec(step.bytes || "");
    if (user) link.name = user[1];
  },
  pending(link, step, ref) {
    place(link.input, "keeps", step, ref, link.received - step.count, link.received);
    link.kept = step.bytes || "";
  },
  bytes(link, step, ref) {
    link.output.isRaw = true;
    place(link.input, "raw", step, ref, link.received - step.count, link.received);
    link.cut = link.received;
  },
  send(link, step, ref) {
    const to = link.queued + step.count;
    const piece = place(link.output, "sends", step, ref, link.queued, to);
    piece.text = step.bytes || "";
    link.queued = to;
  },
  "send shared": (link, step, ref) => NOTES.send(link, step, ref),
  write(link, step, ref) {
    place(link.output, "writes", step, ref, link.written, link.written + step.taken);
    link.written += step.taken;
  },
});

function endBytes(end) {
  return end === "crlf" ? 2 : end === "lf" ? 1 : 0;
}

function byteCount(escaped, step) {
  return step.leftCount || byteLength(escaped);
}

function place(stream, list, step, ref, from, to) {
  const piece = { ref, step, from, to };
  step.span = { stream, from, to };
  stream[list].push(piece);
  return piece;
}

function linkOf(history, process, conn, told) {
  const known = process.links.get(conn);
  if (known) return known;
  const own = told.own || `${process.index}:${conn}`;
  const other = told.other || told.from || "";
  const pair = `${own} ${other}`;
  const use = (process.opened.get(pair) || 0) + 1;
  process.opened.set(pair, use);
  const end = { process: process.index, conn };
  const input = streamOf(history, `${other}>${own} ${use}`);
  const output = streamOf(history, `${own}>${other} ${use}`);
  [input.receiver, output.sender] = [end, end];
  const link = { own, other, input, output, name: "", kept: "", dialedIn: undefined };
  Object.assign(link, { received: 0, cut: 0, queued: 0, written: 0 });
  process.links.set(conn, link);
  return link;
}

function streamOf(history, key) {
  let stream = history.streams.get(key);
  if (!stream) {
    stream = { sender: null, receiver: null, sends: [], writes: [], reads: [], keeps: [] };
    Object.assign(stream, { lines: [], raw: [] });
    history.streams.set(key, stream);
  }
  return stream;
}

/// The piece of a list that has this byte.
function pieceWith(pieces, offset) {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (pieces[middle].from <= offset) low = middle;
    else high = middle - 1;
  }
  const piece = pieces[low];
  return piece && piece.from <= offset && offset < piece.to ? piece : null;
}

// The order of turns.

/// The turns that must come before each turn: a byte is written before it is read, and a connection
/// is dialed before it is accepted. Clocks of milliseconds cannot show that.
function needsOf(history) {
  const needs = new Map();
  const need = (turn, process, index) => {
    if (!needs.has(turn)) needs.set(turn, []);
    needs.get(turn).push({ process, index });
  };
  for (const { sender, receiver, writes, reads } of history.streams.values()) {
    if (!sender || !receiver || sender.process === receiver.process) continue;
    for (const { ref, to } of reads) {
      const write = pieceWith(writes, to - 1);
      const turn = history.processes[receiver.process].turns[ref.turn];
      if (write) need(turn, sender.process, write.ref.turn);
    }
    const { dialedIn } = history.processes[sender.process].links.get(sender.conn);
    const accepter = history.processes[receiver.process];
    const { acceptedIn } = accepter.links.get(receiver.conn);
    if (dialedIn !== undefined && acceptedIn !== undefined) {
      need(accepter.turns[acceptedIn], sender.process, dialedIn);
    }
  }
  return needs;
}

/// All turns of all processes by time. The turns of one process stay in their order.
function inOrder(processes, needs) {
  const next = processes.map(() => 0);
  const isFree = (turn) =>
    (needs.get(turn) || []).every(({ process, index }) => next[process] > index);
  const ordered = [];
  for (;;) {
    const heads = processes.filter((it) => next[it.index] < it.turns.length);
    if (!heads.length) return ordered;
    const head = (process) => process.turns[next[process.index]];
    const free = heads.filter((process) => isFree(head(process)));
    // If recordings contradict each other, the clock decides.
    const may = free.length ? free : heads;
    const early = (one, other) => (wall(other, head(other)) < wall(one, head(one)) ? other : one);
    const process = may.reduce(early);
    ordered.push({ process, turn: head(process), index: next[process.index] });
    next[process.index] += 1;
  }
}

// The rows of the ladder: an arrow for each line, and typed lines, screens and actions.

function rowsOf(history) {
  const rows = [];
  for (const stream of history.streams.values()) arrowsOf(history, stream, rows);
  for (const process of history.processes) {
    process.turns.forEach((turn) => {
      if (turn.gap)
        rows.push({ kind: "gap", count: turn.gap, process: process.index, moment: turn.first });
      turn.steps.forEach((step, s) => {
        const row = rowOf(history, process, step);
        if (row) rows.push({ ...row, process: process.index, moment: turn.first + 1 + s });
      });
    });
  }
  joinSides(history, rows);
  return rows.sort((one, other) => one.moment - other.moment);
}

/// The row of a step beside its process's life line.
function rowOf(history, process, step) {
  const who = () => history.labelOf(process, step.conn);
  switch (step.kind) {
    case "screen":
      return { kind: "screen", text: step.text };
    case "notice":
      return { kind: "log", text: step.text };
    case "typed":
      return { kind: "typed", text: step.text };
    case "accept":
      return { kind: "done", key: "doneAccept", who: who() };
    case "dialed":
      return step.error ? { kind: "done", key: "doneDialFailed", who: step.error } : null;
    case "action":
      return step.action === "dial"
        ? { kind: "done", key: "doneDial", who: dialedName(history, process, step) }
        : null;
    case "closed":
      return { kind: "done", key: "doneClosed", who: who() };
    default:
      return null;
  }
}

/// The other side of a dial: a name if the dial has succeeded, otherwise an address.
function dialedName(history, process, step) {
  const conn = process.dialed.get(step.dial);
  return conn ? history.labelOf(process, conn) : step.to;
}

function arrowsOf(history, stream, rows) {
  const { sender, receiver, lines, raw, sends, reads, writes, keeps } = stream;
  const [from, to] = [sender, receiver].map((end) => (end ? end.process : null));
  const known = receiver || sender;
  const side = sender && receiver ? null : sideOf(history, known);
  const push = (arrow) =>
    rows.push({ kind: "arrow", stream, source: from, target: to, side, ...arrow });
  const moment = (piece) => (piece ? history.momentOf(piece.ref) : Infinity);
  let heardTo = 0;
  for (const piece of lines.concat(raw)) {
    const begun = sender ? pieceWith(sends, piece.from) : pieceWith(reads, piece.from);
    const got = moment(piece);
    const sent = Math.min(begun ? moment(begun) : got, got);
    const bytes = piece.step.isCut ? piece.step.count : 0;
    const kept = sent < got && !sender ? pieceWith(keeps, piece.from) : null;
    const part = kept ? kept.step.bytes : null;
    push({
      text: piece.step.bytes || "",
      part,
      bytes,
      from: piece.from,
      to: piece.to,
      moment: sent,
      got,
    });
    heardTo = Math.max(heardTo, piece.to);
  }
  if (!sender) {
    const kept = keeps[keeps.length - 1];
    if (kept && kept.to > heardTo) {
      push({
        text: kept.step.bytes || "",
        from: kept.from,
        to: kept.to,
        moment: moment(kept),
        got: Infinity,
      });
    }
    return;
  }
  for (const { text, from: start, to: end, bytes } of sentLines(stream)) {
    if (start < heardTo) continue;
    const got = receiver ? Infinity : moment(pieceWith(writes, end - 1));
    push({ text, bytes, from: start, to: end, moment: moment(pieceWith(sends, start)), got });
  }
}

/// The sent lines of a stream, joined from its pieces. Each piece is one line if the stream has no
/// lines, or if the recording has only the beginning of the piece.
function sentLines({ sends, isRaw }) {
  const all = [];
  for (const piece of sends) {
    if (isRaw || piece.step.isCut) {
      const bytes = piece.step.isCut ? piece.step.count : 0;
      all.push({ text: piece.text, bytes, from: piece.from, to: piece.to, isEnded: true });
      continue;
    }
    const lines = linesOf(piece.text, piece.from);
    const last = all[all.length - 1];
    if (last && !last.isEnded && lines.length) {
      const [first] = lines.splice(0, 1);
      Object.assign(last, { text: last.text + first.text, to: first.to, isEnded: first.isEnded });
    }
    all.push(...lines);
  }
  return all;
}

/// The life line of an unrecorded partner, by name or address.
function sideOf(history, end) {
  const link = history.processes[end.process].links.get(end.conn);
  const label = link.name || link.other || "?";
  let side = history.sides.find((it) => it.label === label);
  if (!side) {
    side = { label };
    history.sides.push(side);
  }
  return side;
}

/// Removes life lines without arrows, and joins the unrecorded partners if there are too many.
function joinSides(history, rows) {
  const used = new Set(rows.map((row) => row.side).filter(Boolean));
  history.sides = history.sides.filter((side) => used.has(side));
  const isOne = history.sides.length > SIDES_MAX;
  history.sides.forEach((side, index) => {
    side.column = history.processes.length + (isOne ? 0 : index);
  });
  for (const row of rows) if (row.side && isOne) row.who = row.side.label;
  if (isOne) history.sides = [{ label: "", column: history.processes.length }];
  for (const row of rows) {
    if (row.kind !== "arrow") continue;
    row.source = row.source ?? row.side.column;
    row.target = row.target ?? row.side.column;
  }
}

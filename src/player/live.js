// The live mode: turns are appended as they come, and memory stays bounded.
//
// The page is live if its body has `data-live="URL"`. The URL gives server-sent events, and the
// data of each event is one line of a recording, the header first. Another header begins a new
// recording, so a browser can connect again at any time. Each event goes through
// `papo.append(line)`, which other scripts may call too. Read next: docs/RECORDING.md.

/// The last minute is kept, and at most this many turns.
const LIVE_MS = 60000;
const LIVE_TURNS_MAX = 1500;
/// How long lines are gathered before they are shown.
const LIVE_PAUSE_MS = 200;

class Live {
  constructor(show, onLost) {
    this.show = show;
    this.onLost = onLost;
    this.timer = null;
    this.reader = new RecordingReader("live");
  }

  connect(url) {
    const source = new EventSource(url);
    source.addEventListener("message", (event) => this.append(event.data));
    source.addEventListener("open", () => this.onLost(false));
    source.addEventListener("error", () => this.onLost(true));
  }

  append(line) {
    if (/^\{"papo":/.test(line)) this.reader = new RecordingReader("live");
    this.reader.add(line);
    if (this.timer === null) this.timer = setTimeout(() => this.tell(), LIVE_PAUSE_MS);
  }

  tell() {
    this.timer = null;
    const { recording, problems } = this.reader;
    if (recording) trim(recording);
    const isShown = recording && recording.turns.length > 0;
    this.show(isShown ? [recording] : [], problems.splice(0));
  }
}

/// Drops old turns, but keeps the state that later turns need: the people online, the keys of the
/// wheel, and the names of connections.
function trim(recording) {
  const { turns } = recording;
  const newest = turns[turns.length - 1];
  let old = Math.max(0, turns.length - LIVE_TURNS_MAX);
  while (old < turns.length - 1 && newest.at - turns[old].at > LIVE_MS) old += 1;
  if (!old) return;
  recording.base ??= new DirectoryState();
  recording.known ??= new Map();
  for (const turn of turns.splice(0, old)) {
    recording.base.add(turn);
    for (const step of turn.steps) remember(recording.known, step);
  }
}

function remember(known, step) {
  if (step.kind === "accept" || (step.kind === "dialed" && step.conn)) {
    known.set(step.conn, { own: step.own, other: step.other || step.from, name: "" });
  } else if (step.kind === "closed") {
    known.delete(step.conn);
  } else if (step.kind === "line" && known.has(step.conn)) {
    const user = /^USER ([^:]+)/.exec(step.bytes || "");
    if (user) known.get(step.conn).name = user[1];
  }
}

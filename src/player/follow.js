// Follows one byte: every place where it appears, from a keyboard to another person's screen.
//
// On a stream a byte is found by its number. Between a stream and a person it is found by its text:
// a typed line is sent soon after it, and a received line is shown soon after it. Knows no
// document. Read next: turn.js.

/// How many steps are searched for a text.
const REACH = 400;
/// The lists of pieces of a stream, in the order in which a byte passes them.
const STATIONS = ["sends", "writes", "reads", "keeps", "lines", "raw"];

/// All places of the byte that a step shows at `offset`, in order, and the index of this place.
function follow(history, process, turnIndex, stepIndex, offset) {
  const step = process.turns[turnIndex].steps[stepIndex];
  const here = { process: process.index, turn: turnIndex, step: stepIndex };
  const origin = step.span
    ? { stream: step.span.stream, byte: step.span.from + offset }
    : streamByteOf(history, here, offset);
  const places = origin ? placesOf(history, origin) : [placeAt(history, here, offset)];
  const moment = history.momentOf(here);
  if (!places.some((place) => place.moment === moment)) {
    places.push(placeAt(history, here, offset));
    places.sort((one, other) => one.moment - other.moment);
  }
  const current = places.findIndex((place) => place.moment === moment);
  return { ...origin, places, current, shown: unitShownAt(step, offset) };
}

function stepAt(history, ref) {
  return history.processes[ref.process].turns[ref.turn].steps[ref.step];
}

function placeAt(history, ref, offset) {
  return { ref, offset, moment: history.momentOf(ref), step: stepAt(history, ref) };
}

/// The text that a step shows, as bytes.
function shownBytes(step) {
  return step.bytes ?? escapedText(step.text);
}

function unitShownAt(step, offset) {
  let at = 0;
  for (const unit of unitsOf(shownBytes(step))) {
    if (offset < at + unit.bytes) return unit.shown;
    at += unit.bytes;
  }
  return "";
}

function placesOf(history, { stream, byte }) {
  const places = [];
  for (const station of STATIONS) {
    for (const piece of stream[station]) {
      if (piece.from <= byte && byte < piece.to) {
        places.push(placeAt(history, piece.ref, byte - piece.from));
      }
    }
  }
  const queued = pieceWith(stream.sends, byte);
  if (queued) places.push(...typedBefore(history, queued, byte));
  const line = pieceWith(stream.lines, byte);
  if (line) places.push(...shownBehind(history, line, byte));
  const inOrder = places.sort((one, other) => one.moment - other.moment);
  return inOrder.filter((place, index) => !index || place.moment !== inOrder[index - 1].moment);
}

/// The places where a person typed a sent line: the line for the machine, and the bytes of the
/// keyboard.
function typedBefore(history, queued, byte) {
  const line = linesOf(queued.text, queued.from).find((it) => it.from <= byte && byte < it.to);
  if (!line) return [];
  const offset = byte - line.from;
  const places = [];
  for (const ref of refsBefore(history, queued.ref)) {
    const step = stepAt(history, ref);
    if (!places.length && step.kind === "typed") {
      if (escapedText(step.text) !== line.text) return [];
      if (offset < byteLength(line.text)) places.push(placeAt(history, ref, offset));
      else return [];
    } else if (places.length && step.kind === "key") {
      const start = offsetOf(step.bytes || "", line.text);
      if (start >= 0) places.push(placeAt(history, ref, start + offset));
      return places;
    }
  }
  return places;
}

/// The place where a person saw a received line.
function shownBehind(history, line, byte) {
  const heard = line.step.bytes || "";
  const offset = byte - line.from;
  const places = [];
  if (!heard || offset >= byteLength(heard)) return places;
  for (const ref of refsBehind(history, line.ref)) {
    const step = stepAt(history, ref);
    if (step.kind !== "screen" && step.kind !== "notice") continue;
    const start = offsetOf(escapedText(step.text), heard);
    if (start < 0) continue;
    places.push(placeAt(history, ref, start + offset));
    return places;
  }
  return places;
}

/// The byte at which one text begins in another; -1 if it is not in it.
function offsetOf(escaped, wanted) {
  const index = escaped.indexOf(wanted);
  return index < 0 ? -1 : byteLength(escaped.slice(0, index));
}

/// The byte of a stream that a person typed or saw.
function streamByteOf(history, here, offset) {
  const step = stepAt(history, here);
  const shown = shownBytes(step);
  const isTyped = step.kind === "typed" || step.kind === "key";
  const refs = isTyped ? refsBehind(history, here) : refsBefore(history, here);
  for (const ref of refs) {
    const other = stepAt(history, ref);
    if (!other.span) continue;
    const isSend = other.kind === "action" && isTyped;
    if (!isSend && (isTyped || other.kind !== "line")) continue;
    const line = isSend ? withoutCr((other.bytes || "").replace(/\\n$/, "")) : other.bytes || "";
    const start = line && offsetOf(shown, line);
    if (line && start >= 0 && offset >= start && offset < start + byteLength(line)) {
      return { stream: other.span.stream, byte: other.span.from + offset - start };
    }
  }
  return null;
}

function* refsBefore(history, { process, turn, step }) {
  const { turns } = history.processes[process];
  let left = REACH;
  for (let t = turn, s = step - 1; t >= 0; t -= 1, s = t >= 0 ? turns[t].steps.length - 1 : 0) {
    for (; s >= 0; s -= 1) {
      if (!left--) return;
      yield { process, turn: t, step: s };
    }
  }
}

function* refsBehind(history, { process, turn, step }) {
  const { turns } = history.processes[process];
  let left = REACH;
  for (let t = turn, s = step + 1; t < turns.length; t += 1, s = 0) {
    for (; s < turns[t].steps.length; s += 1) {
      if (!left--) return;
      yield { process, turn: t, step: s };
    }
  }
}

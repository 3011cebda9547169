// Bytes as a recording writes them, and as the page shows them: docs/RECORDING.md, "Bytes".
//
// This file knows no turn and no document. Read next: recording.js.

const SHORT_ESCAPES = "rnt\\";

/// The units of a text: each is a character or an escape, with its number of bytes. An invalid
/// escape counts as characters, so a foreign file can be shown too.
function unitsOf(escaped) {
  const units = [];
  let at = 0;
  while (at < escaped.length) {
    const shown = unitAt(escaped, at);
    const isEscape = shown.length > 1 && shown[0] === "\\";
    units.push({ shown, isEscape, bytes: isEscape ? 1 : utf8Length(shown) });
    at += shown.length;
  }
  return units;
}

function unitAt(escaped, at) {
  if (escaped[at] !== "\\") return String.fromCodePoint(escaped.codePointAt(at));
  if (SHORT_ESCAPES.includes(escaped[at + 1] || "?")) return escaped.slice(at, at + 2);
  const long = escaped.slice(at, at + 4);
  return /^\\x[0-9a-fA-F]{2}$/.test(long) ? long : "\\";
}

function utf8Length(character) {
  const code = character.codePointAt(0);
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function byteLength(escaped) {
  return unitsOf(escaped).reduce((sum, unit) => sum + unit.bytes, 0);
}

/// The lines in sent bytes: the text of each without its line end, and its range of bytes with the
/// line end. The last one may have no line end yet.
function linesOf(escaped, start) {
  const lines = [];
  let text = "",
    from = start,
    to = start;
  for (const unit of unitsOf(escaped)) {
    to += unit.bytes;
    if (unit.shown !== "\\n") {
      text += unit.shown;
      continue;
    }
    lines.push({ text: withoutCr(text), from, to, isEnded: true });
    [text, from] = ["", to];
  }
  if (text) lines.push({ text, from, to, isEnded: false });
  return lines;
}

function withoutCr(text) {
  return text.endsWith("\\r") ? text.slice(0, -2) : text;
}

/// A person's text, escaped as bytes are.
function escapedText(text) {
  return text.replaceAll("\\", "\\\\");
}

/// A table whose keys come from a recording. It has no prototype, so "constructor" is no key.
function table(rows) {
  return Object.setPrototypeOf(rows, null);
}

// One turn in its parts: wait, left over, serve, tick, settle, and the host's steps behind them,
// with the bytes, the buffers, and the function in src/ of each step. Read next: player.js.

const ALL_PARTS = ["wait", "left over", "serve", "tick", "settle", "host"];
/// How many characters of a step's bytes are shown: of the current step, and of any other.
const UNITS_MAX = 400;
const UNITS_BRIEF = 60;
/// How many characters of a buffer are drawn.
const CELLS_MAX = 48;
/// How many steps before and behind the current one are in the document.
const STEPS_AROUND = 60;
/// How many turns are searched for a waiting line.
const HELD_REACH = 500;

class TurnView {
  constructor(root, goTo, followByte) {
    this.root = root;
    this.goTo = goTo;
    this.followByte = followByte;
  }

  show(history) {
    this.history = history;
  }

  render(moment, following) {
    const hadFocus = this.root.contains(document.activeElement);
    const entry = this.history.at(moment);
    this.following = following;
    this.entry = entry;
    entry.process.shownAt = entry.turn.at;
    this.root.replaceChildren(
      this.head(entry),
      this.bar(entry),
      this.buffers(entry),
      ...ALL_PARTS.map((part) => this.part(part, entry)).filter(Boolean),
    );
    if (hadFocus) {
      const current = this.root.querySelector(".step.current > button");
      if (current) current.focus({ preventScroll: true });
    }
    this.reveal();
  }

  /// Scrolls this view, if it has its own scroll bar.
  reveal() {
    const current = this.root.querySelector(".step.current");
    const box = this.root;
    if (!current || box.scrollHeight <= box.clientHeight) return;
    const top = current.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top + current.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = Math.max(0, top - box.clientHeight / 3);
    }
  }

  head({ process, turn }) {
    const key = turn.number ? "turnTitle" : "turnZero";
    const time = seconds(this.history.timeOf({ process, turn }));
    return el(
      "h2",
      {},
      t(key, { turn: turn.number, who: nameOf(process) }),
      " ",
      el("small", {}, t("turnTime", { seconds: time })),
    );
  }

  /// The parts of a turn in one row, with the current one marked.
  bar(entry) {
    const now = partAt(entry);
    const buttons = ALL_PARTS.map((part) => {
      const first = part === "wait" ? -1 : entry.turn.steps.findIndex((it) => it.part === part);
      const isEmpty = part !== "wait" && first < 0;
      const attributes = {
        type: "button",
        disabled: isEmpty,
        "aria-current": part === now ? "step" : null,
        onclick: () => this.goTo(entry.turn.first + 1 + first),
      };
      return el("li", {}, el("button", attributes, t(`part ${part}`)));
    });
    return el("ol", { class: "bar-of-parts" }, buttons);
  }

  part(part, entry) {
    const steps = entry.turn.steps
      .map((step, index) => ({ step, index }))
      .filter((it) => it.step.part === part);
    const isNow = partAt(entry) === part;
    if (part !== "wait" && !steps.length) return null;
    const place =
      part === "host" && entry.process.kind === "peer" ? "part host of peer" : `part ${part}`;
    const shown = steps.filter((it) => Math.abs(it.index - entry.step) <= STEPS_AROUND);
    const leftOut = steps.length - shown.length;
    return el(
      "section",
      { class: isNow ? "part now" : "part" },
      el("h3", {}, t(`part ${part}`), " ", tellPlace(place)),
      el("p", { class: "why" }, t(`why ${part}`)),
      el(
        "ol",
        {},
        part === "wait" ? this.wait(entry) : null,
        shown.map(({ step, index }) => this.step(step, index, entry)),
        part === lastPart(entry.turn) ? this.end(entry) : null,
      ),
      leftOut
        ? el("p", { class: "empty" }, t("bufferMore", { count: wholeNumber(leftOut) }))
        : null,
    );
  }

  wait(entry) {
    const { turn, process } = entry;
    const slept =
      turn.timeout === 0
        ? t("waitNot")
        : turn.slept
          ? t("waitSlept", { slept: wholeNumber(turn.slept) })
          : t("waitBrief");
    const bound =
      turn.timeout === 0
        ? ""
        : turn.timeout === null
          ? t("waitForever")
          : t("waitTimeout", { timeout: wholeNumber(turn.timeout) });
    const said = [slept, bound, turn.isInterrupted ? t("waitInterrupted") : ""]
      .filter(Boolean)
      .join(" ");
    // stdout and stderr have one text.
    const texts = new Set(turn.ready.slice(0, 40).map((it) => this.ready(process, it)));
    const ready = [...texts].map((text) => el("li", {}, text));
    const list = ready.length
      ? el("div", { class: "ready" }, t("ready"), el("ul", {}, ready))
      : el("div", { class: "ready" }, t("readyNothing"));
    return this.frame(-1, entry, said, [list]);
  }

  ready(process, { source, conn, can, token }) {
    if (source === "listener") return t("readyListener");
    if (source === "datagrams") return t("readyDatagrams");
    if (source === "host") {
      const key = `readyHost${token}`;
      return Object.hasOwn(WORDS, key) ? t(key) : source;
    }
    const told = can.map((it) => (Object.hasOwn(WORDS, `can ${it}`) ? t(`can ${it}`) : it));
    return t("readyConn", { who: whoIs(this.history, process, conn), can: told.join(", ") });
  }

  step(step, index, entry) {
    const { said, why, places } = tellStep(this.history, entry.process, step);
    const isNow = entry.step === index;
    return this.frame(index, entry, said, [
      this.bytes(step, index, entry, isNow),
      why && isNow ? el("p", { class: "why" }, why) : null,
      places.length ? el("p", { class: "places" }, places.map(tellPlace)) : null,
    ]);
  }

  end(entry) {
    const { turn, process } = entry;
    const pending = turn.pendingReads.map((conn) => whoIs(this.history, process, conn)).join(", ");
    const said = [
      t("end"),
      pending ? t("endPending", { who: pending }) : "",
      turn.leftOut ? t("leftOut", { count: wholeNumber(turn.leftOut) }) : "",
    ]
      .filter(Boolean)
      .join(" ");
    return this.frame(turn.steps.length, entry, said, []);
  }

  frame(index, entry, said, parts) {
    const isNow = entry.step === index;
    const kind = isNow ? "step current" : index > entry.step ? "step future" : "step";
    const onclick = () => this.goTo(entry.turn.first + 1 + index);
    const button = el(
      "button",
      { type: "button", onclick, "aria-current": isNow ? "step" : null },
      el("bdi", {}, said),
    );
    return el("li", { class: kind }, button, parts);
  }

  /// The bytes of a step. Each can be followed.
  bytes(step, index, entry, isNow) {
    const shown = step.bytes ?? (step.text || null);
    if (shown === null) return null;
    const isText = step.bytes === null;
    const units = unitsOf(isText ? shownBytes(step).trimEnd() : shownBytes(step));
    const max = isNow ? UNITS_MAX : UNITS_BRIEF;
    const place = this.following && this.following.places.find((it) => it.step === step);
    const at = place ? place.offset : -1;
    const follow = (offset) => this.followByte(entry, index, offset);
    const box = bytesBox(units.slice(0, max), {
      at,
      isText,
      isNow,
      follow,
      label: readable(shown),
    });
    const isShort = units.length > max || step.isCut;
    const rest = isShort ? t("cutBytes", { count: wholeNumber(step.count || units.length) }) : "";
    return el("div", { class: isText ? "text" : "raw" }, box, rest ? el("small", {}, rest) : null);
  }

  // The buffers after the current step.

  buffers(entry) {
    const { reading, lines, output } = buffersAt(this.history, entry);
    const who = (conn) => whoIs(this.history, entry.process, conn);
    const drawn = [];
    if (reading) drawn.push(drawBuffer(t("bufferRead"), reading.bytes, reading));
    for (const [conn, bytes] of lines) {
      drawn.push(drawBuffer(t("bufferLine", { who: who(conn) }), bytes, { isWaiting: true }));
    }
    if (output) {
      const label = t("bufferOut", { who: who(output.conn), count: wholeNumber(output.count) });
      drawn.push(drawBuffer(label, output.bytes, { count: output.count }));
    }
    return el(
      "section",
      { class: "buffers", "aria-label": t("buffers"), "aria-live": "off" },
      el("h3", {}, t("buffers")),
      drawn.length ? drawn : el("p", { class: "empty" }, t("bufferEmpty")),
    );
  }
}

function partAt({ turn, step }) {
  if (step < 0) return "wait";
  return step < turn.steps.length ? turn.steps[step].part : lastPart(turn);
}

function lastPart(turn) {
  const last = ALL_PARTS.filter((part) => turn.steps.some((it) => it.part === part));
  return last.length ? last[last.length - 1] : "wait";
}

/// The buffers of a process after a step: the read buffer of this turn's last read, every
/// incomplete line, and the output of the last connection with an output.
function buffersAt(history, { process, turn, index, step: current }) {
  const lines = heldBefore(process, index);
  let [reading, output] = [null, null];
  for (const step of turn.steps.slice(0, current + 1)) {
    switch (step.kind) {
      case "read":
        reading = step.count ? { bytes: step.bytes || "", used: 0, count: step.count } : null;
        break;
      case "line":
        lines.delete(step.conn);
        if (reading) reading.used = reading.count - step.leftCount;
        break;
      case "pending":
        lines.set(step.conn, step.bytes || "");
        if (reading) reading.used = reading.count;
        break;
      case "bytes":
        if (reading) Object.assign(reading, { used: reading.count, isRaw: true });
        break;
      case "action":
        if (!step.action.startsWith("send") || !step.conn) break;
        output = {
          conn: step.conn,
          count: step.waiting,
          bytes: keptOutput(output, step) + step.bytes,
        };
        break;
      case "write":
        output = {
          conn: step.conn,
          count: step.backlog,
          bytes: step.backlog ? backlogOf(step) : "",
        };
        break;
      case "closed":
        lines.delete(step.conn);
        break;
      default:
    }
  }
  return { reading, lines, output };
}

function keptOutput(output, step) {
  return output && output.conn === step.conn ? output.bytes : "";
}

/// The output that the kernel did not take. The recording may have only its beginning.
function backlogOf(step) {
  let taken = step.taken;
  const units = unitsOf(step.bytes || "");
  while (units.length && taken > 0) taken -= units.shift().bytes;
  return units.map((it) => it.shown).join("");
}

/// The incomplete lines in the line buffers before a turn.
function heldBefore(process, index) {
  const [held, seen] = [new Map(), new Set()];
  const first = Math.max(0, index - HELD_REACH);
  for (let t = index - 1; t >= first; t -= 1) {
    for (const step of process.turns[t].steps.toReversed()) {
      if (!["pending", "line", "closed"].includes(step.kind) || seen.has(step.conn)) continue;
      seen.add(step.conn);
      if (step.kind === "pending") held.set(step.conn, step.bytes || "");
    }
  }
  return new Map([...held].reverse());
}

function drawBuffer(label, bytes, { used = 0, count = 0, isWaiting = false, isRaw = false }) {
  const units = unitsOf(bytes);
  let at = 0;
  const cells = units.slice(0, CELLS_MAX).flatMap((unit) => {
    const kind = [
      "cell",
      at < used ? "used" : "",
      unit.isEscape ? "escape" : "",
      isWaiting ? "waiting" : "",
    ];
    at += unit.bytes;
    const cell = el("span", { class: kind.filter(Boolean).join(" ") }, shownUnit(unit));
    return unit.shown === "\\n" && !isRaw ? [cell, el("span", { class: "cut" }, "✂")] : [cell];
  });
  const more = Math.max(units.length - CELLS_MAX, count - at);
  return el(
    "figure",
    { class: "buffer" },
    el("figcaption", {}, label),
    el(
      "div",
      { class: "cells", role: "img", "aria-label": readable(bytes) || t("bufferEmpty") },
      cells.length
        ? cells
        : el(
            "span",
            { class: "cell none" },
            more > 0 ? t("bytesInAll", { count: wholeNumber(more) }) : t("bufferEmpty"),
          ),
    ),
    more > 0 && cells.length
      ? el("small", {}, t("bufferMore", { count: wholeNumber(more) }))
      : null,
  );
}

function shownUnit(unit) {
  return unit.shown === " " ? "␣" : unit.shown === "\\\\" ? "\\" : unit.shown;
}

// Bytes that a person can choose and follow.

let boxCount = 0;

function bytesBox(units, { at, isText, isNow, follow, label }) {
  let offset = 0;
  boxCount += 1;
  const options = units.map((unit, index) => {
    const start = offset;
    offset += unit.bytes;
    const isAt = start <= at && at < offset;
    const kind = `${unit.isEscape ? "byte escape" : "byte"}${isAt ? " followed" : ""}`;
    const option = el(
      "span",
      {
        class: kind,
        role: isNow ? "option" : null,
        id: isNow ? `byte-${boxCount}-${index}` : null,
        "aria-selected": isNow ? String(isAt) : null,
      },
      isText ? textUnit(unit) : shownUnit(unit),
    );
    option.offset = start;
    return option;
  });
  const box = el(
    "div",
    {
      class: "bytes",
      role: isNow ? "listbox" : null,
      tabindex: isNow ? "0" : null,
      "aria-label": isNow ? `${t("bytesOf")} ${label}` : null,
      "aria-orientation": isNow ? "horizontal" : null,
    },
    options,
  );
  box.addEventListener("click", (event) => {
    const option = event.target.closest(".byte");
    if (option) follow(option.offset);
  });
  if (isNow) chooseByKeys(box, options, follow);
  return box;
}

/// A text of a person keeps its blanks and line ends.
function textUnit(unit) {
  return unit.shown === "\\\\" ? "\\" : unit.shown;
}

function chooseByKeys(box, options, follow) {
  let active = Math.max(
    0,
    options.findIndex((it) => it.classList.contains("followed")),
  );
  const choose = (index) => {
    options[active].classList.remove("active");
    active = Math.min(Math.max(index, 0), options.length - 1);
    options[active].classList.add("active");
    box.setAttribute("aria-activedescendant", options[active].id);
  };
  box.addEventListener("focus", () => options.length && choose(active));
  box.addEventListener("blur", () => options.length && options[active].classList.remove("active"));
  box.addEventListener("keydown", (event) => {
    const moves = {
      ArrowLeft: active - 1,
      ArrowRight: active + 1,
      Home: 0,
      End: options.length - 1,
    };
    if (!options.length) return;
    if (event.key in moves) choose(moves[event.key]);
    else if (event.key === "Enter") follow(options[active].offset);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// The people online, and the timer wheel: the state of the server's machine. It is drawn between
// two moments too, because time goes on. Read next: turn.js.

const WHEEL_RADIUS = 120;
/// Further people and keys are only counted. With more keys than NAMED_KEYS_MAX, their names are
/// not drawn.
const PEOPLE_MAX = 400;
const NAMED_KEYS_MAX = 40;
/// The least distance between two names on one side of the wheel. A nearer name is left out.
const NAMES_APART = 13;
const KEYS_TOLD_MAX = 12;
/// The radii of the true deadlines, inside the ring. Neighbours have different radii.
const DEADLINE_RADII = [104, 96, 88, 80, 72];

class Online {
  constructor(root) {
    this.root = root;
  }

  show(history) {
    this.history = history;
    this.process = history.processes.find(tellsState) || null;
    this.reel = this.process && new StateReel(this.process, history);
    this.shownState = null;
    this.root.replaceChildren(el("h2", { class: "for-readers" }, t("viewOnline")));
    if (!this.process) {
      this.root.append(el("p", { class: "empty" }, t("noState")));
      return;
    }
    this.clock = el("p", { class: "clock" });
    this.table = el("tbody");
    this.nobody = el("p", { class: "empty" }, t("nobody"));
    const heads = ["name", "address", "lastKeep"].map((key) => el("th", { scope: "col" }, t(key)));
    this.more = el("p", { class: "empty" });
    this.sheet = el("table", {}, el("thead", {}, el("tr", {}, heads)), this.table);
    this.wheel = svg("svg", { viewBox: "-170 -150 340 300", role: "img" });
    this.keys = el("ul", { class: "keys" });
    this.root.append(
      el(
        "div",
        { class: "people" },
        this.clock,
        this.sheet,
        this.more,
        this.nobody,
        el("p", { class: "why" }, t("keepWhy")),
      ),
      el(
        "div",
        { class: "wheel" },
        el("h3", {}, t("wheel")),
        this.wheel,
        this.keys,
        el("p", { class: "why" }, t("wheelWhy", { slots: SLOTS, tick: TICK_MS })),
      ),
    );
  }

  /// `index` is the server's last turn that is over, and `now` the time of its clock.
  render(index, now) {
    if (!this.process) return;
    const state = this.reel.after(index);
    this.clock.textContent = t("clock", { seconds: seconds(now, 1) });
    const people = [...state.people.values()];
    this.nobody.hidden = people.length > 0;
    this.sheet.hidden = people.length === 0;
    this.table.replaceChildren(
      ...people.slice(0, PEOPLE_MAX).map((person) => personRow(person, now)),
    );
    const more = Math.max(0, people.length - PEOPLE_MAX);
    this.more.textContent = more ? t("bufferMore", { count: wholeNumber(more) }) : "";
    this.drawWheel(state, now);
  }

  drawWheel(state, now) {
    const span = TICK_MS * SLOTS;
    const keys = state.keys.slice(0, PEOPLE_MAX).map((key) => {
      const person = state.people.get(key.conn);
      const left = state.left.get(key.conn);
      const who = person?.name ?? left ?? this.history.labelOf(this.process, key.conn);
      return {
        who: shownLabel(who),
        at: key.at,
        deadline: person ? person.expiresAt : null,
        hasLeft: left !== undefined,
      };
    });
    const angle = (at) => (2 * Math.PI * Math.min(Math.max(at - now, 0), span)) / span;
    const named = keys.length <= NAMED_KEYS_MAX ? withRoomForNames(keys, angle) : new Set();
    this.wheel.replaceChildren(
      ...dial(),
      ...keys.flatMap((key, index) =>
        keyMarks(
          named.has(key) ? key : { ...key, who: "" },
          angle,
          DEADLINE_RADII[index % DEADLINE_RADII.length],
        ),
      ),
    );
    const told = keys.slice(0, KEYS_TOLD_MAX).map((key) => keyTold(key, now));
    this.wheel.setAttribute("aria-label", t("wheel"));
    const items = told.length ? told : [t("wheelEmpty")];
    this.keys.replaceChildren(...items.map((it) => el("li", {}, it)));
  }
}

function personRow(person, now) {
  const span = Math.max(1, person.expiresAt - person.heardAt);
  const left = person.expiresAt - now;
  const share = Math.min(1, Math.max(0, left / span));
  const told = t(left >= 0 ? "keepAge" : "keepDue", {
    age: seconds(Math.max(0, now - person.heardAt), 1),
    left: seconds(Math.max(0, left), 1),
  });
  const fill = el("span", { class: share < 0.34 ? "fill low" : "fill" });
  fill.style.width = `${100 * share}%`;
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, fill);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("bdi", {}, person.name)),
    el("td", { class: "address" }, person.address),
    el("td", { class: "age" }, bar, el("span", {}, told)),
  );
}

function keyTold({ who, at, deadline, hasLeft }, now) {
  const key = seconds(at - now, 1);
  if (hasLeft) return t("wheelKeyLeft", { who, key });
  if (deadline === null) return t("wheelKeyAlone", { who, key });
  return t("wheelKey", { who, key, deadline: seconds(deadline - now, 1) });
}

/// The keys whose names are drawn: a name must not cover an earlier one.
function withRoomForNames(keys, angle) {
  const drawn = [];
  const hasRoom = (key) => {
    const [x, y] = onCircle(angle(key.at), WHEEL_RADIUS);
    const side = x >= 0;
    if (drawn.some((it) => it.side === side && Math.abs(it.y - y) < NAMES_APART)) return false;
    drawn.push({ side, y });
    return true;
  };
  return new Set(keys.filter(hasRoom));
}

/// The ring, a mark for each second, and the hand.
function dial() {
  const marks = [];
  for (let second = 0; second < (TICK_MS * SLOTS) / 1000; second += 1) {
    const angle = (2 * Math.PI * second * 1000) / (TICK_MS * SLOTS);
    const [x1, y1] = onCircle(angle, WHEEL_RADIUS - 4);
    const [x2, y2] = onCircle(angle, WHEEL_RADIUS + 4);
    marks.push(svg("line", { x1, y1, x2, y2, class: "mark" }));
    if (second % 5) continue;
    const [x, y] = onCircle(angle, second ? 50 : WHEEL_RADIUS + 16);
    marks.push(svg("text", { x, y, class: "second" }, second ? `${second} s` : t("wheelNow")));
  }
  return [
    svg("circle", { r: WHEEL_RADIUS, class: "ring" }),
    ...marks,
    svg("line", { x1: 0, y1: -64, x2: 0, y2: -WHEEL_RADIUS - 8, class: "hand" }),
  ];
}

/// The key on the ring, the true deadline inside the ring, and the arc between the two.
function keyMarks({ who, at, deadline }, angle, radius) {
  const [x, y] = onCircle(angle(at), WHEEL_RADIUS);
  const isRight = x >= 0;
  const marks = [
    svg("circle", { cx: x, cy: y, r: 6, class: "key" }),
    svg(
      "text",
      { x: x + (isRight ? 10 : -10), y: y + (y < 0 ? -4 : 8), class: isRight ? "who" : "who end" },
      who.slice(0, 12),
    ),
  ];
  if (deadline === null) return marks;
  const [dx, dy] = onCircle(angle(deadline), radius);
  return [
    svg("path", { d: arc(angle(at), angle(deadline), radius), class: "lazy" }),
    svg("circle", { cx: dx, cy: dy, r: 5, class: "deadline" }),
    ...marks,
  ];
}

function arc(from, to, radius) {
  const [x0, y0] = onCircle(from, WHEEL_RADIUS);
  const [x1, y1] = onCircle(from, radius);
  const [x2, y2] = onCircle(to, radius);
  const isLong = Math.abs(to - from) > Math.PI ? 1 : 0;
  const turns = to > from ? 1 : 0;
  return `M${x0} ${y0}L${x1} ${y1}A${radius} ${radius} 0 ${isLong} ${turns} ${x2} ${y2}`;
}

/// A point of a circle. The angle is clockwise from the top.
function onCircle(angle, radius) {
  const round = (value) => Math.round(value * 10) / 10;
  return [round(radius * Math.sin(angle)), round(-radius * Math.cos(angle))];
}

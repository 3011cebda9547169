// The ladder: a life line for each process, an arrow for each line of the protocol, and beside the
// life lines the typed lines, screens and actions, in the colors of the handout's table.
//
// Only the rows around the moment are in the document: a long recording has too many. Read next:
// online.js.

/// How many rows are before and behind the current one, and by how many rows the window moves.
const ROWS_BEFORE = 120;
const ROWS_BEHIND = 80;
const ROWS_STEP = 40;
/// Longer texts are cut in the ladder. The turn shows them whole.
const LABEL_MAX = 240;
/// How many bytes are shown of a text that the recording itself has cut.
const CUT_LABEL_MAX = 16;

class Ladder {
  constructor(root, goTo) {
    this.root = root;
    this.goTo = goTo;
    this.start = -1;
  }

  /// Shows another history, or another language.
  show(history) {
    this.history = history;
    this.start = -1;
    this.list = el("ol", { class: "rows" });
    const lines = el("div", { class: "lives", "aria-hidden": "true" });
    const names = el("div", { class: "heads" });
    this.heads = [];
    this.columns = history.processes
      .map((it) => ({ name: nameOf(it), isSide: false }))
      .concat(
        history.sides.map((it) => ({
          name: it.label ? shownLabel(it.label) : t("others"),
          isSide: true,
        })),
      );
    this.columns.forEach((column, index) => {
      const left = `${percent(index + 0.5, this.columns.length)}%`;
      const line = el("div", { class: column.isSide ? "life side" : "life" });
      line.style.left = left;
      lines.append(line);
      const head = el(
        "div",
        { class: column.isSide ? "head side" : "head" },
        el("bdi", {}, column.name),
        column.isSide ? el("small", {}, t("notRecorded")) : null,
      );
      names.append(head);
      this.heads.push(head);
    });
    this.scroller = el(
      "div",
      { class: "scroller", tabindex: "-1" },
      names,
      el("div", { class: "body" }, lines, this.list),
    );
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    this.root.replaceChildren(
      el("h2", { class: "for-readers" }, t("viewLadder")),
      legend(),
      this.scroller,
    );
  }

  /// Goes to a moment. `following` is the followed byte, if there is one.
  render(moment, following) {
    const rows = this.history.rows;
    const behind = firstBehind(rows, moment);
    const start = Math.max(0, Math.floor((behind - ROWS_BEFORE) / ROWS_STEP) * ROWS_STEP);
    if (start !== this.start) this.build(start);
    const here = this.history.at(moment).process.index;
    this.heads.forEach((head, index) => head.classList.toggle("here", index === here));
    let current = null;
    this.shown.forEach(({ row, item }, index) => {
      const isPast = row.moment <= moment;
      item.classList.toggle("future", !isPast);
      const waits = isPast && row.kind === "arrow" && row.got > moment;
      item.classList.toggle("waits", waits);
      // While a line is incomplete, only its first part is shown.
      if (row.kind === "arrow") item.firstChild.setAttribute("aria-label", this.saidOf(row, waits));
      if (row.part)
        item.querySelector("bdi").textContent = waits ? `${readable(row.part)}…` : labelOf(row);
      item.classList.toggle("followed", isFollowed(row, following));
      if (start + index === behind - 1) current = item;
      item.classList.remove("current");
      item.firstChild.tabIndex = -1;
    });
    // Tab reaches one row, and the arrow keys reach the others.
    (current || this.list.firstChild)?.firstChild.setAttribute("tabindex", "0");
    if (current) {
      current.classList.add("current");
      this.reveal(current);
    }
  }

  onKey(event) {
    const item = event.target.closest("li");
    const next = { ArrowUp: item?.previousSibling, ArrowDown: item?.nextSibling }[event.key];
    if (!next) return;
    event.preventDefault();
    next.firstChild.focus();
  }

  build(start) {
    this.start = start;
    const rows = this.history.rows.slice(start, start + ROWS_BEFORE + ROWS_BEHIND + ROWS_STEP);
    this.shown = rows.map((row) => ({ row, item: this.item(row) }));
    this.list.replaceChildren(...this.shown.map((it) => it.item));
    this.list.start = start + 1;
  }

  /// Scrolls the ladder, and never the page.
  reveal(item) {
    const box = this.scroller;
    const top = item.offsetTop - box.clientHeight * 0.65;
    if (
      item.offsetTop < box.scrollTop + 60 ||
      item.offsetTop > box.scrollTop + box.clientHeight - 90
    ) {
      box.scrollTop = Math.max(0, top);
    }
  }

  item(row) {
    const item = el("li", { class: row.kind });
    const button = row.kind === "arrow" ? this.arrow(row) : this.chip(row);
    button.addEventListener("click", () =>
      this.goTo(row.got < Infinity && row.kind === "arrow" ? row.got : row.moment),
    );
    item.append(button);
    return item;
  }

  arrow(row) {
    const columns = this.columns.length;
    const [left, right] = [row.source, row.target].sort((one, other) => one - other);
    const text = labelOf(row);
    const label = el("span", { class: "label" }, el("bdi", {}, text || "␣"));
    const shaft = el("span", { class: row.source < row.target ? "shaft right" : "shaft left" });
    for (const part of [label, shaft]) {
      part.style.marginLeft = `${percent(left + 0.5, columns)}%`;
      part.style.width = `${percent(right - left, columns)}%`;
    }
    return el("button", { type: "button" }, label, shaft);
  }

  /// An arrow in words, for screen readers.
  saidOf(row, waits) {
    const [from, to] = [row.source, row.target].map((it) => this.columns[it].name);
    const told = t("arrowSaid", { from, to, text: labelOf(row) });
    return waits ? `${told} ${t("onTheWay")}` : told;
  }

  chip(row) {
    const columns = this.columns.length;
    const who = this.columns[row.process].name;
    const text =
      row.kind === "gap"
        ? t("gapRow", { turns: wholeNumber(row.count) })
        : row.key
          ? t(row.key, { who: shownLabel(row.who) })
          : cutText(row.text.trimEnd());
    const label = el("span", { class: "chip" }, el("bdi", {}, text));
    label.style.marginLeft = `${percent(row.process, columns)}%`;
    // A log line is longer than a column is wide.
    if (row.kind !== "log" && row.kind !== "gap") label.style.width = `${percent(1, columns)}%`;
    const said = { typed: "typedSaid", screen: "screenSaid", log: "logSaid" }[row.kind];
    return el(
      "button",
      { type: "button", "aria-label": said ? t(said, { who, text }) : `${who}: ${text}` },
      label,
    );
  }
}

/// The text on an arrow.
function labelOf({ text, bytes, who }) {
  const whole = bytes
    ? `${text.slice(0, CUT_LABEL_MAX)}… ${t("bytesInAll", { count: wholeNumber(bytes) })}`
    : text;
  return readable(cutText(who ? `${shownLabel(who)}: ${whole}` : whole));
}

function legend() {
  const mark = (kind, key) => el("span", { class: kind }, t(key));
  return el(
    "p",
    { class: "legend", "aria-label": t("legend") },
    mark("protocol", "legendProtocol"),
    mark("typed", "legendTyped"),
    mark("screen", "legendScreen"),
    mark("done", "legendDone"),
    mark("way", "legendWay"),
  );
}

function isFollowed(row, following) {
  return Boolean(
    following &&
    row.stream &&
    row.stream === following.stream &&
    row.from <= following.byte &&
    following.byte < row.to,
  );
}

function firstBehind(rows, moment) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (rows[middle].moment <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

function percent(part, whole) {
  return (100 * part) / whole;
}

function cutText(text) {
  return text.length > LABEL_MAX ? `${text.slice(0, LABEL_MAX)}…` : text;
}

// The time line, the controls, and the sources of recordings: this page, files, or a live server.
//
// Only this file knows the current moment. It gives the moment to the views, and they ask for
// another one.

/// How long a step is shown at speed 1, and the longest pause between two turns, in milliseconds.
/// Real turns take microseconds, and real pauses seconds.
const STEP_MS = 700;
const PAUSE_MS = 1800;
/// How long a moment is shown before it goes into the address of the page.
const HASH_PAUSE_MS = 300;
/// How often the clock of a live server is drawn.
const LIVE_CLOCK_MS = 250;
const PLAY_SHAPE = "M3 1v14l11-7z";
const PAUSE_SHAPE = "M3 1h4v14H3zM9 1h4v14H9z";
const VIEWS = ["ladder", "online", "turn"];

class Player {
  constructor() {
    const goTo = (moment) => this.goTo(moment);
    this.ladder = new Ladder(byId("ladder"), goTo);
    this.online = new Online(byId("online"));
    this.turn = new TurnView(byId("turn"), goTo, (entry, step, offset) =>
      this.followByte(entry, step, offset),
    );
    this.history = null;
    this.moment = 0;
    this.following = null;
    this.playing = false;
    this.isLive = false;
    this.isLost = false;
    this.problems = [];
    this.introduced = [];
    this.introduction = introductionOf(byId("introduction-data"));
  }

  start() {
    const wish = wishOf(location.hash);
    language = wish.lang || (navigator.language.toLowerCase().startsWith("pt") ? "pt" : "en");
    this.listen();
    this.setView(wish.view || "ladder");
    const url = document.body.dataset.live;
    this.isLive = url !== undefined;
    const blocks = [...document.querySelectorAll("script.recording")];
    const read = blocks.map((it) => readRecording(it.dataset.name || "?", it.textContent));
    this.load(
      read.map((it) => it.recording).filter(Boolean),
      read.flatMap((it) => it.problems),
    );
    this.goToWish(wish);
    this.live = new Live(
      (recordings, problems) => this.showLive(recordings, problems),
      (isLost) => this.tellLost(isLost),
    );
    if (this.isLive) {
      byId("live").hidden = false;
      this.live.connect(url);
      setInterval(() => this.goOn(), LIVE_CLOCK_MS);
    }
  }

  // Recordings.

  load(recordings, problems) {
    this.stop();
    this.following = null;
    this.problems = problems;
    this.moment = 0;
    this.history = null;
    try {
      if (recordings.length) this.history = new History(inColumns(recordings));
      this.findIntroduced();
      this.showAll();
    } catch (error) {
      // A strange recording must not leave an empty page.
      this.history = null;
      this.problems.push({ key: "problemBroken", values: { error: String(error) } });
      this.showAll();
    }
  }

  async loadFiles(files) {
    const read = await Promise.all([...files].map(readFile));
    this.introduction = null;
    this.load(
      read.map((it) => it.recording).filter(Boolean),
      read.flatMap((it) => it.problems),
    );
  }

  showLive(recordings, problems) {
    this.cameAt = performance.now();
    const isAtEnd = !this.history || this.moment >= this.history.moments - 1;
    const before = this.history && this.history.at(this.moment);
    this.problems = problems;
    this.history = recordings.length ? new History(recordings) : null;
    this.following = null;
    const moment = !this.history
      ? 0
      : isAtEnd
        ? this.history.moments - 1
        : momentOfTurn(this.history, before.turn.number, before.step);
    this.moment = moment;
    this.showAll();
  }

  /// Moves the clock of a live server on between two turns.
  goOn() {
    const isAtEnd = this.history && this.moment >= this.history.moments - 1;
    if (!isAtEnd || this.playing) return;
    const last = this.history.timeOf(this.history.at(this.moment));
    this.clock = last + performance.now() - this.cameAt;
    this.renderClock();
  }

  tellLost(isLost) {
    this.isLost = isLost;
    byId("live").classList.toggle("lost", isLost);
    this.tellProblems();
  }

  // Drawing.

  showAll() {
    document.body.classList.toggle("no-recording", !this.history);
    tellWords();
    this.tellProblems();
    this.introduce();
    byId("moment").max = this.history ? this.history.moments - 1 : 0;
    if (this.history) {
      for (const view of [this.ladder, this.online, this.turn]) view.show(this.history);
    }
    this.setPlaying(this.playing);
    this.render();
  }

  tellProblems() {
    const told = this.problems.map(({ key, values }) => el("p", {}, t(key, values)));
    if (this.isLost) told.push(el("p", {}, t("liveLost")));
    if (!this.history) told.push(el("p", {}, t(this.isLive ? "liveWaiting" : "nothing")));
    byId("problems").replaceChildren(...told);
  }

  introduce() {
    const place = byId("introduction");
    const wasOpen = place.querySelector("details")?.open ?? !(this.introduction || this.isLive);
    const { title, paragraphs, moments } = this.introduction || { paragraphs: [], moments: [] };
    byId("title").textContent = title ? said(title) : t("title");
    document.title = byId("title").textContent;
    const look = moments.map((it, index) =>
      el("li", {}, el("a", { href: `#moment=${index + 1}` }, said(it.text))),
    );
    const how = ["how1", "how2", "how3"].map((key) => el("p", {}, t(key)));
    place.replaceChildren(
      paragraphs.length
        ? el(
            "div",
            {},
            paragraphs.map((it) => el("p", {}, said(it))),
          )
        : "",
      look.length ? el("div", { class: "look" }, el("h2", {}, t("look")), el("ol", {}, look)) : "",
      el("details", wasOpen ? { open: true } : {}, el("summary", {}, t("how")), how),
    );
  }

  render() {
    if (!this.history) return;
    const entry = this.history.at(this.moment);
    this.clock = this.history.timeOf(entry);
    this.ladder.render(this.moment, this.following);
    this.turn.render(this.moment, this.following);
    this.renderClock();
    const position = t("position", {
      who: nameOf(entry.process),
      turn: entry.turn.number,
      part: t(`part ${partAt(entry)}`),
      seconds: seconds(this.clock),
    });
    byId("position").textContent = position;
    byId("moment").value = this.moment;
    byId("moment").setAttribute("aria-valuetext", position);
    this.tellFollowing();
    this.caption();
  }

  /// Shows the introduction's text about the current moment, if there is one.
  caption() {
    const { moments } = this.introduction || { moments: [] };
    const index = this.introduced.indexOf(this.moment);
    byId("caption").hidden = index < 0;
    byId("caption").textContent = index < 0 ? "" : `${index + 1}. ${said(moments[index].text)}`;
  }

  /// Draws the parts that change between two moments, because time goes on.
  renderClock() {
    const process = this.online.process;
    if (!process) return;
    const done = turnsDone(this.history, process, this.moment);
    const now = this.history.origin + this.clock - process.recording.unixMs;
    this.online.render(done - 1, now);
  }

  // Moments.

  goTo(moment) {
    if (!this.history) return;
    this.moment = Math.min(Math.max(moment, 0), this.history.moments - 1);
    this.render();
    // A browser limits how often a page may change its address.
    clearTimeout(this.hashTimer);
    this.hashTimer = setTimeout(() => this.writeHash(), HASH_PAUSE_MS);
  }

  step(by) {
    this.stop();
    this.goTo(this.moment + by);
  }

  stepTurn(by) {
    if (!this.history) return;
    this.stop();
    const { position, turn } = this.history.at(this.moment);
    if (by < 0 && this.moment > turn.first) return this.goTo(turn.first);
    const next = this.history.turns[position + by];
    this.goTo(next ? next.turn.first : by < 0 ? 0 : this.history.moments - 1);
  }

  goToWish({ turn, process, step, moment }) {
    if (!this.history) return;
    if (moment) return this.goToIntroduced(moment - 1);
    if (turn === undefined) return;
    const found = this.history.turns.find(
      (it) => it.turn.number === turn && isProcess(it.process, process),
    );
    if (!found) return;
    const index = Math.min(step === undefined ? 0 : step + 1, found.turn.steps.length + 1);
    this.goTo(found.turn.first + index);
  }

  /// Goes to a moment of the introduction.
  goToIntroduced(index) {
    const { moments } = this.introduction || { moments: [] };
    if (!moments[index]) return;
    const found = this.introduced[index];
    if (found < 0) return;
    if (moments[index].view) this.setView(moments[index].view);
    this.goTo(found);
    byId("player").scrollIntoView();
  }

  /// Finds the moments of the introduction, each behind the last one.
  findIntroduced() {
    const { moments } = this.introduction || { moments: [] };
    let found = -1;
    this.introduced = moments.map((wanted) => {
      const next = this.history ? findMoment(this.history, wanted, found) : -1;
      found = Math.max(found, next);
      return next;
    });
  }

  writeHash() {
    if (!this.history) return;
    const { process, turn, step } = this.history.at(this.moment);
    const hash = hashOf({
      turn: turn.number,
      process: process.recording.process,
      step,
      view: this.view,
    });
    try {
      history.replaceState(null, "", hash);
    } catch {
      // A browser may forbid this for a page from a file. The page works without it.
    }
  }

  // Playing.

  play() {
    if (!this.history) return;
    if (this.moment >= this.history.moments - 1) this.goTo(0);
    this.setPlaying(true);
    this.begin();
  }

  stop() {
    this.setPlaying(false);
    cancelAnimationFrame(this.frame);
  }

  setPlaying(playing) {
    this.playing = playing;
    const word = t(playing ? "pause" : "play");
    byId("play").setAttribute("aria-label", word);
    byId("play").title = word;
    byId("play-shape").setAttribute("d", playing ? PAUSE_SHAPE : PLAY_SHAPE);
  }

  /// Shows one moment until the next. Steps stay long enough to be read, and pauses are shortened.
  begin() {
    const speed = Number(byId("speed").value);
    const here = this.history.at(this.moment);
    const next = this.moment + 1 < this.history.moments ? this.history.at(this.moment + 1) : null;
    const gap = next ? Math.max(0, this.history.timeOf(next) - this.history.timeOf(here)) : 0;
    const takes = Math.max(STEP_MS, Math.min(gap, PAUSE_MS)) / speed;
    const began = performance.now();
    const clock = this.clock;
    const go = (now) => {
      const share = Math.min(1, (now - began) / takes);
      if (gap > 50) {
        this.clock = clock + gap * share;
        this.renderClock();
      }
      if (share < 1) this.frame = requestAnimationFrame(go);
      else this.playNext();
    };
    this.frame = requestAnimationFrame(go);
  }

  playNext() {
    if (this.moment >= this.history.moments - 1) return this.stop();
    this.goTo(this.moment + 1);
    this.begin();
  }

  // Following a byte.

  followByte({ process, index }, step, offset) {
    this.stop();
    const found = follow(this.history, process, index, step, offset);
    const next = found.places.length > found.current + 1 ? found.current + 1 : found.current;
    this.following = { ...found, current: next };
    this.goTo(found.places[next].moment);
  }

  goToPlace(by) {
    if (!this.following) return;
    this.stop();
    const { places, current } = this.following;
    this.following.current = (current + by + places.length) % places.length;
    this.goTo(places[this.following.current].moment);
  }

  stopFollowing() {
    this.following = null;
    this.render();
  }

  tellFollowing() {
    const panel = byId("following");
    panel.hidden = !this.following;
    if (!this.following) return panel.replaceChildren();
    const { places, current, shown } = this.following;
    const button = (key, onclick) => el("button", { type: "button", onclick }, t(key));
    const items = places.map(({ ref, moment, step }, index) => {
      const label = `${nameOf(this.history.processes[ref.process])}: ${t(`at ${step.kind}`)}`;
      const onclick = () => {
        this.following.current = index;
        this.goTo(moment);
      };
      return el(
        "li",
        {},
        el(
          "button",
          { type: "button", onclick, "aria-current": index === current ? "step" : null },
          label,
        ),
      );
    });
    panel.replaceChildren(
      el(
        "p",
        { role: "status" },
        el("b", {}, t("following", { byte: shown === " " ? "␣" : shown })),
        ", ",
        t("placeOf", { place: current + 1, places: places.length }),
      ),
      button("placePrevious", () => this.goToPlace(-1)),
      button("placeNext", () => this.goToPlace(1)),
      button("placeStop", () => this.stopFollowing()),
      el("ol", {}, items),
    );
  }

  // Controls.

  setView(view) {
    this.view = VIEWS.includes(view) ? view : "ladder";
    document.querySelector("main").dataset.view = this.view;
    for (const button of document.querySelectorAll("#views button")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === this.view));
    }
  }

  listen() {
    const on = (id, event, handle) => byId(id).addEventListener(event, handle);
    on("play", "click", () => (this.playing ? this.stop() : this.play()));
    on("step-back", "click", () => this.step(-1));
    on("step-forward", "click", () => this.step(1));
    on("turn-back", "click", () => this.stepTurn(-1));
    on("turn-forward", "click", () => this.stepTurn(1));
    on("live", "click", () => this.goTo(Infinity));
    on("moment", "input", () => {
      this.stop();
      this.goTo(Number(byId("moment").value));
    });
    on("language", "click", () => {
      language = language === "pt" ? "en" : "pt";
      this.showAll();
    });
    on("theme", "click", changeTheme);
    on("files", "change", (event) => this.loadFiles(event.target.files));
    for (const button of document.querySelectorAll("#views button")) {
      button.addEventListener("click", () => this.setView(button.dataset.view));
    }
    document.addEventListener("keydown", (event) => this.onKey(event));
    addEventListener("hashchange", () => this.onHash());
    this.listenToDrops();
  }

  listenToDrops() {
    const drop = byId("drop");
    addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.hidden = false;
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) drop.hidden = true;
    });
    addEventListener("drop", (event) => {
      event.preventDefault();
      drop.hidden = true;
      if (event.dataTransfer.files.length) this.loadFiles(event.dataTransfer.files);
    });
  }

  onHash() {
    const wish = wishOf(location.hash);
    this.stop();
    if (wish.view) this.setView(wish.view);
    if (wish.lang && wish.lang !== language) {
      language = wish.lang;
      this.showAll();
    }
    this.goToWish(wish);
  }

  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || isForControl(event)) return;
    const keys = {
      " ": () => (this.playing ? this.stop() : this.play()),
      ArrowLeft: () => (event.shiftKey ? this.stepTurn(-1) : this.step(-1)),
      ArrowRight: () => (event.shiftKey ? this.stepTurn(1) : this.step(1)),
      Home: () => this.goTo(0),
      End: () => this.goTo(Infinity),
      n: () => this.goToPlace(1),
      p: () => this.goToPlace(-1),
      Escape: () => this.stopFollowing(),
    };
    VIEWS.forEach((view, index) => {
      keys[index + 1] = () => this.setView(view);
    });
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  }
}

/// Whether a key belongs to the focused control.
function isForControl({ target, key }) {
  const tag = target.tagName;
  if (tag === "SELECT" || (tag === "INPUT" && target.type !== "range")) return true;
  if (tag === "INPUT") return key !== " " && !/^[a-z0-9]$/.test(key);
  return ["BUTTON", "A", "SUMMARY"].includes(tag) && (key === " " || key === "Enter");
}

function changeTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
}

/// The recordings in the order of their columns: servers first, and then by their beginning.
function inColumns(recordings) {
  const isServer = (it) => (/^(server|lab)\b/.test(it.process) ? 0 : 1);
  const began = (it) => it.unixMs + it.turns[0].at;
  return [...recordings].sort(
    (one, other) => isServer(one) - isServer(other) || began(one) - began(other),
  );
}

/// How many turns of a process are over at a moment.
function turnsDone(history, process, moment) {
  let [low, high] = [0, process.turns.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { first, steps } = process.turns[middle];
    if (first + steps.length + 1 <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

function momentOfTurn(history, number, step) {
  const found = history.turns.find((it) => it.turn.number >= number) || history.turns[0];
  const isSame = found.turn.number === number;
  return isSame ? Math.min(found.turn.first + 1 + step, history.moments - 1) : found.turn.first;
}

async function readFile(file) {
  const problem = (key, values) => ({
    recording: null,
    problems: [{ key, values: { file: file.name, ...values } }],
  });
  if (file.size > FILE_BYTES_MAX) {
    return problem("problemLarge", { mebibytes: FILE_BYTES_MAX / 1024 / 1024 });
  }
  try {
    return readRecording(file.name, await file.text());
  } catch {
    return problem("problemRead");
  }
}

/// The moment and view in the address: `#turn=12&process=server&step=3&view=turn&lang=pt`, or
/// `#moment=2`, the introduction's second moment.
function wishOf(hash) {
  const asked = new URLSearchParams(hash.slice(1));
  const wholeOf = (name) =>
    /^\d+$/.test(asked.get(name) || "") ? Number(asked.get(name)) : undefined;
  const lang = asked.get("lang");
  return {
    turn: wholeOf("turn"),
    step: wholeOf("step"),
    moment: wholeOf("moment"),
    process: asked.get("process") || "",
    view: asked.get("view") || "",
    lang: lang === "pt" || lang === "en" ? lang : "",
  };
}

function hashOf({ turn, process, step, view }) {
  const asked = new URLSearchParams({ turn, process });
  if (step !== undefined && step >= 0) asked.set("step", step);
  if (view) asked.set("view", view);
  return `#${asked}`;
}

/// The first moment behind `behind` that fits an introduction's description: `process`, `do`, and
/// words that the step `has`; with `end`, the end of its turn. A description still fits when the
/// session is recorded again, and the number of a turn would not.
function findMoment(history, wanted, behind) {
  for (const { process, turn } of history.turns) {
    if (turn.first + turn.steps.length + 1 <= behind || !isProcess(process, wanted.process))
      continue;
    const index = turn.steps.findIndex(
      (step, s) => turn.first + 1 + s > behind && isWanted(step, wanted),
    );
    if (index >= 0) return turn.first + 1 + (wanted.end ? turn.steps.length : index);
  }
  return -1;
}

function isWanted(step, wanted) {
  if (step.kind !== wanted.do) return false;
  if (wanted.backlog && !step.backlog) return false;
  return [step.bytes, step.text, step.action, step.input].some((it) =>
    it?.includes(wanted.has ?? ""),
  );
}

function isProcess({ recording, name }, wanted) {
  const asked = wanted.toLowerCase();
  return !asked || recording.process.toLowerCase() === asked || name.toLowerCase() === asked;
}

function introductionOf(block) {
  if (!block) return null;
  try {
    return JSON.parse(block.textContent);
  } catch {
    return null;
  }
}

function said(pair) {
  return String(pair[language] || pair.en || "");
}

const player = new Player();
player.start();
/// See live.js.
window.papo = { append: (line) => player.live.append(String(line)) };

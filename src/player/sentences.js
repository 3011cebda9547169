// A step in words: a sentence, a reason, and its places in src/.
//
// PLACES is places.json; a test looks each of its functions up in the sources. Read next: turn.js.

/// The words of a step: a sentence, a reason if there is one, and the keys of its places.
function tellStep(history, process, step) {
  const who = whoIs(history, process, step.conn);
  const told = SENTENCES[step.kind]
    ? SENTENCES[step.kind](step, who, process)
    : { said: t("unknown", { kind: step.kind }) };
  const places = [].concat(told.place || step.kind, placesInMachine(process, step));
  return { said: told.said, why: told.why || "", places: places.filter((it) => PLACES[it]) };
}

function whoIs(history, process, conn) {
  if (!conn) return "";
  return shownLabel(history.labelOf(process, conn));
}

const SENTENCES = table({
  accept: ({ from, conn }) => ({ said: t("accept", { from, conn }) }),
  dialed: ({ error }, who) => ({ said: error ? t("dialFailed", { error }) : t("dialed", { who }) }),
  read: tellRead,
  line: tellLine,
  pending: (step, who) => ({ said: t("pending", { who }), why: t("whyPending") }),
  "put back": ({ count: bytes }) => ({ said: t("putBack", { count: wholeNumber(bytes) }) }),
  bytes: () => ({ said: t("bytes") }),
  datagram: ({ from }) => ({ said: t("datagram", { from }) }),
  input: tellInput,
  action: tellAction,
  write: tellWrite,
  deadline: ({ was, is }, who, process) => ({
    said: t("deadline", { was: deadlineTold(was, process), is: deadlineTold(is, process) }),
  }),
  tick: (step, who, process) => ({
    said: t("tick"),
    why: process.kind === "server" ? t("whyTickServer") : "",
  }),
  closed: ({ reason }, who) => ({
    said: t("closed", {
      who,
      reason: t(Object.hasOwn(WORDS, `reason ${reason}`) ? `reason ${reason}` : reason),
    }),
  }),
  key: () => ({ said: t("key") }),
  typed: () => ({ said: t("typed") }),
  screen: () => ({ said: t("screen") }),
  notice: () => ({ said: t("notice") }),
});

function tellRead(step, who) {
  if (step.end === true) return { said: t("readEnd", { who }), place: "read end" };
  if (step.error === "operation would block") return { said: t("readBlock", { who }) };
  if (step.error) return { said: t("readError", { who, error: step.error }), place: "read error" };
  const room = wholeNumber(step.room);
  const why = step.count < step.room ? t("whyReadAll", { room }) : t("whyReadMore");
  return { said: t("read", { who, count: wholeNumber(step.count) }), why };
}

function tellLine(step, who, process) {
  if (step.end === "rest") return { said: t("lineRest"), place: "line rest" };
  if (step.end === "cut") return { said: t("lineCut") };
  const isKeep = process.kind === "server" && step.bytes === "KEEP";
  return { said: t("line", { who }), why: t(isKeep ? "whyKeep" : "whyLine") };
}

function tellInput(step, who) {
  const place = `input ${step.input}`;
  const backlog = wholeNumber(step.backlog);
  const known = {
    "end of stream": () => ({ said: t("inputEnd", { who }), place: "read end" }),
    drained: () => ({ said: t("inputDrained", { who }) }),
    backlog: () => ({
      said: t(step.backlog ? "inputBacklog" : "inputNoBacklog", { who, backlog }),
    }),
    command: () => ({ said: t("inputCommand") }),
    stop: () => ({ said: t("inputStop") }),
    "output full": () => ({ said: t(step.isFull ? "inputFull" : "inputNotFull") }),
  };
  const told = Object.hasOwn(known, step.input)
    ? known[step.input]()
    : { said: t("input", { input: step.input }) };
  return { place: PLACES[place] ? place : "input", ...told };
}

function tellAction(step, who) {
  const { action, to, status } = step;
  const place = PLACES[`action ${action}`] ? `action ${action}` : "action";
  const said = () => {
    switch (action) {
      case "send":
      case "send shared":
        return t("send", { who });
      case "send to":
        return t("sendTo", { to });
      case "dial":
        return t("dial", { to });
      case "show":
        return t("show");
      case "exit":
        return t("exit", { status });
      default:
        return Object.hasOwn(WORDS, `action ${action}`)
          ? t(`action ${action}`, { who })
          : t("action", { action });
    }
  };
  return { said: said(), why: action === "dial" ? t("whyDial") : "", place };
}

function tellWrite(step, who) {
  if (step.error)
    return { said: t("writeError", { who, error: step.error }), place: "write error" };
  const [bytes, taken, backlog] = [step.count, step.taken, step.backlog].map(wholeNumber);
  if (!step.backlog) return { said: t("write", { who, count: bytes }) };
  return { said: t("writeSome", { who, count: bytes, taken, backlog }), why: t("whyWriteSome") };
}

function deadlineTold(at, process) {
  if (at === null) return t("deadlineNone");
  const ahead = at - process.shownAt;
  return t(ahead < 0 ? "deadlinePast" : "deadlineIn", { seconds: seconds(Math.abs(ahead)) });
}

/// The places of the machine's functions that take a step.
function placesInMachine(process, step) {
  if (process.kind === "server") return placeInServer(step);
  if (process.kind !== "peer" || step.kind !== "line") return [];
  return [/^(LIST|ADDR) /.test(step.bytes || "") ? "peer reply" : "peer line"];
}

function placeInServer(step) {
  switch (step.kind) {
    case "line": {
      const [verb] = (step.bytes || "").split(" ");
      return [PLACES[`server ${verb}`] ? `server ${verb}` : "server line"];
    }
    case "accept":
      return ["server accept", "wheel arm"];
    case "tick":
      return ["server tick", "wheel pop"];
    case "pending":
      return ["server pending"];
    case "closed":
      return ["server closed"];
    default:
      return [];
  }
}

function tellPlace(key) {
  const [file, name] = PLACES[key];
  return el("code", { class: "place" }, `src/${file} `, el("b", {}, `fn ${name}`));
}

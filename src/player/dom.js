// Words of two languages, and elements. Texts become text nodes and never markup, so a name such as
// "<script>" is shown as it is.

let language = "en";

function t(key, values = {}) {
  const pair = Object.hasOwn(WORDS, key) ? WORDS[key] : [key, key];
  return pair[language === "pt" ? 1 : 0].replace(/\{(\w+)\}/g, (whole, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/// An element. `parts` are elements or texts; null is left out.
function el(tag, attributes, ...parts) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...parts.flat().filter((part) => part !== null && part !== undefined));
  return element;
}

function svg(tag, attributes, ...parts) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, attributes);
  element.append(...parts.flat().filter(Boolean));
  return element;
}

function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value === true ? "" : value);
  }
}

function byId(id) {
  return document.getElementById(id);
}

/// Fills in the texts of page.html by their keys.
function tellWords() {
  document.documentElement.lang = language === "pt" ? "pt-BR" : "en";
  const each = (name, set) => {
    for (const element of document.querySelectorAll(`[data-${name}]`)) {
      set(element, t(element.getAttribute(`data-${name}`)));
    }
  };
  each("word", (element, word) => {
    element.textContent = word;
  });
  each("label", (element, word) => {
    element.setAttribute("aria-label", word);
    if (element.tagName === "BUTTON") element.title = word;
  });
  each("describe", (element, word) => {
    element.title = word;
  });
}

/// Seconds in the person's language.
function seconds(ms, digits = 3) {
  const shown = (ms / 1000).toFixed(digits);
  return language === "pt" ? shown.replace(".", ",") : shown;
}

function wholeNumber(value) {
  return value.toLocaleString(language === "pt" ? "pt-BR" : "en");
}

function nameOf(process) {
  return process.kind === "server" && process.name === "server" ? t("server") : process.name;
}

/// The name of the other side of a connection. Local clients differ only in their port.
function shownLabel(label) {
  if (label === "server") return t("server");
  const local = /^(?:127\.0\.0\.1|\[::1\]):(\d+)$/.exec(label);
  return local ? t("client", { port: local[1] }) : label;
}

/// A text of a recording with single backslashes.
function readable(escaped) {
  return escaped.replaceAll("\\\\", "\\");
}

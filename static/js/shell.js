/** A terminal in a container: what is typed and printed travels in the channels of Kubernetes' exec protocol. */

import { FitAddon } from "../vendor/addon-fit.mjs";
import { Terminal } from "../vendor/xterm.mjs";

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const place = document.querySelector("[data-shell]");
const words = JSON.parse(document.querySelector("#shell-words").textContent);
const ended = document.querySelector("[data-ended]");

const style = getComputedStyle(document.documentElement);
const color = (name) => {
  // Colours of the page are light-dark() pairs; a probe has the one that is in force.
  const probe = document.createElement("i");
  probe.className = `probe-${name}`;
  place.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

const terminal = new Terminal({
  cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  fontFamily: style.getPropertyValue("--mono"),
  fontSize: 13,
  screenReaderMode: true,
  scrollback: 5000,
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.open(place);
terminal.textarea.setAttribute("aria-label", words.terminal.replace("{container}", place.dataset.container));

function paint() {
  terminal.options.theme = {
    background: color("field"), foreground: color("ink"), cursor: color("accent"),
    selectionBackground: color("select"),
  };
}
paint();
new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
new ResizeObserver(() => fit.fit()).observe(place);

// Tab belongs to the shell; after Escape it leaves the terminal, as on the page of YAML.
let leaving = false;
terminal.attachCustomKeyEventHandler((event) => {
  if (event.type !== "keydown") return true;
  const leaves = event.key === "Tab" && (leaving || event.shiftKey);
  leaving = event.key === "Escape";
  return !leaves;
});

let socket = null;
terminal.onData((text) => send(new TextEncoder().encode(text)));

function send(bytes) {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const message = new Uint8Array(bytes.length + 1);
  message[0] = STDIN;
  message.set(bytes, 1);
  socket.send(message);
}

function open() {
  ended.hidden = true;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}${place.dataset.shell}`);
  socket.binaryType = "arraybuffer";
  let why = words.cut;
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") {
      why = JSON.parse(data).text;
      return;
    }
    const bytes = new Uint8Array(data);
    if (bytes[0] === STDOUT || bytes[0] === STDERR) terminal.write(bytes.subarray(1));
    if (bytes[0] === ERROR) {
      const said = JSON.parse(new TextDecoder().decode(bytes.subarray(1)));
      why = said.status === "Success" || said.reason === "NonZeroExitCode" ? words.over : said.message;
    }
  };
  socket.onclose = () => {
    terminal.write("\r\n");
    ended.querySelector("[data-why]").textContent = why;
    ended.hidden = false;
  };
  terminal.focus();
}

document.querySelector("[data-again]").addEventListener("click", () => { terminal.reset(); open(); });
open();

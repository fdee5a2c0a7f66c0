// Loaded into Playwright's driver (tests/kit/firefox.py), between it and a Firefox that it drives over WebDriver BiDi. Some things are otherwise
// in a long-term release (153) than the driver counts on:
//
// 1. For every context the driver tells the browser what to emulate, colour scheme and screen among it, also when a test asks for nothing.
//    A Firefox that does not know one of these commands refuses it, and the driver gives up. Such a refusal becomes consent.
// 2. A download that is no navigation, as of a link to a blob, has no id, and the driver passes over it. It gets its address for an id, which
//    a blob shares with no other.
// 3. All downloads of a browser share a folder, and Firefox gives a second one of the same name another: "name(1).txt". The driver hears the
//    name that the page gave, and the newer file takes it; a test reads each when it has come.
//
// Everything else goes through as it is.
"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const CONCERNED = ['"unknown command"', '"browsingContext.downloadWillBegin"', '"browsingContext.downloadEnd"'];

function plain(name) {
  const { dir, name: stem, ext } = path.parse(name);
  return path.join(dir, stem.replace(/\(\d+\)$/, "") + ext);
}

// What the driver hears instead of `message`; `emulations` are the ids of its commands of this kind.
function mended(message, emulations) {
  const { type, id, error, method, params } = message;
  if (type === "error") return error === "unknown command" && emulations.has(id) ? { type: "success", id, result: {} } : message;
  if (method?.startsWith("browsingContext.download")) {
    params.download ??= params.navigation ?? params.url;
    if (params.suggestedFilename) params.suggestedFilename = plain(params.suggestedFilename);
    if (params.filepath) fs.renameSync(params.filepath, plain(params.filepath));
  }
  return message;
}

function patch(socket) {
  const { send, emit } = socket;
  const asked = new WeakMap(); // each connection counts its ids anew
  const emulations = (one) => asked.get(one) ?? asked.set(one, new Set()).get(one);

  socket.send = function (data, ...rest) {
    const { id, method } = JSON.parse(data);
    if (method?.startsWith("emulation.")) emulations(this).add(id);
    return send.call(this, data, ...rest);
  };

  socket.emit = function (event, data, ...rest) {
    if (event === "message" && CONCERNED.some((words) => data.includes(words))) {
      data = Buffer.from(JSON.stringify(mended(JSON.parse(data), emulations(this))));
    }
    return emit.call(this, event, data, ...rest);
  };
}

const load = Module._load;

Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (request.endsWith("/utilsBundle")) {
    Module._load = load;
    patch(loaded.ws.prototype);
  }
  return loaded;
};

/*! iframe-worker 1.0.4, the part of shim/index.js that runs inside its frame | MIT licence, see iframe-worker.LICENSE.txt beside this file */
"use strict";
(() => {
  const { worker } = document.currentScript.dataset;
  document.currentScript.remove(); // the worker takes the first script of the frame for itself
  window.postMessage = (message, target) => parent.postMessage(message, target || "*");
  window.importScripts = (...addresses) =>
    addresses.reduce(
      (before, address) =>
        before.then(
          () =>
            new Promise((resolve) => {
              const script = document.createElement("script");
              script.src = address;
              script.onload = resolve;
              document.body.appendChild(script);
            }),
        ),
      Promise.resolve(),
    );
  addEventListener("error", ({ error }) => parent.dispatchEvent(new ErrorEvent("error", { filename: worker, error })));
})();

/* The search's worker and its index wait until somebody turns to the search: they are more than half of what a first visit would load.
   From disk the theme waits by itself. Can go when the theme waits over HTTP as well. */
(() => {
  "use strict";
  if (!location.protocol.startsWith("http")) return;
  let wake;
  const wanted = new Promise((resolve) => (wake = resolve));
  const isSearch = (event) => event.target.closest?.('[data-md-component="search"], [for="__search"], #__search') && wake();
  for (const name of ["focusin", "pointerover", "change"]) document.addEventListener(name, isSearch);
  if (document.querySelector("#__search")?.checked) wake(); // later.js has opened it

  const sign = document.querySelector(".mle-coming");
  const fail = () => sign?.replaceWith(sign.dataset.failed);

  const { open, send } = XMLHttpRequest.prototype;
  const waiting = new WeakSet();
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    if (String(url).endsWith("search_index.json")) {
      waiting.add(this);
      for (const end of ["load", "error"]) this.addEventListener(end, () => this.status === 200 || fail());
    }
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (!waiting.has(this)) return send.call(this, body);
    wanted.then(() => send.call(this, body));
  };

  const RealWorker = window.Worker;
  window.Worker = class extends EventTarget {
    #real = wanted.then(() => {
      const real = new RealWorker(...this.#given);
      real.addEventListener("error", fail);
      for (const name of ["message", "error"]) {
        real.addEventListener(name, (event) => this.dispatchEvent(new event.constructor(event.type, event)));
      }
      return real;
    });
    #given;
    constructor(...given) {
      super();
      this.#given = given;
    }
    postMessage(...message) {
      this.#real.then((real) => real.postMessage(...message));
    }
    terminate() {
      this.#real.then((real) => real.terminate());
    }
  };
})();

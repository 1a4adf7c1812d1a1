// Keeps a page up to date without loading it again: fetches it, and changes only what differs, in
// place, so that focus, scroll, open details and selected text stay. <html data-refresh="2"> says
// after how many seconds; a page without it stays as it is.
"use strict";
{
  const LONGEST_WAIT = 300; // seconds between two tries while nothing is had
  const LONGEST_ANSWER = 60; // seconds, since a page waits for storage
  const OUTDATED = "Not up to date: ";
  const LONGEST_MENU = 60; // seconds that an open menu holds its part back without a word
  const page = document.documentElement, all = (what) => [...document.querySelectorAll(what)];
  const line = document.createElement("p");
  Object.assign(line, {id: "outdated", className: "error", role: "status"});
  let failures = 0, upToDate = Date.now(), isAsking = false, timer;

  const waitAndAsk = (seconds = page.dataset.refresh * 2 ** failures) => {
    clearTimeout(timer);
    if (!page.dataset.refresh || document.hidden || isAsking) return;
    timer = setTimeout(ask, Math.min(seconds, LONGEST_WAIT) * 1000);
  };
  const ask = async () => {
    isAsking = true;
    try {
      put(await fetched());
      failures = 0;
    } catch (error) {
      failures += 1;
      say(error.message);
      // A tab shows no more than its title, whose verdict may be wrong by now.
      if (!document.title.startsWith(OUTDATED)) document.title = OUTDATED + document.title;
    }
    isAsking = false;
    waitAndAsk();
  };
  const fetched = async () => {
    const signal = AbortSignal.timeout(LONGEST_ANSWER * 1000);
    const lost = () => { throw new Error("the server doesn’t answer"); };
    const how = {signal, cache: "no-store", headers: {"X-Refresh": "1"}}; // guard.py knows it by that
    const answer = await fetch(location.href, how).catch(lost);
    const fresh = new DOMParser().parseFromString(await answer.text().catch(lost), "text/html");
    if (answer.ok && fresh.querySelector("main")) return fresh;
    if (answer.status == 401) throw new Error("the server asks for its token; reload the page");
    throw new Error(fresh.querySelector("main .error")?.textContent || `error ${answer.status}`);
  };
  const say = (why) => {
    const since = `${new Date(upToDate).toISOString().slice(11, 19)} UTC`;
    const text = `This page has not been up to date since ${since}: ${why.replace(/\.$/, "")}.`;
    if (line.textContent != text) line.textContent = text; // or it would be read out again
    if (!line.isConnected) document.body.append(line);
  };
  const put = (fresh) => {
    const files = (of) => [...of.querySelectorAll("head script, head [rel=stylesheet]")];
    const versions = (of) => files(of).map((e) => e.src || e.href).join();
    if (versions(document) != versions(fresh)) return location.reload(); // the server has changed
    const menus = all("main details[open]:has(button)"); // what moves is pressed by mistake
    const held = new Set(menus.map((menu) => menu.closest("main > *")));
    const focused = document.activeElement, logs = all(".log").map(scrolled);
    for (const part of ["title", "link[rel=icon]", "body > header", "main", "body > footer"])
      match(document.querySelector(part), fresh.querySelector(part), held);
    matchAttributes(page, fresh.documentElement);
    logs.forEach((restore) => restore());
    const again = focused.isConnected ? focused : all(focused.localName).find(isLike(focused));
    if (document.activeElement != focused) again?.focus({preventScroll: true});
    if (!held.size) upToDate = Date.now();
    if (Date.now() - upToDate > LONGEST_MENU * 1000) say("a menu is open");
    else line.remove();
  };
  // How to scroll a log that may have grown: with its end, or so that what is read stays there.
  const scrolled = (log) => {
    const {scrollTop: top, scrollHeight: height, clientHeight: seen} = log;
    return () => {
      if (top < -1) log.scrollTop = top - (log.scrollHeight - height); // counted from the end
      else if (top + seen > height - 2) log.scrollTop = log.scrollHeight;
    };
  };
  const isLike = (lost) => (e) => (lost.id ? e.id == lost.id : name(e) == name(lost));
  const name = (e) => e.ariaLabel || e.textContent.trim();
  // What tells a node among its siblings: a row stays itself when another comes before it.
  const key = (node) => {
    const named = node.id || node.getAttribute?.("aria-labelledby");
    if (node.localName == "details") return named || node.querySelector("summary [id]")?.id;
    if (named || !/^(a|li|tr)$/.test(node.localName)) return named;
    const link = node.localName == "a" ? node : node.querySelector("a");
    return link?.getAttribute("rel") || link?.getAttribute("href");
  };
  const matchAttributes = (old, fresh) => {
    const isTheirs = ({name}) => name == "open" && old.localName == "details"; // who reads
    for (const {name, value} of fresh.attributes)
      if (!isTheirs({name}) && old.getAttribute(name) != value) old.setAttribute(name, value);
    for (const one of [...old.attributes])
      if (!isTheirs(one) && !fresh.hasAttribute(one.name)) old.removeAttribute(one.name);
  };
  const match = (old, fresh, held) => {
    if (held.has(old) || old.isEqualNode(fresh)) return;
    if (old.nodeType != Node.ELEMENT_NODE) {
      const kept = fresh.data.startsWith(old.data) ? old.length : 0; // it may be selected
      return old.replaceData(kept, old.length, fresh.data.slice(kept));
    }
    matchAttributes(old, fresh);
    const rest = [...old.childNodes];
    const pairs = [...fresh.childNodes].map((child) => {
      const at = rest.findIndex((e) => e.nodeName == child.nodeName && key(e) == key(child));
      return [child, at < 0 ? undefined : rest.splice(at, 1)[0]];
    });
    rest.forEach((node) => node.remove());
    let next = old.firstChild;
    for (const [child, same = child] of pairs) {
      if (same == next) next = next.nextSibling;
      else old.insertBefore(same, next);
      if (same != child) match(same, child, held);
    }
  };
  document.addEventListener("visibilitychange", () => waitAndAsk(0));
  const toggled = ({target}) => target.open || !target.querySelector("button") || waitAndAsk(0);
  document.addEventListener("toggle", toggled, true); // which doesn't bubble
  waitAndAsk();
}

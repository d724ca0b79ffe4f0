// The public page reads itself again every minute, and leaves readers where they are.
"use strict";
setInterval(async () => {
  const main = document.querySelector("main");
  if (document.hidden || main.contains(document.activeElement) || !getSelection().isCollapsed) return;
  try {
    const answer = await fetch(location.href, { cache: "no-cache" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.title = fresh.title;
    main.replaceWith(document.importNode(fresh.querySelector("main"), true));
  } catch {
    // It says as of when it is; the next minute tries again.
  }
}, 60000);

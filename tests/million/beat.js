// Runs from the page's start: notes how long the page did not answer. A beat every 20 ms is what a key stroke or a click would have waited for.
(() => {
  const beat = { gap: 0, longest: 0, over50: 0, over100: 0, over200: 0 };
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    beat.gap = Math.max(beat.gap, now - last - 20);
    last = now;
  }, 20);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      beat.longest = Math.max(beat.longest, duration);
      beat.over50 += 1;
      beat.over100 += Number(duration > 100);
      beat.over200 += Number(duration > 200);
    }
  }).observe({ type: 'longtask' });
  const takeBeat = () => {
    const said = { ...beat };
    Object.assign(beat, { gap: 0, longest: 0, over50: 0, over100: 0, over200: 0 });
    return said;
  };
  Object.assign(globalThis, { takeBeat });
})();

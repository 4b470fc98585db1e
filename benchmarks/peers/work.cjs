// The work that pools of Node run: piscina takes the function, workerpool the names.
module.exports = () => 1;
if (process.send) {
  // Only what workerpool has started: it answers to names.
  require('workerpool').worker({ nothing: () => 1, pid: () => process.pid, forever: () => new Promise(() => {}) });
}

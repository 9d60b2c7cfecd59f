// SPDX-License-Identifier: Apache-2.0
// Loaded into Respect: what it waits for before a retry passes on the mock's clock. $DRYRUN_BETWEEN/wait lets it (see between.mjs).
const pause = globalThis.setTimeout, ask = globalThis.fetch;

/** A promise that nothing but time resolves. */
function isWait(resolve) {
  return Function.prototype.toString.call(resolve) === 'function () { [native code] }';
}

globalThis.setTimeout = (resolve, milliseconds, ...rest) => {
  if (!isWait(resolve) || !milliseconds) return pause(resolve, milliseconds, ...rest);
  ask(`${process.env.DRYRUN_BETWEEN}/wait?ms=${Math.round(milliseconds)}`).then((answer) => answer.text()).then(() => resolve());
};

// SPDX-License-Identifier: Apache-2.0
// When the steps of a start were done, for measurements (docs/performance.md).

const steps = [];

/** The step that has this name is done. */
export function mark(name) {
  steps.push(`${name} ${Math.round(performance.timeOrigin + performance.now())}`);
}

/** All so far: "name ms" each, ms since 1970. */
export const marks = () => steps.slice();

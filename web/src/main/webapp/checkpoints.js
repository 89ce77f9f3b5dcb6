// SPDX-License-Identifier: Apache-2.0
// "Resume where I was": the machine beside its disk in the browser's storage, saved when it has come to rest. It is only ever
// resumed with the disk that it goes with; when the disk was written since, the machine starts again from the disk.

const STALE_MS = 700, IDLE_MS = 3000, BUSY_MS = 30_000;
/** A machine that did less since has not changed enough to be worth the writing. */
const MIN_INSTRUCTIONS = 20_000;
const FORMAT = 1;

export class Checkpoints {
  /** kind: RAM and processor, and the build; a checkpoint of another kind is not resumed. askScreen(): the page answers with message 'screen-text'. */
  constructor(overlay, kind, askScreen) {
    this.overlay = overlay;
    this.kind = JSON.stringify({ format: FORMAT, ...kind });
    this.askScreen = askScreen;
    this.savedAt = performance.now();
    this.savedInstructions = 0;
    this.savedVersion = -1;
    this.isSaving = false;
    this.screen = null;
  }

  /** { saved: the machine to resume, or null; refusal: for the user, why the one that is there is not resumed, or '' }. */
  async find() {
    const saved = await this.overlay.checkpoint();
    if (saved === null) return { saved, refusal: '' };
    if (saved.version !== this.overlay.version) {
      return { saved: null, refusal: 'The disk was written after the machine was last saved. The machine starts again, from the disk as it is now: nothing on it is set back.' };
    }
    if (saved.kind !== this.kind) {
      return { saved: null, refusal: 'The machine was saved by another version of kmOS, or with other settings. It starts again, from its disk.' };
    }
    return { saved, refusal: '' };
  }

  /** No machine goes with the disk any more: it ended, or starts again. */
  async drop() {
    await this.overlay.dropCheckpoint();
  }

  /** Called a few times a second. isIdle: the machine had little to do lately. */
  tick(machine, isIdle) {
    const since = performance.now() - this.savedAt;
    // Without a machine that goes with the disk there is nothing to resume: that is mended soon.
    const isStale = this.overlay.version !== this.savedVersion;
    if (since < (isIdle ? (isStale ? STALE_MS : IDLE_MS) : BUSY_MS)) return;
    if (!isStale && machine.java.instructions() - this.savedInstructions < MIN_INSTRUCTIONS) return;
    this.begin();
  }

  /** The page is asked for its screen first; its answer comes when it has drawn all that it was sent. */
  begin() {
    if (this.isSaving) return;
    this.isSaving = true;
    this.askScreen();
  }

  /** Saves the machine, which stands between two slices. A failure only means that there is nothing newer to resume. */
  async save(machine, screen) {
    try {
      const { disk } = machine;
      // Not what is seen of the past: the disk is of now.
      if (machine.past.isActive || machine.hasEnded || machine.isPaused || disk.waiting > 0 || machine.outputCount > 0 || machine.undrawnBytes > 0) return;
      const { version } = this.overlay;
      const recipe = machine.savedRecipe(); // may let what is due happen, so the state comes behind it
      const state = machine.checkpointBytes();
      const blocks = [...disk.volatile].map(([number, bytes]) => [number, bytes.slice()]);
      this.savedAt = performance.now();
      this.savedInstructions = machine.java.instructions();
      if (await this.overlay.saveCheckpoint({ kind: this.kind, state, recipe, blocks, screen, date: Date.now() }, version)) this.savedVersion = version;
    } catch (problem) {
      console.warn(`kmOS: the machine could not be saved for later: ${problem.message}`);
    } finally {
      this.isSaving = false;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

/** Told when a frame that it marked (decoded code, page tables) is written by somebody else. */
public interface FrameWatcher {
    void frameWritten(int frame);

    /** Marks are about to be cleared: no translation may let a store through without marking its frame. */
    void forgetWriteTags();
}

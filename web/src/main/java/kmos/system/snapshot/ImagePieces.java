// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

/** The unchanging disk image in pieces of 64 KiB, of which some are at hand: sources for copies. */
public interface ImagePieces {
    int BYTES = 1 << 16;

    /** No image. */
    ImagePieces NONE = new ImagePieces() {
        @Override
        public int[] atHand() {
            return new int[0];
        }

        @Override
        public byte[] piece(int number) {
            return null;
        }
    };

    /** Numbers of pieces that are worth looking into. */
    int[] atHand();

    /** The bytes of a piece, filled up with zeros at the end of the image; null when it is not at hand. */
    byte[] piece(int number);
}

// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** String instructions. With a repeat prefix the form ends its block and may stop after any iteration. */
final class Strings {
    private Strings() { }

    static void movs(Emit e) {
        e.call(Helper.of("StringOps.movs" + e.size()), e.record());
    }

    static void cmps(Emit e) {
        e.call(Helper.of("StringOps.cmps" + e.size()), e.record());
    }

    static void stos(Emit e) {
        e.call(Helper.of("StringOps.stos" + e.size()), e.record());
    }

    static void lods(Emit e) {
        e.call(Helper.of("StringOps.lods" + e.size()), e.record());
    }

    static void scas(Emit e) {
        e.call(Helper.of("StringOps.scas" + e.size()), e.record());
    }

    static void repMovs(Emit e) {
        e.call(Helper.of("StringOps.repMovs"), e.record(), e.constant(32, e.size() / 8));
        e.leave();
    }

    static void repCmps(Emit e) {
        e.call(Helper.of("StringOps.repCmps"), e.record(), e.constant(32, e.size() / 8));
        e.leave();
    }

    static void repStos(Emit e) {
        e.call(Helper.of("StringOps.repStos"), e.record(), e.constant(32, e.size() / 8));
        e.leave();
    }

    static void repLods(Emit e) {
        e.call(Helper.of("StringOps.repLods"), e.record(), e.constant(32, e.size() / 8));
        e.leave();
    }

    static void repScas(Emit e) {
        e.call(Helper.of("StringOps.repScas"), e.record(), e.constant(32, e.size() / 8));
        e.leave();
    }
}

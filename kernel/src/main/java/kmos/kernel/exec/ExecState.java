// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.exec;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.KernelRandom;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.task.Credentials;

/**
 * What one execve keeps while it starts over: the random numbers that were drawn for it, so that waiting for a page does
 * not change addresses; and, once built, the new address space that waits for the other threads to end.
 */
public final class ExecState implements Stateful {
    long mmapRandom, stackRandom, brkRandom, baseRandom, slackRandom;
    byte[] randomBytes = new byte[16];
    AddressSpace space;
    long entry;
    long stackPointer;
    String name = "";
    int[] ids = new int[0];
    int personality;
    boolean isSecure;
    /** The program cannot be mapped: it dies of SIGSEGV before its first instruction. */
    boolean isDoomed;

    /** For loading a saved state. */
    public ExecState() { }

    ExecState(KernelRandom random) {
        baseRandom = random.image();
        mmapRandom = random.image() >>> 32;
        stackRandom = random.next64();
        brkRandom = random.next64();
        slackRandom = random.next64();
        random.fill(randomBytes, 0, randomBytes.length);
    }

    void setCredentials(Credentials c) {
        ids = new int[] {c.uid(), c.euid(), c.suid(), c.fsuid(), c.gid(), c.egid(), c.sgid(), c.fsgid()};
    }

    Credentials credentials(Credentials old) {
        return new Credentials(ids[0], ids[1], ids[2], ids[3], ids[4], ids[5], ids[6], ids[7], old.groups());
    }

    @Override
    public void state(StateFields s) {
        mmapRandom = s.i64("mmapRandom", mmapRandom);
        stackRandom = s.i64("stackRandom", stackRandom);
        brkRandom = s.i64("brkRandom", brkRandom);
        baseRandom = s.i64("baseRandom", baseRandom);
        slackRandom = s.i64("slackRandom", slackRandom);
        randomBytes = s.bytes("randomBytes", randomBytes);
        space = s.ref("space", space, AddressSpace.class);
        entry = s.i64("entry", entry);
        stackPointer = s.i64("stackPointer", stackPointer);
        name = s.text("name", name);
        ids = s.ints("ids", ids);
        personality = s.i32("personality", personality);
        isSecure = s.bool("isSecure", isSecure);
        isDoomed = s.bool("isDoomed", isDoomed);
    }
}

// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.cpu.jit.JitBackend;
import kmos.cpu.jit.JitStatus;

/** An engine with all features that takes modules and leaves what they should run to the interpreter. */
class TestEngine implements JitBackend {
    @Override
    public boolean install(int address, int length) {
        return true;
    }

    @Override
    public void remove(int slot) { }

    @Override
    public int run(int slot) {
        return JitStatus.INTERPRET;
    }

    @Override
    public boolean hasTailCalls() {
        return true;
    }

    @Override
    public boolean hasTypedTable() {
        return true;
    }

    @Override
    public boolean hasSimd() {
        return true;
    }

    @Override
    public double milliseconds() {
        return 0;
    }

    @Override
    public void clear() { }
}

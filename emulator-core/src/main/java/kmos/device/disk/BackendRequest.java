// SPDX-License-Identifier: Apache-2.0
package kmos.device.disk;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.host.BlockBackend;
import kmos.machine.Machine;

/**
 * One request to a backend with its virtual deadline. At the deadline, or as soon after as the host answers (guest time
 * stands still meanwhile), the drive is told. In flight it is state, and is issued again after a restore.
 */
final class BackendRequest implements Stateful, BlockBackend.Completion {
    static final int NONE = 0, READ = 1, WRITE = 2, FLUSH = 3;

    /** The drive. error: null, or the host's words. */
    interface Owner extends TimerTarget {
        void requestDone(String error);
    }

    private final Machine machine;
    private final BlockBackend backend;
    private final Owner owner;
    private final int timerCode;
    private int operation = NONE;
    private long sector;
    private int count;
    private int address;
    private TimerQueue.Timer timer;
    private long deadlineNs;
    private boolean isWaitingForHost;
    // Derived: what the host did so far; a restore issues the request again.
    private long token;
    private boolean isAnswered;
    private String error;

    BackendRequest(Machine machine, BlockBackend backend, Owner owner, int timerCode) {
        this.machine = machine;
        this.backend = backend;
        this.owner = owner;
        this.timerCode = timerCode;
    }

    boolean isInFlight() {
        return operation != NONE;
    }

    void start(int newOperation, long newSector, int newCount, int newAddress, long latencyNs) {
        operation = newOperation;
        sector = newSector;
        count = newCount;
        address = newAddress;
        deadlineNs = machine.clock().nowNs() + latencyNs;
        timer = machine.timers().arm(deadlineNs, owner, timerCode);
        issue();
    }

    private void issue() {
        token++;
        isAnswered = false;
        error = null;
        String known = machine.hostFailures().expected(deadlineNs);
        if (known != null) {
            complete(token, known);
            return;
        }
        switch (operation) {
            case READ -> backend.read(sector, count, address, token, this);
            case WRITE -> backend.write(sector, count, address, token, this);
            default -> backend.flush(token, this);
        }
    }

    @Override
    public void complete(long answeredToken, String answeredError) {
        if (operation == NONE || answeredToken != token || isAnswered) {
            return; // the answer to a request that a reset dropped
        }
        isAnswered = true;
        error = answeredError;
        if (error != null) {
            machine.hostFailures().happened(deadlineNs, error);
        }
        if (isWaitingForHost) {
            isWaitingForHost = false;
            machine.hostAnswered();
            finish();
        }
    }

    /** The owner's timer with this request's code has expired. */
    void deadline() {
        if (isAnswered) {
            finish();
        } else {
            isWaitingForHost = true;
            machine.waitForHost();
        }
    }

    private void finish() {
        operation = NONE;
        timer = null;
        owner.requestDone(error);
    }

    /** Forgets the request (reset). The host may still write to the buffer of a read. */
    void cancel() {
        machine.timers().cancel(timer);
        timer = null;
        operation = NONE;
        if (isWaitingForHost) {
            isWaitingForHost = false;
            machine.hostAnswered();
        }
    }

    @Override
    public void state(StateFields s) {
        boolean wasWaiting = isWaitingForHost;
        operation = s.u8("operation", operation);
        sector = s.i64("sector", sector);
        count = s.i32("count", count);
        timer = s.ref("timer", timer, TimerQueue.Timer.class);
        deadlineNs = s.i64("deadlineNs", deadlineNs);
        isWaitingForHost = s.bool("isWaitingForHost", isWaitingForHost);
        if (s.isLoading() && isWaitingForHost != wasWaiting) {
            if (isWaitingForHost) {
                machine.waitForHost();
            } else {
                machine.hostAnswered();
            }
        }
    }

    /** After loading, when the buffer (at address) holds what is to be written. */
    void issueAgain(int bufferAddress) {
        address = bufferAddress;
        if (operation != NONE) {
            issue();
        }
    }
}

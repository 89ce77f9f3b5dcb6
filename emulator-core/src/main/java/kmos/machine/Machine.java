// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.TimerQueue;

/** A PC's board: clock, memory, spaces and whatever devices were added, with one processor (more will come). */
public final class Machine implements Stateful {
    private record Slot(String name, Device device) { }

    private final VirtualClock clock;
    private final PhysicalMemory memory;
    private final PortSpace ports = new PortSpace();
    private final MmioSpace mmio = new MmioSpace();
    private final TimerQueue timers = new TimerQueue();
    private final List<Slot> devices = new ArrayList<>();
    private CpuContext cpu;
    private InterruptController interrupts;
    private int waitingForHost;
    private HostFailures hostFailures = HostFailures.NONE;

    public Machine(VirtualClock clock, PhysicalMemory memory) {
        this.clock = clock;
        this.memory = memory;
    }

    public void setCpu(CpuContext cpu) {
        this.cpu = cpu;
    }

    public void setInterruptController(InterruptController controller) {
        this.interrupts = controller;
    }

    /** Adds a device under a name that is unique on this board (it names the part of the saved state). */
    public <T extends Device> T add(String name, T device) {
        device.attach(ports, mmio);
        devices.add(new Slot(name, device));
        return device;
    }

    public VirtualClock clock() {
        return clock;
    }

    public PhysicalMemory memory() {
        return memory;
    }

    public PortSpace ports() {
        return ports;
    }

    public MmioSpace mmio() {
        return mmio;
    }

    /** Timers of the devices, in guest nanoseconds. */
    public TimerQueue timers() {
        return timers;
    }

    public CpuContext cpu() {
        return cpu;
    }

    public InterruptController interrupts() {
        return interrupts;
    }

    /** A device's virtual deadline came before the host's answer: guest time must stand still until hostAnswered. */
    public void waitForHost() {
        waitingForHost++;
    }

    public void hostAnswered() {
        waitingForHost--;
    }

    /** What is known, and told, about requests that the host could not serve. */
    public HostFailures hostFailures() {
        return hostFailures;
    }

    public void setHostFailures(HostFailures failures) {
        hostFailures = failures;
    }

    public boolean isWaitingForHost() {
        return waitingForHost > 0;
    }

    @Override
    public void state(StateFields s) {
        s.struct("clock", clock);
        s.struct("memory", memory);
        s.struct("timers", timers);
        s.struct("cpu", cpu);
        for (Slot slot : devices) {
            s.struct(slot.name, slot.device);
        }
    }
}

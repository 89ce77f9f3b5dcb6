// SPDX-License-Identifier: Apache-2.0
package kmos.device.timer;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.machine.Device;
import kmos.machine.IrqLine;
import kmos.machine.MmioSpace;
import kmos.machine.PortHandler;
import kmos.machine.PortSpace;
import kmos.machine.VirtualClock;

/**
 * Intel 8254 programmable interval timer (231164-005): ports 0x40-0x43, channel 0 drives IRQ 0, channel 2 is gated by and
 * read back at port 0x61. Input clock 1,193,182 Hz. Counts are computed from guest time when they are asked for; only
 * channel 0's rising edges are timers.
 * Differs from the chip: a new count of modes 2 and 3 takes effect at once, not at the end of the period.
 */
public final class Pit8254 implements Device, PortHandler, TimerTarget {
    public static final int INPUT_HZ = 1_193_182;
    private static final long NS = 1_000_000_000L;

    private final VirtualClock clock;
    private final TimerQueue timers;
    private final IrqLine irq;
    private final Channel[] channels = {new Channel(), new Channel(), new Channel()};
    private TimerQueue.Timer timer;
    private int portB;

    public Pit8254(VirtualClock clock, TimerQueue timers, IrqLine irq) {
        this.clock = clock;
        this.timers = timers;
        this.irq = irq;
        channels[2].isGateHigh = false;
    }

    @Override
    public void attach(PortSpace ports, MmioSpace mmio) {
        ports.map(0x40, 4, this);
        ports.map(0x61, 1, this);
    }

    @Override
    public int readPort(int port, int width) {
        long now = clock.nowNs();
        if (port == 0x61) {
            int refresh = (int) (now / 15_085 & 1) << 4;
            return portB & 0x0F | refresh | (channels[2].output(now) ? 0x20 : 0);
        }
        return port == 0x43 ? 0xFF : channels[port & 3].read(now);
    }

    @Override
    public void writePort(int port, int width, int value) {
        long now = clock.nowNs();
        if (port == 0x61) {
            portB = value & 0x0F;
            channels[2].setGate((value & 1) != 0, now);
        } else if (port != 0x43) {
            if (channels[port & 3].write(value & 0xFF, now) && port == 0x40) {
                schedule(now);
            }
        } else if (value >>> 6 == 3) {
            readBack(value, now);
        } else {
            Channel c = channels[value >>> 6];
            if ((value & 0x30) == 0) {
                c.latchCount(now);
            } else {
                c.control(value);
                if (c == channels[0]) {
                    timers.cancel(timer);
                    irq.set(c.mode != 0);
                }
            }
        }
    }

    private void readBack(int value, long now) {
        for (int i = 0; i < 3; i++) {
            if ((value & 2 << i) != 0) {
                if ((value & 0x10) == 0) {
                    channels[i].latchStatus(now);
                }
                if ((value & 0x20) == 0) {
                    channels[i].latchCount(now);
                }
            }
        }
    }

    /** Arms the timer for channel 0's next rising edge. */
    private void schedule(long now) {
        timers.cancel(timer);
        Channel c = channels[0];
        irq.set(c.output(now));
        long deadline = c.nextRiseNs(now);
        timer = deadline < 0 ? null : timers.arm(deadline, this, 0);
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        irq.lower();
        irq.raise();
        long deadline = channels[0].nextRiseNs(Math.max(nowNs, clock.nowNs()));
        timer = deadline < 0 ? null : timers.arm(deadline, this, 0);
    }

    @Override
    public void state(StateFields s) {
        for (int i = 0; i < 3; i++) {
            s.struct(i == 0 ? "channel0" : i == 1 ? "channel1" : "channel2", channels[i]);
        }
        timer = s.ref("timer", timer, TimerQueue.Timer.class);
        portB = s.u8("portB", portB);
    }

    static long ticks(long ns) {
        return ns / NS * INPUT_HZ + ns % NS * INPUT_HZ / NS;
    }

    /** First nanosecond at which this many ticks have passed. */
    static long ns(long ticks) {
        return ticks / INPUT_HZ * NS + (ticks % INPUT_HZ * NS + INPUT_HZ - 1) / INPUT_HZ;
    }

    /** One counter. */
    private static final class Channel implements Stateful {
        private int mode = 3;
        private int access = 3;
        private boolean isBcd, isGateHigh = true, hasCount;
        private int reload = 0x10000;
        private long startNs;
        private int writeLow;
        private boolean writesHigh, readsHigh;
        private int latchedCount = -1, latchedStatus = -1;

        void control(int value) {
            access = value >>> 4 & 3;
            mode = value >>> 1 & 7;
            mode = mode > 5 ? mode - 4 : mode;
            isBcd = (value & 1) != 0;
            hasCount = false;
            writesHigh = false;
            readsHigh = false;
            latchedCount = -1;
            latchedStatus = -1;
        }

        /** True when the count is complete and counting starts. */
        boolean write(int value, long now) {
            int count;
            if (access == 3 && !writesHigh) {
                writeLow = value;
                writesHigh = true;
                if (mode == 0) {
                    hasCount = false; // mode 0: the first byte stops counting
                }
                return false;
            } else if (access == 3) {
                count = writeLow | value << 8;
                writesHigh = false;
            } else {
                count = access == 2 ? value << 8 : value;
            }
            reload = isBcd ? fromBcd(count) : count;
            reload = reload == 0 ? isBcd ? 10_000 : 0x10000 : reload;
            hasCount = true;
            startNs = now;
            return true;
        }

        void setGate(boolean isHigh, long now) {
            if (isHigh && !isGateHigh && (mode == 1 || mode == 2 || mode == 3 || mode == 5)) {
                startNs = now;
            }
            isGateHigh = isHigh;
        }

        boolean output(long now) {
            if (!hasCount) {
                return mode != 0;
            }
            long t = ticks(now - startNs);
            return switch (mode) {
                case 0, 1 -> t >= reload;
                case 2 -> t % reload != reload - 1;
                case 3 -> t % reload < (reload + 1 >> 1);
                default -> t != reload;
            };
        }

        private int count(long now) {
            if (!hasCount) {
                return 0;
            }
            long t = ticks(now - startNs);
            long value = switch (mode) {
                case 2 -> reload - t % reload;
                case 3 -> reload - (t % reload * 2) % reload & ~1L; // counts by twos
                default -> reload - t;
            };
            return isBcd ? toBcd((int) ((value % 10_000 + 10_000) % 10_000)) : (int) value & 0xFFFF;
        }

        /** Guest time of the next rising edge of OUT after now, or -1. */
        long nextRiseNs(long now) {
            if (!hasCount) {
                return -1;
            }
            long t = ticks(now - startNs);
            if (mode == 2 || mode == 3) {
                return startNs + ns((t / reload + 1) * reload);
            }
            return mode == 0 && t < reload ? startNs + ns(reload) : -1;
        }

        void latchCount(long now) {
            if (latchedCount < 0) {
                latchedCount = count(now);
            }
        }

        void latchStatus(long now) {
            if (latchedStatus < 0) {
                latchedStatus = (output(now) ? 0x80 : 0) | (hasCount ? 0 : 0x40) | access << 4 | mode << 1 | (isBcd ? 1 : 0);
            }
        }

        int read(long now) {
            if (latchedStatus >= 0) {
                int status = latchedStatus;
                latchedStatus = -1;
                return status;
            }
            int value = latchedCount >= 0 ? latchedCount : count(now);
            boolean isHigh = access == 2 || access == 3 && readsHigh;
            readsHigh = access == 3 && !readsHigh;
            if (!readsHigh) {
                latchedCount = -1;
            }
            return (isHigh ? value >>> 8 : value) & 0xFF;
        }

        private static int fromBcd(int v) {
            return (v >>> 12 & 15) * 1000 + (v >>> 8 & 15) * 100 + (v >>> 4 & 15) * 10 + (v & 15);
        }

        private static int toBcd(int v) {
            return v / 1000 << 12 | v / 100 % 10 << 8 | v / 10 % 10 << 4 | v % 10;
        }

        @Override
        public void state(StateFields s) {
            mode = s.u8("mode", mode);
            access = s.u8("access", access);
            isBcd = s.bool("isBcd", isBcd);
            isGateHigh = s.bool("isGateHigh", isGateHigh);
            hasCount = s.bool("hasCount", hasCount);
            reload = s.i32("reload", reload);
            startNs = s.i64("startNs", startNs);
            writeLow = s.u8("writeLow", writeLow);
            writesHigh = s.bool("writesHigh", writesHigh);
            readsHigh = s.bool("readsHigh", readsHigh);
            latchedCount = s.i32("latchedCount", latchedCount);
            latchedStatus = s.i32("latchedStatus", latchedStatus);
        }
    }
}

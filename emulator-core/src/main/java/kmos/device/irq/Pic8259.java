// SPDX-License-Identifier: Apache-2.0
package kmos.device.irq;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.machine.Device;
import kmos.machine.InterruptController;
import kmos.machine.IrqLine;
import kmos.machine.MmioSpace;
import kmos.machine.PortHandler;
import kmos.machine.PortSpace;

/**
 * Two Intel 8259A (231468) as in a PC: master at 0x20, slave at 0xA0 on the master's input 2, and the PIIX's edge/level
 * control registers at 0x4D0. Lines are 0 to 15. An edge is latched even when the line falls before the acknowledge (as
 * the PIIX does); a level that went away gives the spurious interrupt 7.
 */
public final class Pic8259 implements Device, InterruptController, PortHandler {
    private static final int CASCADE = 2;

    private final Chip master = new Chip(0xF8);
    private final Chip slave = new Chip(0xDE);

    @Override
    public void attach(PortSpace ports, MmioSpace mmio) {
        ports.map(0x20, 2, this);
        ports.map(0xA0, 2, this);
        ports.map(0x4D0, 2, this);
    }

    /** The input that a device drives. */
    public IrqLine line(int number) {
        return new IrqLine(this, number);
    }

    @Override
    public void setLine(int line, boolean isHigh) {
        if (line == CASCADE) {
            return;
        }
        if (line < 8) {
            master.setInput(line, isHigh);
        } else {
            slave.setInput(line - 8, isHigh);
            cascade();
        }
    }

    @Override
    public boolean hasPending() {
        return master.highest() >= 0;
    }

    @Override
    public int acknowledge() {
        int level = master.highest();
        if (level < 0) {
            return master.vectorBase + 7;
        }
        master.take(level);
        if (level != CASCADE) {
            return master.vectorBase + level;
        }
        int slaveLevel = slave.highest();
        if (slaveLevel >= 0) {
            slave.take(slaveLevel);
        }
        cascade();
        return slave.vectorBase + (slaveLevel < 0 ? 7 : slaveLevel);
    }

    /** The slave's INT output drives the master's input 2, which behaves like a level. */
    private void cascade() {
        boolean isHigh = slave.highest() >= 0;
        if (isHigh) {
            master.irr |= 1 << CASCADE;
        } else {
            master.irr &= ~(1 << CASCADE);
        }
    }

    @Override
    public int readPort(int port, int width) {
        switch (port) {
            case 0x20:
            case 0xA0:
                Chip chip = port == 0x20 ? master : slave;
                int value = chip.isPolled ? poll(chip) : chip.readsIsr ? chip.isr : chip.irr;
                return value;
            case 0x21:
                return master.imr;
            case 0xA1:
                return slave.imr;
            case 0x4D0:
                return master.elcr;
            default:
                return slave.elcr;
        }
    }

    private int poll(Chip chip) {
        chip.isPolled = false;
        int level = chip.highest();
        if (level < 0) {
            return 7;
        }
        chip.take(level);
        cascade();
        return 0x80 | level;
    }

    @Override
    public void writePort(int port, int width, int value) {
        switch (port) {
            case 0x20 -> master.command(value);
            case 0x21 -> master.data(value);
            case 0xA0 -> slave.command(value);
            case 0xA1 -> slave.data(value);
            case 0x4D0 -> master.setLevels(value);
            default -> slave.setLevels(value);
        }
        cascade();
    }

    @Override
    public void state(StateFields s) {
        s.struct("master", master);
        s.struct("slave", slave);
    }

    /** One 8259A. */
    private static final class Chip implements Stateful {
        private final int levelMask;
        private int irr, isr, imr, elcr, inputs;
        private int vectorBase;
        private int priorityBase;
        private int initStep;
        private boolean needsIcw4, isSingle;
        private boolean readsIsr, isPolled, isSpecialMask, isAutoEoi, isRotating, isFullyNested;

        Chip(int levelMask) {
            this.levelMask = levelMask;
        }

        void setInput(int level, boolean isHigh) {
            int bit = 1 << level;
            boolean wasHigh = (inputs & bit) != 0;
            inputs = isHigh ? inputs | bit : inputs & ~bit;
            if ((elcr & bit) != 0) {
                irr = isHigh ? irr | bit : irr & ~bit;
            } else if (isHigh && !wasHigh) {
                irr |= bit;
            }
        }

        /** Level whose interrupt would go out now, or -1. Priority falls from priorityBase upwards. */
        int highest() {
            int waiting = irr & ~imr;
            if (waiting == 0) {
                return -1;
            }
            int blocking = isSpecialMask ? isr & ~imr : isr;
            for (int i = 0; i < 8; i++) {
                int level = priorityBase + i & 7;
                int bit = 1 << level;
                // special fully nested mode: the slave may interrupt again while its input is in service
                boolean mayNest = isFullyNested && level == CASCADE;
                if ((waiting & bit) != 0 && ((blocking & bit) == 0 || mayNest)) {
                    return level;
                }
                if ((blocking & bit) != 0 && !isSpecialMask) {
                    return -1;
                }
            }
            return -1;
        }

        void take(int level) {
            int bit = 1 << level;
            if (isAutoEoi) {
                if (isRotating) {
                    priorityBase = level + 1 & 7;
                }
            } else {
                isr |= bit;
            }
            if ((elcr & bit) == 0) {
                irr &= ~bit;
            }
        }

        void setLevels(int value) {
            elcr = value & levelMask;
            irr = irr & ~elcr | inputs & elcr;
        }

        void command(int value) {
            if ((value & 0x10) != 0) {
                icw1(value);
            } else if ((value & 0x08) != 0) {
                ocw3(value);
            } else {
                ocw2(value);
            }
        }

        private void icw1(int value) {
            irr = inputs & elcr;
            isr = 0;
            imr = 0;
            priorityBase = 0;
            readsIsr = false;
            isPolled = false;
            isSpecialMask = false;
            isAutoEoi = false;
            isRotating = false;
            isFullyNested = false;
            needsIcw4 = (value & 1) != 0;
            isSingle = (value & 2) != 0;
            initStep = 2;
        }

        private void ocw3(int value) {
            if ((value & 0x04) != 0) {
                isPolled = true;
            }
            if ((value & 0x02) != 0) {
                readsIsr = (value & 1) != 0;
            }
            if ((value & 0x40) != 0) {
                isSpecialMask = (value & 0x20) != 0;
            }
        }

        private void ocw2(int value) {
            int level = value & 7;
            switch (value >>> 5) {
                case 0 -> isRotating = false;
                case 4 -> isRotating = true;
                case 1, 5 -> {
                    for (int i = 0; i < 8; i++) {
                        int inService = priorityBase + i & 7;
                        if ((isr & 1 << inService) != 0) {
                            isr &= ~(1 << inService);
                            if (value >>> 5 == 5) {
                                priorityBase = inService + 1 & 7;
                            }
                            break;
                        }
                    }
                }
                case 3 -> isr &= ~(1 << level);
                case 6 -> priorityBase = level + 1 & 7;
                case 7 -> {
                    isr &= ~(1 << level);
                    priorityBase = level + 1 & 7;
                }
                default -> { } // 2: no operation
            }
        }

        void data(int value) {
            switch (initStep) {
                case 2 -> {
                    vectorBase = value & 0xF8;
                    initStep = isSingle ? needsIcw4 ? 4 : 0 : 3;
                }
                case 3 -> initStep = needsIcw4 ? 4 : 0;
                case 4 -> {
                    isFullyNested = (value & 0x10) != 0;
                    isAutoEoi = (value & 2) != 0;
                    initStep = 0;
                }
                default -> imr = value & 0xFF;
            }
        }

        @Override
        public void state(StateFields s) {
            irr = s.u8("irr", irr);
            isr = s.u8("isr", isr);
            imr = s.u8("imr", imr);
            elcr = s.u8("elcr", elcr);
            inputs = s.u8("inputs", inputs);
            vectorBase = s.u8("vectorBase", vectorBase);
            priorityBase = s.u8("priorityBase", priorityBase);
            initStep = s.u8("initStep", initStep);
            needsIcw4 = s.bool("needsIcw4", needsIcw4);
            isSingle = s.bool("isSingle", isSingle);
            readsIsr = s.bool("readsIsr", readsIsr);
            isPolled = s.bool("isPolled", isPolled);
            isSpecialMask = s.bool("isSpecialMask", isSpecialMask);
            isAutoEoi = s.bool("isAutoEoi", isAutoEoi);
            isRotating = s.bool("isRotating", isRotating);
            isFullyNested = s.bool("isFullyNested", isFullyNested);
        }
    }
}

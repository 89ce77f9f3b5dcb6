// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.util.ArrayList;
import java.util.List;
import kmos.isa.Emit;
import kmos.isa.Helper;
import kmos.isa.Operand;
import kmos.isa.Value;

/**
 * Writes one handler's body as Java. A handler gets (cpu, w, ip): the vCPU's base address, the record's first word, the
 * record's address. Values of up to 32 bits are ints (8 and 16 bits zero-extended), 64 bits longs, truth values 0 or 1.
 */
final class JavaEmit extends Emit {
    private static final String FIELD_A = "(w >>> 16 & 255)", FIELD_B = "(w >>> 24)";

    private final StringBuilder out = new StringBuilder();
    private final int size;
    private final Shape shape;
    private final boolean flagsLive;
    private final List<Operand> operands;
    private final String[] fields;
    private int temps;
    private String linear;
    /** What the segment of the memory operand has been checked for. */
    private int checkedBytes;
    private boolean isWriteChecked;
    private String host;
    private boolean ends;
    /** The last comparison, for a conditional jump fused with it: kind (ADD, SUB or -1 for logic), operands, result. */
    private int lastKind = Integer.MIN_VALUE;
    private Value lastA, lastB, lastResult;
    private boolean isFused;

    /** fields: for each operand its register field expression, or null. */
    JavaEmit(int size, Shape shape, boolean flagsLive, List<Operand> operands, boolean[] needsField) {
        this.size = size;
        this.shape = shape;
        this.flagsLive = flagsLive;
        this.operands = operands;
        this.fields = new String[operands.size()];
        List<String> free = new ArrayList<>(List.of(FIELD_A, FIELD_B));
        if (shape.isMemory()) {
            free.remove(FIELD_B);
        }
        for (int i = 0; i < fields.length; i++) {
            if (needsField[i]) {
                fields[i] = free.remove(0);
            }
        }
    }

    String text() {
        return out.toString();
    }

    boolean ends() {
        return ends;
    }

    /** From now on a condition is computed from the comparison just emitted. */
    void fuse() {
        isFused = true;
    }

    private static String type(int bits) {
        return bits == 64 ? "long" : "int";
    }

    private Value value(int bits, String handle) {
        return new Value(bits, handle);
    }

    private Value temp(int bits, String expression) {
        String name = "t" + temps++;
        out.append(type(bits)).append(' ').append(name).append(" = ").append(expression).append("; ");
        return value(bits, name);
    }

    private void statement(String s) {
        out.append(s).append("; ");
    }

    @Override
    public int size() {
        return size;
    }

    private String field(Operand o) {
        for (int i = 0; i < fields.length; i++) {
            if (operands.get(i) == o) {
                return fields[i];
            }
        }
        throw new IllegalStateException("operand without field: " + o);
    }

    private String registerAddress(Operand o) {
        switch (o.kind()) {
            case REGISTER:
                return "cpu + " + (o.number() == Operand.VVVV ? "Memory.get8(ip + 9)" : field(o));
            case FIXED:
                return "cpu + " + o.number() * 8;
            case XMM:
                return "cpu + CpuState.XMM + (" + field(o) + " << 5)";
            case YMM:
                return "cpu + CpuState.XMM + (" + (o.number() == Operand.VVVV ? "Memory.get8(ip + 9)" : o.number() == Operand.IS4 ? "(Memory.get8(ip + 8) >>> 4)" : field(o)) + " << 5)";
            case MMX:
                return "cpu + CpuState.ST + (" + field(o) + " << 4)";
            default:
                throw new IllegalStateException("not a register: " + o);
        }
    }

    private static String load(int bits, String address) {
        return bits == 64 ? "Memory.get64(" + address + ")" : "Memory.get" + bits + "(" + address + ")";
    }

    /** Linear address of the memory operand: int in 32-bit flat shapes, else long. */
    private String linear(int bytes, boolean isWrite) {
        if (linear == null) {
            String e;
            switch (shape) {
                case M32B: e = "Memory.get32(cpu + " + FIELD_B + ") + Memory.get32(ip + 4)"; break;
                case M32X: e = "Memory.get32(cpu + " + FIELD_B + ") + (Memory.get32(cpu + (Memory.get8(ip + 12))) << (Memory.get8(ip + 13) & 3)) + Memory.get32(ip + 4)"; break;
                case M64B: e = "Memory.get64(cpu + " + FIELD_B + ") + Memory.get32(ip + 4)"; break;
                case M64X: e = "Memory.get64(cpu + " + FIELD_B + ") + (Memory.get64(cpu + Memory.get8(ip + 12)) << (Memory.get8(ip + 13) & 3)) + Memory.get32(ip + 4)"; break;
                case M64R: e = "Ea.blockAddress(ip) + Memory.get32(ip + 4)"; break;
                default: e = "Ea.linear(cpu, ip, " + bytes + ", " + isWrite + ")"; break;
            }
            linear = temp(shape.is32() ? 32 : 64, e).handle();
            checkedBytes = bytes;
            isWriteChecked = isWrite;
        } else if (shape == Shape.MX && (bytes > checkedBytes || isWrite && !isWriteChecked)) {
            statement("Ea.linear(cpu, ip, " + bytes + ", " + isWrite + ")");
            checkedBytes = Math.max(bytes, checkedBytes);
            isWriteChecked |= isWrite;
        }
        return linear;
    }

    private String offsetOperandAddress(int bytes, boolean isWrite) {
        if (linear == null) {
            linear = temp(64, "Ea.absolute(cpu, ip, " + bytes + ", " + isWrite + ")").handle();
        }
        return linear;
    }

    private String addressText(Operand o, boolean isWrite) {
        return o.kind() == Operand.Kind.OFFSET ? offsetOperandAddress(o.bits() / 8, isWrite) : linear(o.bits() / 8, isWrite);
    }

    @Override
    public Value read(Operand o) {
        switch (o.kind()) {
            case REGISTER:
            case FIXED:
            case XMM:
            case YMM:
            case MMX:
                return temp(o.bits(), load(o.bits(), registerAddress(o)));
            case MEMORY:
            case OFFSET:
                return temp(o.bits(), "Mmu.read" + o.bits() + "(cpu, " + addressText(o, false) + ")");
            case IMMEDIATE:
                switch (o.bits()) {
                    case 8: return temp(8, "Memory.get8(ip + 8)");
                    case 16: return temp(16, "Memory.get16(ip + 8)");
                    case 32: return temp(32, "Memory.get32(ip + 8)");
                    default: return temp(64, o.number() == 64 ? "Memory.get64(ip + 4)" : "(long) Memory.get32(ip + 8)");
                }
            case CONSTANT:
                return constant(o.bits(), o.number());
            case SEGMENT:
                return temp(16, "Memory.get16(cpu + CpuState.SELECTOR + " + (o.number() >= 0 ? String.valueOf(o.number() * 4) : field(o) + " * 4") + ")");
            default:
                throw new IllegalStateException("cannot read " + o);
        }
    }

    @Override
    public Value modify(Operand o) {
        if (o.kind() != Operand.Kind.MEMORY) {
            return read(o);
        }
        prepare(o);
        return temp(o.bits(), load(o.bits(), host));
    }

    @Override
    public void prepare(Operand o) {
        if (o.kind() == Operand.Kind.MEMORY && host == null) {
            host = temp(32, "Mmu.modify" + o.bits() + "(cpu, " + linear(o.bits() / 8, true) + ")").handle();
        }
    }

    @Override
    public void write(Operand o, Value v) {
        if (v.bits() != o.bits()) {
            throw new IllegalStateException("width of " + o + " is not " + v.bits());
        }
        switch (o.kind()) {
            case MEMORY:
            case OFFSET:
                if (host != null) {
                    statement("Memory.put" + o.bits() + "(" + host + ", " + v.handle() + ")");
                    statement("Mmu.modified(cpu, " + host + ")");
                } else {
                    statement("Mmu.write" + o.bits() + "(cpu, " + addressText(o, true) + ", " + v.handle() + ")");
                }
                break;
            default:
                putRegister(registerAddress(o), v);
                break;
        }
    }

    private void putRegister(String address, Value v) {
        if (v.bits() == 32) {
            statement("Memory.put64(" + address + ", " + v.handle() + " & 0xFFFFFFFFL)");
        } else {
            statement("Memory.put" + v.bits() + "(" + address + ", " + v.handle() + ")");
        }
    }

    @Override
    public Value effectiveAddress(Operand memory) {
        return shape == Shape.MX ? temp(64, "Ea.offset(cpu, ip)") : value(shape.is32() ? 32 : 64, linear(1, false));
    }

    @Override
    public Value addressOf(Operand o, int count, int alignment) {
        if (o.kind() == Operand.Kind.MEMORY) {
            return temp(32, "Mmu.readable(cpu, " + linear(count, false) + ", " + count + ", " + alignment + ")");
        }
        return temp(32, registerAddress(o));
    }

    @Override
    public Value scratch() {
        return value(32, "cpu + CpuState.SCRATCH");
    }

    @Override
    public void storeBytes(Operand memory, Value from, int count, int alignment) {
        statement("Mmu.store(cpu, " + linear(count, true) + ", " + from.handle() + ", " + count + ", " + alignment + ")");
    }

    @Override
    public void prepareBytes(Operand memory, int count) {
        statement("Mmu.checkWritable(cpu, " + linear(count, true) + ", " + count + ")");
    }

    @Override
    public void storeBytesIf(Value condition, Operand memory, Value from, int count) {
        String a = linear(count, true);
        out.append("if (").append(condition.handle()).append(" != 0) { ");
        statement("Mmu.store(cpu, " + a + ", " + from.handle() + ", " + count + ", 0)");
        out.append("} ");
    }

    @Override
    public Value load(Value address, int offset, int bits) {
        return temp(bits, load(bits, address.handle() + (offset == 0 ? "" : " + " + offset)));
    }

    @Override
    public void store(Value address, int offset, Value v) {
        statement("Memory.put" + v.bits() + "(" + address.handle() + (offset == 0 ? "" : " + " + offset) + ", " + v.handle() + ")");
    }

    @Override
    public Value linearAddress(Operand memory, int bytes, boolean isWrite) {
        String a = linear(bytes, isWrite);
        return shape.is32() ? value(64, "(" + a + " & 0xFFFFFFFFL)") : value(64, a);
    }

    @Override
    public Value immediate() {
        return temp(32, "Memory.get32(ip + 8)");
    }

    @Override
    public Value reg(int number, int bits) {
        return temp(bits, load(bits, "cpu + " + number * 8));
    }

    @Override
    public void setReg(int number, Value v) {
        putRegister("cpu + " + number * 8, v);
    }

    @Override
    public Value record() {
        return value(32, "ip");
    }

    @Override
    public void push(Value v) {
        int n = v.bits() / 8;
        if (shape.is32()) {
            Value sp = temp(32, "Memory.get32(cpu + 32) - " + n);
            statement("Mmu.write" + v.bits() + "(cpu, " + sp.handle() + ", " + v.handle() + ")");
            statement("Memory.put32(cpu + 32, " + sp.handle() + ")");
        } else if (shape.is64()) {
            Value sp = temp(64, "Memory.get64(cpu + 32) - " + n);
            statement("Mmu.write" + v.bits() + "(cpu, " + sp.handle() + ", " + v.handle() + ")");
            statement("Memory.put64(cpu + 32, " + sp.handle() + ")");
        } else {
            statement("StackOps.push" + v.bits() + "(cpu, " + v.handle() + ")");
        }
    }

    @Override
    public Value top(int bits) {
        if (shape.is32()) {
            return temp(bits, "Mmu.read" + bits + "(cpu, Memory.get32(cpu + 32))");
        } else if (shape.is64()) {
            return temp(bits, "Mmu.read" + bits + "(cpu, Memory.get64(cpu + 32))");
        }
        return temp(bits, "StackOps.top" + bits + "(cpu)");
    }

    @Override
    public void addToStackPointer(int bytes) {
        addToStackPointer(value(32, String.valueOf(bytes)));
    }

    @Override
    public void addToStackPointer(Value bytes) {
        if (shape.is32()) {
            statement("Memory.put32(cpu + 32, Memory.get32(cpu + 32) + " + bytes.handle() + ")");
        } else if (shape.is64()) {
            statement("Memory.put64(cpu + 32, Memory.get64(cpu + 32) + " + bytes.handle() + ")");
        } else {
            statement("StackOps.add(cpu, " + bytes.handle() + ")");
        }
    }

    @Override
    public void writePopped(Operand memory, Value v, int bytes) {
        statement("Mmu.write" + v.bits() + "(cpu, Ea.popAddress(cpu, ip, " + bytes + "), " + v.handle() + ")");
    }

    @Override
    public Value constant(int bits, long v) {
        if (bits == 64) {
            return value(64, v + "L");
        }
        long masked = bits == 32 ? (int) v : v & (1L << bits) - 1;
        return value(bits, masked < 0 ? "(" + masked + ")" : String.valueOf(masked));
    }

    private Value binary(String op, Value a, Value b) {
        if (a.bits() != b.bits()) {
            throw new IllegalStateException("operands of " + op + " have " + a.bits() + " and " + b.bits() + " bits");
        }
        return masked(a.bits(), a.handle() + " " + op + " " + b.handle());
    }

    private Value masked(int bits, String expression) {
        switch (bits) {
            case 1: return temp(1, "(" + expression + ") & 1");
            case 8: return temp(8, "(" + expression + ") & 0xFF");
            case 16: return temp(16, "(" + expression + ") & 0xFFFF");
            default: return temp(bits, expression);
        }
    }

    @Override
    public Value add(Value a, Value b) {
        return binary("+", a, b);
    }

    @Override
    public Value sub(Value a, Value b) {
        return binary("-", a, b);
    }

    @Override
    public Value mul(Value a, Value b) {
        return binary("*", a, b);
    }

    @Override
    public Value and(Value a, Value b) {
        return temp(a.bits(), a.handle() + " & " + b.handle());
    }

    @Override
    public Value or(Value a, Value b) {
        return temp(a.bits(), a.handle() + " | " + b.handle());
    }

    @Override
    public Value xor(Value a, Value b) {
        return temp(a.bits(), a.handle() + " ^ " + b.handle());
    }

    private String count(Value n) {
        return n.bits() == 64 ? "(int) " + n.handle() : n.handle();
    }

    @Override
    public Value shl(Value a, Value n) {
        return masked(a.bits(), a.handle() + " << " + count(n));
    }

    @Override
    public Value shr(Value a, Value n) {
        return temp(a.bits(), a.handle() + " >>> " + count(n));
    }

    @Override
    public Value sar(Value a, Value n) {
        String x = a.bits() == 8 ? "(byte) " + a.handle() : a.bits() == 16 ? "(short) " + a.handle() : a.handle();
        return masked(a.bits(), "(" + x + ") >> " + count(n));
    }

    @Override
    public Value rotl(Value a, Value n) {
        String c = count(n);
        return temp(a.bits(), "(" + a.handle() + " << " + c + ") | (" + a.handle() + " >>> (-" + c + "))");
    }

    @Override
    public Value zeroExtend(Value a, int bits) {
        if (bits == 64 && a.bits() < 64) {
            return temp(64, a.bits() == 32 ? a.handle() + " & 0xFFFFFFFFL" : "(long) " + a.handle());
        }
        return value(bits, a.handle());
    }

    @Override
    public Value signExtend(Value a, int bits) {
        if (bits == a.bits()) {
            return a;
        }
        String x = a.bits() == 8 ? "(byte) " + a.handle() : a.bits() == 16 ? "(short) " + a.handle() : a.handle();
        if (bits == 64) {
            return temp(64, "(long) (" + x + ")");
        }
        return masked(bits, x);
    }

    @Override
    public Value truncate(Value a, int bits) {
        if (bits == a.bits()) {
            return a;
        }
        String x = a.bits() == 64 ? "(int) " + a.handle() : a.handle();
        return bits == 32 ? temp(32, x) : masked(bits, x);
    }

    @Override
    public Value equal(Value a, Value b) {
        return temp(1, a.handle() + " == " + b.handle() + " ? 1 : 0");
    }

    private static String ltu(Value a, Value b) {
        if (a.bits() < 32) {
            return a.handle() + " < " + b.handle();
        }
        String min = a.bits() == 64 ? "Long.MIN_VALUE" : "Integer.MIN_VALUE";
        return "(" + a.handle() + " ^ " + min + ") < (" + b.handle() + " ^ " + min + ")";
    }

    @Override
    public Value lessUnsigned(Value a, Value b) {
        return temp(1, ltu(a, b) + " ? 1 : 0");
    }

    @Override
    public Value select(Value c, Value a, Value b) {
        return temp(a.bits(), c.handle() + " != 0 ? " + a.handle() + " : " + b.handle());
    }

    // Flags: see CpuState for the lazy form

    @Override
    public boolean flagsLive() {
        return flagsLive;
    }

    private static String up(Value v) {
        return v.bits() == 64 ? v.handle() : "(long) " + v.handle() + " << " + (64 - v.bits());
    }

    private static String kind(int bits, String kinds) {
        return kinds + " | " + (64 - bits) + " << 8";
    }

    @Override
    public void flags(int kind, Value a, Value b, Value r) {
        lastKind = kind;
        lastA = a;
        lastB = b;
        lastResult = r;
        if (flagsLive) {
            statement("Flags.set(cpu, " + kind(a.bits(), kind == ADD ? "Flags.ADD_ALL" : "Flags.SUB_ALL") + ", " + up(a) + ", " + up(r) + ")");
        }
    }

    @Override
    public void flagsLogic(Value r) {
        lastKind = -1;
        lastResult = r;
        if (flagsLive) {
            statement("Flags.logic(cpu, " + kind(r.bits(), "Flags.SUB_ALL") + ", " + up(r) + ")");
        }
    }

    @Override
    public void flagsKeepCarry(int kind, Value a, Value r) {
        if (flagsLive) {
            statement("Flags.keepCarry(cpu, " + kind(a.bits(), kind == ADD ? "Flags.INC" : "Flags.DEC") + ", " + up(a) + ", " + up(r) + ")");
        }
    }

    @Override
    public void flagsResult(Value r, Value carry, Value overflow, Value adjust) {
        if (flagsLive) {
            statement("Flags.result(cpu, " + (64 - r.bits() << 8) + ", " + up(r) + ", " + carry.handle() + " | " + overflow.handle() + " << 1 | "
                + adjust.handle() + " << 2)");
        }
    }

    @Override
    public void flagsResultUnless(Value skip, Value r, Value carry, Value overflow, Value adjust) {
        if (flagsLive) {
            out.append("if (").append(skip.handle()).append(" == 0) { ");
            flagsResult(r, carry, overflow, adjust);
            out.append("} ");
        }
    }

    @Override
    public void flagsCarryOverflow(Value skip, Value carry, Value overflow) {
        if (flagsLive) {
            out.append(skip == null ? "" : "if (" + skip.handle() + " == 0) ");
            statement("Flags.carryOverflow(cpu, " + carry.handle() + " | " + overflow.handle() + " << 1)");
        }
    }

    @Override
    public void flagCarry(Value carry) {
        statement("Flags.setCarry(cpu, " + carry.handle() + ")");
    }

    @Override
    public void flagZero(Value zero) {
        statement("Flags.setZero(cpu, " + zero.handle() + ")");
    }

    @Override
    public Value condition(int code) {
        String positive = isFused ? fusedCondition(code & ~1) : null;
        if (positive == null) {
            String[] names = {"o", "b", "z", "be", "s", "p", "l", "le"};
            positive = "Flags." + names[code >> 1] + "(cpu)";
        }
        return temp(1, positive + ((code & 1) == 0 ? " ? 1 : 0" : " ? 0 : 1"));
    }

    private static String signed(Value v) {
        return v.bits() == 8 ? "(byte) " + v.handle() : v.bits() == 16 ? "(short) " + v.handle() : v.handle();
    }

    private String fusedCondition(int code) {
        String zero = lastResult.handle() + " == 0";
        String sign = "(" + signed(lastResult) + ") < 0";
        if (lastKind == SUB) {
            switch (code) {
                case B: return ltu(lastA, lastB);
                case Z: return zero;
                case BE: return "!(" + ltu(lastB, lastA) + ")";
                case S: return sign;
                case L: return "(" + signed(lastA) + ") < (" + signed(lastB) + ")";
                case LE: return "(" + signed(lastA) + ") <= (" + signed(lastB) + ")";
                default: return null;
            }
        }
        if (lastKind == -1) {
            switch (code) {
                case O:
                case B: return "false";
                case Z:
                case BE: return zero;
                case S:
                case L: return sign;
                case LE: return "(" + signed(lastResult) + ") <= 0";
                default: return null;
            }
        }
        return null;
    }

    // Control

    @Override
    public Value nextIp(int bits) {
        return bits == 64 ? temp(64, "Memory.get64(ip + 40)") : masked(bits, "Memory.get32(ip + 40)");
    }

    private void ret(String expression) {
        ends = true;
        out.append("return ").append(expression).append("; ");
    }

    @Override
    public void jump() {
        ret("ip + 16");
    }

    @Override
    public void jumpIf(Value c) {
        ret(c.handle() + " != 0 ? ip + 16 : ip + 20");
    }

    @Override
    public void checkTarget(Value address) {
        if (address.bits() == 64) {
            String a = address.handle();
            out.append("if (").append(a).append(" << 16 >> 16 != ").append(a).append(") { throw CpuFault.of(cpu, CpuFault.GP); } ");
        } else if (!shape.is32()) {
            out.append("Ea.checkBranch(cpu, ").append(address.handle()).append("); ");
        }
    }

    @Override
    public void checkCallTarget(Value address) {
        if (address.bits() == 64) {
            String a = address.handle();
            out.append("if (").append(a).append(" << 16 >> 16 != ").append(a)
                .append(") { Mmu.modify64(cpu, Memory.get64(cpu + 32) - 8); throw CpuFault.of(cpu, CpuFault.GP); } ");
        } else if (!shape.is32()) {
            out.append("Ea.checkCall(cpu, ").append(address.handle()).append(", ").append(address.bits() / 8).append("); ");
        }
    }

    @Override
    public void checkRelativeCall() {
        if (shape == Shape.RSX) {
            out.append("Ea.checkCall(cpu, Ea.takenTarget(ip), ").append(size / 8).append("); ");
        }
    }

    @Override
    public void jumpTo(Value address) {
        statement("Memory.put64(cpu + CpuState.RIP, " + (address.bits() == 64 ? address.handle() : address.handle() + " & 0xFFFFFFFFL") + ")");
        ret("-1");
    }

    @Override
    public void leave() {
        ret("Memory.get32(cpu + CpuState.EXIT)");
    }

    @Override
    public Value call(Helper helper, Value... arguments) {
        StringBuilder text = new StringBuilder(helper.method()).append("(cpu");
        for (Value v : arguments) {
            text.append(", ").append(v.handle());
        }
        text.append(')');
        if (helper.resultBits() == 0) {
            statement(text.toString());
            return null;
        }
        return temp(helper.resultBits(), text.toString());
    }
}

// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;
import kmos.isa.InstructionBodies;
import kmos.isa.Operand;

/** Instructions as text in Intel's syntax, from the same tables that the decoder and the interpreter are made from. */
public final class Disassembler {
    private static final String[] NAMES64 = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"},
        NAMES8 = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"}, HIGH = {"ah", "ch", "dh", "bh"},
        SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

    private final InstructionBodies bodies;
    private final boolean is64;
    private final Mnemonics mnemonics = new Mnemonics();

    public Disassembler(InstructionBodies bodies, boolean is64) {
        this.bodies = bodies;
        this.is64 = is64;
    }

    /** "add eax, dword ptr [rbx+rcx*4+0x10]". bytes: the instruction's. */
    public String text(DecodedInstruction d, byte[] bytes) {
        Operand[] operands = bodies.operands(d.row, d.width, d.hasMemory);
        StringBuilder s = new StringBuilder();
        if (hasLock(bytes)) {
            s.append("lock ");
        }
        String mnemonic = mnemonic(d, operands, bytes);
        boolean isHint = mnemonic.startsWith("endbr");
        s.append(mnemonic);
        int fields = 0;
        String separator = " ";
        for (Operand o : isHint ? new Operand[0] : operands) {
            s.append(separator);
            separator = ", ";
            boolean takes = o.kind() == Operand.Kind.XMM || o.kind() == Operand.Kind.MMX || o.kind() == Operand.Kind.CONTROL
                || (o.kind() == Operand.Kind.REGISTER || o.kind() == Operand.Kind.YMM) && o.number() == 0
                || o.kind() == Operand.Kind.SEGMENT && o.number() < 0;
            operand(s, d, o, fields == 0 ? d.a : d.b);
            fields += takes ? 1 : 0;
        }
        return s.toString();
    }

    /** The bytes of an instruction as they can be fetched now, or fewer. */
    public static byte[] bytes(int cpu, DecodedInstruction d) {
        byte[] bytes = new byte[d.length];
        for (int i = 0; i < bytes.length; i++) {
            int host = Mmu.probeCode(cpu, d.pc + i);
            if (host == 0) {
                return java.util.Arrays.copyOf(bytes, i);
            }
            bytes[i] = (byte) Memory.get8(host);
        }
        return bytes;
    }

    private String mnemonic(DecodedInstruction d, Operand[] operands, byte[] bytes) {
        String name = bodies.name(d.row);
        String text = mnemonics.of(name, operands, bytes);
        boolean isString = name.startsWith("Strings.") && operands.length == 0;
        if (text.equals("cbw")) {
            return new String[] {"cbw", "cbw", "cwde", "cdqe"}[d.width];
        }
        if (text.equals("cwd")) {
            return new String[] {"cwd", "cwd", "cdq", "cqo"}[d.width];
        }
        if (text.equals("jcxz")) {
            return d.addressSize == Ea.A64 ? "jrcxz" : d.addressSize == Ea.A32 ? "jecxz" : text;
        }
        return isString ? text + "bwdq".charAt(d.width) : text;
    }

    private static boolean hasLock(byte[] bytes) {
        for (byte b : bytes) {
            int v = b & 0xFF;
            if (v == 0xF0) {
                return true;
            }
            boolean isPrefix = v == 0x66 || v == 0x67 || v == 0xF2 || v == 0xF3 || (v & 0xE7) == 0x26 || v == 0x64 || v == 0x65;
            if (!isPrefix) {
                return false;
            }
        }
        return false;
    }

    private void operand(StringBuilder s, DecodedInstruction d, Operand o, int field) {
        switch (o.kind()) {
            case REGISTER:
                s.append(general(o.number() == Operand.VVVV ? (int) d.immediate >> 8 & 0xFF : field, o.bits()));
                break;
            case FIXED:
                s.append(general(o.number() * 8, o.bits()));
                break;
            case MEMORY:
                size(s, o.bits());
                memory(s, d);
                break;
            case OFFSET:
                size(s, o.bits());
                segment(s, d);
                s.append('[');
                hex(s, d.immediate).append(']');
                break;
            case IMMEDIATE:
                immediate(s, o.bits() == 64 || o.bits() == 0 ? d.immediate : d.immediate & (1L << o.bits()) - 1);
                break;
            case CONSTANT:
                s.append(o.number());
                break;
            case RELATIVE:
                hex(s, is64 ? d.next() + d.relative : d.next() + d.relative & 0xFFFFFFFFL);
                break;
            case FAR:
                hex(s, d.immediate & 0xFFFF).append(':');
                hex(s, d.displacement & 0xFFFFFFFFL);
                break;
            case SEGMENT:
                s.append(SEGMENTS[o.number() >= 0 ? o.number() : field]);
                break;
            case XMM:
                s.append("xmm").append(field);
                break;
            case YMM:
                int number = o.number() == Operand.VVVV ? (int) d.immediate >> 8 & 0xF : o.number() == Operand.IS4 ? (int) d.immediate >> 4 & 0xF : field;
                s.append(o.bits() == 256 ? "ymm" : "xmm").append(number);
                break;
            case MMX:
                s.append("mm").append(field);
                break;
            case ST:
                s.append("st(").append(d.immediate & 7).append(')');
                break;
            case CONTROL:
                s.append("cr").append(field >> 3);
                break;
            default:
                throw new IllegalArgumentException(o.kind().toString());
        }
    }

    /** Name of a register by its byte offset in the register file. */
    public static String general(int offset, int bits) {
        int number = offset >> 3;
        if (bits == 8 && (offset & 1) != 0) {
            return HIGH[number];
        }
        if (number >= 8) {
            return "r" + number + (bits == 8 ? "b" : bits == 16 ? "w" : bits == 32 ? "d" : "");
        }
        String wide = NAMES64[number];
        return bits == 8 ? NAMES8[number] : bits == 64 ? wide : bits == 32 ? "e" + wide.substring(1) : wide.substring(1);
    }

    private static void size(StringBuilder s, int bits) {
        String name = switch (bits) {
            case 8 -> "byte";
            case 16 -> "word";
            case 32 -> "dword";
            case 64 -> "qword";
            case 80 -> "tbyte";
            case 128 -> "xmmword";
            case 256 -> "ymmword";
            default -> "";
        };
        if (!name.isEmpty()) {
            s.append(name).append(" ptr ");
        }
    }

    private static void segment(StringBuilder s, DecodedInstruction d) {
        if (d.segment >= 4 || d.segment < 2) {
            s.append(SEGMENTS[d.segment]).append(':');
        }
    }

    private void memory(StringBuilder s, DecodedInstruction d) {
        segment(s, d);
        if (d.addressSize == Ea.RIP) {
            s.append('[');
            hex(s, d.next() + d.displacement).append(']');
            return;
        }
        int bits = d.addressSize == Ea.A64 ? 64 : d.addressSize == Ea.A32 ? 32 : 16;
        s.append('[');
        boolean hasBase = d.b != CpuState.ZERO;
        if (hasBase) {
            s.append(general(d.b, bits));
        }
        boolean hasIndex = d.index != CpuState.ZERO;
        if (hasIndex) {
            s.append(hasBase ? "+" : "").append((d.attributes & IsaProperties.VSIB) != 0 ? "xmm" + (d.index >> 3) : general(d.index, bits));
            if (d.scale > 0) {
                s.append('*').append(1 << d.scale);
            }
        }
        if (!hasBase && !hasIndex) {
            hex(s, bits == 64 ? d.displacement : d.displacement & 0xFFFFFFFFL);
        } else if (d.displacement != 0) {
            s.append(d.displacement < 0 ? '-' : '+');
            hex(s, Math.abs((long) d.displacement));
        }
        s.append(']');
    }

    private static void immediate(StringBuilder s, long v) {
        if (v >= 0 && v < 10) {
            s.append(v);
        } else {
            hex(s, v);
        }
    }

    private static StringBuilder hex(StringBuilder s, long v) {
        return s.append("0x").append(Long.toHexString(v));
    }
}

// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kmos.isa.InstructionBodies;
import org.junit.jupiter.api.Test;

/** Instructions as GNU objdump prints them (-M intel), less its spelled-out scale of 1 and string operands. */
class DisassemblerTest {
    private static final String[] BITS64 = {
        "488b4c2408", "mov rcx, qword ptr [rsp+0x8]", "8b849880000000", "mov eax, dword ptr [rax+rbx*4+0x80]", "64482b142528000000", "sub rdx, qword ptr fs:[0x28]",
        "4c8d3d10000000", "lea r15, [0x100017]", "48630482", "movsxd rax, dword ptr [rdx+rax*4]", "0fb6c4", "movzx eax, ah", "400fb6c4", "movzx eax, spl",
        "f0480fb117", "lock cmpxchg qword ptr [rdi], rdx", "e8fbffffff", "call 0x100000", "7410", "je 0x100012", "ffe0", "jmp rax", "c3", "ret", "4898", "cdqe", "4899", "cqo",
        "f348a5", "rep movsq", "f2ae", "repne scasb", "f3a6", "repe cmpsb", "660fefc0", "pxor xmm0, xmm0", "0f57c0", "xorps xmm0, xmm0", "0f1006", "movups xmm0, xmmword ptr [rsi]",
        "660f6f06", "movdqa xmm0, xmmword ptr [rsi]", "f30f6f06", "movdqu xmm0, xmmword ptr [rsi]", "f20f1006", "movsd xmm0, qword ptr [rsi]", "66480f7ec0", "movq rax, xmm0",
        "660f6ec1", "movd xmm0, ecx", "660f3a63c11a", "pcmpistri xmm0, xmm1, 0x1a", "660f6cc1", "punpcklqdq xmm0, xmm1", "0f14c1", "unpcklps xmm0, xmm1",
        "c5fdefc1", "vpxor ymm0, ymm0, ymm1", "c4e27d58c0", "vpbroadcastd ymm0, xmm0", "c4e2f1b8c2", "vfmadd231pd xmm0, xmm1, xmm2", "f30f1efa", "endbr64", "f390", "pause", "0faef0", "mfence",
        "f30fbdc1", "lzcnt eax, ecx", "48b8efcdab9078563412", "mov rax, 0x1234567890abcdef", "6aff", "push 0xffffffffffffffff", "0f05", "syscall", "d9c1", "fld st(1)",
        "d84008", "fadd dword ptr [rax+0x8]", "dd18", "fstp qword ptr [rax]", "dec1", "faddp st(1)", "dfe9", "fucomip st(1)", "d9eb", "fldpi"
    };
    private static final String[] BITS32 = {
        "40", "inc eax", "8b5c2404", "mov ebx, dword ptr [esp+0x4]", "8915000020 00", "mov dword ptr [0x200000], edx", "65a114000000", "mov eax, dword ptr gs:[0x14]",
        "678b07", "mov eax, dword ptr [bx]", "cd80", "int 0x80", "66ff30", "push word ptr [eax]", "98", "cwde", "e310", "jecxz 0x100012", "0f95c0", "setne al", "0f4fc1", "cmovg eax, ecx"
    };

    @Test
    void code64() {
        check(BITS64, true);
    }

    @Test
    void code32() {
        check(BITS32, false);
    }

    private static void check(String[] cases, boolean is64) {
        try (CpuHarness h = new CpuHarness(is64 ? 64 : 32, CpuModel.max())) {
            Disassembler disassembler = new Disassembler(new InstructionBodies(), is64);
            // The page counts as read from now on.
            h.code(CpuHarness.CODE, "90").run(1);
            for (int i = 0; i + 1 < cases.length; i += 2) {
                h.code(CpuHarness.CODE, cases[i]);
                DecodedInstruction d = CodeReader.decode(h.cpu.base(), CpuHarness.CODE);
                assertEquals(cases[i].replace(" ", "").length() / 2, d.length, cases[i]);
                assertEquals(cases[i + 1], disassembler.text(d, Disassembler.bytes(h.cpu.base(), d)), cases[i]);
            }
        }
    }
}

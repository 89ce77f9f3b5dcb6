# SPDX-License-Identifier: Apache-2.0
# The code of the amd64 vdso (vdso(7)): clocks without a system call. kmos.kernel.exec.VdsoCode holds its bytes, and a test
# assembles this file and compares. Every function begins at a multiple of 64, the table in VdsoCode says which.
#
# The page before the image holds the data: 0 sequence (32 bits), 8 CLOCK_REALTIME minus guest time in ns (64 bits). The
# time stamp counter counts four cycles a nanosecond of guest time. The kernel changes the data between two instructions of a program, so a
# sequence that is the same before and after means that all was read from one version.
        .text
start:
        .set data, start - 0x1800

        .org 0x00               # int clock_gettime(clockid_t, struct timespec *)
        cmpl $7, %edi
        ja 8f
        movl $0x93, %eax        # REALTIME, MONOTONIC, MONOTONIC_RAW, BOOTTIME
        btl %edi, %eax
        jnc 8f
        leaq data(%rip), %r8
1:      movl (%r8), %r9d
        rdtsc
        shlq $32, %rdx
        orq %rdx, %rax
        shrq $2, %rax
        testl %edi, %edi
        jnz 2f
        addq 8(%r8), %rax
2:      cmpl (%r8), %r9d
        jne 1b
        xorl %edx, %edx
        movl $1000000000, %ecx
        divq %rcx
        movq %rax, (%rsi)
        movq %rdx, 8(%rsi)
        xorl %eax, %eax
        ret
8:      movl $228, %eax
        syscall
        ret

        .org 0x80               # int gettimeofday(struct timeval *, struct timezone *)
        testq %rdi, %rdi
        jz 3f
        leaq data(%rip), %r8
1:      movl (%r8), %r9d
        rdtsc
        shlq $32, %rdx
        orq %rdx, %rax
        shrq $2, %rax
        addq 8(%r8), %rax
        cmpl (%r8), %r9d
        jne 1b
        xorl %edx, %edx
        movl $1000000000, %ecx
        divq %rcx
        movq %rax, (%rdi)
        movl %edx, %eax
        xorl %edx, %edx
        movl $1000, %ecx
        divl %ecx
        movq %rax, 8(%rdi)
3:      testq %rsi, %rsi
        jz 4f
        movq $0, (%rsi)
4:      xorl %eax, %eax
        ret

        .org 0x100              # time_t time(time_t *)
        leaq data(%rip), %r8
1:      movl (%r8), %r9d
        rdtsc
        shlq $32, %rdx
        orq %rdx, %rax
        shrq $2, %rax
        addq 8(%r8), %rax
        cmpl (%r8), %r9d
        jne 1b
        xorl %edx, %edx
        movl $1000000000, %ecx
        divq %rcx
        testq %rdi, %rdi
        jz 2f
        movq %rax, (%rdi)
2:      ret

        .org 0x140              # int getcpu(unsigned *cpu, unsigned *node, void *): there is one processor
        xorl %eax, %eax
        testq %rdi, %rdi
        jz 1f
        movl %eax, (%rdi)
1:      testq %rsi, %rsi
        jz 2f
        movl %eax, (%rsi)
2:      ret

        .org 0x180              # int clock_getres(clockid_t, struct timespec *)
        cmpl $7, %edi
        ja 8f
        movl $0x93, %eax
        btl %edi, %eax
        jnc 8f
        testq %rsi, %rsi
        jz 1f
        movq $0, (%rsi)
        movq $1, 8(%rsi)
1:      xorl %eax, %eax
        ret
8:      movl $229, %eax
        syscall
        ret
        .org 0x1C0

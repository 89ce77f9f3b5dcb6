# SPDX-License-Identifier: Apache-2.0
# The code of the i386 vdso: system calls by sysenter, returns from signal handlers, clocks. See vdso-64.s.
        .text
start:
        .set data, start - 0x1800

        .org 0x00               # __kernel_vsyscall: arguments as for int $0x80
        pushl %ecx
        pushl %edx
        pushl %ebp
        movl %esp, %ebp
        sysenter                # the kernel takes the sixth argument from the stack and goes on at the landing pad
        int $0x80               # where a call that is to be restarted begins again
        popl %ebp               # the landing pad, at 9
        popl %edx
        popl %ecx
        ret

        .org 0x40               # __kernel_sigreturn: these bytes are known to unwinders
        popl %eax
        movl $119, %eax
        int $0x80

        .org 0x80               # __kernel_rt_sigreturn
        movl $173, %eax
        int $0x80

        .org 0xC0               # int clock_gettime(clockid_t, struct old_timespec32 *)
        movl 4(%esp), %ecx
        call load
        jc 8f
        movl 8(%esp), %ecx
        movl %eax, (%ecx)
        movl %edx, 4(%ecx)
        xorl %eax, %eax
        ret
8:      pushl %ebx
        movl 8(%esp), %ebx
        movl 12(%esp), %ecx
        movl $265, %eax
        int $0x80
        popl %ebx
        ret

        .org 0x100              # int clock_gettime64(clockid_t, struct timespec64 *)
        movl 4(%esp), %ecx
        call load
        jc 8f
        movl 8(%esp), %ecx
        movl %eax, (%ecx)
        movl $0, 4(%ecx)
        movl %edx, 8(%ecx)
        movl $0, 12(%ecx)
        xorl %eax, %eax
        ret
8:      pushl %ebx
        movl 8(%esp), %ebx
        movl 12(%esp), %ecx
        movl $403, %eax
        int $0x80
        popl %ebx
        ret

        .org 0x140              # int gettimeofday(struct timeval *, struct timezone *)
        cmpl $0, 4(%esp)
        je 1f
        xorl %ecx, %ecx
        call load
        movl 4(%esp), %ecx
        movl %eax, (%ecx)
        movl %edx, %eax
        xorl %edx, %edx
        pushl %ebx
        movl $1000, %ebx
        divl %ebx
        popl %ebx
        movl %eax, 4(%ecx)
1:      movl 8(%esp), %ecx
        testl %ecx, %ecx
        jz 2f
        movl $0, (%ecx)
        movl $0, 4(%ecx)
2:      xorl %eax, %eax
        ret

        .org 0x180              # time_t time(time_t *)
        xorl %ecx, %ecx
        call load
        movl 4(%esp), %ecx
        testl %ecx, %ecx
        jz 1f
        movl %eax, (%ecx)
1:      ret

        .org 0x1C0              # int getcpu(unsigned *cpu, unsigned *node, void *)
        xorl %eax, %eax
        movl 4(%esp), %ecx
        testl %ecx, %ecx
        jz 1f
        movl %eax, (%ecx)
1:      movl 8(%esp), %ecx
        testl %ecx, %ecx
        jz 2f
        movl %eax, (%ecx)
2:      ret

        .org 0x200              # int clock_getres(clockid_t, struct old_timespec32 *)
        movl 4(%esp), %ecx
        cmpl $7, %ecx
        ja 8f
        movl $0x93, %eax
        btl %ecx, %eax
        jnc 8f
        movl 8(%esp), %ecx
        testl %ecx, %ecx
        jz 1f
        movl $0, (%ecx)
        movl $1, 4(%ecx)
1:      xorl %eax, %eax
        ret
8:      pushl %ebx
        movl 8(%esp), %ebx
        movl 12(%esp), %ecx
        movl $266, %eax
        int $0x80
        popl %ebx
        ret

        .org 0x240              # seconds in eax and ns in edx of clock ecx; carry: not known here
load:   cmpl $7, %ecx
        ja 9f
        movl $0x93, %eax
        btl %ecx, %eax
        jnc 9f
        pushl %ebx
        pushl %esi
        call 1f
1:      popl %ebx
        leal data-1b(%ebx), %ebx
2:      movl (%ebx), %esi
        rdtsc
        shrdl $2, %edx, %eax
        shrl $2, %edx
        testl %ecx, %ecx
        jnz 3f
        addl 8(%ebx), %eax
        adcl 12(%ebx), %edx
3:      cmpl (%ebx), %esi
        jne 2b
        movl $1000000000, %ecx
        divl %ecx
        popl %esi
        popl %ebx
        clc
        ret
9:      stc
        ret
        .org 0x2C0

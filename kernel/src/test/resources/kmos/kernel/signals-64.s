# Made into signals-64.hex by: as --64, ld -Ttext 0x10000080 --oformat binary, od -An -v -tx1
# sigaction(SIGUSR1, handler, SA_SIGINFO|SA_RESTORER), kill(getpid(), SIGUSR1); handler adds; fork; child exits 5; wait4; check; null deref handled
.text
_start:
  lea act(%rip), %rsi
  mov $10, %edi
  xor %edx, %edx
  mov $8, %r10d
  mov $13, %eax
  syscall
  test %rax,%rax
  jnz fail
  mov $39,%eax
  syscall
  mov %eax,%edi
  mov $10,%esi
  mov $0x1122334455667788, %rbx
  mov $62,%eax
  syscall
  test %rax,%rax
  jnz fail
  mov $0x1122334455667788, %rcx
  cmp %rcx,%rbx
  jne fail
  cmpl $10, count(%rip)
  jne fail
  # fork
  mov $57,%eax
  syscall
  test %eax,%eax
  jnz parent
  movl $99, count(%rip)
  mov $5,%edi
  mov $60,%eax
  syscall
parent:
  mov %eax,%ebp
  mov $-1,%edi
  lea status(%rip),%rsi
  xor %edx,%edx
  xor %r10d,%r10d
  mov $61,%eax
  syscall
  cmp %eax,%ebp
  jne fail
  cmpl $0x500, status(%rip)
  jne fail
  cmpl $10, count(%rip)
  jne fail
  # SIGSEGV handler skips the faulting instruction: rip += 3 in ucontext
  lea act2(%rip), %rsi
  mov $11, %edi
  xor %edx, %edx
  mov $8, %r10d
  mov $13, %eax
  syscall
  xor %ecx,%ecx
  mov 8(%rcx),%eax        # 3 bytes: 8b 41 08
  cmpl $8, fault(%rip)
  jne fail
  mov $42,%edi
  mov $60,%eax
  syscall
fail:
  mov $1,%edi
  mov $60,%eax
  syscall
handler:
  mov (%rsi),%eax          # si_signo
  add %eax,count(%rip)
  xor %ebx,%ebx
  ret
segv:
  mov 16(%rsi),%rax
  mov %eax, fault(%rip)
  addq $3, 168(%rdx)       # uc_mcontext.rip: 40 + 128
  ret
restorer:
  mov $15,%eax
  syscall
.balign 8
act: .quad handler_abs, 0x04000004, restorer_abs, 0
act2: .quad segv_abs, 0x04000004, restorer_abs, 0
count: .long 0
status: .long 0
fault: .long 0
.set handler_abs, 0x10000080 + (handler - _start)
.set segv_abs, 0x10000080 + (segv - _start)
.set restorer_abs, 0x10000080 + (restorer - _start)

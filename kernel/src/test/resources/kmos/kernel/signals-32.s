# Made into signals-32.hex by: as --32, ld -Ttext 0x10000080 --oformat binary, od -An -v -tx1
.code32
.text
_start:
  mov $act, %ecx
  mov $10, %ebx
  xor %edx, %edx
  mov $8, %esi
  mov $174, %eax
  int $0x80
  test %eax,%eax
  jnz fail
  # old sigaction for SIGUSR2 without restorer: code on the stack
  mov $67,%eax
  mov $12,%ebx
  mov $oldact,%ecx
  xor %edx,%edx
  int $0x80
  test %eax,%eax
  jnz fail
  mov $20,%eax
  int $0x80
  mov %eax,%edi
  mov $37,%eax
  mov %edi,%ebx
  mov $10,%ecx
  int $0x80
  test %eax,%eax
  jnz fail
  cmpl $10, count
  jne fail
  mov $37,%eax
  mov %edi,%ebx
  mov $12,%ecx
  int $0x80
  test %eax,%eax
  jnz fail
  cmpl $22, count
  jne fail
  # vfork-less fork, killed child: waitpid says signal 9
  mov $2,%eax
  int $0x80
  test %eax,%eax
  jnz parent
  mov $29,%eax
  int $0x80
  jmp fail
parent:
  mov %eax,%ebp
  mov %eax,%ebx
  mov $9,%ecx
  mov $37,%eax
  int $0x80
  mov %ebp,%ebx
  mov $status,%ecx
  xor %edx,%edx
  mov $7,%eax
  int $0x80
  cmp %eax,%ebp
  jne fail
  cmpl $9, status
  jne fail
  mov $42,%ebx
  mov $1,%eax
  int $0x80
fail:
  mov $1,%ebx
  mov $1,%eax
  int $0x80
handler:
  mov 4(%esp),%eax
  add %eax,count
  ret
.balign 4
act: .long handler, 0x04000004, restorer, 0, 0
oldact: .long handler, 0, 0, 0
restorer:
  mov $173,%eax
  int $0x80
.fill 4096 # count in a page without code: the store is not self-modifying
count: .long 0
status: .long 0

// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    char *a[] = {"x", NULL}, *e[] = {NULL};
    R(execve("missing", a, e));
    R(execve("", a, e));
    R(execve(".", a, e));
    put("plain", "hello\n");
    R(execve("plain", a, e));
    chmod("plain", 0755);
    R(execve("plain", a, e));
    R(execve("plain/x", a, e));
    put("empty", "");
    chmod("empty", 0755);
    R(execve("empty", a, e));
    put("script", "#!/no/such/interpreter\n");
    chmod("script", 0755);
    R(execve("script", a, e));
    put("blank", "#!   \n");
    chmod("blank", 0755);
    R(execve("blank", a, e));
    put("elf", "\177ELF\1\1\1junk");
    chmod("elf", 0755);
    R(execve("elf", a, e));
    R(symlink("loop", "loop"));
    R(execve("loop", a, e));
    R(execve((char *) 8, a, e));
    R(execve("/proc/self/exe", (char **) 8, e));
    mkdir("dir", 0755);
    R(execve("dir", a, e));
    char name[5000];
    memset(name, 'n', 4999); name[4999] = 0;
    R(execve(name, a, e));
    name[300] = 0;
    R(execve(name, a, e));
}

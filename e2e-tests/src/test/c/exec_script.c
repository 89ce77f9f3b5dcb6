// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main(int argc, char **argv) {
    if (argc > 1) {
        for (int i = 1; i < argc; i++) printf("arg [%s]\n", argv[i]);
        return 5;
    }
    char exe[500], text[700];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n] = 0;
    symlink(exe, "/tmp/e2e_interp");
    put("s1", "#!/tmp/e2e_interp\nbody\n");
    put("s2", "#! \t/tmp/e2e_interp  one two \t \n");
    put("s3", "#!./s1 nested\n");
    put("s4", "#!/tmp/e2e_interp noeol");
    const char *names[] = {"s1", "s2", "s3", "s4"};
    for (int i = 0; i < 4; i++) {
        chmod(names[i], 0755);
        sprintf(text, "./%s", names[i]);
        pid_t p = fork();
        if (!p) { execl(text, "ignored", "tail", NULL); printf("%s\n", errname(errno)); _exit(1); }
        reap(names[i], p);
    }
    unlink("/tmp/e2e_interp");
    put("d0", "#!./d1\n"); put("d1", "#!./d2\n"); put("d2", "#!./d3\n"); put("d3", "#!./d4\n"); put("d4", "#!./d5\n"); put("d5", "#!./d6\n"); put("d6", "#!./d7\n");
    for (int i = 0; i < 7; i++) { sprintf(text, "d%d", i); chmod(text, 0755); }
    R(execl("./d0", "d0", NULL));
}

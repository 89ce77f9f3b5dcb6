// SPDX-License-Identifier: Apache-2.0
#include "t.h"
extern char **environ;
int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "child")) {
        printf("argc %d\n", argc);
        for (int i = 0; i < argc; i++) printf("[%.20s] %zu\n", argv[i], strlen(argv[i]));
        for (char **e = environ; *e; e++) printf("env [%.30s] %zu\n", *e, strlen(*e));
        T(argv[argc] == NULL);
        return 0;
    }
    char *big = malloc(100001);
    memset(big, 'x', 100000); big[100000] = 0;
    char *av[] = {"name", "child", "", "a b", "\x01\xff", big, NULL};
    char *ev[] = {"A=1", "EMPTY=", "noequals", "=odd", big, NULL};
    pid_t p = fork();
    if (!p) { execve("/proc/self/exe", av, ev); _exit(1); }
    reap("child", p);
    char **many = malloc(sizeof(char *) * 20002);
    many[0] = "x"; many[1] = "many";
    for (int i = 2; i < 20001; i++) many[i] = "0123456789";
    many[20001] = NULL;
    char *none[] = {NULL};
    char *huge = malloc(200000);
    memset(huge, 'y', 199999); huge[199999] = 0;
    char *hv[] = {"x", huge, NULL};
    R(execve("/proc/self/exe", hv, none));
    return 0;
}

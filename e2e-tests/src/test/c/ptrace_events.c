// SPDX-License-Identifier: Apache-2.0
// Events and stops of ptrace(2): fork, vfork, clone, exec, exit; entry and exit of system calls, changed and left out; attach,
// seize, interrupt, listen, detach; group stops; a parent whose child somebody else traces; EXITKILL.
#include "t.h"
#include <sys/ptrace.h>
#include <sys/user.h>
#include <pthread.h>
#ifdef __x86_64__
#define AX rax
#define ORIG orig_rax
#define FIRST rdi
#else
#define AX eax
#define ORIG orig_eax
#define FIRST ebx
#endif
typedef struct user_regs_struct regs;
static pid_t p; static int st;
static void stop_of(const char *what, pid_t t, int s) {
    if (!WIFSTOPPED(s)) { status(what, s); return; }
    unsigned long m = 0; int e = s >> 16; siginfo_t i; memset(&i, 0, sizeof i); int r = ptrace(PTRACE_GETSIGINFO, t, 0, &i);
    ptrace(PTRACE_GETEVENTMSG, t, 0, &m);
    printf("%s: stop %d event %d", what, WSTOPSIG(s), e); if (r < 0) printf(" no siginfo %s", errname(errno)); else printf(" code %d", i.si_code);
    if (e == PTRACE_EVENT_EXIT) printf(" message %lx", m); else if (e && e != PTRACE_EVENT_STOP) printf(" message %s", m == p ? "itself" : m > (unsigned) p && m < (unsigned) p + 50 ? "a new pid" : "?");
    printf("\n");
}
static void await(const char *what, pid_t t) { pid_t r = waitpid(t, &st, __WALL); MUST(r == t); stop_of(what, t, st); }
static void cont(const char *what, int request, int sig) { MUST(ptrace(request, p, 0, (void *) (long) sig) == 0); await(what, p); }
static regs get(void) { regs r; MUST(ptrace(PTRACE_GETREGS, p, 0, &r) == 0); return r; }
static pid_t start(void (*f)(void)) { p = fork(); if (!p) { MUST(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0); raise(SIGSTOP); f(); _exit(0); } await("start", p); return p; }
static void *thread(void *x) { return (void *) 5; }
static void forks(void) {
    pid_t q = fork(); if (!q) _exit(3); waitpid(q, NULL, 0);
    q = vfork(); if (!q) _exit(4); waitpid(q, NULL, 0);
    pthread_t t; pthread_create(&t, NULL, thread, NULL); pthread_join(t, NULL);
    execl("/proc/self/exe", "x", "again", NULL);
}
static void follow(int options) {
    R(ptrace(PTRACE_SETOPTIONS, p, 0, options)); MUST(ptrace(PTRACE_CONT, p, 0, 0) == 0);
    // Each process in turn: what it does is compared, not how they are scheduled.
    int ended = 0; char log[8][400]; pid_t who[8]; int count = 0; memset(log, 0, sizeof log);
    for (;;) {
        pid_t q = waitpid(-1, &st, __WALL); if (q < 0) break;
        int k = 0; while (k < count && who[k] != q) k++; if (k == count) who[count++] = q;
        char *l = log[k] + strlen(log[k]);
        if (WIFSTOPPED(st)) {
            unsigned long m = 0; ptrace(PTRACE_GETEVENTMSG, q, 0, &m);
            int sig = WSTOPSIG(st), e = st >> 16; if (sig != SIGCHLD) sprintf(l, " %d/%d", sig, e); if (e == PTRACE_EVENT_EXIT) sprintf(l + strlen(l), ":%lx", m); if (e == PTRACE_EVENT_EXEC) sprintf(l + strlen(l), ":%d", m == p);
            ptrace(PTRACE_CONT, q, 0, sig == SIGSTOP || sig == SIGTRAP ? 0 : sig);
        } else { sprintf(l, WIFEXITED(st) ? " exit %d" : " signal %d", WIFEXITED(st) ? WEXITSTATUS(st) : WTERMSIG(st)); ended++; }
    }
    // In order of pid, which is the order of creation.
    for (int i = 0; i < count; i++) for (int k = i + 1; k < count; k++) if (who[k] < who[i]) { pid_t t = who[i]; who[i] = who[k]; who[k] = t; char c[400]; strcpy(c, log[i]); strcpy(log[i], log[k]); strcpy(log[k], c); }
    for (int i = 0; i < count; i++) printf("task %d:%s\n", i, log[i]); printf("%d ended\n", ended);
}
static void calls(void) {
    errno = 0; long a = syscall(SYS_getppid); printf("getppid %s\n", a == 4711 ? "4711" : "real");
    a = syscall(SYS_getppid); printf("left out: %ld %s\n", a, errname(errno));
    errno = 0; a = syscall(SYS_close, 77); printf("close: %ld %s\n", a, errname(errno));
    int f[2]; pipe(f); char c; on(SIGUSR1, SIG_DFL, 0); signal(SIGUSR1, SIG_IGN); alarm(1); signal(SIGALRM, SIG_IGN); (void) !read(f[0], &c, 1); _exit(9);
}
static void system_calls(void) {
    start(calls); R(ptrace(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT));
    int n = 0;
    for (;;) {
        MUST(ptrace(PTRACE_SYSCALL, p, 0, 0) == 0); MUST(waitpid(p, &st, 0) == p);
        if (!WIFSTOPPED(st) || WSTOPSIG(st) != (SIGTRAP | 0x80)) { stop_of("?", p, st); break; }
        regs r = get();
        if (r.ORIG != SYS_getppid && r.ORIG != SYS_close) { if (r.ORIG == SYS_read) break; continue; }
        n++; printf("call %s ax %ld", r.ORIG == SYS_close ? "close" : "getppid", (long) (n % 2 ? r.AX : r.AX > 0 && r.AX < 1000000 ? 1 : r.AX));
        siginfo_t i; MUST(ptrace(PTRACE_GETSIGINFO, p, 0, &i) == 0); printf(" code %x\n", i.si_code);
        if (n == 2) { r.AX = 4711; MUST(ptrace(PTRACE_SETREGS, p, 0, &r) == 0); }
        if (n == 3) { r.ORIG = -1; MUST(ptrace(PTRACE_SETREGS, p, 0, &r) == 0); MUST(ptrace(PTRACE_SYSCALL, p, 0, 0) == 0); await("exit of a call left out", p); n++; printf("ax %ld\n", (long) get().AX); }
        if (n == 5) { r.FIRST = 78; MUST(ptrace(PTRACE_SETREGS, p, 0, &r) == 0); }
    }
    // The ignored alarm stops the task inside read(2), which then goes on waiting.
    cont("alarm", PTRACE_SYSCALL, 0); printf("ax %ld, orig is read %d\n", (long) get().AX, get().ORIG == SYS_read); 
    cont("alarm", PTRACE_SYSCALL, 0); cont("read again", PTRACE_SYSCALL, 0);
    printf("ax %ld, orig is read %d\n", (long) get().AX, get().ORIG == SYS_read);
    MUST(kill(p, SIGKILL) == 0); await("killed", p);
}
static void loop(void) { for (;;) pause_ms(500); }
static pid_t plain(void (*f)(void)) { p = fork(); if (!p) { f(); _exit(0); } pause_ms(20); return p; }
static char tracer_and_state[64];
static const char *proc(void) {
    char n[64], l[200]; int t = -1; char s = '?'; sprintf(n, "/proc/%d/status", p); FILE *f = fopen(n, "r"); MUST(f);
    while (fgets(l, sizeof l, f)) { if (!strncmp(l, "State:", 6)) s = l[7]; if (!strncmp(l, "TracerPid:", 10)) t = atoi(l + 10); } fclose(f);
    sprintf(tracer_and_state, "state %c tracer %s", s, t == getpid() ? "me" : t == 0 ? "nobody" : "?"); return tracer_and_state;
}
static void attaching(void) {
    plain(loop); printf("%s\n", proc());
    R(ptrace(PTRACE_CONT, p, 0, 0)); R(ptrace(PTRACE_ATTACH, p, 0, 0)); R(ptrace(PTRACE_ATTACH, p, 0, 0)); await("attached", p); printf("%s\n", proc());
    R(ptrace(PTRACE_DETACH, p, 0, 0)); pause_ms(20); printf("%s\n", proc()); R(ptrace(PTRACE_CONT, p, 0, 0));
    kill(p, SIGSTOP); MUST(waitpid(p, &st, WUNTRACED) == p); status("stopped", st);
    R(ptrace(PTRACE_ATTACH, p, 0, 0)); await("attached to a stopped one", p); kill(p, SIGCONT); 
    cont("next", PTRACE_CONT, 0); R(ptrace(PTRACE_DETACH, p, 0, SIGTERM)); reap("detached with SIGTERM", p);
    plain(loop); R(ptrace(PTRACE_INTERRUPT, p, 0, 0)); R(ptrace(PTRACE_SEIZE, p, 1, 0)); R(ptrace(PTRACE_SEIZE, p, 0, 0x800000)); R(ptrace(PTRACE_SEIZE, p, 0, PTRACE_O_TRACEEXIT));
    R(waitpid(p, &st, WNOHANG)); R(ptrace(PTRACE_INTERRUPT, p, 0, 0)); await("interrupted", p);
    kill(p, SIGSTOP); cont("SIGSTOP", PTRACE_CONT, 0); cont("group stop", PTRACE_CONT, SIGSTOP); R(ptrace(PTRACE_LISTEN, p, 0, 0)); R(ptrace(PTRACE_CONT, p, 0, 0));
    kill(p, SIGCONT); await("continued", p); cont("SIGCONT", PTRACE_CONT, 0);
    kill(p, SIGTERM); cont("SIGTERM", PTRACE_CONT, SIGCONT); cont("exit", PTRACE_CONT, SIGTERM); cont("end", PTRACE_CONT, 0);
}
static void parent_waits(void) {
    // The parent learns of the end when the tracer has let go.
    pid_t c = fork(); if (!c) { pause_ms(60); _exit(7); }
    int f[2]; MUST(pipe(f) == 0);
    pid_t d = fork();
    if (!d) { MUST(ptrace(PTRACE_ATTACH, c, 0, 0) == 0); MUST(waitpid(c, &st, 0) == c); MUST(ptrace(PTRACE_CONT, c, 0, 0) == 0); int r = waitpid(c, &st, 0) == c; printf("tracer sees %d: exit %d\n", r, WEXITSTATUS(st)); (void) !write(f[1], "x", 1); pause_ms(30); _exit(0); }
    char b; (void) !read(f[0], &b, 1); reap("parent", c); reap("debugger", d);
    c = fork(); if (!c) loop();
    d = fork(); if (!d) { MUST(ptrace(PTRACE_SEIZE, c, 0, PTRACE_O_EXITKILL) == 0); _exit(0); }
    reap("debugger", d); reap("its tracee", c);
    c = fork(); if (!c) loop();
    d = fork(); if (!d) { MUST(ptrace(PTRACE_ATTACH, c, 0, 0) == 0); MUST(waitpid(c, &st, 0) == c); _exit(0); }
    reap("debugger", d); pause_ms(20); p = c; printf("%s\n", proc()); kill(c, SIGTERM); reap("left alone", c);
}
int main(int argc, char **argv) {
    if (argc > 1) return 6;
    signal(SIGCHLD, SIG_DFL);
    start(forks); follow(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT);
    start(forks); follow(0);
    system_calls(); attaching(); parent_waits();
}

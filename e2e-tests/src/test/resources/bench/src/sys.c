// SPDX-License-Identifier: Apache-2.0
// System calls. One mode per run:
//   getppid | clock | pipe | forkexec | files | rw
#include "bench.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *m) { perror(m); exit(1); }

// A user-mode emulator that leaves execve to the host kernel would run the child
// natively; BENCH_EXEC_PREFIX names the emulator to put in front.
static void exec_prefixed(char *const *argv)
{
    const char *prefix = getenv("BENCH_EXEC_PREFIX");
    if (prefix && *prefix) {
        char *v[16] = { (char *)prefix };
        for (int i = 0; argv[i] && i < 14; i++) v[i + 1] = argv[i];
        execv(prefix, v);
    } else execv(argv[0], argv);
    _exit(127);
}

int main(int argc, char **argv)
{
    if (argc < 2) return 2;
    const char *mode = argv[1];
    uint64_t sum = 0;

    if (!strcmp(mode, "getppid")) {
        uint32_t n = bench_arg(argc, argv, 2, 1000000);
        pid_t want = getppid();
        bench_begin("sys_getppid");
        for (uint32_t i = 0; i < n; i++) sum += syscall(SYS_getppid) == want;
        bench_end("sys_getppid", sum);
    } else if (!strcmp(mode, "clock")) {
        uint32_t n = bench_arg(argc, argv, 2, 1000000);
        double last = 0;
        bench_begin("sys_clock");
        for (uint32_t i = 0; i < n; i++) { double t = bench_now(); sum += t >= last; last = t; }
        bench_end("sys_clock", sum);
    } else if (!strcmp(mode, "pipe")) {
        uint32_t n = bench_arg(argc, argv, 2, 100000);
        int ab[2], ba[2];
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(0, &one);
        sched_setaffinity(0, sizeof one, &one); // both ends on one CPU, as on a one-CPU peer
        if (pipe(ab) || pipe(ba)) die("pipe");
        pid_t kid = fork();
        if (kid < 0) die("fork");
        if (!kid) {
            uint32_t v;
            while (read(ab[0], &v, 4) == 4 && v) { v = v * 3 + 1; if (write(ba[1], &v, 4) != 4) _exit(1); }
            _exit(0);
        }
        bench_begin("sys_pipe");
        for (uint32_t i = 1; i <= n; i++) {
            uint32_t v = i;
            if (write(ab[1], &v, 4) != 4 || read(ba[0], &v, 4) != 4) die("pingpong");
            sum += v;
        }
        uint32_t v = 0;
        if (write(ab[1], &v, 4) != 4) die("write");
        waitpid(kid, 0, 0); // so that its processor time counts too
        bench_end("sys_pipe", sum);
    } else if (!strcmp(mode, "forkexec")) {
        uint32_t n = bench_arg(argc, argv, 2, 500);
        char *cmd[] = { "/bin/busybox", "true", 0 };
        bench_begin("sys_forkexec");
        for (uint32_t i = 0; i < n; i++) {
            pid_t kid = fork();
            int st;
            if (kid < 0) die("fork");
            if (!kid) exec_prefixed(cmd);
            if (waitpid(kid, &st, 0) != kid) die("waitpid");
            sum += WIFEXITED(st) && WEXITSTATUS(st) == 0;
        }
        bench_end("sys_forkexec", sum);
    } else if (!strcmp(mode, "files")) {
        uint32_t n = bench_arg(argc, argv, 2, 20000);
        char name[64];
        struct stat st;
        if (mkdir("/scratch/bench-files", 0755) && errno != EEXIST) die("mkdir");
        bench_begin("sys_files");
        for (uint32_t i = 0; i < n; i++) {
            sprintf(name, "/scratch/bench-files/%u", i);
            int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644);
            if (fd < 0 || write(fd, name, 20) != 20) die("open");
            close(fd);
        }
        for (uint32_t i = 0; i < n; i++) {
            sprintf(name, "/scratch/bench-files/%u", i * 7919u % n);
            if (stat(name, &st)) die("stat");
            sum += st.st_size;
        }
        for (uint32_t i = 0; i < n; i++) {
            sprintf(name, "/scratch/bench-files/%u", i);
            if (unlink(name)) die("unlink");
        }
        bench_end("sys_files", sum);
        rmdir("/scratch/bench-files");
    } else if (!strcmp(mode, "rw")) {
        uint32_t blocks = bench_arg(argc, argv, 2, 16384);
        static uint32_t buf[1024];
        bench_begin("sys_rw");
        int fd = open("/scratch/bench-rw", O_CREAT | O_RDWR | O_TRUNC, 0644);
        if (fd < 0) die("open");
        for (uint32_t i = 0; i < blocks; i++) { buf[i & 1023] = i; if (write(fd, buf, 4096) != 4096) die("write"); }
        for (uint32_t rep = 0; rep < 4; rep++) {
            lseek(fd, 0, SEEK_SET);
            for (uint32_t i = 0; i < blocks; i++) { if (read(fd, buf, 4096) != 4096) die("read"); sum += buf[(i + rep) & 1023]; }
        }
        close(fd);
        bench_end("sys_rw", sum);
        unlink("/scratch/bench-rw");
    } else return 2;
    return 0;
}

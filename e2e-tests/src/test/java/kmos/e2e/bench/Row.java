// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import java.util.List;

/**
 * One program of the benchmark: a process that prints "@begin NAME" and "@end NAME SECONDS CHECKSUM CPU" for each of its results.
 * isCold: a machine that has not run it before, every time. needsData: reads what gendata made.
 */
record Row(String group, String name, List<String> argv, List<String> results, boolean isCold, boolean needsData) {
    private static final String BIN = "/bench/bin/", LUA = "/usr/bin/lua5.4", BUSYBOX = "/bin/busybox";

    static final List<Row> ALL = List.of(
        plain("integer", "core"), plain("integer", "dhry"), plain("integer", "calls", "calls_direct", "calls_indirect"),
        plain("integer", "vm_switch"), plain("integer", "vm_goto"),
        lua("fib"), lua("fannkuch"), lua("bintrees"), lua("sort"), lua("strings"), lua("nbody"), lua("spectral"),
        data("md5sum_32M", BUSYBOX, "md5sum", "/scratch/data.bin"), data("sha256sum_32M", BUSYBOX, "sha256sum", "/scratch/data.bin"),
        data("gzip_32M", "-i", "/scratch/data.bin", "-o", "/scratch/data.gz", BUSYBOX, "gzip", "-c"),
        data("sort_500k", BUSYBOX, "sort", "/scratch/lines.txt"),
        plain("SSE2", "mandel_sse2"), plain("SSE2", "mandel_sse2_packed"), plain("x87", "mandel_x87"),
        plain("memory", "mem", "mem_touch", "mem_copy", "mem_stride", "mem_chase"),
        system("getppid"), system("clock"), system("pipe"), system("forkexec"), system("files"), system("rw"),
        cold("cold_ls", BUSYBOX, "ls", "-lR", "/"), cold("cold_lua", LUA, "/bench/lua/sort.lua", "4000"),
        new Row("cold", "cold_code", List.of(BIN + "cold_code"), List.of("cold_code"), true, false));

    private static Row plain(String group, String name, String... results) {
        return new Row(group, name, List.of(BIN + name), results.length == 0 ? List.of(name) : List.of(results), false, false);
    }

    private static Row timed(String group, String name, boolean isCold, boolean needsData, String... command) {
        List<String> argv = new java.util.ArrayList<>(List.of(BIN + "timeit", name));
        argv.addAll(List.of(command));
        return new Row(group, name, List.copyOf(argv), List.of(name), isCold, needsData);
    }

    private static Row lua(String script) {
        return timed("Lua", "lua_" + script, false, false, LUA, "/bench/lua/" + script + ".lua");
    }

    private static Row data(String name, String... command) {
        return timed("integer", name, false, true, command);
    }

    private static Row cold(String name, String... command) {
        return timed("cold", name, true, false, command);
    }

    private static Row system(String mode) {
        return new Row("system calls", "sys_" + mode, List.of(BIN + "sys", mode), List.of("sys_" + mode), false, false);
    }
}

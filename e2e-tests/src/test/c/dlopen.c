// SPDX-License-Identifier: Apache-2.0
// only: dynamic
// library: plug
#include "t.h"
#include <dlfcn.h>
int from_main(int x) { return x * 3; }
int main() { char path[700]; snprintf(path, 700, "%s/libplug.so", getenv("BIN")); void *h = dlopen(path, RTLD_NOW); if (!h) { puts("dlopen failed"); return 1; } int (*f)(int) = dlsym(h, "plug_add"); printf("%d\n", f(4)); printf("%d\n", f(4)); int *v = dlsym(h, "plug_value"); printf("%d\n", *v); const char *(*n)(void) = dlsym(h, "plug_name"); puts(n()); T(dlsym(h, "missing") == NULL); T(dlerror() != NULL); T(dlopen("/no/such.so", RTLD_LAZY) == NULL); Dl_info i; T(dladdr(f, &i) != 0); puts(i.dli_sname); T(dlopen(path, RTLD_NOW | RTLD_NOLOAD) == h); dlclose(h); R(dlclose(h)); void *m = dlopen(NULL, RTLD_NOW); T(dlsym(m, "printf") == (void *) printf); puts("end"); }

// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
int plug_value = 10;
static __thread int calls;
int from_main(int x);
int plug_add(int x) { return from_main(x) + plug_value + ++calls; }
const char *plug_name(void) { return "plug"; }
__attribute__((constructor)) static void in(void) { puts("loaded"); }
__attribute__((destructor)) static void out(void) { puts("unloaded"); }

// SPDX-License-Identifier: Apache-2.0
// Output queues of a terminal: TIOCOUTQ, tcdrain, tcsetattr with TCSADRAIN, tcflush.
#include "t.h"
#include <pty.h>

int main() {
    int master, slave, n = -1;
    struct termios t;
    MUST(openpty(&master, &slave, NULL, NULL, NULL) == 0);
    R(write(slave, "hello\n", 6));
    R(ioctl(slave, TIOCOUTQ, &n));
    printf("queued %d\n", n);
    R(tcdrain(slave));
    MUST(tcgetattr(slave, &t) == 0);
    t.c_lflag &= ~(ICANON | ECHO);
    R(tcsetattr(slave, TCSADRAIN, &t));
    R(tcsetattr(slave, TCSAFLUSH, &t));
    R(tcsendbreak(slave, 0));
    // Read before the flush: whether Linux's flush still meets the bytes on their way is a matter of time.
    char b[64];
    R(read(master, b, sizeof b));
    R(tcflush(slave, TCIOFLUSH));
    R(tcflush(slave, 7));
    R(tcdrain(99));
    int null = open("/dev/null", O_RDWR);
    R(tcdrain(null));
}

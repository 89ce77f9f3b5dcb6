// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.socket;

import static kmos.base.Errno.*;
import static kmos.kernel.socket.SocketAbi.*;

import kmos.base.LittleEndian;

/** getsockopt(2) and setsockopt(2) at SOL_SOCKET (socket(7)). */
public final class SocketOptions {
    private static final int BUFFER_MAX = 212992, SEND_MIN = 4608, RECEIVE_MIN = 2304;
    private static final long SECOND_NS = 1_000_000_000L;

    private SocketOptions() { }

    /** value as the program gave it. isWide: timeval has 64-bit fields. ENOPROTOOPT, EINVAL, EDOM, EPERM. */
    public static long set(UnixSocket s, int option, byte[] value, boolean isWide, boolean isRoot) {
        if (option == SO_RCVTIMEO || option == SO_SNDTIMEO || option == SO_RCVTIMEO_NEW || option == SO_SNDTIMEO_NEW) {
            return setTimeout(s, option, value, isWide || option >= SO_RCVTIMEO_NEW);
        }
        if (value.length < 4) {
            return -EINVAL;
        }
        int n = LittleEndian.get32(value, 0);
        switch (option) {
            case SO_SNDBUF:
                s.setSendBuffer(Math.max(SEND_MIN, Math.min(Math.max(n, 0), BUFFER_MAX) * 2));
                return 0;
            case SO_RCVBUF:
                s.setReceiveBuffer(Math.max(RECEIVE_MIN, Math.min(Math.max(n, 0), BUFFER_MAX) * 2));
                return 0;
            case SO_SNDBUFFORCE: case SO_RCVBUFFORCE:
                if (!isRoot) {
                    return -EPERM;
                }
                if (option == SO_SNDBUFFORCE) {
                    s.setSendBuffer(Math.max(SEND_MIN, Math.min(Math.max(n, 0), Integer.MAX_VALUE / 2) * 2));
                } else {
                    s.setReceiveBuffer(Math.max(RECEIVE_MIN, Math.min(Math.max(n, 0), Integer.MAX_VALUE / 2) * 2));
                }
                return 0;
            case SO_PASSCRED:
                s.setPassesCredentials(n != 0);
                return 0;
            // Of the network: accepted by every family, without meaning between two programs of one machine.
            case SO_REUSEADDR: case SO_KEEPALIVE: case SO_BROADCAST: case SO_DONTROUTE: case SO_LINGER: case SO_PRIORITY: case SO_OOBINLINE:
                return 0;
            case SO_TYPE: case SO_ERROR: case SO_PROTOCOL: case SO_DOMAIN:
                return -ENOPROTOOPT;
            default:
                return -ENOPROTOOPT;
        }
    }

    private static long setTimeout(UnixSocket s, int option, byte[] value, boolean isWide) {
        if (value.length < (isWide ? 16 : 8)) {
            return -EINVAL;
        }
        long seconds = isWide ? LittleEndian.get64(value, 0) : LittleEndian.get32(value, 0);
        long micros = isWide ? LittleEndian.get64(value, 8) : LittleEndian.get32(value, 4);
        if (micros < 0 || micros >= 1_000_000) {
            return -EDOM;
        }
        // A negative time is over at once.
        long ns = seconds < 0 ? 1 : seconds > Long.MAX_VALUE / SECOND_NS - 1 ? 0 : seconds * SECOND_NS + micros * 1000;
        if (option == SO_RCVTIMEO || option == SO_RCVTIMEO_NEW) {
            s.setReceiveTimeoutNs(ns);
        } else {
            s.setSendTimeoutNs(ns);
        }
        return 0;
    }

    /** The value, or null for ENOPROTOOPT. */
    public static byte[] get(UnixSocket s, int option, boolean isWide) {
        switch (option) {
            case SO_TYPE: return number(s.type());
            case SO_ERROR: return number(s.takeError());
            case SO_SNDBUF: return number(s.sendBuffer());
            case SO_RCVBUF: return number(s.receiveBuffer());
            case SO_PASSCRED: return number(s.passesCredentials() ? 1 : 0);
            case SO_ACCEPTCONN: return number(s.socketState() == UnixSocket.LISTENING ? 1 : 0);
            case SO_PROTOCOL: return number(0);
            case SO_DOMAIN: return number(AF_UNIX);
            case SO_RCVLOWAT: case SO_SNDLOWAT: return number(1);
            case SO_REUSEADDR: case SO_KEEPALIVE: case SO_BROADCAST: case SO_DONTROUTE: case SO_PRIORITY: case SO_OOBINLINE: case SO_DEBUG:
            case SO_TIMESTAMP:
                return number(0);
            case SO_LINGER: return new byte[8];
            case SO_PEERCRED: {
                byte[] b = new byte[12];
                int[] c = s.peerCredentials();
                for (int i = 0; i < 3; i++) {
                    LittleEndian.put32(b, i * 4, c[i]);
                }
                return b;
            }
            case SO_RCVTIMEO: return time(s.receiveTimeoutNs(), isWide);
            case SO_SNDTIMEO: return time(s.sendTimeoutNs(), isWide);
            case SO_RCVTIMEO_NEW: return time(s.receiveTimeoutNs(), true);
            case SO_SNDTIMEO_NEW: return time(s.sendTimeoutNs(), true);
            default: return null;
        }
    }

    private static byte[] number(int n) {
        byte[] b = new byte[4];
        LittleEndian.put32(b, 0, n);
        return b;
    }

    private static byte[] time(long ns, boolean isWide) {
        byte[] b = new byte[isWide ? 16 : 8];
        if (isWide) {
            LittleEndian.put64(b, 0, ns / SECOND_NS);
            LittleEndian.put64(b, 8, ns % SECOND_NS / 1000);
        } else {
            LittleEndian.put32(b, 0, (int) (ns / SECOND_NS));
            LittleEndian.put32(b, 4, (int) (ns % SECOND_NS / 1000));
        }
        return b;
    }
}

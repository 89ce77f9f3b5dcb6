// SPDX-License-Identifier: Apache-2.0
/** The TCP/IP stack: knows only a link and the time passed in. Empty until networking begins. */
package kmos.net;

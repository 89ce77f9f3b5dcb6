// SPDX-License-Identifier: Apache-2.0
/**
 * What the outside must offer: narrow interfaces that the browser page and the JVM implement. Calls back into the
 * machine happen only between slices, on the machine's own thread.
 */
package kmos.host;

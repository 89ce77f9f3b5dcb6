// SPDX-License-Identifier: Apache-2.0
/** A static file server on the JVM for the built page. Knows nothing of kmOS. */
package kmos.web.server;

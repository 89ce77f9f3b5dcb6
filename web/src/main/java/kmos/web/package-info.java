// SPDX-License-Identifier: Apache-2.0
/**
 * The system in the page: {@link kmos.web.WebMachine} is what worker.js calls, {@link kmos.web.Host} what it offers. The
 * page itself (terminal, screen, disk over HTTP and IndexedDB) is JavaScript in src/main/webapp: see docs/web.md.
 * TeaVM's packages may be imported here alone.
 */
package kmos.web;

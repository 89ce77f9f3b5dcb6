// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

/** One result of one run. seconds: processor time (of a page: real time less what its busiest thread waited for a core). */
record Sample(String result, double seconds, String checksum) { }

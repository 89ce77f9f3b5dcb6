// SPDX-License-Identifier: Apache-2.0
/**
 * The machine's past: every event from outside is logged with its place ({@link kmos.system.replay.EventLog}), a
 * {@link kmos.system.replay.Recording} holds them as a file, a {@link kmos.system.replay.Replayer} drives a machine through them.
 */
package kmos.system.replay;

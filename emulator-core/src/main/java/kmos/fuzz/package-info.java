// SPDX-License-Identifier: Apache-2.0
/**
 * Fuzzing of the CPU against the host's processor: {@link kmos.fuzz.FuzzCpu} makes cases, {@link kmos.fuzz.NativeCpu} says
 * what the host does, and the runner of recorded vectors judges. For the JVM only.
 */
package kmos.fuzz;

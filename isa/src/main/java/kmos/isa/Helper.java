// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/**
 * A Java method of kmos.cpu that does what is too rare or too large to be spelled out: "Divide.div32". It gets the
 * vCPU's base address first. resultBits 0 is void; every back end calls the same method.
 */
public record Helper(String method, int resultBits) {
    public static Helper of(String method) {
        return new Helper(method, 0);
    }

    public static Helper of(String method, int resultBits) {
        return new Helper(method, resultBits);
    }
}

// SPDX-License-Identifier: Apache-2.0
package kmos.web;

/** Entry in the page's worker: prepares the linear memory and makes the exports reachable. No hot code lives here. */
final class Main {
    private Main() { }

    /** args: the size of the linear memory in MiB. */
    public static void main(String[] args) {
        WebMachine.prepare(Integer.parseInt(args[0]));
    }
}

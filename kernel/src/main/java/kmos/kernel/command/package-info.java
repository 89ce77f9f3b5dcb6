// SPDX-License-Identifier: Apache-2.0
/** Programs and file transfers that the outside of the machine asks for (the embedding API). */
package kmos.kernel.command;

// SPDX-License-Identifier: Apache-2.0
/** The Wayland compositor: knows only a framebuffer, input and a message channel. Empty until the GUI begins. */
package kmos.gui;

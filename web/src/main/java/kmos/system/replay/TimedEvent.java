// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import kmos.system.OutsideEvent;

/** An event and where it was taken. cycles is not more than a hint when place is {@link OutsideEvent#SAME}. */
public record TimedEvent(long cycles, int place, OutsideEvent event) { }

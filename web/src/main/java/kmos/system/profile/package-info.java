// SPDX-License-Identifier: Apache-2.0
/** Where the guest's programs spend their time: samples, symbols, a report. Only looks; nothing of it is state. */
package kmos.system.profile;

// SPDX-License-Identifier: Apache-2.0
// Tabs by the ARIA pattern: arrow keys move, the chosen tab alone is in the tab order.

export class Tabs {
  /** shown(panelId): after a change. enter(panelId): puts the focus into the panel. */
  constructor(list, shown, enter) {
    this.tabs = [...list.querySelectorAll('[role="tab"]')];
    this.shown = shown;
    this.enterPanel = enter;
    for (const tab of this.tabs) {
      tab.addEventListener('click', () => {
        this.select(tab);
        this.enter();
      });
    }
    list.addEventListener('keydown', event => {
      const at = this.tabs.indexOf(document.activeElement);
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: this.tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const tab = this.tabs[(to + this.tabs.length) % this.tabs.length];
      this.select(tab);
      tab.focus();
    });
  }

  get selected() {
    return this.tabs.find(tab => tab.getAttribute('aria-selected') === 'true');
  }

  select(chosen) {
    for (const tab of this.tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute('aria-controls')).hidden = !isChosen;
    }
    this.shown(chosen.getAttribute('aria-controls'));
  }

  focus() {
    this.selected.focus();
  }

  enter() {
    this.enterPanel(this.selected.getAttribute('aria-controls'));
  }
}
